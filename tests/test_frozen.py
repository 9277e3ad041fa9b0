"""What hangs or is held does not take the house with it: a sentence, a time to come back, and other pages
as ever."""

import contextlib
import errno
import os
import signal
import sqlite3
import subprocess

import pytest
from flask_migrate import upgrade
from sqlalchemy.exc import OperationalError

from app import create_app
from app.base.database import db
from app.process import health
from app.web.access import public
from tests.accounts import submit
from tests.builders import TEST_SETTINGS, an_application
from tests.doctoring import production
from tests.postgres import running_server

TOKEN = "pantau-9c41f0d2b7e8a6"


@pytest.fixture
def frozen(tmp_path):
    """An app whose PostgreSQL stands still; `frozen(False)` thaws it."""
    with running_server() as server:
        server.create("loket")
        app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), "DATABASE_URL": server.url("loket")})
        with app.app_context():
            upgrade()
            db.session.remove()

        def switch(still: bool):
            told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True,
                                  text=True, check=False)
            for pid in (server.process.pid, *map(int, told.stdout.split())):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP if still else signal.SIGCONT)

        yield app, switch
        switch(False)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_a_frozen_postgres_is_told_to_who_asks_it_and_to_nobody_else(frozen, monkeypatch, capfd):
    app, switch = frozen
    client = app.test_client()
    token = client.get("/daftar").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    switch(True)
    monkeypatch.setattr(health, "PART_SECONDS", 1.5)
    assert client.get("/").status_code == client.get("/healthz").status_code == 200
    answer = client.post("/daftar", data={"csrf_token": token, "notice": "y"})
    assert answer.status_code == 503 and answer.headers["Retry-After"] and "tidak hilang" in answer.text
    assert client.get("/readyz").status_code == 503
    assert '"why": "frozen"' in capfd.readouterr().err
    switch(False)
    assert submit(app.test_client(), "/daftar", notice="y").status_code == 303


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
