"""When the last backup ended well.

Kept as a file in the instance folder and not in the database: a restored database would bring its own old note along.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.base import clock
from app.base.private_files import PRIVATE_FILE
from app.base.services import settings

NAME = "last-backup.json"


@dataclass(frozen=True)
class Backup:
    """`target` is where it went: a folder or s3://bucket/prefix."""

    at: datetime
    target: str


def note_backup(at: datetime, target: str) -> None:
    """`at` has a time zone. Replaces the earlier note, whole or not at all."""
    passing = _file().with_suffix(f".{os.getpid()}")
    passing.touch(mode=PRIVATE_FILE)
    passing.write_text(json.dumps({"at": at.isoformat(), "target": target}))
    passing.replace(_file())


def last_backup() -> Backup | None:
    """None when none is noted. Raises ValueError or KeyError when the note is damaged."""
    if not _file().exists():
        return None
    kept = json.loads(_file().read_text())
    return Backup(datetime.fromisoformat(kept["at"]), kept["target"])


def backup_age() -> timedelta | None:
    """Since the last good backup; None when there is none. For metrics and alarms."""
    last = last_backup()
    return clock.now() - last.at if last else None


def _file() -> Path:
    return settings().instance / NAME
