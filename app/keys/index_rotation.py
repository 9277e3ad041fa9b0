"""A new INDEX_KEY while the house works.

An index is not made anew from what it hides, which is erased for some rows and must stay unknown for others: the new
key is laid over it (`rewrap`). Whoever holds only the old key can then guess no number any more. The new indexes are
computed beside the old ones in batches; one short transaction puts them into their rows and says that they count from
now on, so that no look-up ever meets a mixture. Processes that were started with both keys follow at that moment.
"""

import time
from collections.abc import Callable

from sqlalchemy import exists, func, insert, select, text, update

from app.base import clock, journal, kept_keys
from app.base.database import db, end_reading, transaction
from app.base.kept_keys import INDEX, SWITCH_LOCK, IndexPair, KeyCanary, OwnKey, mark_of, own_context, wrap_key
from app.base.sealing import rewrap, seal_json
from app.base.services import sealer, settings
from app.keys.places import INDEXES
from app.keys.proof import INDEX_NEXT, canaries

BATCH = 1000
PAUSE_SECONDS = 0.02
WAIT_FOR_WRITERS = "30s"


class NotReady(Exception):
    """The text says what to do first."""


def is_wanted() -> bool:
    """Whether the newest INDEX_KEY is not yet the one in use."""
    known = canaries()[INDEX]
    end_reading()
    return bool(known) and known[-1].key_id != mark_of(settings().index_keys[0])


def rotate_index(say: Callable[[str], None]) -> int:
    """Move to the newest INDEX_KEY. Returns how many indexes; raises NotReady."""
    newest = settings().index_keys[0]
    if mark_of(newest) not in {canary.key_id for canary in canaries()[INDEX_NEXT]}:
        raise NotReady("start web and worker with INDEX_KEY=new,old first: whoever knows only the old key would go on "
                       "writing by it")
    end_reading()
    wrap = wrap_key(newest)
    _drop_stale_pairs(wrap)
    total = 0
    for column in INDEXES:
        while added := _pair_some(column, wrap):
            total += added
            say(f"{column.class_.__table__.name}.{column.key}: {total} indexes computed so far")
            time.sleep(PAUSE_SECONDS)
    _switch(newest, wrap)
    kept_keys.forget_cache()
    return total


def _drop_stale_pairs(wrap: bytes) -> None:
    """What a run with another new key left behind."""
    pair = db.session.scalar(select(IndexPair).limit(1))
    end_reading()
    if pair is not None and pair.new != rewrap(pair.old, wrap):
        with transaction() as session:
            session.execute(IndexPair.__table__.delete())


def _pair_some(column, wrap: bytes) -> int:
    found = _unpaired(column)
    end_reading()
    if found:
        with transaction() as session:
            _add_pairs(session, found, wrap)
    return len(found)


def _unpaired(column) -> list[str]:
    known = exists().where(IndexPair.old == column)
    return list(db.session.scalars(select(column).where(column.is_not(None), ~known).distinct().limit(BATCH)))


def _add_pairs(session, olds: list[str], wrap: bytes) -> None:
    known = set(session.scalars(select(IndexPair.old).where(IndexPair.old.in_(olds))))
    rows = [{"old": old, "new": rewrap(old, wrap)} for old in olds if old not in known]
    if rows:
        session.execute(insert(IndexPair), rows)


def _switch(newest: bytes, wrap: bytes) -> None:
    with transaction() as session:
        if db.engine.dialect.name == "postgresql":
            from app.base.postgres import let_it_take_long  # loads psycopg

            let_it_take_long(session.connection().connection.driver_connection)
            session.execute(text(f"SET LOCAL lock_timeout = '{WAIT_FOR_WRITERS}'"))
            session.execute(select(func.pg_advisory_xact_lock(SWITCH_LOCK)))
        for column in INDEXES:
            while rest := _unpaired(column):  # written since
                _add_pairs(session, rest, wrap)
        for column in INDEXES:
            table = column.class_.__table__
            own = table.c[column.property.columns[0].name]
            new = select(IndexPair.new).where(IndexPair.old == own).scalar_subquery()
            stay = {one: one for one in table.c if one.onupdate is not None}
            session.execute(update(table).where(own.is_not(None)).values({own: new, **stay}))
        session.execute(IndexPair.__table__.delete())
        _succeed(session, newest)


def _succeed(session, newest: bytes) -> None:
    """The new key counts; the wrap of the one before it is kept, sealed, for it still lies beneath."""
    old = canaries()[INDEX][-1]
    if old.position:
        key = next(key for key in settings().index_keys if mark_of(key) == old.key_id)
        name = f"wrap:{old.position}"
        sealed = seal_json(sealer(), {"key": wrap_key(key).hex()}, own_context(name))
        session.add(OwnKey(name=name, sealed=sealed, added_at=clock.now()))
    old.retired_at = clock.now()
    session.execute(KeyCanary.__table__.delete().where(KeyCanary.kind == INDEX_NEXT))
    session.add(KeyCanary(kind=INDEX, key_id=mark_of(newest), position=old.position + 1))
    journal.record("index_key_replaced", actor=journal.SYSTEM, about=("installation", ""))
