"""What the database itself knows of keys: proofs of the right ones, and keys of its own, sealed.

The keys of the environment come and go by `keys rotate`. What must never change with them, because nobody could write
it anew (the chain of the journal, counters, hashes of one-time codes), stands under keys of its own. They lie here,
sealed under SEALING_KEYS; where none lie yet they follow from INDEX_KEY, so that it makes no difference when they
were first kept.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from sqlalchemy import Connection, LargeBinary, String, func, select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.base import clock
from app.base.database import AT_BEGIN, Base, UtcDateTime, db
from app.base.sealing import Sealer, open_json

SEALING, INDEX = "sealing", "index"
SUBKEYS = "subkeys"
CACHE = "loket_kept_keys"
SWITCH_LOCK = 0x4C6F6B6574  # a number of PostgreSQL's advisory locks that is ours


class KeyCanary(Base):
    """One key that was ever in use. `sealed` is a sentence sealed under it (None for an index key, whose `key_id` is
    its own mark). `position` counts index keys, the first one 0. `retired_at`: nothing needs it any more."""

    __tablename__ = "key_canary"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OwnKey(Base):
    """`subkeys` holds a key for each purpose, `wrap:N` the index key number N after its successor took over."""

    __tablename__ = "own_key"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class ReplacedObject(Base):
    """An object of the photo store that was sealed anew under another name. Whoever read its row a moment ago may
    still ask for it, so it goes a little later."""

    __tablename__ = "replaced_object"

    storage_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class IndexPair(Base):
    """While INDEX_KEY is rotated: what an index will be. Empty otherwise."""

    __tablename__ = "index_pair"

    old: Mapped[str] = mapped_column(String(64), primary_key=True)
    new: Mapped[str] = mapped_column(String(64))


class RotationMark(Base):
    """How far the objects of one place are sealed anew under `key_id`: up to the row `last`."""

    __tablename__ = "rotation_mark"

    place: Mapped[str] = mapped_column(String(60), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32))
    last: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Kept:
    """`subkeys` by purpose; `wraps` are the keys laid over them since, oldest first; `settled` when the newest
    configured INDEX_KEY is the one in use, so that nobody needs to ask again."""

    subkeys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    wraps: tuple[bytes, ...] = field(default=(), repr=False)
    settled: bool = True


def mark_of(index_key: bytes) -> str:
    """By which an index key is known again. It tells nothing about the key."""
    return hmac.digest(index_key, b"loket index key", hashlib.sha256).hex()


def own_context(name: str) -> str:
    return f"own_key:{name}"


def kept() -> Kept:
    """As the database has it; asked once in the life of a process, and each time while INDEX_KEY is rotated."""
    known = current_app.extensions.get(CACHE)
    if known is None or not known.settled:
        known = current_app.extensions[CACHE] = _read()
    return known


def forget_cache() -> None:
    current_app.extensions.pop(CACHE, None)


@contextmanager
def _reading() -> Iterator[Connection]:
    """The connection of the request where it holds one: were a second one asked for, as many threads as the pool has
    connections could each hold one and wait for another. The savepoint keeps the transaction alive when the tables are
    not there yet."""
    session = db.session()
    if session.in_transaction():
        connection = session.connection()
        with connection.begin_nested():
            yield connection
    else:
        with db.engine.connect() as connection:
            yield connection


def _read() -> Kept:
    configured = {mark_of(key): key for key in current_app.extensions["loket"].index_keys}
    opener = current_app.extensions["loket_sealer"]
    try:
        with _reading() as connection:
            table = KeyCanary.__table__
            known = connection.execute(
                select(table.c.position, table.c.key_id).where(table.c.kind == INDEX).order_by(table.c.position)
            ).all()
            own = dict(connection.execute(select(OwnKey.name, OwnKey.sealed)).all())
    except (OperationalError, ProgrammingError) as error:
        if "key_canary" in str(error.orig):  # before the first upgrade
            return Kept()
        raise
    subkeys = _opened(opener, SUBKEYS, own)
    wraps = tuple(
        _opened(opener, f"wrap:{position}", own)["key"] if f"wrap:{position}" in own else wrap_key(configured[mark])
        for position, mark in known if position and (f"wrap:{position}" in own or mark in configured)
    )
    newest = next(iter(configured))
    return Kept(subkeys, wraps, settled=not known or known[-1].key_id == newest)


def _keep_off_the_switch(session: Session) -> None:
    """Indexes change from one key to the next in one transaction. While that may happen, PostgreSQL's writers hold
    it off with a shared lock, so that none writes an index of before after it; SQLite has one writer anyway."""
    known = current_app.extensions.get(CACHE)
    if known is not None and not known.settled and db.engine.dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock_shared(SWITCH_LOCK)))


AT_BEGIN.append(_keep_off_the_switch)


def wrap_key(index_key: bytes) -> bytes:
    return hmac.digest(index_key, b"loket index wrap", hashlib.sha256)


def _opened(opener: Sealer, name: str, own: Mapping[str, bytes]) -> dict[str, bytes]:
    if name not in own:
        return {}
    content = open_json(opener, own[name], own_context(name))
    return {purpose: bytes.fromhex(key) for purpose, key in content.items()}
