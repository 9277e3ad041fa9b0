"""The photo store: one suite that the folder and the bucket both pass, and the choice between them."""

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.base.problems import PhotoMissing
from app.photos.open_store import open_store
from app.photos.store import BadKey, KeyTaken, new_key
from app.photos.store_local import LocalPhotoStore
from app.settings.settings import read_settings
from tests.builders import TEST_SETTINGS
from tests.s3_server import bucket, s3  # noqa: F401  (fixtures)
from tests.warm_python import run

DATA = b"sealed bytes " * 1000


@pytest.fixture
def local(tmp_path) -> LocalPhotoStore:
    return LocalPhotoStore(tmp_path / "photos")


@pytest.fixture(params=["local", "s3"])
def store(request):
    return request.getfixturevalue(request.param)


def test_a_photo_comes_back_as_it_was_put(store):
    key = new_key()
    store.put_new(key, DATA)
    assert store.get(key) == DATA and store.exists(key)


@pytest.mark.parametrize("size", [1, 16 * 1024 * 1024])
def test_the_smallest_and_the_largest_photo_are_stored(store, size):
    key, data = new_key(), os.urandom(size)
    store.put_new(key, data)
    assert store.get(key) == data


def test_a_photo_is_never_replaced(store):
    key = new_key()
    store.put_new(key, DATA)
    with pytest.raises(KeyTaken):
        store.put_new(key, b"something else")
    assert store.get(key) == DATA


def test_putting_the_same_bytes_again_after_a_lost_answer_is_harmless(store):
    key = new_key()
    store.put_new(key, DATA)
    store.put_new(key, DATA)
    assert [found[0] for found in store.list()] == [key]


def test_of_sixteen_writers_of_one_key_exactly_one_wins(store):
    key, bodies = new_key(), [f"body {n}".encode() * 500 for n in range(16)]

    def put(body: bytes) -> bytes | None:
        try:
            store.put_new(key, body)
        except KeyTaken:
            return None
        return body

    with ThreadPoolExecutor(16) as pool:
        winners = [body for body in pool.map(put, bodies) if body]
    assert winners == [store.get(key)]


def test_a_missing_photo_is_told_as_missing(store):
    assert not store.exists(new_key())
    with pytest.raises(PhotoMissing) as caught:
        store.get(new_key())
    assert caught.value.status == 404


def test_a_deleted_photo_is_gone_and_deleting_it_again_is_harmless(store):
    key = new_key()
    store.put_new(key, DATA)
    store.delete(key)
    store.delete(key)
    assert not store.exists(key) and list(store.list()) == []


def test_the_list_tells_key_size_and_moment_in_the_order_of_keys(store):
    before = datetime.now(UTC) - timedelta(seconds=5)
    sizes = {new_key(): size for size in (5, 1, 3)}
    for key, size in sizes.items():
        store.put_new(key, b"x" * size)
    found = list(store.list())
    assert [(key, size) for key, _, size in found] == sorted(sizes.items())
    assert all(before < written < datetime.now(UTC) + timedelta(seconds=5) for _, written, _ in found)


def test_an_empty_store_has_an_empty_list(store):
    assert list(store.list()) == []


@pytest.mark.parametrize("key", [
    "", "a" * 31, "a" * 33, "A" * 32, "g" * 32, "a" * 32 + "\n", "../" + "a" * 29, "/etc/passwd", "tmp",
    "aa/" + "a" * 29, ".." + "a" * 30, "a" * 31 + "\0", "٣" * 32, "..%2f" + "a" * 27, None, b"a" * 32,
])
@pytest.mark.parametrize("act", ["get", "delete", "exists", "put_new"])
def test_what_is_no_key_of_ours_is_refused_before_anything_is_touched(store, act, key):
    arguments = (key, DATA) if act == "put_new" else (key,)
    with pytest.raises(BadKey):
        getattr(store, act)(*arguments)


def test_nothing_stays_to_be_swept_after_ordinary_writes(store):
    key = new_key()
    store.put_new(key, DATA)
    with pytest.raises(KeyTaken):
        store.put_new(key, b"other")
    assert store.sweep_temporary(timedelta(0)) == 0 and store.exists(key)


def test_keys_are_long_random_and_never_repeat():
    keys = {new_key() for _ in range(2000)}
    assert len(keys) == 2000 and all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)


def settings(tmp_path, **overrides):
    return read_settings({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), **overrides})


def test_without_a_setting_photos_lie_in_the_instance_folder(tmp_path):
    open_store(settings(tmp_path)).put_new(new_key(), DATA)
    assert list((tmp_path / "photos").glob("*/*"))


def test_a_bucket_is_used_by_setting_alone_and_a_folder_copied_into_it_is_found(tmp_path, local, s3_server, bucket):  # noqa: F811
    key = new_key()
    local.put_new(key, DATA)
    for path in (tmp_path / "photos").rglob("*"):
        if path.is_file():
            s3_server.put(bucket, f"foto/{path.relative_to(tmp_path / 'photos')}", path.read_bytes())
    store = open_store(settings(tmp_path, PHOTOS_URL=f"s3://{bucket}/foto", **s3_server.aws))
    assert store.get(key) == DATA and [found[0] for found in store.list()] == [key]


def test_an_unknown_kind_of_address_is_refused_by_name(tmp_path):
    with pytest.raises((ValueError, SystemExit), match="PHOTOS_URL"):
        open_store(settings(tmp_path, PHOTOS_URL="ftp://contoh.invalid/foto"))


@pytest.mark.server
def test_local_mode_does_not_load_the_s3_library(tmp_path):
    program = (
        "import sys; from pathlib import Path; from types import SimpleNamespace;"
        "from app.photos.open_store import open_store;"
        f"open_store(SimpleNamespace(photos_url={str(tmp_path)!r})); sys.exit('obstore' in sys.modules)"
    )
    assert run([sys.executable, "-c", program]).returncode == 0
