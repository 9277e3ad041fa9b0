"""Where sealed photos live: a local folder or an S3 bucket, behind one small interface.

Keys are made by the server and are all a caller can name; nothing of what a client sent becomes a
path (docs/security.md, trap 8, U4). Both stores use the same names, `ab/abcdef...`, so that
moving from a folder to a bucket is a plain copy.
"""

import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from app.base.problems import PhotoMissing, TemporarilyUnavailable

NOTES = "erased"  # the folder of notes: which registrations must not come back (app/backup/erased.py)
KEY = re.compile(r"[0-9a-f]{32}")
S3_SCHEME = "s3://"
log = structlog.get_logger()


class BadKey(ValueError):
    """Not a key of ours; a bug, or somebody trying paths."""


class KeyTaken(RuntimeError):
    """Another object has this key. Nothing was written: objects are never replaced."""


class PhotoRefused(PhotoMissing):
    """What stands at this key is a link or something else that the store did not write."""


class StorageUnavailable(TemporarilyUnavailable):
    """Full, forbidden, gone or too slow: nobody knows what it holds. `reason` is for the log."""

    message = "Foto belum dapat disimpan atau dibuka saat ini. Coba lagi beberapa saat lagi."

    def __init__(self, reason: str):
        super().__init__()
        self.reason = reason


class PhotoStore(Protocol):
    """Every method raises BadKey for what is no key, StorageUnavailable when the store does not work."""

    def put_new(self, key: str, data: bytes) -> None:
        """Store `data` durably, whole or not at all. The same bytes once more change nothing.

        Raises KeyTaken when other bytes have this key.
        """

    def get(self, key: str) -> bytes:
        """Raises PhotoMissing."""

    def delete(self, key: str) -> None:
        """Remove it for good; one that is not there counts as removed."""

    def exists(self, key: str) -> bool: ...

    def list(self) -> Iterator[tuple[str, datetime, int]]:
        """(key, moment of writing in UTC, size in bytes), in the order of keys; foreign things are left out."""

    def put_note(self, name: str, data: bytes) -> None:
        """Keep a small note beside the photos; `name` is 32 hex digits, like a key. A second one changes nothing."""

    def notes(self) -> dict[str, bytes]:
        """All notes by name."""

    def sweep_temporary(self, older_than: timedelta) -> int:
        """Remove what interrupted writes left behind; returns how many."""


def new_key() -> str:
    """32 hex digits from 128 random bits."""
    return secrets.token_hex(16)


def object_name(key: str) -> tuple[str, str]:
    """Folder and name of a key: 256 folders keep each one small. Raises BadKey."""
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise BadKey("a photo key is 32 hex digits made by the server")
    return key[:2], key


def unavailable(act: str, reason: str) -> StorageUnavailable:
    """To be raised; says in the log what a citizen need not know."""
    log.error("photo_store_unavailable", act=act, reason=reason)
    return StorageUnavailable(reason)
