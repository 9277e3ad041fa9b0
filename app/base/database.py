"""Database, migrations, sign-in, CSRF; and `transaction()`, the only place that commits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import Flask
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import DateTime, Engine, MetaData, TypeDecorator, event
from sqlalchemy.orm import DeclarativeBase, Session

from app.base.private_files import make_private_database, sqlite_path

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


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()

_sqlite_lock = threading.RLock()
_OPEN = "loket_transaction_open"


def init_database(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(app.root_path) + "/migrations", render_as_batch=True)
    with app.app_context():
        if path := sqlite_path(db.engine.url):
            make_private_database(path)  # before the first connection creates it for all to read
        _prepare_engine(db.engine)


def engine_options(url: str) -> dict:
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "pool_size": 20, "connect_args": {"timeout": 5, "check_same_thread": False}}
    options = "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=30000"
    return {
        "hide_parameters": True, "pool_size": 5, "max_overflow": 5, "pool_timeout": 3, "pool_pre_ping": True,
        "connect_args": {"options": options, "connect_timeout": 3},
    }


def _prepare_engine(engine: Engine) -> None:
    if engine.dialect.name == "sqlite" and not event.contains(engine, "begin", _begin_sqlite):
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _connect_sqlite(connection, _record) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection) -> None:
    """A transaction that reads first and writes later fails at once with SQLITE_BUSY_SNAPSHOT,
    whatever the busy timeout, so a writer takes its lock at the start."""
    write = connection.get_execution_options().get("loket_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def sqlite_write_lock(engine: Engine) -> Iterator[None]:
    """Queue writers of this process fairly; SQLite itself lets waiters sleep and poll, which costs
    seconds at the tail. PostgreSQL needs none."""
    if engine.dialect.name != "sqlite":
        yield
        return
    with _sqlite_lock:
        yield


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
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(_OPEN, None)


def dispose_connections() -> None:
    """In a process that was just forked: leave the parent's connections alone and open own ones."""
    db.engine.dispose(close=False)


def end_reading() -> None:
    """Give the connection back before slow work (decoding a photo, calling Twilio)."""
    db.session.rollback()
