"""The journal: append-only, numbered without gaps, each line bound to the one before by HMAC.

Reading personal data is a line too (UU 27/2022 art. 31; reference/security.md L1, L3). A line never
holds personal data itself: it names records by id.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, has_app_context
from sqlalchemy import String, Text, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.extensions import Base, UtcDateTime, db

FIRST_HASH = "0" * 64
# the kind of browser of the request under way; the worker and commands have none
device: ContextVar[str] = ContextVar("device", default="")


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
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


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
        previous_hash=head.hash, hash="",
    )
    line.hash = line_hash(line)
    head.hash = line.hash
    session.add(line)
    session.flush()  # the head must be seen by the next line of this same transaction
    return line


def line_hash(line: JournalLine) -> str:
    parts = (
        line.seq, line.at.isoformat(), line.actor_kind, line.actor_id, line.action,
        line.about_kind, line.about_id, line.detail, line.device, line.previous_hash,
    )
    message = json.dumps([str(part) for part in parts], ensure_ascii=False).encode()
    return hmac.new(_key(), message, hashlib.sha256).hexdigest()


def first_broken_line() -> int | None:
    """Number of the first line that is missing, moved or altered; None when the chain holds."""
    expected, previous = 1, FIRST_HASH
    for line in _all_lines():
        if line.seq != expected or line.previous_hash != previous or line.hash != line_hash(line):
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


def _key() -> bytes:
    if not has_app_context():
        raise RuntimeError("the journal needs an application context")
    index_key = current_app.extensions["loket"].index_key
    return hmac.new(index_key, b"loket journal", hashlib.sha256).digest()
