"""Photos in a folder: private, atomic, blind to links (docs/security.md U4, trap 17)."""

import hashlib
import os
import random
import resource
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from app.base.problems import PhotoMissing
from app.photos.store import KeyTaken, StorageUnavailable, new_key
from app.photos.store_local import LocalPhotoStore
from tests.warm_python import PROCESSES

DATA = b"sealed bytes " * 1000
HOUR = timedelta(hours=1)


@pytest.fixture
def local(tmp_path) -> LocalPhotoStore:
    return LocalPhotoStore(tmp_path / "photos")


def path_of(tmp_path: Path, key: str) -> Path:
    return tmp_path / "photos" / key[:2] / key


def test_folders_and_files_are_private_whatever_the_umask(tmp_path):
    (tmp_path / "photos").mkdir(mode=0o755)
    old = os.umask(0)
    try:
        key = new_key()
        LocalPhotoStore(tmp_path / "photos").put_new(key, DATA)
    finally:
        os.umask(old)
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in [tmp_path / "photos", *(tmp_path / "photos").rglob("*")]}
    assert len(modes) == 4 and all(mode == (0o700 if p.is_dir() else 0o600) for p, mode in modes.items())


def test_a_link_in_place_of_a_photo_is_not_followed(tmp_path, local):
    secret = tmp_path / "outside"
    secret.write_bytes(b"not for anybody")
    key = new_key()
    path_of(tmp_path, key).parent.mkdir(mode=0o700)
    path_of(tmp_path, key).symlink_to(secret)
    assert not local.exists(key) and list(local.list()) == []
    with pytest.raises(PhotoMissing):
        local.get(key)
    with pytest.raises(KeyTaken):
        local.put_new(key, DATA)
    local.delete(key)
    assert secret.read_bytes() == b"not for anybody"


def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path, local):
    outside = tmp_path / "outside"
    outside.mkdir()
    key = new_key()
    (outside / key).write_bytes(b"not for anybody")
    path_of(tmp_path, key).parent.symlink_to(outside)
    assert not local.exists(key) and list(local.list()) == []
    with pytest.raises(PhotoMissing):
        local.get(key)
    local.delete(key)
    with pytest.raises(StorageUnavailable):
        local.put_new(key[:2] + new_key()[2:], DATA)
    assert [p.name for p in outside.iterdir()] == [key]


def test_a_link_in_place_of_the_temporary_folder_is_not_followed(tmp_path, local):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "old").write_bytes(b"x")
    (tmp_path / "photos" / "tmp").symlink_to(outside)
    with pytest.raises(StorageUnavailable):
        local.put_new(new_key(), DATA)
    assert local.sweep_temporary(timedelta(hours=-1)) == 0
    assert [p.name for p in outside.iterdir()] == ["old"]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_ordinary_file_is_neither_read_nor_waited_for(tmp_path, local, make):
    key = new_key()
    path_of(tmp_path, key).parent.mkdir()
    make(path_of(tmp_path, key))
    assert not local.exists(key) and list(local.list()) == []
    with pytest.raises((PhotoMissing, StorageUnavailable)):
        local.get(key)


def test_the_root_itself_may_be_a_link_to_a_larger_disk(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "photos").symlink_to(tmp_path / "disk")
    key = new_key()
    LocalPhotoStore(tmp_path / "photos").put_new(key, DATA)
    assert (tmp_path / "disk" / key[:2] / key).read_bytes() == DATA


def test_foreign_files_are_not_listed(tmp_path, local):
    key = new_key()
    local.put_new(key, DATA)
    shard = path_of(tmp_path, key).parent
    for name in ("readme.txt", key + ".bak", "." + key[1:], ("00" if key[:2] != "00" else "ff") + key[2:]):
        (shard / name).write_bytes(b"x")
    (tmp_path / "photos" / "lost+found").mkdir()
    assert [found[0] for found in local.list()] == [key]


