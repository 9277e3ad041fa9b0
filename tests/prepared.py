"""A house in which much has happened already, built once in a process and copied for each test that begins with it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask

from app.base.database import db


class Prepared:
    """`into(app)` gives an empty app what `build(app)` makes: the first one is built, the next ones get a copy of its
    database and photos as they were then. On PostgreSQL, which is no file, each is built."""

    def __init__(self, build: Callable[[Flask], Any]):
        self._build = build
        self._kept: TemporaryDirectory | None = None
        self._told: Any = None

    def into(self, app: Flask) -> Any:
        """What `build` returned: ids and words, for it is the same for all."""
        folder = app.extensions["loket"].instance
        if _closes(app) != "sqlite":
            return self._build(app)
        if self._kept is None:
            self._told = self._build(app)
            _closes(app)
            self._kept = TemporaryDirectory(prefix="loket-prepared-")
            shutil.copytree(folder, self._kept.name, dirs_exist_ok=True)
        else:
            for file in Path(folder).glob("*.sqlite3*"):
                file.unlink()
            shutil.copytree(self._kept.name, folder, dirs_exist_ok=True)
        return self._told


def _closes(app: Flask) -> str:
    """Name of the engine, of which nothing is open and nothing unwritten then."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        return db.engine.dialect.name
