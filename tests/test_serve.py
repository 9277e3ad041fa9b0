"""The web process over real sockets: slow phones, odd requests, and being told to stop."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable
from subprocess import PIPE
from types import SimpleNamespace

import pytest
from flask import Flask, request

from app import create_app
from app.base.database import db
from app.process import serve as serve_module
from app.process.serve import serve
from app.web.bodies import init_bodies
from tests.builders import TEST_SETTINGS
from tests.live import free_port
from tests.warm_python import begin

pytestmark = pytest.mark.server

LIMIT = 1 << 20
PATIENCE = 30  # seconds
# In its own process, because only a main thread receives signals.
PROGRAM = """
import sys
from pathlib import Path
from tests.test_serve import little_app
from app.process.serve import serve
say = lambda word: lambda: print(word, flush=True)
serve(little_app(Path(sys.argv[1])), "127.0.0.1", int(sys.argv[2]), on_ready=say("ready"), at_end=say("drained"))
"""


def little_app(instance):
    app = Flask("little")
    app.config.update(MAX_CONTENT_LENGTH=LIMIT, SQLALCHEMY_DATABASE_URI="sqlite://")
    app.extensions["loket"] = SimpleNamespace(instance=instance, trusted_proxies=0, web_processes=1)
    db.init_app(app)
    init_bodies(app)

    @app.post("/length")
    def length():
        photo = request.files.get("photo")
        return str(len(photo.read() if photo else request.get_data()))

    @app.get("/slow")
    def slow():
        (instance / "slow-began").touch()
        until((instance / "slow-may-end").exists)
        return "done"

    @app.get("/address")
    def address():
        return f"{request.remote_addr} {request.headers.get('X-Forwarded-For')}"

    return app


def until(holds: Callable[[], bool]) -> None:
    """Returns when it holds, raises AssertionError when it does not within PATIENCE."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.01)


def is_closed(port: int) -> bool:
    """Whether new connections are refused: the server has begun to stop."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


@contextlib.contextmanager
def running(folder, before=""):
    """(process, port) of a little app in its own process, and what it started with it. `before` is done there first."""
    number = free_port()
    command = [sys.executable, "-c", before + PROGRAM, str(folder), str(number)]
    with begin(command, stdout=PIPE, text=True, start_new_session=True) as process:
        assert process.stdout.readline() == "ready\n"
        try:
            yield process, number
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def process(tmp_path):
    with running(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("little")


@pytest.fixture(scope="module")
def port(folder):
    """The port of a little app that all tests share which do not stop it."""
    with running(folder) as (_, number):
        yield number


def send(port: int, raw: bytes) -> bytes:
    """Everything the server answers to `raw` until it closes or is quiet for 2 seconds."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(raw)
        return receive(connection)


