"""The journal: append-only, in lanes numbered without gaps, each line bound to the one before by HMAC.

A lane belongs to one transaction until it ends, so on PostgreSQL there are several and writers do not wait for each
other's disk; SQLite has one writer and needs one (docs/accounts-and-traces.md, 6). Reading personal data is a line too
(UU 27/2022 art. 31; docs/security.md L1, L3). A line never holds personal data itself: it names records by id.
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
from sqlalchemy import Index, Row, String, Text, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db
from app.base.kept_keys import kept
from app.base.network import shortened

JOURNAL = "journal"  # its key among the subkeys
FIRST_HASH = "0" * 64
# what journal_head holds on PostgreSQL; more writers than these at one moment wait
LANES = 16
FIRST_LANE = 1
SEALED = "lanes_sealed"
# the kind of browser of the request under way; the worker and commands have none
device: ContextVar[str] = ContextVar("device", default="")
# its network address, the same way
address: ContextVar[str] = ContextVar("address", default="")


# the number is taken after the lock, so that numbers grow within a lane
END = text("SELECT id, seq, hash, seq + 1 AS number FROM journal_head WHERE id = 1")
_LOCKED_END = """
    WITH held AS MATERIALIZED (
        SELECT id, seq, hash FROM journal_head WHERE {which} ORDER BY id LIMIT 1 FOR UPDATE {wait}
    ) SELECT id, seq, hash, nextval('journal_number') AS number FROM held
"""
FREE_END = text(_LOCKED_END.format(which="CAST(:lane AS integer) IS NULL OR id = :lane", wait="SKIP LOCKED"))
ANY_END = text(_LOCKED_END.format(which="id = :lane", wait=""))


@dataclass(frozen=True)
class Actor:
    """Who acted: kind is citizen, staff or system; `id` is a row id, never a name or NIK."""

    kind: str
    id: str = ""


SYSTEM = Actor("system")
VISITOR = Actor("citizen")


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


def record(action: str, *, actor: Actor, about: tuple[str, str], detail: dict | None = None) -> JournalLine:
    """Add one line inside the caller's transaction. `detail` holds codes and ids only."""
    session = db.session
    end = _own_end()
    place = end.seq + 1
    line = JournalLine(
        seq=end.number, at=clock.now(), actor_kind=actor.kind, actor_id=actor.id, action=action,
        about_kind=about[0], about_id=about[1],
        detail=json.dumps(detail or {}, sort_keys=True, ensure_ascii=False), device=device.get(),
        address_mark="", previous_hash=end.hash, hash="", lane=end.id, place=place,
    )
    beside = _address_of(line)
    line.hash = line_hash(line)
    session.add(line)
    session.add_all(beside)
    session.flush()
    heads = JournalHead.__table__
    session.execute(heads.update().where(heads.c.id == end.id).values(seq=place, hash=line.hash))
    return line


def record_past(lines: list[JournalLine]) -> None:
    """Add lines whose moments and words are set, but not numbers and hashes: an invented past. As `record` does."""
    session, end = db.session, _own_end()
    numbers, place, previous = [end.number], end.seq, end.hash
    more = text("SELECT nextval('journal_number') FROM generate_series(1, :more)")
    numbers += (session.scalars(more, {"more": len(lines) - 1}) if _is_postgres()
                else range(end.number + 1, end.number + len(lines)))
    for line, number in zip(lines, numbers, strict=True):
        place += 1
        line.seq, line.lane, line.place, line.previous_hash = number, end.id, place, previous
        previous = line.hash = line_hash(line)
    session.add_all(lines)
    session.flush()
    heads = JournalHead.__table__
    session.execute(heads.update().where(heads.c.id == end.id).values(seq=place, hash=previous))


def seal_lanes() -> None:
    """Write the heads of all other lanes into the first, so that whoever keeps its head has a proof of them all.
    Nothing when none has moved. Inside the caller's transaction."""
    heads = {str(head.id): [head.seq, head.hash] for head in _heads() if head.seq and head.id != FIRST_LANE}
    if heads and heads != _last_seal():
        _keep_to(FIRST_LANE)
        record(SEALED, actor=SYSTEM, about=("journal", ""), detail=heads)


