"""What hangs or is held does not take the house with it: a sentence, a time to come back, and other pages
as ever."""

import contextlib
import errno
import os
import signal
import sqlite3
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.base.database import db
from app.base.postgres import BoundedConnection
from app.process import health
from app.web.access import public
from tests.accounts import submit
from tests.builders import an_application
from tests.doctoring import production

TOKEN = "pantau-9c41f0d2b7e8a6"


@pytest.mark.usefixtures("on_sqlite")
def test_a_page_waits_a_moment_for_sqlites_lock_and_reading_never_waits(app, tmp_path, capfd):
    client = app.test_client()
    an_application(app)
    other = sqlite3.connect(tmp_path / "loket.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        held = submit(client, "/daftar", notice="y")
        assert held.status_code == 503 and held.headers["Retry-After"]
        assert client.get("/lacak").status_code == client.get("/petugas/masuk").status_code == 200
    finally:
        other.close()
    assert '"why": "locked"' in capfd.readouterr().err
    assert submit(client, "/daftar", notice="y").status_code == 303


@contextlib.contextmanager
def standing_still(app):
    """The whole PostgreSQL of `app`, as on a machine that swaps."""
    with app.app_context():
        backend = db.session.scalar(text("SELECT pg_backend_pid()"))
        db.session.remove()
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # others end while they are looked at
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    whole = [parents[backend], *(pid for pid, parent in parents.items() if parent == parents[backend])]
    for pid in whole:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in whole:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_a_postgresql_that_stands_still_costs_only_the_pages_that_ask_it(pg_app, capfd):
    client = pg_app.test_client()
    assert submit(client, "/daftar", notice="y").status_code == 303
    with standing_still(pg_app):
        refused = client.get("/daftar/data")
        assert refused.status_code == 503 and refused.headers["Retry-After"]
        stranger = pg_app.test_client()
        assert stranger.get("/").status_code == stranger.get("/lacak").status_code == 200
        ready = client.get("/readyz")
        assert ready.status_code == 503 and ready.json["database"] is False
    assert '"why": "frozen"' in capfd.readouterr().err
    for _ in range(100):
        if client.get("/daftar/data").status_code == 200:
            break
        time.sleep(0.1)  # it is not asked anew for a second after it was asked in vain
    assert client.get("/readyz").json["database"] is True


def test_a_postgresql_too_slow_for_every_greeting_is_asked_on_a_new_connection(pg_app, monkeypatch):
    client = pg_app.test_client()
    assert submit(client, "/daftar", notice="y").status_code == 303

    def refuse(_connection) -> None:
        raise psycopg.OperationalError("no answer within 1 s, so the server stands still")

    monkeypatch.setattr(BoundedConnection, "greet", refuse)
    assert client.get("/daftar/data").status_code == 200


def test_a_full_disk_is_a_sentence_wherever_it_is_met(app, capfd):
    @app.get("/uji/penuh/<what>")
    @public
    def fail(what):
        if what == "disk":
            raise OSError(errno.ENOSPC, "No space left on device")
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    for what in ("disk", "database"):
        answer = app.test_client().get(f"/uji/penuh/{what}")
        assert answer.status_code == 503 and answer.headers["Retry-After"] and "Error" not in answer.text
    told = capfd.readouterr().err
    assert '"disk_full"' in told and '"why": "full"' in told


def test_readiness_is_asked_once_for_all_and_told_in_detail_to_the_monitor_alone(restarted, monkeypatch):
    app = production(restarted, MONITOR_TOKEN=TOKEN)
    asked = []
    monkeypatch.setattr(health, "KEPT_SECONDS", 60)
    monkeypatch.setitem(health.PARTS, "photos", lambda: asked.append(1) or False)
    for _ in range(20):
        answer = app.test_client().get("/readyz", base_url=app.extensions["loket"].public_base_url)
        assert answer.status_code == 503 and answer.json == {"status": "unavailable"}
    assert len(asked) == 1
    shown = app.test_client().get("/readyz", base_url=app.extensions["loket"].public_base_url,
                                  headers={"Authorization": f"Bearer {TOKEN}"})
    assert shown.json["photos"] is False and shown.json["database"] is True
    wrong = app.test_client().get("/readyz", base_url=app.extensions["loket"].public_base_url,
                                  headers={"Authorization": "Bearer lain"})
    assert "photos" not in wrong.json