def test_the_sweep_takes_stale_leftovers_and_leaves_writes_under_way_and_photos(tmp_path, local):
    key = new_key()
    local.put_new(key, DATA)
    stale, fresh = (tmp_path / "photos" / "tmp" / name for name in ("stale", "fresh"))
    for path in (stale, fresh):
        path.write_bytes(b"half a photo")
    long_ago = time.time() - 2 * 3600
    os.utime(stale, (long_ago, long_ago))
    os.utime(path_of(tmp_path, key), (long_ago, long_ago))
    assert local.sweep_temporary(HOUR) == 1
    assert not stale.exists() and fresh.exists() and local.get(key) == DATA


def test_a_store_whose_folder_vanished_does_not_call_its_photos_missing(tmp_path, local):
    key = new_key()
    local.put_new(key, DATA)
    (tmp_path / "photos").rename(tmp_path / "unmounted")
    for act in (lambda: local.get(key), lambda: local.exists(key), lambda: list(local.list()),
                lambda: local.put_new(new_key(), DATA), lambda: local.delete(key)):
        with pytest.raises(StorageUnavailable):
            act()
    assert (tmp_path / "unmounted" / key[:2] / key).exists()


def write_without_room(root: Path, answer: Connection) -> None:
    """In a process of its own, because the limit on the size of files holds for all of it."""
    store = LocalPhotoStore(root)
    store.put_new("a" * 32, b"x" * 4096)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    try:
        store.put_new("b" * 32, b"x" * 50_000)
    except StorageUnavailable as error:
        answer.send((error.status, error.reason))
    answer.send((store.exists("a" * 32), store.exists("b" * 32), [*(root / "tmp").iterdir()]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.put_new("b" * 32, b"x" * 50_000)
    answer.send(len(store.get("b" * 32)))


@pytest.mark.server
def test_a_write_that_finds_no_room_leaves_nothing_behind_and_the_next_one_works(tmp_path):
    child, answers = start(write_without_room, tmp_path / "photos")
    assert list(received(answers)) == [(503, "EFBIG"), (True, False, []), 50_000]
    child.join()


def write_until_killed(root: Path, acknowledged: Connection) -> None:
    store = LocalPhotoStore(root)
    while True:
        key = new_key()
        store.put_new(key, content_of(key))
        acknowledged.send(key)


def content_of(key: str) -> bytes:
    return hashlib.shake_256(key.encode()).digest(300_000)


def kill_while_writing(root: Path, after_keys: int) -> list[str]:
    """The keys that a writer acknowledged before it was killed a moment after the first few."""
    writer, answers = start(write_until_killed, root)
    acknowledged = [answers.recv() for _ in range(after_keys)]
    time.sleep(random.random() / 50)
    writer.kill()
    acknowledged += received(answers)
    writer.join()
    return acknowledged


@pytest.mark.server
@pytest.mark.parametrize("kills", [6, pytest.param(200, marks=pytest.mark.long)])
def test_kill_9_while_writing_leaves_whole_photos_only_and_loses_none_acknowledged(tmp_path, kills):
    store = LocalPhotoStore(tmp_path / "photos")
    acknowledged = [key for n in range(kills) for key in kill_while_writing(tmp_path / "photos", 1 + n % 5)]
    listed = [key for key, _, _ in store.list()]
    assert set(acknowledged) <= set(listed)
    assert all(store.get(key) == content_of(key) for key in listed)
    assert store.sweep_temporary(timedelta(seconds=-1)) <= kills
    assert list((tmp_path / "photos" / "tmp").iterdir()) == []


def start(function: Callable, root: Path) -> tuple[BaseProcess, Connection]:
    """Run `function(root, connection)` in a new process; returns it and our end of the connection."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=function, args=(root, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def received(answers: Connection) -> Iterator:
    with suppress(EOFError):
        while True:
            yield answers.recv()