def receive(connection: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(TimeoutError, ConnectionResetError):
        while data := connection.recv(65536):
            answer += data
    return answer


PART = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
REST = b"x" * 500_000 + b"\r\n--b--\r\n"


def half_upload(port: int, sent: int = 100_000) -> socket.socket:
    """A photo of which `sent` bytes have arrived; with the default, REST is what is missing."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(b"POST /length HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                       b"Content-Type: multipart/form-data; boundary=b\r\n"
                       b"Content-Length: %d\r\n\r\n" % (len(PART) + 100_000 + len(REST)) + PART + b"x" * sent)
    return connection


def test_a_request_and_an_upload_in_flight_at_sigterm_are_both_answered(process, tmp_path):
    running, port = process
    slow = socket.create_connection(("127.0.0.1", port), timeout=20)
    slow.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    upload = half_upload(port)
    until((tmp_path / "slow-began").exists)

    running.send_signal(signal.SIGTERM)
    until(lambda: is_closed(port))
    upload.sendall(REST)
    (tmp_path / "slow-may-end").touch()

    assert receive(slow).endswith(b"done")
    assert receive(upload).endswith(b"600000")
    assert running.wait(20) == 0
    assert running.stdout.read() == "drained\n"


def test_no_new_connection_is_taken_while_the_last_upload_ends(process):
    running, port = process
    upload = half_upload(port)
    running.send_signal(signal.SIGTERM)
    until(lambda: is_closed(port))
    upload.sendall(REST)
    assert receive(upload).endswith(b"600000")


def test_an_open_but_silent_connection_does_not_delay_the_stop(process):
    running, port = process
    with socket.create_connection(("127.0.0.1", port)):
        running.send_signal(signal.SIGINT)
        assert running.wait(15) == 0


INTERRUPTED = """
import os, signal, threading, time
def start(thread, begin=threading.Thread.start):
    begin(thread)
    "ThreadPool" in thread.name and (os.kill(os.getppid(), signal.SIGINT), time.sleep(1))
threading.Thread.start = start
"""


def test_an_interrupt_while_a_connection_is_handed_to_its_thread_ends_at_once(tmp_path):
    with running(tmp_path, INTERRUPTED) as (process, port), socket.create_connection(("127.0.0.1", port)):
        assert process.wait(15) == 0


def test_an_interrupt_while_it_drains_ends_at_once(process):
    running, port = process
    upload = half_upload(port)
    running.send_signal(signal.SIGTERM)
    until(lambda: is_closed(port))
    running.send_signal(signal.SIGINT)
    assert running.wait(15) == 0
    upload.close()


def test_many_signals_at_once_never_leave_a_process_that_does_not_end(process):
    running, _ = process
    for _ in range(200):  # make, and a terminal, send the same signal more than once
        with contextlib.suppress(ProcessLookupError):
            running.send_signal(signal.SIGTERM)
    assert running.wait(15) == 0


def test_a_hundred_and_fifty_half_sent_uploads_leave_room_for_a_visitor(port):
    uploads = [half_upload(port, sent=1000) for _ in range(150)]
    assert b"127.0.0.1" in send(port, b"GET /address HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    for upload in uploads:
        upload.close()


@pytest.mark.parametrize("head", [
    b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\ncontent-length: 5\r\n\r\n",
    b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
    b"POST /length HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n",
    b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n",
])
def test_a_body_whose_length_can_be_read_in_two_ways_is_refused_and_nothing_after_it_runs(port, head):
    answer = send(port, head + b"0\r\n\r\nGET /address HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
    assert answer.count(b"HTTP/1.") == 1
    assert b"Halaman ini belum dapat dibuka" in answer


def test_a_chunked_body_alone_is_read(port):
    head = b"POST /length HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert send(port, head + b"5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n").endswith(b"8")


def test_no_answer_names_the_server_and_a_refusal_carries_the_security_headers(port):
    good = send(port, b"GET /address HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    refused = send(port, b"GET /\r\nnonsense\r\n\r\n")
    for answer in (good, refused):
        assert b"gunicorn" not in answer.lower() and b"python" not in answer.lower()
    for header in (b"X-Content-Type-Options: nosniff", b"Cache-Control: no-store", b"default-src 'none'"):
        assert header in refused


def test_a_body_a_little_over_the_limit_gets_the_pages_own_answer(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/length", b"x" * (LIMIT + 1))
    assert connection.getresponse().status == 413


def test_a_body_far_over_the_limit_is_refused_before_it_is_read(port):
    head = b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (50 << 20)
    assert send(port, head).startswith(b"HTTP/1.1 413 ")


def test_a_visitor_cannot_choose_his_own_address(port):
    raw = b"GET /address HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 8.8.8.8\r\nConnection: close\r\n\r\n"
    assert b"\n127.0.0.1 " in send(port, raw)


def test_bodies_wait_in_a_folder_only_we_can_open_and_leave_nothing_behind(port, folder):
    with half_upload(port) as upload:
        upload.sendall(REST)
        assert receive(upload).endswith(b"600000")
    spool = folder / "spool"
    assert stat.S_IMODE(spool.stat().st_mode) == 0o700
    assert list(spool.iterdir()) == []


def test_an_address_in_use_is_told_in_one_sentence(port, tmp_path):
    with pytest.raises(SystemExit, match=f"cannot listen on 127.0.0.1:{port}"):
        serve(little_app(tmp_path), "127.0.0.1", port)


def test_a_demo_listens_on_this_machine_only_and_says_so(app, monkeypatch):
    listening = []
    monkeypatch.setattr(serve_module, "serve", lambda _app, host, port, **_more: listening.append(host))
    with app.app_context():
        for asked in ("0.0.0.0", "::", "192.0.2.1"):
            said = app.test_cli_runner().invoke(args=["serve", "--host", asked])
            assert said.exit_code == 0 and "LOKET_ENV is demo" in said.output
        assert app.test_cli_runner().invoke(args=["serve"]).output == ""
    assert listening == ["127.0.0.1"] * 4


def test_in_production_serve_listens_where_it_is_told(tmp_path, monkeypatch, migrated_sqlite):
    listening = []
    shutil.copy(migrated_sqlite, tmp_path / "loket.sqlite3")
    monkeypatch.setattr(serve_module, "serve", lambda _app, host, port, **_more: listening.append(host))
    made = create_app({
        **TEST_SETTINGS, "LOKET_ENV": "production", "TRUSTED_PROXIES": "none", "LOKET_INSTANCE": str(tmp_path),
        "PUBLIC_BASE_URL": "https://dukcapil.example.go.id",
    })
    with made.app_context():
        made.test_cli_runner().invoke(args=["serve", "--host", "192.0.2.1"])
    assert listening == ["192.0.2.1"]
