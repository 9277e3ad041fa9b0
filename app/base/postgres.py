"""How long anybody waits for PostgreSQL, whatever has become of it.

The server's limits (statement_timeout, lock_timeout) say nothing while the server itself stands still: frozen, swapped
out, or behind a network that swallows everything. The system's do not either, as long as the machine acknowledges what
is sent to it. So the client counts: six seconds for an answer, one for the greeting before a kept connection is used,
two for a new connection. While it stands still a page has its 503 after three seconds, most of them at once.
"""

import time
from typing import TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

ANSWER_SECONDS = 6.0  # a bit longer than the server's own limit, so that a server that lives always answers first
GREETING_SECONDS = 1.0
AWAY_SECONDS = 1.0  # so long nobody else tries, after somebody waited for a connection in vain
MIGRATION_SECONDS = 24 * 3600.0
Answer = TypeVar("Answer")


class BoundedConnection(psycopg.Connection):
    """Raises OperationalError, and is closed, when the server says nothing for `answer_seconds`."""

    answer_seconds = ANSWER_SECONDS

    def wait(self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None) -> Answer:
        limit = self.answer_seconds if timeout is None else min(timeout, self.answer_seconds)
        try:
            return super().wait(gen, interval=interval, timeout=limit)
        except errors._WaitTimeout:
            self.pgconn.finish()  # what still comes would belong to a question nobody asks any more
            raise psycopg.OperationalError(f"no answer within {limit:g} s, so the server stands still") from None

    def greet(self) -> None:
        """Raises OperationalError when the server does not answer soon."""
        patience, self.answer_seconds = self.answer_seconds, GREETING_SECONDS
        try:
            self.autocommit = True
            self.execute("SELECT 1")
            self.autocommit = False
        finally:
            self.answer_seconds = patience


def let_it_take_long(connection: psycopg.Connection) -> None:
    """For a migration or a dump: hours if need be."""
    connection.answer_seconds = MIGRATION_SECONDS
    connection.execute("SET statement_timeout = 0")


def bound_waiting(engine: Engine) -> None:
    """The second time it does nothing."""
    if not event.contains(engine, "do_connect", _connect):
        event.listen(engine, "do_connect", _connect)
        event.listen(engine, "checkout", _greet)


class _Away:
    """What this process knows; in seconds of time.monotonic()."""

    until = float("-inf")


def _connect(_dialect, _record, arguments: list, options: dict) -> psycopg.Connection:
    if time.monotonic() < _Away.until:
        raise psycopg.OperationalError("no answer within 2 s to somebody who tried a moment ago")
    try:
        return BoundedConnection.connect(*arguments, **options)
    except errors.ConnectionTimeout:
        _Away.until = time.monotonic() + AWAY_SECONDS
        raise


def _greet(connection: BoundedConnection, record, _proxy) -> None:
    if not record.info.setdefault("was_used", False):
        record.info["was_used"] = True
        return  # made a moment ago; refused a second time, SQLAlchemy would raise what nobody takes for an away server
    try:
        connection.greet()
    except psycopg.Error:
        raise InvalidatePoolError() from None  # the others of the pool are no better; the pool makes a new one
