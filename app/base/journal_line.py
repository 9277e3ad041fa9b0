"""What a line of the journal is, and what binds it: to the line before, to its lane, to the address it came from."""

import hashlib
import hmac
import json
from datetime import datetime

from flask import current_app, has_app_context
from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Base, UtcDateTime
from app.base.kept_keys import kept

JOURNAL = "journal"  # its key among the subkeys
FIRST_HASH = "0" * 64
FIRST_LANE = 1


class JournalLine(Base):
    """`seq` grows through all lanes and may have gaps; `place` counts within the lane and has none. A line of before
    there were lanes has place 0, which is its `seq`."""

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
    lane: Mapped[int] = mapped_column(default=FIRST_LANE, server_default="1")
    place: Mapped[int] = mapped_column(default=0, server_default="0")


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
    """One row a lane: the place and hash of its last line. Whoever holds the row's lock writes the next."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


def line_hash(line: JournalLine) -> str:
    parts = (
        line.seq, line.at.isoformat(), line.actor_kind, line.actor_id, line.action,
        line.about_kind, line.about_id, line.detail, line.device, line.previous_hash,
        *([line.address_mark] if line.address_mark else []),  # lines of before have none
        # where there is one lane the number is the place, as in lines of before there were lanes
        *([] if line.lane == FIRST_LANE and line.place in (0, line.seq) else [line.lane, line.place]),
    )
    return keyed(*parts)


def address_mark(row: JournalAddress) -> str:
    """What the line must hold. "" for an address that is not the one written at first."""
    if row.full and row.full_mark != keyed(row.seq, row.salt, row.full):
        return ""
    return keyed(row.seq, row.short, row.full_mark)


def keyed(*parts: object) -> str:
    message = json.dumps([str(part) for part in parts], ensure_ascii=False).encode()
    return hmac.digest(_key(), message, "sha256").hex()


def _key() -> bytes:
    if not has_app_context():
        raise RuntimeError("the journal needs an application context")
    return kept().subkeys.get(JOURNAL) or derived_key()


def derived_key() -> bytes:
    """As long as the database keeps no key of the journal's own."""
    first = current_app.extensions["loket"].index_keys[-1]
    return hmac.new(first, b"loket journal", hashlib.sha256).digest()
