"""Where a run of the tests keeps what is thrown away at its end: in memory, where the machine has room."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # bytes that have to be free there: copies of databases and of the demo, each gone with its test


def quick_place() -> str | None:
    """A folder that is a third cheaper for databases and a quarter for photos than a disk; None: there is none."""
    if not os.access(MEMORY, os.W_OK):
        return None
    there = os.statvfs(MEMORY)
    return str(MEMORY) if there.f_bavail * there.f_frsize >= ROOM else None


def shared_by_the_run(factory: pytest.TempPathFactory, name: str, fill: Callable[[Path], None]) -> Path:
    """The folder `name` beside those of single tests, to be read or copied: whichever process of this run wants it
    first fills it, the others wait."""
    own = factory.getbasetemp()
    above = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, unfinished = above / name, above / f"{name}.new"
    with (above / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished.mkdir(exist_ok=True)
            fill(unfinished)
            unfinished.rename(folder)
    return folder
