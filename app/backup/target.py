"""Where backups lie: a folder, on another disk or machine, or s3://bucket/prefix.

    copies/2026-11-27T02-00-00Z/database[.age]   the dump
    copies/2026-11-27T02-00-00Z/manifest[.age]   written last: a copy without it was never finished
    copies/2026-11-27T02-00-00Z/photos.json      names of the objects of this copy, random and so not sealed
    photos/ab/abcdef...[.age]                    each object once, however many copies name it
    erased/<id of a registration>                what must not come back

With a recipient everything but names is encrypted in the format of `age`; its private half is not on this machine.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyrage

from app.base.private_files import PRIVATE_FILE
from app.base.services import settings
from app.photos.store import KEY, S3_SCHEME

AGE = ".age"
COPIES, PHOTOS, ERASED = "copies", "photos", "erased"
MANIFEST, DATABASE, PHOTO_LIST = "manifest", "database", "photos.json"


class TargetUnusable(Exception):
    """The text says why, without secrets."""


@dataclass
class Target:
    """`recipient` encrypts, `identity` opens; without them files are plain, as in the demo."""

    url: str
    recipient: pyrage.x25519.Recipient | None = None
    identity: pyrage.x25519.Identity | None = field(default=None, repr=False)

    def __post_init__(self):
        import obstore  # large, and asked for by whoever makes or opens a copy alone

        self._obstore = obstore
        self._store = _store(self.url)

    def put(self, name: str, data: bytes) -> None:
        self._obstore.put(self._store, name, data, use_multipart=len(data) > 1 << 26)

    def put_sealed(self, name: str, data: bytes) -> None:
        sealed = pyrage.encrypt(data, [self.recipient]) if self.recipient else data
        self.put(name + (AGE if self.recipient else ""), sealed)

    def put_file(self, name: str, path: Path) -> None:
        """Large: never in memory as a whole."""
        source = path
        if self.recipient:
            source = path.with_name(path.name + AGE)
            pyrage.encrypt_file(str(path), str(source), [self.recipient])
        self._obstore.put(self._store, name + (AGE if self.recipient else ""), source)
        if source != path:
            source.unlink()

    def get(self, name: str) -> bytes:
        return self._obstore.get(self._store, name).bytes().to_bytes()

    def get_sealed(self, name: str) -> bytes:
        """Raises FileNotFoundError, TargetUnusable when it does not open."""
        try:
            return self._open(self.get(name + AGE))
        except FileNotFoundError:
            return self.get(name)

    def get_file(self, name: str, path: Path) -> None:
        sealed = path.with_name(path.name + AGE)
        try:
            self._stream(name + AGE, sealed)
        except FileNotFoundError:
            self._stream(name, path)
            return
        self._must_open()
        try:
            pyrage.decrypt_file(str(sealed), str(path), [self.identity])
        except pyrage.DecryptError as error:
            raise TargetUnusable(f"{name} does not open with this recovery key ({error})") from None
        sealed.unlink()

    def names(self, prefix: str) -> Iterator[str]:
        for page in self._obstore.list(self._store, prefix=f"{prefix}/", chunk_size=1000):
            yield from (found["path"] for found in page)

    def copies(self) -> list[str]:
        """Finished copies, the newest first."""
        ends = (f"/{MANIFEST}", f"/{MANIFEST}{AGE}")
        return sorted((name.split("/")[1] for name in self.names(COPIES) if name.endswith(ends)), reverse=True)

    def photos(self) -> set[str]:
        """Keys of the objects that are already there."""
        keys = (name.rsplit("/", 1)[-1].removesuffix(AGE) for name in self.names(PHOTOS))
        return {key for key in keys if KEY.fullmatch(key)}

    def photos_of(self, copy: str) -> list[str]:
        return json.loads(self.get(f"{COPIES}/{copy}/{PHOTO_LIST}"))

    def erased(self) -> dict[str, bytes]:
        return {name.rsplit("/", 1)[-1]: self.get(name) for name in self.names(ERASED)}

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._obstore.delete(self._store, name)

    def remove_photo(self, key: str) -> None:
        for ending in ("", AGE):
            self.remove(photo_name(key) + ending)

    def _stream(self, name: str, path: Path) -> None:
        with path.open("wb") as file:
            for chunk in self._obstore.get(self._store, name).stream(min_chunk_size=1 << 20):
                file.write(chunk)

    def _open(self, sealed: bytes) -> bytes:
        self._must_open()
        try:
            return pyrage.decrypt(sealed, [self.identity])
        except pyrage.DecryptError as error:
            raise TargetUnusable(f"the recovery key does not open this backup ({error})") from None

    def _must_open(self) -> None:
        if self.identity is None:
            raise TargetUnusable("this backup is encrypted: give the private recovery key with --identity FILE")


def photo_name(key: str) -> str:
    return f"{PHOTOS}/{key[:2]}/{key}"


def _store(url: str) -> Any:
    """A folder or a bucket, as obstore has them. Raises TargetUnusable."""
    from obstore.exceptions import BaseError
    from obstore.store import LocalStore, S3Store

    from app.photos.store_s3 import PASSED_ON

    try:
        if url.startswith(S3_SCHEME):
            bucket, _, prefix = url.removeprefix(S3_SCHEME).partition("/")
            aws = settings().s3
            endpoint = aws.get("AWS_ENDPOINT_URL_S3") or aws.get("AWS_ENDPOINT_URL") or ""
            given = {name: aws[name] for name in PASSED_ON if aws.get(name)}
            return S3Store(
                bucket, prefix=prefix.strip("/") or None, config=given,
                client_options={"allow_http": endpoint.startswith("http://")},
            )
        return LocalStore(Path(url).absolute(), mkdir=True)
    except BaseError as error:
        raise TargetUnusable(f"{url} cannot be used ({type(error).__name__})") from None


# When the last backup ended well.
#
# Kept as a file in the instance folder and not in the database: a restored database would bring its own old note
# along.

NOTE_NAME = "last-backup.json"


@dataclass(frozen=True)
class Backup:
    """`target` is where it went: a folder or s3://bucket/prefix."""

    at: datetime
    target: str


def note_backup(at: datetime, target: str) -> None:
    """`at` has a time zone. Replaces the earlier note, whole or not at all."""
    passing = _note_file().with_suffix(f".{os.getpid()}")
    passing.touch(mode=PRIVATE_FILE)
    passing.write_text(json.dumps({"at": at.isoformat(), "target": target}))
    passing.replace(_note_file())


def last_backup() -> Backup | None:
    """None when none is noted. Raises ValueError or KeyError when the note is damaged."""
    if not _note_file().exists():
        return None
    kept = json.loads(_note_file().read_text())
    return Backup(datetime.fromisoformat(kept["at"]), kept["target"])


def _note_file() -> Path:
    return settings().instance / NOTE_NAME
