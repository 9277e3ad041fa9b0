"""Proving that the journal is whole: every line bound to the one before, every lane to the first by a seal."""

import json
from collections.abc import Iterator

from sqlalchemy import func, select

from app.base.database import db, is_postgres
from app.base.journal import SYSTEM, keep_to, record
from app.base.journal_line import (
    FIRST_HASH,
    FIRST_LANE,
    JournalAddress,
    JournalHead,
    JournalLine,
    address_mark,
    line_hash,
)

SEALED = "lanes_sealed"


def seal_lanes() -> None:
    """Write the heads of all other lanes into the first, so that whoever keeps its head has a proof of them all.
    Nothing when none has moved. Inside the caller's transaction."""
    heads = {str(head.id): [head.seq, head.hash] for head in _heads() if head.seq and head.id != FIRST_LANE}
    if heads and heads != _last_seal():
        keep_to(FIRST_LANE)
        record(SEALED, actor=SYSTEM, about=("journal", ""), detail=heads)


def last_sealed_line() -> JournalLine | None:
    """The newest line of the first lane, which stands for the whole journal; None while there is none."""
    head = select(JournalHead.hash).where(JournalHead.id == FIRST_LANE).scalar_subquery()
    return db.session.scalar(select(JournalLine).where(JournalLine.hash == head))


def first_broken_line() -> int | None:
    """Number of the first line that is missing, moved or altered; None when every lane holds, and every seal."""
    ends: dict[int, tuple[int, str]] = {}
    seals: list[JournalLine] = []
    for line, beside in _lines_with_addresses():
        place, previous = ends.get(line.lane, (0, FIRST_HASH))
        chained = (line.place or line.seq) == place + 1 and line.previous_hash == previous
        marked = line.address_mark == (address_mark(beside) if beside else "")
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
    return place + 1 if lane == FIRST_LANE and not is_postgres() else db.session.scalar(query) or place + 1


def _lines_with_addresses() -> Iterator[tuple[JournalLine, JournalAddress | None]]:
    query = select(JournalLine, JournalAddress).outerjoin(JournalAddress, JournalAddress.seq == JournalLine.seq)
    yield from db.session.execute(query.order_by(JournalLine.seq).execution_options(yield_per=1000))
