"""Sealed photos in an S3 bucket, through obstore.

The bucket's user needs GetObject, PutObject, DeleteObject and ListBucket; without the last one S3
answers "forbidden" for what is merely missing. The server must honour `If-None-Match: *`.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from app.base.problems import PhotoMissing
from app.photos.store import KEY, NOTES, S3_SCHEME, KeyTaken, object_name, unavailable

CONNECT_SECONDS, REQUEST_SECONDS = 2.0, 3.0
# 3 s, a pause, 3 s: a hung server costs a citizen six seconds (docs/security.md, 5)
RETRIES = 1
LIST_PAGE = 1000
# Given explicitly; roles of a cloud machine, which have other names, obstore finds by itself.
PASSED_ON = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3",
)
ERROR_CODE = re.compile(r"<Code>(\w+)</Code>")


class S3PhotoStore:
    """See PhotoStore. `url` is s3://bucket/prefix, `aws` holds the usual AWS_* names.

    Raises ValueError on an unusable URL or setting. Talks to nobody before the first use.
    """

    def __init__(self, url: str, aws: Mapping[str, str], request_seconds: float = REQUEST_SECONDS):
        bucket, _, prefix = url.removeprefix(S3_SCHEME).partition("/")
        if not url.startswith(S3_SCHEME) or not bucket:
            raise ValueError("PHOTOS_URL must be written as s3://bucket/prefix")
        try:
            self._store = S3Store(
                bucket, prefix=prefix.strip("/") or None,
                config={name: aws[name] for name in PASSED_ON if aws.get(name)},
                client_options=_client_options(aws, request_seconds), retry_config=_retries(request_seconds),
            )
        except BaseError as error:
            raise ValueError(f"the AWS_* settings are not usable ({_reason(error)})") from None

    def put_new(self, key: str, data: bytes) -> None:
        name = "/".join(object_name(key))
        try:
            with _plain_errors("put"):
                # one request: parts of an upload that broke off would stay in the bucket unseen
                obstore.put(self._store, name, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            # the answer to a first try may have been lost; then these are our own bytes
            if self.get(key) != data:
                raise KeyTaken("another object has this key") from None

    def get(self, key: str) -> bytes:
        name = "/".join(object_name(key))
        with _plain_errors("get"):
            return obstore.get(self._store, name).bytes().to_bytes()

    def delete(self, key: str) -> None:
        name = "/".join(object_name(key))
        try:
            with _plain_errors("delete"):
                obstore.delete(self._store, name)
        except PhotoMissing:
            return

    def exists(self, key: str) -> bool:
        name = "/".join(object_name(key))
        try:
            with _plain_errors("exists"):
                # not HEAD: its answer has no body that tells a missing photo from a missing bucket
                obstore.get_range(self._store, name, start=0, length=1)
        except PhotoMissing:
            return False
        return True

    def list(self) -> Iterator[tuple[str, datetime, int]]:
        with _plain_errors("list"):
            for page in obstore.list(self._store, chunk_size=LIST_PAGE):
                for found in page:
                    shard, _, key = found["path"].partition("/")
                    if KEY.fullmatch(key) and key.startswith(shard):
                        yield key, found["last_modified"], found["size"]

    def put_note(self, name: str, data: bytes) -> None:
        object_name(name)
        with _plain_errors("put"):
            obstore.put(self._store, f"{NOTES}/{name}", data, use_multipart=False)

    def notes(self) -> dict[str, bytes]:
        with _plain_errors("list"):
            names = [found["path"] for page in obstore.list(self._store, prefix=f"{NOTES}/") for found in page]
            return {name.rpartition("/")[2]: obstore.get(self._store, name).bytes().to_bytes() for name in names}

    def sweep_temporary(self, older_than: timedelta) -> int:
        """An object appears whole or not at all: there is nothing to sweep."""
        return 0


def _client_options(aws: Mapping[str, str], request_seconds: float) -> dict:
    endpoint = aws.get("AWS_ENDPOINT_URL_S3") or aws.get("AWS_ENDPOINT_URL") or ""
    return {
        "connect_timeout": timedelta(seconds=min(CONNECT_SECONDS, request_seconds)),
        "timeout": timedelta(seconds=request_seconds),
        # only when the office asked for it by name: sealed bytes and signed requests, no secret, pass
        "allow_http": endpoint.startswith("http://"),
    }


def _retries(request_seconds: float) -> dict:
    return {
        "max_retries": RETRIES,
        "retry_timeout": timedelta(seconds=request_seconds * (RETRIES + 1)),
        "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(milliseconds=500)},
    }


@contextmanager
def _plain_errors(act: str) -> Iterator[None]:
    """Only S3's own word "no such key" means a missing photo: a missing bucket or a wrong address
    answers 404 too, and must not make every photo look lost."""
    try:
        yield
    except AlreadyExistsError:
        raise
    except (BaseError, OSError) as error:
        reason = _reason(error)
        if isinstance(error, FileNotFoundError) and reason == "NoSuchKey":
            raise PhotoMissing() from None
        raise unavailable(act, reason) from None


def _reason(error: Exception) -> str:
    """S3's error code if there is one. The whole text holds addresses and key ids, so it stays out."""
    code = ERROR_CODE.search(str(error))
    return code.group(1) if code else type(error).__name__
