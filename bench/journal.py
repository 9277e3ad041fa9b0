"""Journal lines a second on a PostgreSQL that keeps its promises (fsync on), written by one to sixteen processes.

Each line is a transaction of its own, as a viewed case is, with the network address it came from. Beside it the same
transactions with a row of another table instead of the line: what the disk and the cores allow. Each process's first
transaction, in which it connects and builds its statements, is not counted.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable

from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app
from app.base import journal, journal_proof
from app.base.database import db, transaction
from app.base.ids import new_id
from bench._table import note
from tests.builders import TEST_SETTINGS
from tests.postgres import running_server

SECONDS, LINES_A_SECOND = 5, 1_200
WRITERS = (1, 4, 16)
ROW = "INSERT INTO rate_limit_counter (key, count, expires_at) VALUES (:key, 1, 0)"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_server(options=()) as server:
        server.create("bench")
        settings = {**TEST_SETTINGS, "LOKET_INSTANCE": folder, "DATABASE_URL": server.url("bench")}
        app = create_app(settings)
        with app.app_context():
            upgrade()
            db.session.remove()
            db.engine.dispose()
        for writers in WRITERS:
            lines, rows = _together(settings, writers, _line), _together(settings, writers, _row)
            least = LINES_A_SECOND if writers > 1 else None
            note(f"journal, {writers} writers", lines, least, "a second", at_least=True)
            note("the same with a plain row instead of the line", rows, None, "a second")
        with app.app_context():
            print("the journal is", "whole" if journal_proof.first_broken_line() is None else "BROKEN")
            db.session.remove()
            db.engine.dispose()


def _line() -> None:
    journal.address.set("203.0.113.7")
    journal.record("case_viewed", actor=journal.SYSTEM, about=("application", new_id()))


def _row() -> None:
    db.session.execute(text(ROW), {"key": new_id()})


def _together(settings: dict, writers: int, write: Callable[[], None]) -> float:
    """Transactions a second of all writers together."""
    begun, counts = multiprocessing.Barrier(writers), multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=_write, args=(settings, write, begun, counts)) for _ in range(writers)
    ]
    for process in processes:
        process.start()
    total = sum(counts.get() for _ in processes)
    for process in processes:
        process.join()
    return total / SECONDS


def _write(settings: dict, write: Callable[[], None], begun, counts) -> None:
    app, done = create_app(settings), 0
    with app.app_context():
        with transaction():
            write()
        begun.wait()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            with transaction():
                write()
            done += 1
        db.session.remove()
        db.engine.dispose()
    counts.put(done)
