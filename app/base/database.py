"""Database, migrations, sign-in, CSRF; and `transaction()`, the only place that commits."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, wraps
from typing import Any, TypeVar

import structlog
from flask import Flask, has_request_context
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_wtf import CSRFProtect
from sqlalchemy import DateTime, Engine, MetaData, ScalarSelect, Select, TypeDecorator, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from app.base.private_files import make_private_database, sqlite_path
from app.base.problems import TemporarilyUnavailable

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out on every engine. A naive value is a bug and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect, coltype):
        """SQLite's in one step: a page reads a hundred moments and more."""
        read = self.impl_instance.result_processor(dialect, coltype)
        if dialect.name != "sqlite" or read is None:
            return super().result_processor(dialect, coltype)
        return lambda value: None if value is None else read(value).replace(tzinfo=UTC)


class OneEngine(FlaskSession):
    """All tables are in one database, so no statement is searched for the one it belongs to."""

    def get_bind(self, mapper=None, clause=None, bind=None, **_options):
        return self._db.engine if bind is None else bind


class Database(SQLAlchemy):
    def _teardown_session(self, exc: BaseException | None) -> None:
        """At the end of a request. A connection that broke meanwhile fails once more when it is rolled back,
        after the answer was made and where no page of ours could say so: forget the session, and only log."""
        try:
            super()._teardown_session(exc)
        except DBAPIError as error:
            log.warning("session_lost", kind=type(error.orig).__name__)
            self.session.registry.clear()


db = Database(model_class=Base, session_options={"class_": OneEngine})
login_manager = LoginManager()
csrf = CSRFProtect()

log = structlog.get_logger()
_sqlite_lock = threading.RLock()
_OPEN, _READ = "loket_transaction_open", "loket_read_once"
# called with the session when a transaction begins
AT_BEGIN: list[Callable[[Session], None]] = []
# A person before a page hears soon that it is busy; a worker or a command had better wait its turn.
PAGE_WAITS_SECONDS, OTHERS_WAIT_SECONDS = 2.0, 20.0


class DatabaseBusy(TemporarilyUnavailable):
    """Another process or thread held SQLite's one write lock for longer than this one may wait."""