def last_sealed_line() -> JournalLine | None:
    """The newest line of the first lane, which stands for the whole journal; None while there is none."""
    head = select(JournalHead.hash).where(JournalHead.id == FIRST_LANE).scalar_subquery()
    return db.session.scalar(select(JournalLine).where(JournalLine.hash == head))


def line_hash(line: JournalLine) -> str:
    parts = (
        line.seq, line.at.isoformat(), line.actor_kind, line.actor_id, line.action,
        line.about_kind, line.about_id, line.detail, line.device, line.previous_hash,
        *([line.address_mark] if line.address_mark else []),  # lines of before have none
        # where there is one lane the number is the place, as in lines of before there were lanes
        *([] if line.lane == FIRST_LANE and line.place in (0, line.seq) else [line.lane, line.place]),
    )
    return _keyed(*parts)


def first_broken_line() -> int | None:
    """Number of the first line that is missing, moved or altered; None when every lane holds, and every seal."""
    ends: dict[int, tuple[int, str]] = {}
    seals: list[JournalLine] = []
    for line, beside in _lines_with_addresses():
        place, previous = ends.get(line.lane, (0, FIRST_HASH))
        chained = (line.place or line.seq) == place + 1 and line.previous_hash == previous
        marked = line.address_mark == (_mark_of(beside) if beside else "")
        if not (chained and marked and line.hash == line_hash(line)):
            return _number_after(line.lane, place)
        ends[line.lane] = (place + 1, line.hash)
        if line.action == SEALED:
            seals.append(line)
    if broken := next((seal for seal in seals if not _holds(seal)), None):
        return broken.seq
    heads = {head.id: (head.seq, head.hash) for head in _heads()}
    lane = next((lane for lane in sorted(heads.keys() | ends.keys() | {FIRST_LANE})
                 if heads.get(lane) != ends.get(lane, (0, FIRST_HASH))), None)
    return None if lane is None else _number_after(lane, ends.get(lane, (0, ""))[0])


def count_lines() -> int:
    return db.session.scalar(select(func.sum(JournalHead.seq))) or 0


def _own_end() -> Row:
    """(id, seq, hash, number): the end of the lane this transaction writes, locked, and the number of its next line.
    It is the lane it has written already, else one that is free; when all are taken any, whose holder ends soon.
    """
    if not _is_postgres():  # this transaction is the only writer
        return db.session.execute(END).one()
    transaction, lane = db.session().info.get("journal_lane", (None, None))
    lane = lane if transaction is db.session().get_transaction() else None
    end = db.session.execute(FREE_END, {"lane": lane}).first()
    end = end or db.session.execute(ANY_END, {"lane": lane or 1 + secrets.randbelow(LANES)}).one()
    _keep_to(end.id)
    return end


def _keep_to(lane: int) -> None:
    """For the rest of this transaction. The lock is asked for anew at each line: a savepoint may have let it go."""
    db.session().info["journal_lane"] = (db.session().get_transaction(), lane)


def _is_postgres() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"


def _heads() -> list[JournalHead]:
    return list(db.session.scalars(select(JournalHead).execution_options(populate_existing=True)))


def _last_seal() -> dict | None:
    query = select(JournalLine.detail).where(JournalLine.action == SEALED).order_by(JournalLine.seq.desc()).limit(1)
    found = db.session.scalar(query)
    return json.loads(found) if found else None


def _holds(seal: JournalLine) -> bool:
    """Whether every line that was the last of its lane then still stands where it stood."""
    return all(
        db.session.scalar(select(JournalLine.lane == int(lane)).where(
            JournalLine.hash == hash, JournalLine.place == place
        )) for lane, (place, hash) in json.loads(seal.detail).items()
    )


def _number_after(lane: int, place: int) -> int:
    """What to call the line that should follow `place` in its lane: its number, or the one it would have."""
    query = select(func.min(JournalLine.seq)).where(JournalLine.lane == lane, JournalLine.place > place)
    return place + 1 if lane == FIRST_LANE and not _is_postgres() else db.session.scalar(query) or place + 1


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
