"""Sealed photos in a private folder of this machine.

A photo is written to `tmp/`, synced, and only then given its name; a crash leaves a stale file in
`tmp/`, never half a photo (docs/security.md, trap 17). Files are reached through descriptors of
their folder that follow no link, so that a link planted in the store leads nowhere (U4).
"""

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.base import clock
from app.base.problems import PhotoMissing
from app.photos.store import KEY, NOTES, KeyTaken, PhotoRefused, object_name, unavailable

TEMPORARY = "tmp"
SHARD = re.compile(r"[0-9a-f]{2}")
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# without O_NONBLOCK a planted pipe would hold the reader for ever
OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
CREATE_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
LINK_IN_THE_WAY = (errno.ELOOP, errno.ENOTDIR)


class LocalPhotoStore:
    """See PhotoStore. `root` itself may be a link, to a larger disk for example."""

    def __init__(self, root: Path):
        self._root = root.resolve()
        self._root.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if stat.S_IMODE(self._root.stat().st_mode) != PRIVATE_FOLDER:
            self._root.chmod(PRIVATE_FOLDER)

    def put_new(self, key: str, data: bytes) -> None:
        shard, name = object_name(key)
        try:
            self._make_folder(TEMPORARY)
            self._make_folder(shard)
            with self._folder(TEMPORARY) as temporary, self._folder(shard) as target:
                _write_then_name(data, temporary, target, name)
        except FileExistsError:
            if not self._holds(key, data):
                raise KeyTaken("another object has this key") from None
        except OSError as error:
            raise unavailable("put", _reason(error)) from None

    def get(self, key: str) -> bytes:
        shard, name = object_name(key)
        with self._reading(key, "get"), self._folder(shard) as folder:
            descriptor = os.open(name, OPEN_FILE, dir_fd=folder)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise PhotoRefused()
                return file.read()

    def delete(self, key: str) -> None:
        shard, name = object_name(key)
        with suppress(PhotoMissing), self._reading(key, "delete"), self._folder(shard) as folder:
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)

    def exists(self, key: str) -> bool:
        shard, name = object_name(key)
        with suppress(PhotoMissing), self._reading(key, "exists"), self._folder(shard) as folder:
            return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        return False

    def list(self) -> Iterator[tuple[str, datetime, int]]:
        try:
            shards = sorted(path.name for path in self._root.iterdir() if SHARD.fullmatch(path.name))
        except OSError as error:
            raise unavailable("list", _reason(error)) from None
        for shard in shards:
            yield from self._shard(shard)

    def sweep_temporary(self, older_than: timedelta) -> int:
        limit = (clock.now() - older_than).timestamp()
        removed = 0
        with suppress(PhotoMissing), self._reading(TEMPORARY, "sweep"), self._folder(TEMPORARY) as folder:
            for entry in os.scandir(folder):
                with suppress(FileNotFoundError):  # its writer has just finished
                    if entry.stat(follow_symlinks=False).st_mtime < limit:
                        os.unlink(entry.name, dir_fd=folder)
                        removed += 1
        return removed

    def put_note(self, name: str, data: bytes) -> None:
        object_name(name)
        try:
            for folder in (TEMPORARY, NOTES):
                self._make_folder(folder)
            with self._folder(TEMPORARY) as temporary, self._folder(NOTES) as target, suppress(FileExistsError):
                _write_then_name(data, temporary, target, name)
        except OSError as error:
            raise unavailable("put", _reason(error)) from None

    def notes(self) -> dict[str, bytes]:
        folder = self._root / NOTES
        try:
            return {path.name: path.read_bytes() for path in folder.iterdir() if KEY.fullmatch(path.name)}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise unavailable("list", _reason(error)) from None

    def _shard(self, shard: str) -> Sequence[tuple[str, datetime, int]]:
        with suppress(PhotoMissing), self._reading(shard, "list"), self._folder(shard) as folder:
            return sorted(_photos_of(folder, shard))
        return []

    def _make_folder(self, name: str) -> None:
        if os.path.lexists(self._root / name):
            return
        try:
            (self._root / name).mkdir(PRIVATE_FOLDER)
        except FileExistsError:
            return
        with self._folder(".") as root:
            os.fsync(root)

    @contextmanager
    def _folder(self, name: str) -> Iterator[int]:
        """Descriptor of one folder of the store. Raises OSError, also for a link in its place."""
        descriptor = os.open(self._root / name, OPEN_FOLDER)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _reading(self, key: str, act: str) -> Iterator[None]:
        """Tell a missing photo from a broken store: without its root the store knows nothing."""
        try:
            yield
        except FileNotFoundError:
            if not self._root.is_dir():
                raise unavailable(act, "the folder is gone") from None
            raise PhotoMissing() from None
        except OSError as error:
            if error.errno in LINK_IN_THE_WAY:
                raise PhotoRefused() from None
            raise unavailable(act, _reason(error)) from None

    def _holds(self, key: str, data: bytes) -> bool:
        try:
            return self.get(key) == data
        except PhotoMissing:
            return False


def _write_then_name(data: bytes, temporary: int, target: int, name: str) -> None:
    """Raises FileExistsError when the name is taken: `link`, unlike `rename`, replaces nothing."""
    passing = secrets.token_hex(16)
    try:
        with os.fdopen(os.open(passing, CREATE_FILE, PRIVATE_FILE, dir_fd=temporary), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(passing, name, src_dir_fd=temporary, dst_dir_fd=target, follow_symlinks=False)
        os.fsync(target)
    finally:
        with suppress(OSError):  # the sweep takes what stays; the error that led here matters more
            os.unlink(passing, dir_fd=temporary)


def _photos_of(folder: int, shard: str) -> Iterator[tuple[str, datetime, int]]:
    for entry in os.scandir(folder):
        if not KEY.fullmatch(entry.name) or not entry.name.startswith(shard):
            continue
        with suppress(FileNotFoundError):  # deleted meanwhile
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                yield entry.name, datetime.fromtimestamp(status.st_mtime, UTC), status.st_size


def _reason(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