def init_database(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        if path := sqlite_path(db.engine.url):
            make_private_database(path)  # before the first connection creates it for all to read
        _prepare_engine(db.engine)


def engine_options(url: str) -> dict:
    if url.startswith("sqlite"):
        arguments = {"timeout": PAGE_WAITS_SECONDS, "check_same_thread": False}
        return {"hide_parameters": True, "pool_size": 20, "connect_args": arguments}
    options = "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=30000"
    return {
        "hide_parameters": True, "pool_size": 5, "max_overflow": 5, "pool_timeout": 2,
        # a cable pulled out: the system gives the connection up after six seconds instead of hours
        "connect_args": {
            "options": options, "connect_timeout": 2, "keepalives": 1, "keepalives_idle": 4,
            "keepalives_interval": 1, "keepalives_count": 2, "tcp_user_timeout": 6000,
        },
    }


def _prepare_engine(engine: Engine) -> None:
    if engine.dialect.name == "sqlite" and not event.contains(engine, "begin", _begin_sqlite):
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif engine.dialect.name == "postgresql":
        from app.base.postgres import bound_waiting  # loads psycopg, which SQLite has no use for

        bound_waiting(engine)


def _connect_sqlite(connection, _record) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection) -> None:
    """A transaction that reads first and writes later fails at once with SQLITE_BUSY_SNAPSHOT,
    whatever the busy timeout, so a writer takes its lock at the start."""
    # said to the driver itself where it cannot be refused: through SQLAlchemy it costs as much as a question
    driver = connection.connection.driver_connection
    if not connection.get_execution_options().get("loket_write"):
        driver.execute("BEGIN")
        return
    driver.execute(f"PRAGMA busy_timeout={int(1000 * _seconds_to_wait())}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _seconds_to_wait() -> float:
    return PAGE_WAITS_SECONDS if has_request_context() else OTHERS_WAIT_SECONDS


@contextmanager
def sqlite_write_lock(engine: Engine) -> Iterator[None]:
    """Queue writers of this process fairly; SQLite itself lets waiters sleep and poll, which costs
    seconds at the tail. PostgreSQL needs none. Raises DatabaseBusy when the turn does not come in time."""
    if engine.dialect.name != "sqlite":
        yield
        return
    began = time.monotonic()
    if not _sqlite_lock.acquire(timeout=_seconds_to_wait()):
        log.error("database_unavailable", why="locked", waited=round(time.monotonic() - began, 1))
        raise DatabaseBusy()
    try:
        yield
    finally:
        _sqlite_lock.release()


def checkpoint() -> None:
    """Bring SQLite's write-ahead log into the database and cut it, as far as no reader still needs it; left alone
    it is reused from its start but never gets smaller. Nothing on PostgreSQL."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def transaction() -> Iterator[Session]:
    """One use case, one commit: everything inside is written together or not at all.

    What was read before is dropped, so that a rule is always judged on rows read under the lock.
    Does not nest: raises RuntimeError, because an inner commit would tear the outer use case.
    """
    session = db.session()
    if session.info.get(_OPEN):
        raise RuntimeError("transaction() does not nest")
    with sqlite_write_lock(db.engine):
        session.rollback()
        session.info[_OPEN] = True
        try:
            session.connection(execution_options={"loket_write": True})
            for hook in AT_BEGIN:
                hook(session)
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(_OPEN, None)


def once_a_page(read: Callable) -> Callable:
    """Ask once what a page asks for in many places: what `read` found is known until the session ends its reading.
    Inside transaction() nothing is remembered, because there any line may change the answer. Whoever found it together
    with something else says so: `read.found(value, *given)`."""
    def found(value, *given) -> None:
        known = db.session().info
        if not known.get(_OPEN):
            known.setdefault(_READ, {})[(read, given, ())] = value

    @wraps(read)
    def asked(*given, **named):
        known = db.session().info
        if known.get(_OPEN):
            return read(*given, **named)
        kept, key = known.setdefault(_READ, {}), (read, given, tuple(named.items()))
        if key not in kept:
            kept[key] = read(*given, **named)
        return kept[key]

    asked.found = found
    return asked


@event.listens_for(Session, "after_transaction_end")
def _forget_read(session: Session, ended) -> None:
    if ended.parent is None:
        session.info.pop(_READ, None)


@dataclass(frozen=True)
class Look:
    """One value that is asked for before something costly is done, and `judge`, which raises when it forbids that.
    `given` are the parameters of `value`."""

    value: ScalarSelect
    given: dict
    judge: Callable[[Any], None]


def look_at(*looks: Look) -> None:
    """Ask for all of them in one statement, outside any transaction, and judge one after the other."""
    with db.engine.connect() as connection:
        given = {name: value for look in looks for name, value in look.given.items()}
        found = connection.execute(_together(*(look.value for look in looks)), given).one()
    for look, value in zip(looks, found, strict=True):
        look.judge(value)


@cache
def _together(*values: ScalarSelect) -> Select:
    """Built once, because building it takes longer than asking."""
    return select(*values)


def is_postgres() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"


def dispose_connections() -> None:
    """In a process that was just forked: leave the parent's connections alone and open own ones."""
    db.engine.dispose(close=False)


def end_reading() -> None:
    """Give the connection back before slow work (decoding a photo, calling Twilio)."""
    db.session.rollback()


Row = TypeVar("Row", bound=Base)
INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_once(model: type[Base], **values) -> bool:
    """Insert a row unless one like it is there, without an error that would end the caller's transaction; the same on
    SQLite and PostgreSQL. True when the row is new."""
    # asked for its key because PostgreSQL's driver does not count such inserts reliably
    key = model.__table__.primary_key.columns[0]
    return db.session.execute(_insert_unless_there(model, values).returning(key)).first() is not None


def insert_new(model: type[Row], **values) -> Row | None:
    """The same; the row when it is new, else None."""
    return db.session.scalar(_insert_unless_there(model, values).returning(model))


def _insert_unless_there(model: type[Base], values: dict):
    return INSERTS[db.engine.dialect.name](model).values(**values).on_conflict_do_nothing()
