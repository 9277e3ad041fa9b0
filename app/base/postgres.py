"""Connections to PostgreSQL that never wait for ever. Loaded only where it is: its driver is a tenth of a start."""

from typing import TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen

ANSWER_SECONDS = 6.0
Answer = TypeVar("Answer")


class BoundedConnection(psycopg.Connection):
    """Raises OperationalError, and is closed, when the server says nothing for `answer_seconds`: as long as a page may
    wait, and a bit longer than the server's own limit, so that a server that lives always answers first.

    The server's limits (statement_timeout, lock_timeout) say nothing while the server itself stands still: frozen,
    swapped out, or behind a network that swallows everything. The system's do not either, as long as the machine
    acknowledges what is sent to it. So the client counts.
    """

    answer_seconds = ANSWER_SECONDS

    def wait(self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None) -> Answer:
        limit = self.answer_seconds if timeout is None else min(timeout, self.answer_seconds)
        try:
            return super().wait(gen, interval=interval, timeout=limit)
        except errors._WaitTimeout:
            self.pgconn.finish()  # what still comes would belong to a question nobody asks any more
            raise psycopg.OperationalError(f"no answer within {limit:g} s, so the server stands still") from None


def let_it_take_long(connection: psycopg.Connection) -> None:
    """For a migration or a dump: hours if need be."""
    connection.answer_seconds = 24 * 3600.0
    connection.execute("SET statement_timeout = 0")


def connect_bounded(_dialect, _record, arguments: list, options: dict) -> psycopg.Connection:
    """For the event `do_connect` of an engine."""
    return BoundedConnection.connect(*arguments, **options)
