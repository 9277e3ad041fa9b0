"""The web process: waitress, tuned for slow phones, drained when told to stop.

Numbers: reference/performance.md 1 and 7. Stock waitress stops answering at 100 slow uploads; it
also drops running requests on SIGTERM. waitress takes a whole body before it occupies a thread.
"""

import logging
import select
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import waitress
from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from app import photo_gate
from app.stopping import StopSign
from app.wire import Channel

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECTION_LIMIT = 2000
DRAIN_SECONDS = 25  # service managers send SIGKILL after 30 or more
# Eight may stand at the gate of pictures (photo_gate) and LINGERING of those it refused; the rest are for pages.
THREADS, LINGERING = 28, 12
QUIET_SECONDS = 1  # a connection this young may be about to send its first byte
TICK = 0.5
SPARE_BODY = 24 << 20  # a 30 MB photo still gets the app's own 413 page instead of a cut line
FILES_WANTED = 2 * CONNECTION_LIMIT + 256  # a socket and a spooled body each, and the rest


def serve(
    app: Flask, host: str, port: int, stop_event: StopSign | None = None,
    on_ready: Callable[[], object] | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or `stop_event`, then finish what was begun (25 s at most).

    A second signal ends at once. `on_ready` is called when connections are accepted. Raises
    SystemExit with a sentence when the address cannot be used.
    """
    stop = stop_event or StopSign()
    photo_gate.spare_threads(LINGERING)
    with _private_spool(app), _listen(host, port) as listener:
        server = _make_server(app, listener)
        with _signals(stop, server):
            if on_ready:
                on_ready()
            _loop_until(server, stop)
        _drain(server)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise SystemExit(
            f"Loket cannot listen on {host}:{port} ({error.strerror}). Choose another PORT."
        ) from None


def _make_server(app: Flask, listener: socket.socket) -> BaseWSGIServer:
    # one warning per request while all threads are busy helps nobody who is being flooded
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        app,
        sockets=[listener],
        ident="",
        threads=THREADS,
        connection_limit=_connection_limit(),
        asyncore_use_poll=hasattr(select, "poll"),
        inbuf_overflow=65536,
        channel_timeout=120,
        channel_request_lookahead=0,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + SPARE_BODY,
        max_request_header_size=32768,
        clear_untrusted_proxy_headers=not app.extensions["loket"].trusted_proxies,
        log_socket_errors=False,  # phones that lose their network are no news
    )
    server.channel_class = Channel
    return server


def _connection_limit() -> int:
    """As many connections as open files allow, raising the soft limit when the system lets us."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return CONNECTION_LIMIT
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != soft < FILES_WANTED:
        soft = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return CONNECTION_LIMIT
    return max(50, min(CONNECTION_LIMIT, (soft - 256) // 2))


@contextmanager
def _private_spool(app: Flask) -> Iterator[None]:
    """Bodies wait on disk unencrypted for a moment: unnamed files, in a folder only we can open."""
    spool = Path(app.extensions["loket"].instance) / "spool"
    spool.mkdir(mode=0o700, exist_ok=True)
    spool.chmod(0o700)
    before, tempfile.tempdir = tempfile.tempdir, str(spool)
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _signals(stop: StopSign, server: BaseWSGIServer) -> Iterator[None]:
    """First signal: stop and drain. After that the system's own handling is back: end at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask_to_stop(_number, _frame) -> None:
        stop.set()
        server.pull_trigger()  # wakes the poll

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, ask_to_stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _loop_until(server: BaseWSGIServer, stop: StopSign) -> None:
    while not stop.is_set():
        _turn(server, TICK)


def _turn(server: BaseWSGIServer, seconds: float) -> None:
    """One look at all sockets, waiting up to `seconds` for something to happen."""
    wasyncore.loop(timeout=seconds, use_poll=server.adj.asyncore_use_poll, map=server._map, count=1)


def _drain(server: BaseWSGIServer) -> None:
    """Take no new connections, let every request that has begun end, then stop the threads."""
    _take_waiting_connections(server)
    wasyncore.dispatcher.close(server)  # the listener only: server.close() also ends the trigger
    deadline = time.monotonic() + DRAIN_SECONDS
    while server.active_channels and time.monotonic() < deadline:
        _close_idle(server)
        _turn(server, 0.1)
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.task_dispatcher.shutdown(timeout=1)
    server.trigger.close()


def _take_waiting_connections(server: BaseWSGIServer) -> None:
    """Closing the listener would reset those the system has accepted and we have not."""
    before = -1
    while len(server.active_channels) > before:
        before = len(server.active_channels)
        server.handle_accept()


def _close_idle(server: BaseWSGIServer) -> None:
    young = time.time() - QUIET_SECONDS
    for channel in list(server.active_channels.values()):
        if channel.is_idle() and channel.last_activity < young:
            channel.handle_close()
