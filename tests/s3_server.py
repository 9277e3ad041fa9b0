"""A real S3 server over HTTP for the storage tests, from the package `ministack`.

It checks signatures and rights (AUTH) and honours conditional writes, unlike most test servers
(docs/security.md). Only S3 and the sign-in services run, on 127.0.0.1 only, in memory.
"""

import importlib.util
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from app.photos.store_s3 import S3PhotoStore
from tests.chromium import skip_or_fail

START_SECONDS = 30
REGION = "us-east-1"
ROOT = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}  # rights are not checked for it
RIGHTS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket")


@dataclass
class S3Server:
    """`aws` holds the AWS_* settings of a user with exactly the rights that Loket asks for."""

    endpoint: str
    aws: dict[str, str]
    process: subprocess.Popen
    _numbers: Iterator[int]

    @cached_property
    def _root(self):
        return _client("s3", self.endpoint)

    def new_bucket(self) -> str:
        name = f"loket-uji-{next(self._numbers)}"
        self._root.create_bucket(Bucket=name)
        return name

    def put(self, bucket: str, name: str, data: bytes) -> None:
        """Write as somebody else would, past the store."""
        self._root.put_object(Bucket=bucket, Key=name, Body=data)

    def names(self, bucket: str) -> list[str]:
        return [found["Key"] for found in self._root.list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """Skips with a sentence when the package is missing (CI=true: fails)."""
    if importlib.util.find_spec("ministack") is None:
        skip_or_fail("The package ministack is missing, so the S3 twin of the photo store is not tested.")
    with running_s3_server() as server:
        yield server


@pytest.fixture
def bucket(s3_server) -> str:
    return s3_server.new_bucket()


@pytest.fixture
def s3(s3_server, bucket) -> S3PhotoStore:
    return S3PhotoStore(f"s3://{bucket}/foto/2026", s3_server.aws)


@contextmanager
def running_s3_server() -> Iterator[S3Server]:
    """A server of one's own, for tests that stop it. Raises RuntimeError with its output if it does not start."""
    with tempfile.TemporaryDirectory(prefix="s3-") as folder:
        port = _free_port()
        process = _start(Path(folder), port)
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _wait_until_up(process, port, Path(folder))
            yield S3Server(endpoint, _user(endpoint), process, itertools.count(1))
        finally:
            process.kill()
            process.wait(20)


def _start(folder: Path, port: int) -> subprocess.Popen:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "LOG_LEVEL": "WARNING",
        "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "AUTH": "true", "SERVICES": "s3,iam,sts",
        "SFTP_ENABLED": "0", "IOT_MTLS_ENABLED": "0", "S3_PERSIST": "0",
    }
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "ministack"], cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )


def _wait_until_up(process: subprocess.Popen, port: int, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the S3 server does not start: " + (folder / "log").read_text(errors="replace")[-500:])


def _user(endpoint: str) -> dict[str, str]:
    iam = _client("iam", endpoint)
    iam.create_user(UserName="loket")
    statement = {"Effect": "Allow", "Action": RIGHTS, "Resource": "arn:aws:s3:::loket-uji-*"}
    iam.put_user_policy(
        UserName="loket", PolicyName="photos",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    key = iam.create_access_key(UserName="loket")["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_REGION": REGION, "AWS_ENDPOINT_URL": endpoint,
    }


def _client(service: str, endpoint: str):
    import botocore.session  # comes with ministack

    session = botocore.session.Session()
    return session.create_client(service, endpoint_url=endpoint, region_name=REGION, **ROOT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
