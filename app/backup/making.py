"""Make a backup: the database at one moment, then every photo that the target does not have yet.

In this order: a photo stands in the store before a row names it, so whatever the dump names is there to be copied.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from app.backup import dump, erased
from app.backup.target import COPIES, DATABASE, MANIFEST, PHOTO_LIST, Target, note_backup, photo_name
from app.base import clock
from app.base.database import db, end_reading
from app.base.journal_line import JournalHead
from app.base.problems import PhotoMissing
from app.base.services import photo_store, settings
from app.keys import proof

VERSION = 1
AT_ONCE = 4
STAMP = "%Y-%m-%dT%H-%M-%S.%fZ"


class BackupRefused(Exception):
    """The text says why."""


@dataclass(frozen=True)
class Made:
    copy: str
    database_bytes: int
    photos: int
    new_photos: int
    removed_copies: int


def make_backup(target: Target, keep: int, say: Callable[[str], None]) -> Made:
    """Raises BackupRefused, dump.DumpFailed; a copy that was not finished has no manifest and does not count."""
    if wrong := proof.findings():
        raise BackupRefused(" ".join(wrong))  # what is written under a wrong key is not worth keeping
    at = clock.now()
    copy = at.strftime(STAMP)
    with scratch() as folder:
        database = folder / DATABASE
        dump.dump(database)
        head = db.session.get(JournalHead, 1)
        manifest = {
            "version": VERSION, "at": at.isoformat(), "engine": dump.engine_name(), "schema": _schema(),
            "journal": [head.seq, head.hash], "sha256": sha256_of(database), "bytes": database.stat().st_size,
        }
        end_reading()
        target.put_file(f"{COPIES}/{copy}/{DATABASE}", database)
    say(f"database: {manifest['bytes']} bytes")
    keys = [key for key, _, _ in photo_store().list()]
    new = _copy_photos(target, keys, say)
    erased.copy_to(target)
    target.put(f"{COPIES}/{copy}/{PHOTO_LIST}", json.dumps(keys).encode())
    if not target.url.startswith("s3://"):
        os.sync()  # on the disk, before anybody is told that it is there
    target.put_sealed(f"{COPIES}/{copy}/{MANIFEST}", json.dumps(manifest).encode())
    removed = _forget_old(target, keep)
    note_backup(at, target.url)
    return Made(copy, manifest["bytes"], len(keys), new, removed)


def scratch() -> tempfile.TemporaryDirectory:
    """A folder of ours alone on the disk of the instance, not in a /tmp that may be small or shared."""
    return _Folder(prefix="backup-", dir=settings().instance)


class _Folder(tempfile.TemporaryDirectory):
    def __enter__(self) -> Path:
        return Path(super().__enter__())


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_photos(target: Target, keys: Iterable[str], say: Callable[[str], None]) -> int:
    there = target.photos()
    wanted = [key for key in keys if key not in there]
    store, app = photo_store(), current_app._get_current_object()

    def one(key: str) -> int:
        with app.app_context():
            try:
                target.put_sealed(photo_name(key), store.get(key))
            except PhotoMissing:
                return 0  # erased or replaced a moment ago
            return 1

    with ThreadPoolExecutor(AT_ONCE) as pool:
        count = sum(pool.map(one, wanted))
    say(f"photos: {count} new of {len(there) + count}")
    return count


def _forget_old(target: Target, keep: int) -> int:
    """Copies beyond the newest `keep`, and objects that no copy left names."""
    copies = target.copies()
    old = copies[keep:] if keep else []
    if not old:
        return 0
    for copy in old:
        for name in list(target.names(f"{COPIES}/{copy}")):
            target.remove(name)
    named = {key for copy in copies[:keep] for key in target.photos_of(copy)}
    for key in target.photos() - named:
        target.remove_photo(key)
    return len(old)


def _schema() -> str:
    with db.engine.connect() as connection:
        from alembic.runtime.migration import MigrationContext  # a tenth of every start

        return MigrationContext.configure(connection).get_current_revision() or ""
