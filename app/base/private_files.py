"""What Loket writes on this machine is for its own account only: folders 700, files 600.

Repaired at every start where the files are ours; `flask doctor` tells of what could not be.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal")
OF_OTHERS = 0o077


def make_private_folder(folder: Path) -> None:
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    _close(folder, PRIVATE_FOLDER)


def make_private_database(path: Path) -> None:
    """SQLite gives a new database the mode of the umask, and its -wal and -shm that of the database:
    made first, empty, it has ours from its first byte on."""
    with suppress(OSError):  # a folder that is missing or not ours: the connection tells it better
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE))
    for file in database_files(path):
        _close(file, PRIVATE_FILE)


def database_files(path: Path) -> Iterator[Path]:
    """The database and what SQLite keeps beside it, as far as it is there."""
    for ending in BESIDE_A_DATABASE:
        file = path.with_name(path.name + ending)
        if file.exists():
            yield file


def sqlite_path(url: URL) -> Path | None:
    """None for another engine, and for a database in memory."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def open_to_others(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & OF_OTHERS)


def _close(path: Path, mode: int) -> None:
    with suppress(OSError):  # somebody else's: the doctor tells
        if open_to_others(path):
            path.chmod(mode)
