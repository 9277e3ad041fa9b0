"""Seal everything anew under the newest key, row by row, while the house works.

Each piece is a short transaction that replaces a value only if it is still the one that was read, so that whoever
writes at the same moment wins, and their value lies under the newest key anyway. What is done shows in the values
themselves (their first bytes name the key) and, for objects of the store, in a mark: a run that was killed is
simply started again. A replaced object stays for GRACE_SECONDS, for readers that have just read its old name.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import LargeBinary, Row, Table, and_, bindparam, delete, func, or_, select, tuple_, update

from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.base.kept_keys import SEALING, KeyCanary, ReplacedObject, RotationMark
from app.base.problems import PhotoMissing
from app.base.sealing import SealBroken, header_of
from app.base.services import photo_store, sealer, settings
from app.keys.places import GONE, OBJECTS, PLACES, ObjectPlace, Place
from app.photos.store import new_key

BATCH, OBJECT_BATCH = 100, 20
GOES = 10
# between two batches, so that pages on the same cores go first
PAUSE_SECONDS = 0.02
GRACE_SECONDS = 30


@dataclass
class Outcome:
    """`failed` names what did not open, so stays as it is and keeps its key in use."""

    rows: int = 0
    objects: int = 0
    failed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)


def rotate(say: Callable[[str], None]) -> Outcome:
    """Everything that lies under an older key; afterwards those keys are marked as unused if nothing is left."""
    done = Outcome()
    for place in PLACES:
        count, failed = _whole_column(place)
        done.rows += count
        done.failed += failed
        if count:
            say(f"{place.name}: {count} sealed anew")
    for place in OBJECTS:
        count = 0
        for changed, failed in _objects(place):
            count += changed
            done.failed += failed
            say(f"{place.name}: {count} so far") if count and count % 500 < OBJECT_BATCH else None
            time.sleep(PAUSE_SECONDS)
        done.objects += count
        if count:
            say(f"{place.name}: {count} sealed anew")
    if not done.failed and not left_over():
        done.retired = _retire()
    return done


def left_over() -> dict[str, int]:
    """How many values of each sealed column lie under another key than the newest."""
    counts = {}
    for place in PLACES:
        count = db.session.scalar(select(func.count()).select_from(place.table).where(*_older(place)))
        if count:
            counts[place.name] = count
    end_reading()
    return counts


def remove_replaced() -> int:
    """Objects nobody can still be about to read; a job of the worker, too. Returns how many."""
    before = clock.now() - timedelta(seconds=GRACE_SECONDS)
    keys = list(db.session.scalars(select(ReplacedObject.storage_key).where(ReplacedObject.at <= before).limit(1000)))
    end_reading()
    for key in keys:
        photo_store().delete(key)
    if keys:
        with transaction() as session:
            session.execute(delete(ReplacedObject).where(ReplacedObject.storage_key.in_(keys)))
    return len(keys)


def _older(place: Place) -> tuple:
    header = header_of(settings().sealing_keys[0][0])
    column = place.table.c[place.attribute.key]
    return column.is_not(None), func.substr(column, 1, len(header), type_=LargeBinary) != header


def _batches(table: Table, where: tuple, size: int, after: tuple | None = None) -> Iterator[list[Row]]:
    """By primary key, so that what cannot be changed is passed once."""
    own = list(table.primary_key.columns)
    while True:
        query = select(table).where(*where).order_by(*own).limit(size)
        if after is not None:
            query = query.where(tuple_(*own) > tuple_(*(bindparam(None, one, column.type)
                                                        for column, one in zip(own, after, strict=True))))
        rows = list(db.session.execute(query))
        end_reading()
        if not rows:
            return
        yield rows
        after = _key_of(table, rows[-1])


def _whole_column(place: Place) -> tuple[int, list[str]]:
    """Rows that somebody is just writing are passed over, so it takes a few goes; (how many, what did not open)."""
    total = 0
    for _ in range(GOES):
        counts, failed = 0, []
        for changed, broken in _rows(place):
            counts += changed
            failed += broken
            time.sleep(PAUSE_SECONDS)
        total += counts
        if not counts:
            break
    return total, failed


def _rows(place: Place) -> Iterator[tuple[int, list[str]]]:
    """(changed, what did not open) of each batch."""
    for rows in _batches(place.table, _older(place), BATCH):
        changed, failed = [], []
        for row in rows:
            old = getattr(row, place.attribute.key)
            try:
                changed.append((row, old, _anew(old, place.context(row))))
            except SealBroken as error:
                failed.append(f"{place.name} {row[0]}: key {error.key_id}")
        with transaction():
            free = _free(place.table, rows)
            count = sum(_replace(place, row, old, {place.attribute.key: new}) for row, old, new in changed
                        if _key_of(place.table, row) in free)
        yield count, failed


def _key_of(table: Table, row: Row) -> tuple:
    return tuple(getattr(row, column.key) for column in table.primary_key.columns)


def _free(table: Table, rows: list[Row]) -> set[tuple]:
    """Held from here on. Never waiting for anybody's row while holding others, a rotation can deadlock nobody."""
    own = list(table.primary_key.columns)
    same = [and_(*(column == one for column, one in zip(own, _key_of(table, row), strict=True))) for row in rows]
    query = select(*own).where(or_(*same)).with_for_update(skip_locked=True, key_share=True)
    return {tuple(row) for row in db.session.execute(query)}


