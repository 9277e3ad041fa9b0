"""What Loket writes is for its own account only, whatever the umask, and however it was left."""

import os
import sqlite3
import stat
from contextlib import contextmanager

import pytest
from flask_migrate import upgrade

from app import create_app
from app.base.database import db
from tests.builders import TEST_SETTINGS

DATABASE = "loket.sqlite3"


@pytest.fixture(autouse=True)
def careless_umask():
    before = os.umask(0)
    yield
    os.umask(before)


@contextmanager
def running(folder):
    app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(folder)})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def modes(folder) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.glob(f"{DATABASE}*"))}


def test_a_new_installation_opens_to_nobody_else(tmp_path):
    folder = tmp_path / "instance"
    with running(folder):
        upgrade()
        found = modes(folder)
    assert found == {
        "instance": 0o700, DATABASE: 0o600, f"{DATABASE}-wal": 0o600, f"{DATABASE}-shm": 0o600,
    }


def test_the_database_is_closed_before_anything_is_in_it(tmp_path):
    with running(tmp_path / "instance"):
        assert modes(tmp_path / "instance")[DATABASE] == 0o600


def test_a_start_closes_what_was_left_open_while_another_process_works(tmp_path, migrated_sqlite):
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o755)
    (folder / DATABASE).write_bytes(migrated_sqlite.read_bytes())
    other = sqlite3.connect(folder / DATABASE)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("DELETE FROM rate_limit_counter")
    assert modes(folder).keys() == {"instance", DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"}
    for path in folder.glob(f"{DATABASE}*"):
        path.chmod(0o644)
    with running(folder):
        assert set(modes(folder).values()) == {0o600, 0o700}
    other.close()
