"""The journal: append-only, numbered without gaps, each line bound to the one before by HMAC.

Reading personal data is a line too (UU 27/2022 art. 31; docs/security.md L1, L3). A line never
holds personal data itself: it names records by id.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, has_app_context
from sqlalchemy import Index, String, Text, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db
from app.base.kept_keys import kept
from app.base.network import shortened

JOURNAL = "journal"  # its key among the subkeys
FIRST_HASH = "0" * 64
# the kind of browser of the request under way; the worker and commands have none
device: ContextVar[str] = ContextVar("device", default="")
# its network address, the same way
address: ContextVar[str] = ContextVar("address", default="")


@dataclass(frozen=True)
class Actor:
    """Who acted: kind is citizen, staff or system; `id` is a row id, never a name or NIK."""

    kind: str
    id: str = ""


SYSTEM = Actor("system")
VISITOR = Actor("citizen")


class JournalLine(Base):
    __tablename__ = "journal_line"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str] = mapped_column(String(32), index=True)
    action: Mapped[str] = mapped_column(String(40), index=True)
    about_kind: Mapped[str] = mapped_column(String(20))
    about_id: Mapped[str] = mapped_column(String(32), index=True)
    detail: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(String(60))
    address_mark: Mapped[str] = mapped_column(String(64), default="", server_default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class JournalAddress(Base):
    """The network address a line came from. It lies beside the chain because it is shortened later
    (docs/accounts-and-traces.md, 5); the line's `address_mark` binds what lies here.

    `full` and `salt` are blanked when it is shortened; `short` (see network.shortened) and `full_mark` stay.
    """

    __tablename__ = "journal_address"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    full: Mapped[str] = mapped_column(String(45))
    salt: Mapped[str] = mapped_column(String(32))
    short: Mapped[str] = mapped_column(String(45))
    full_mark: Mapped[str] = mapped_column(String(64))

    __table_args__ = (Index("ix_journal_address_whole", "at", "seq", sqlite_where=text("\"full\" <> ''"),
                            postgresql_where=text("\"full\" <> ''")),)


class JournalHead(Base):
    """One row: the last number and hash. Updating it serialises writers on every engine."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


def record(action: str, *, actor: Actor, about: tuple[str, str], detail: dict | None = None) -> JournalLine:
    """Add one line inside the caller's transaction. `detail` holds codes and ids only."""
    session = db.session
    session.execute(update(JournalHead).where(JournalHead.id == 1).values(seq=JournalHead.seq + 1))
    head = session.execute(
        select(JournalHead).where(JournalHead.id == 1).execution_options(populate_existing=True)
    ).scalar_one()
    line = JournalLine(
        seq=head.seq, at=clock.now(), actor_kind=actor.kind, actor_id=actor.id, action=action,
        about_kind=about[0], about_id=about[1],
        detail=json.dumps(detail or {}, sort_keys=True, ensure_ascii=False), device=device.get(),
        address_mark="", previous_hash=head.hash, hash="",
    )
    beside = _address_of(line)
    line.hash = line_hash(line)
    head.hash = line.hash
    session.add(line)
    session.add_all(beside)
    session.flush()  # the head must be seen by the next line of this same transaction
    return line


def line_hash(line: JournalLine) -> str:
    parts = (
        line.seq, line.at.isoformat(), line.actor_kind, line.actor_id, line.action,
        line.about_kind, line.about_id, line.detail, line.device, line.previous_hash,
        *([line.address_mark] if line.address_mark else []),  # lines of before have none
    )
    return _keyed(*parts)


def first_broken_line() -> int | None:
    """Number of the first line that is missing, moved or altered; None when the chain holds."""
    expected, previous = 1, FIRST_HASH
    for line, beside in _lines_with_addresses():
        chained = line.seq == expected and line.previous_hash == previous and line.hash == line_hash(line)
        if not chained or line.address_mark != (_mark_of(beside) if beside else ""):
            return expected
        expected, previous = expected + 1, line.hash
    head = db.session.get(JournalHead, 1)
    return None if head and (head.seq, head.hash) == (expected - 1, previous) else expected


def lines_about(kind: str, id: str) -> list[JournalLine]:
    query = select(JournalLine).where(JournalLine.about_kind == kind, JournalLine.about_id == id)
    return list(db.session.scalars(query.order_by(JournalLine.seq)))


def _all_lines() -> Iterator[JournalLine]:
    query = select(JournalLine).order_by(JournalLine.seq).execution_options(yield_per=1000)
    yield from db.session.scalars(query)


def _lines_with_addresses() -> Iterator[tuple[JournalLine, JournalAddress | None]]:
    query = select(JournalLine, JournalAddress).outerjoin(JournalAddress, JournalAddress.seq == JournalLine.seq)
    yield from db.session.execute(query.order_by(JournalLine.seq).execution_options(yield_per=1000))


def _address_of(line: JournalLine) -> list[JournalAddress]:
    """What lies beside the line, whose mark is set; nothing for the worker and commands."""
    full = address.get()
    if not full:
        return []
    salt = secrets.token_hex(16)
    row = JournalAddress(
        seq=line.seq, at=line.at, full=full, salt=salt, short=shortened(full), full_mark=_keyed(line.seq, salt, full),
    )
    line.address_mark = _mark_of(row)
    return [row]


def _mark_of(row: JournalAddress) -> str:
    """What the line must hold. "" for an address that is not the one written at first."""
    if row.full and row.full_mark != _keyed(row.seq, row.salt, row.full):
        return ""
    return _keyed(row.seq, row.short, row.full_mark)


def _keyed(*parts: object) -> str:
    message = json.dumps([str(part) for part in parts], ensure_ascii=False).encode()
    return hmac.new(_key(), message, hashlib.sha256).hexdigest()


def _key() -> bytes:
    if not has_app_context():
        raise RuntimeError("the journal needs an application context")
    return kept().subkeys.get(JOURNAL) or derived_key()


def derived_key() -> bytes:
    """As long as the database keeps no key of the journal's own."""
    first = current_app.extensions["loket"].index_keys[-1]
    return hmac.new(first, b"loket journal", hashlib.sha256).digest()