def _objects(place: ObjectPlace) -> Iterator[tuple[int, list[str]]]:
    table, column = place.table, place.table.c[place.attribute.key]
    where = [column.is_not(None)]
    if table.name in GONE:
        where.append(GONE[table.name].is_(None))
    for rows in _batches(table, tuple(where), OBJECT_BATCH, _mark(place)):
        changed, failed = 0, []
        for row in rows:
            try:
                changed += _object(place, row)
            except SealBroken as error:
                failed.append(f"{place.name} {row.id}: key {error.key_id}")
            except PhotoMissing:
                failed += [] if _gone_meanwhile(place, row) else [f"{place.name} {row.id}: its object is missing"]
        if not failed:
            _note(place, rows[-1].id)
        yield changed, failed
    _note(place, "~")  # after every id


def _object(place: ObjectPlace, row: Row) -> int:
    key = getattr(row, place.attribute.key)
    old = photo_store().get(key)
    if sealer().key_id(old) == settings().sealing_keys[0][0]:
        return 0
    sealed, fresh = _anew(old, place.context(row)), new_key()
    photo_store().put_new(fresh, sealed)
    values = {place.attribute.key: fresh}
    if place.sha256 is not None:
        values[place.sha256.key] = hashlib.sha256(sealed).hexdigest()
    with transaction() as session:
        taken = _replace(place, row, key, values)
        if taken:
            session.add(ReplacedObject(storage_key=key))
    if not taken:
        photo_store().delete(fresh)
    return taken


def _gone_meanwhile(place: ObjectPlace, row: Row) -> bool:
    table, column = place.table, place.table.c[place.attribute.key]
    still = db.session.scalar(select(func.count()).where(table.c.id == row.id, column == getattr(row, column.key)))
    end_reading()
    return not still


def _replace(place: Place | ObjectPlace, row: Row, old: object, values: dict) -> int:
    """1 when the row still held `old`. Moments that the models set at each change stay as they are."""
    table = place.table
    stay = {column.key: column for column in table.c if column.onupdate is not None and column.key not in values}
    own = [column == getattr(row, column.key) for column in table.primary_key.columns]
    where = [*own, table.c[place.attribute.key] == old]
    if isinstance(place, ObjectPlace) and table.name in GONE:
        where.append(GONE[table.name].is_(None))
    return db.session.execute(update(table).where(*where).values({**stay, **values})).rowcount


def _anew(old: bytes, context: str) -> bytes:
    return sealer().seal(sealer().open(old, context), context)


def _mark(place: ObjectPlace) -> tuple | None:
    row = db.session.get(RotationMark, place.name)
    known = (row.last,) if row is not None and row.key_id == settings().sealing_keys[0][0] else None
    end_reading()
    return known if known != ("~",) else None  # a run that ended looks at all of them once more


def _note(place: ObjectPlace, last: str) -> None:
    with transaction() as session:
        session.merge(RotationMark(place=place.name, key_id=settings().sealing_keys[0][0], last=last))


def _retire() -> list[str]:
    """Nothing lies under them any more: from the next start on they need not be configured."""
    newest = settings().sealing_keys[0][0]
    with transaction() as session:
        older = list(session.scalars(select(KeyCanary).where(
            KeyCanary.kind == SEALING, KeyCanary.key_id != newest, KeyCanary.retired_at.is_(None)
        )))
        for canary in older:
            canary.retired_at = clock.now()
            told = {"key": canary.key_id}
            journal.record("key_retired", actor=journal.SYSTEM, about=("installation", ""), detail=told)
    return [canary.key_id for canary in older]


