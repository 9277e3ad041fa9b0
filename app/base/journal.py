"""The journal: append-only, in lanes numbered without gaps, each line bound to the one before by HMAC.

A lane belongs to one transaction until it ends, so on PostgreSQL there are several and writers do not wait for each
other's disk; SQLite has one writer and needs one (docs/accounts-and-traces.md, 6). Reading personal data is a line too
(UU 27/2022 art. 31; docs/security.md L1, L3). A line never holds personal data itself: it names records by id.
"""

import contextlib
import json
import secrets
import time
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass

from flask import current_app, has_app_context
from sqlalchemy import (
    CTE,
    BindParameter,
    Column,
    bindparam,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session, SessionTransaction

from app.base import clock
from app.base.database import Base, db, is_postgres
from app.base.ids import shortened
from app.base.journal_line import JournalAddress, JournalHead, JournalLine, keyed, line_hash

# what journal_head holds on PostgreSQL; more writers than these at one moment wait
LANES = 16
# so long a number taken with one line may wait for the next: numbers of two lanes tell their order but for that
KNOWN_SECONDS = 0.1
HELD = "journal_lane"  # what a session's transaction holds: itself, its lane, its end if known
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


@dataclass(frozen=True)
class End:
    """Where a lane ends: its last line's place and hash, and the number its next line may have, known since `since`
    (of time.monotonic())."""

    lane: int
    place: int
    hash: str
    number: int
    since: float


HEAD = JournalHead.__table__
_OF_LANE = (HEAD.c.id == bindparam("of_lane"), HEAD.c.seq == bindparam("before"), HEAD.c.hash == bindparam("previous"))
_MOVED = {"seq": bindparam("place_now"), "hash": bindparam("hash_now")}
# a lane that has moved on, or that another transaction holds, takes no line: none of these finds a row
MOVE = update(HEAD).where(*_OF_LANE).values(_MOVED)
_MOVE_IF_FREE = (
    update(HEAD).where(HEAD.c.id == select(HEAD.c.id).where(*_OF_LANE).with_for_update(skip_locked=True)
                       .scalar_subquery())
    .values(_MOVED).returning(HEAD.c.id).cte("moved")
)


def _row_of(model: type[Base], names: str) -> dict[Column, BindParameter]:
    """Each column a parameter of its own name after `names`."""
    return {column: bindparam(names + column.name, type_=column.type) for column in model.__table__.columns}


def _if_moved(model: type[Base], names: str) -> CTE:
    row = _row_of(model, names)
    return insert(model).from_select(list(row), select(*row.values()).select_from(_MOVE_IF_FREE)).cte(names.strip("_"))


LINE, BESIDE = (insert(model.__table__).values(_row_of(model, names))
                for model, names in ((JournalLine, "line_"), (JournalAddress, "beside_")))
# PostgreSQL writes a line, its address and the end in one statement, and says a number taken while the lane is held
AT_ONCE = select(func.nextval("journal_number")).select_from(_MOVE_IF_FREE).add_cte(_if_moved(JournalLine, "line_"))
AT_ONCE_WITH_ADDRESS = AT_ONCE.add_cte(_if_moved(JournalAddress, "beside_"))

# the number is taken after the lock, so that numbers grow within a lane
END = text("SELECT id, seq, hash, seq + 1 FROM journal_head WHERE id = 1")
_LOCKED_END = """
    WITH held AS MATERIALIZED (
        SELECT id, seq, hash FROM journal_head WHERE {which} ORDER BY {first} LIMIT 1 FOR UPDATE {wait}
    ) SELECT id, seq, hash, nextval('journal_number') FROM held
"""
# its own lane first: whoever takes another's makes that one look for a third
FREE_END = text(_LOCKED_END.format(
    which="CAST(:lane AS integer) IS NULL OR id = :lane", first=f"id <> :own, (id + :turn - 1) % {LANES}",
    wait="SKIP LOCKED",
))
ANY_END = text(_LOCKED_END.format(which="id = :lane", first="id", wait=""))


def record(action: str, *, actor: Actor, about: tuple[str, str], detail: dict | None = None) -> JournalLine:
    """Add one line inside the caller's transaction. `detail` holds codes and ids only."""
    line = JournalLine(
        at=clock.now(), actor_kind=actor.kind, actor_id=actor.id, action=action, about_kind=about[0], about_id=about[1],
        detail=json.dumps(detail or {}, sort_keys=True, ensure_ascii=False), device=device.get(), address_mark="",
    )
    db.session.flush()
    known, own = _known_end()
    if known and _write(line, known):
        return line
    # whose lane was taken goes anywhere: if all went to the first free one, each would take that of another
    if not _write(line, _locked_end(own, secrets.randbelow(LANES) if known else 0)):
        raise RuntimeError("the end of the journal moved while it was held")
    return line


def record_past(lines: list[JournalLine]) -> None:
    """Add lines whose moments and words are set, but not numbers and hashes: an invented past. As `record` does."""
    session, begun = db.session, _locked_end()
    more = text("SELECT nextval('journal_number') FROM generate_series(1, :more)")
    numbers = (session.scalars(more, {"more": len(lines)}) if is_postgres()
               else range(begun.number, begun.number + len(lines)))
    place, previous = begun.place, begun.hash
    for line, number in zip(lines, numbers, strict=True):
        place += 1
        line.seq, line.lane, line.place, line.previous_hash = number, begun.lane, place, previous
        previous = line.hash = line_hash(line)
    session.add_all(lines)
    session.flush()
    session.execute(MOVE, _moving(begun, place, previous))


def _known_end() -> tuple[End | None, int]:
    """What this process knows without asking; it may be wrong: the lane moved on, or a savepoint was given up. And the
    lane it wrote last though too long ago, 0 for none."""
    session, own = db.session(), 0
    transaction, _, end = session.info.get(HELD, (None, None, None))
    if transaction is session.get_transaction():
        return end, own
    while ends := _ends():
        with contextlib.suppress(IndexError):  # another thread was quicker
            end = ends.pop()
            if not is_postgres() or time.monotonic() - end.since < KNOWN_SECONDS:
                return end, own
            own = own or end.lane
    return None, own


def _locked_end(own: int = 0, turn: int = 0) -> End:
    """Of the lane this transaction has written already, else of one that is free, `own` before others and the others
    from `turn` on; when all are taken of any, whose holder ends soon. The lock is asked for anew: a savepoint may have
    let it go."""
    if not is_postgres():  # this transaction is the only writer
        return End(*db.session.execute(END).one(), time.monotonic())
    session = db.session()
    transaction, lane, _ = session.info.get(HELD, (None, None, None))
    lane = lane if transaction is session.get_transaction() else None
    end = session.execute(FREE_END, {"lane": lane, "own": own, "turn": turn}).first()
    end = end or session.execute(ANY_END, {"lane": lane or 1 + secrets.randbelow(LANES)}).one()
    return End(*end, time.monotonic())


def keep_to(lane: int, end: End | None = None) -> None:
    """For the rest of this transaction."""
    session = db.session()
    session.info[HELD] = (session.get_transaction(), lane, end)


def _ends() -> deque[End]:
    """Of lanes this process wrote last."""
    return current_app.extensions.setdefault("journal_ends", deque(maxlen=LANES))


@event.listens_for(Session, "after_transaction_end")
def _remember_end(session: Session, ended: SessionTransaction) -> None:
    """The next transaction may go on from there. What was rolled back is noticed: no lane ends so."""
    transaction, _, end = session.info.get(HELD, (None, None, None))
    if transaction is ended:
        del session.info[HELD]
        if end and has_app_context():
            _ends().append(end)


def lines_about(kind: str, id: str) -> list[JournalLine]:
    query = select(JournalLine).where(JournalLine.about_kind == kind, JournalLine.about_id == id)
    return list(db.session.scalars(query.order_by(JournalLine.seq)))


def _write(line: JournalLine, end: End) -> bool:
    """Put the line, its address and the new end after `end`; False, and nothing is written, when the lane does not end
    there or another transaction holds it."""
    session = db.session
    line.seq, line.lane, line.place, line.previous_hash = end.number, end.lane, end.place + 1, end.hash
    beside = _address_of(line)
    line.hash = line_hash(line)
    moving, lines = _moving(end, line.place, line.hash), _values(line, "line_")
    addresses = _values(beside, "beside_") if beside else {}
    if is_postgres():
        number = session.scalar(AT_ONCE_WITH_ADDRESS if beside else AT_ONCE, moving | lines | addresses)
    elif number := session.execute(MOVE, moving).rowcount and end.number + 1:
        session.execute(LINE, lines)
        if beside:
            session.execute(BESIDE, addresses)
    if number:
        keep_to(end.lane, End(end.lane, line.place, line.hash, number, time.monotonic()))
    return bool(number)


def _moving(end: End, place: int, hash: str) -> dict:
    return {"of_lane": end.lane, "before": end.place, "previous": end.hash, "place_now": place, "hash_now": hash}


def _values(row: Base, names: str) -> dict:
    return {names + column.name: getattr(row, column.name) for column in row.__table__.columns}


def _address_of(line: JournalLine) -> JournalAddress | None:
    """What lies beside the line, whose mark is set; None for the worker and commands."""
    full = address.get()
    if not full:
        return None
    salt = secrets.token_hex(16)
    row = JournalAddress(
        seq=line.seq, at=line.at, full=full, salt=salt, short=shortened(full), full_mark=keyed(line.seq, salt, full),
    )
    line.address_mark = keyed(line.seq, row.short, row.full_mark)
    return row
