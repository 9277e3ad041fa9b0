"""Photos in a bucket: whatever is wrong with it, a photo is called missing only when S3 says so."""
# ruff: noqa: F811  (fixtures are imported, then named as arguments)

import http.server
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.photos.store import StorageUnavailable, new_key
from app.photos.store_s3 import LIST_PAGE, S3PhotoStore
from tests.s3_server import bucket, s3  # noqa: F401  (fixtures)

DATA = b"sealed bytes " * 1000


def every_act(store) -> list:
    return [
        lambda: store.put_new(new_key(), DATA), lambda: store.get(new_key()), lambda: store.exists(new_key()),
        lambda: list(store.list()), lambda: store.delete(new_key()),
    ]


def is_unavailable(store) -> bool:
    """To every act, which all say so alike."""
    for act in every_act(store):
        with pytest.raises(StorageUnavailable):
            act()
    return True


def test_a_wrong_secret_makes_the_store_unavailable_and_stays_out_of_the_log(s3_server, bucket, capfd):
    aws = {**s3_server.aws, "AWS_SECRET_ACCESS_KEY": "wrong-" + "x" * 34}
    assert is_unavailable(S3PhotoStore(f"s3://{bucket}/foto", aws))
    output = "".join(capfd.readouterr())
    assert "SignatureDoesNotMatch" in output
    assert "wrong-" not in output and aws["AWS_ACCESS_KEY_ID"] not in output


def test_a_missing_bucket_does_not_make_its_photos_look_lost(s3_server):
    assert is_unavailable(S3PhotoStore("s3://loket-uji-gone/foto", s3_server.aws))


def test_an_address_that_is_no_s3_at_all_does_not_make_photos_look_lost(s3_server):

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        aws = {**s3_server.aws, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{web.server_port}"}
        assert is_unavailable(S3PhotoStore("s3://loket-uji-web/foto", aws))
        web.shutdown()


def test_a_server_that_is_down_or_hangs_makes_the_store_unavailable(s3_server):

    with socket.create_server(("127.0.0.1", 0)) as silent:
        aws = {**s3_server.aws, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        assert is_unavailable(S3PhotoStore("s3://loket-uji/foto", aws, request_seconds=0.2))
    assert is_unavailable(S3PhotoStore("s3://loket-uji/foto", aws))


def test_a_bucket_that_was_down_works_again_by_itself(s3_server, bucket):

    store, key = S3PhotoStore(f"s3://{bucket}/foto", s3_server.aws, request_seconds=0.3), new_key()
    s3_server.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(StorageUnavailable):
            store.put_new(key, DATA)
    finally:
        s3_server.process.send_signal(signal.SIGCONT)
    store.put_new(key, DATA)  # also when the frozen request was carried out late: same bytes
    assert store.get(key) == DATA


def test_objects_of_others_and_of_other_prefixes_are_neither_listed_nor_reached(s3_server, bucket, s3):
    key, other = new_key(), new_key()
    s3.put_new(key, DATA)
    for name in (f"foto/2026/{other}", "foto/2026/tmp/x", "foto/2026/laporan.pdf", f"lain/{other[:2]}/{other}"):
        s3_server.put(bucket, name, b"x")
    assert [found[0] for found in s3.list()] == [key]
    assert not s3.exists(other)


def test_a_list_of_more_than_one_page_is_whole(s3_server, bucket):
    store, keys = S3PhotoStore(f"s3://{bucket}/p/", s3_server.aws), sorted(new_key() for _ in range(LIST_PAGE + 5))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: store.put_new(key, b"x"), keys))
    assert [found[0] for found in store.list()] == keys


def test_objects_stand_under_prefix_and_shard(s3_server, bucket, s3):
    key = new_key()
    s3.put_new(key, DATA)
    assert s3_server.names(bucket) == [f"foto/2026/{key[:2]}/{key}"]


@pytest.mark.parametrize("url", ["s3://", "s3:///foto", "https://contoh.invalid/foto"])
def test_an_address_without_a_bucket_is_refused_by_name(url):
    with pytest.raises(ValueError, match="PHOTOS_URL"):
        S3PhotoStore(url, {})


def test_half_of_a_key_pair_is_refused_at_the_start():
    with pytest.raises(ValueError, match="AWS_"):
        S3PhotoStore("s3://loket-uji/foto", {"AWS_ACCESS_KEY_ID": "AKIACONTOH", "AWS_REGION": "us-east-1"})
