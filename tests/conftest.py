"""Fixtures everybody uses: an app on a fresh migrated database, clients, staff."""

import gc
import os
import shutil
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings

from app import create_app
from app.base import clock_guard, ids, journal
from app.base.database import db
from app.process import health
from tests.accounts import time  # noqa: F401  (fixture)
from tests.builders import TEST_SETTINGS, add_staff, sign_in_staff
from tests.desk_screen import desk_address, screen  # noqa: F401  (fixtures)
from tests.doctoring import restarted  # noqa: F401  (fixture)
from tests.live import browser_page, chromium, demo_instance, live_server  # noqa: F401  (fixtures)
from tests.made_once import make_once
from tests.mail_servers import mail_servers  # noqa: F401  (fixture)
from tests.memory import quick_place, shared_by_the_run
from tests.own_account import account, owner  # noqa: F401  (fixtures)
from tests.postgres import fresh_database, postgresql_server  # noqa: F401  (fixtures)
from tests.s3_server import s3_server  # noqa: F401  (fixture)

# how fast the machine is today is not what a test is about
settings.register_profile("loket", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loket")
make_once()
if place := quick_place():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", place)
ON_POSTGRES = os.environ.get("TEST_ENGINE") == "postgresql"

# what a test starts decides whether `make test-fast` leaves it out; by fixture, or by the name of one in
# its parameters, as in parametrize("which", ["app", "pg_app"])
MARKS = {
    "chromium": "browser", "live_server": "server", "mail_servers": "server", "s3_server": "server",
    "fresh_database": "postgres", "pg_app": "postgres", "postgresql": "postgres", "s3": "server",
    "app": "http", "wa_app": "http", "app_context": "http", "migrated_sqlite": "http", "sqlite": "http",
}
# over ten seconds each, without a browser or a server
LONG_FILES = ("test_promised_secrecy", "test_schema_fit", "test_photos", "test_backup", "test_office_access",
              "test_channel_flood", "test_uploads", "test_complaints_doubts")
FIRST = "test_browser_journeys"
# with these the main jobs are walked through once over HTTP in `make test-fast`, too
SMOKE = ("test_journeys", "test_order_of_acts", "test_house", "test_complaints_public")


def pytest_collection(session):
    """Of the whole suite each process first reads a part of its own: in a fresh copy pytest translates every module,
    which takes four seconds, and what one process has translated the others find."""
    whole = not session.config.option.file_or_dir
    if whole and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
        first, step = int(worker.removeprefix("gw")), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        for path in sorted(Path(__file__).parent.glob("test_*.py"))[first::step]:
            with suppress(Exception, pytest.skip.Exception):  # said when it is its turn
                import_module(f"tests.{path.stem}")


def pytest_collection_modifyitems(items):
    """Marks, and the long files first: the workers then end together (with --no-loadscope-reorder). The first of all
    makes the demo, so that those who copy it, last among the long ones, need not wait for it."""
    for item in items:
        parameters = getattr(item, "callspec", None)
        chosen = [value for value in parameters.params.values() if isinstance(value, str)] if parameters else []
        for name in {*item.fixturenames, *chosen} & MARKS.keys():
            item.add_marker(MARKS[name])
        if item.path.stem in SMOKE:
            item.add_marker("smoke")
    slow = {item.path for item in items if item.get_closest_marker("browser") or item.get_closest_marker("server")}
    slow |= {item.path for item in items if item.path.stem in LONG_FILES}
    demo = {item.path for item in items if "demo_instance" in item.fixturenames}
    items.sort(key=lambda item: (item.path.stem != FIRST, item.path not in slow, item.path in demo))


def pytest_collection_finish():
    """What is loaded by now stays: to look through it for garbage again and again was a sixth of the time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory):
    """A database file at the newest migration; every test gets a copy."""
    return shared_by_the_run(tmp_path_factory, "migrated", migrate_in) / "loket.sqlite3"


def migrate_in(folder):
    app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(folder)})
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()


# A session's fixture is imported here and nowhere else: each module that imports it would have one of its own.
@pytest.fixture(scope="session")
def twilio_openapi():
    from tests.twilio_spec import Spec  # a second of imports that few need

    return Spec()


@pytest.fixture
def extra_settings():
    """What a module of tests wants otherwise than TEST_SETTINGS: it defines this fixture anew."""
    return {}


@pytest.fixture
def app(request, tmp_path, extra_settings):
    """On SQLite; TEST_ENGINE=postgresql has the same tests on PostgreSQL (make test-long)."""
    where = {}
    if ON_POSTGRES:
        where = {"DATABASE_URL": request.getfixturevalue("fresh_database")()}
    else:
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "loket.sqlite3")
    made = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), **where, **extra_settings})
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def on_sqlite():
    """For what is asked of SQLite alone, its plans and its file."""
    if ON_POSTGRES:
        pytest.skip("asks SQLite something; PostgreSQL has a test of its own or no such thing")


@pytest.fixture(autouse=True)
def roomy_disk(monkeypatch):
    """How full this machine's disk is today is not what a test is about, either."""
    usage = SimpleNamespace(total=2**40, used=2**38, free=2**40 - 2**38)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)


@pytest.fixture(autouse=True)
def one_clock(request, monkeypatch):
    """Where tests move the clock of the program, that of PostgreSQL does not move along and would be believed."""
    if ON_POSTGRES and request.path.stem != "test_wrong_clock":
        monkeypatch.setattr(clock_guard, "_clock_of_database", lambda: None)


@pytest.fixture(autouse=True)
def nobody_asks_yet():
    """What the last request of another test left in this thread: its sender would pay for what this one builds."""
    ids.payer.set("")
    journal.address.set("")
    journal.device.set("")


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    """Tests change what /readyz tells and look at once, on machines that have more to do."""
    monkeypatch.setattr(health, "PART_SECONDS", 30)
    monkeypatch.setattr(health, "KEPT_SECONDS", 0)


@pytest.fixture
def app_context(app):
    with app.app_context():
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def staff_client(app):
    """staff_client('operator') -> a client signed in as a new member of staff with that role."""

    def make(role: str, username: str | None = None, jabatan: str = ""):
        username = username or jabatan or f"{role}1"
        add_staff(app, username, role, jabatan=jabatan)
        return sign_in_staff(app.test_client(), username)

    return make


@pytest.fixture
def pg_app(tmp_path, fresh_database):  # noqa: F811
    """The same app on a real PostgreSQL."""
    made = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), "DATABASE_URL": fresh_database()})
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()
