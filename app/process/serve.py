"""The web process: gunicorn with threads, drained when told to stop.

A thread serves a connection from its first byte to its last, so a slow phone holds one while its
photo arrives; hence so many. They cost nothing while they wait, because no request asks the database
before its body is here (bodies.py). In production a proxy takes the bodies first; see the README.

A service manager may hold the address and hand it over (socket activation): then whoever knocks while one
process goes and another comes waits in the queue of the system, and several services may share one address.
"""

import contextlib
import gc
import socket
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from http import HTTPStatus
from pathlib import Path
from queue import SimpleQueue

from flask import Flask
from gunicorn import systemd
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http import errors, wsgi
from gunicorn.workers import gthread
from gunicorn.workers.gthread import ThreadWorker

from app.base.database import dispose_connections
from app.photos import gate
from app.settings.settings import taken_from_environment
from app.web.headers import FIXED, NO_CAMERA

LOOPBACK = ("127.0.0.1", "localhost", "::1")
THREADS = 800
LINGERING = 64  # of them may hold back somebody the gate of pictures refused (photo_gate)
CONNECTION_LIMIT = 2000
DRAIN_SECONDS = 25  # service managers send SIGKILL after 30 or more
IDLE_SECONDS = 15  # how long a kept connection waits for its next request
HUNG_SECONDS = 120  # without a sign of life from the process itself, not from one request
FIELD_BYTES = 32768

REFUSALS = (
    (errors.LimitRequestLine, 431, "Alamat ini terlalu panjang. Muat ulang halaman, lalu coba sekali lagi."),
    (
        errors.LimitRequestHeaders, 431,
        "Halaman ini belum dapat dibuka. Hapus data situs ini di browser Anda, lalu coba lagi.",
    ),
    (errors.ParseException, 400, "Halaman ini belum dapat dibuka. Muat ulang halaman, lalu coba sekali lagi."),
)


class ShortResponse(wsgi.Response):
    """Says neither what answers, which is nobody's business, nor that the connection stays open, which from HTTP/1.1 on
    it does unless told otherwise."""

    def default_headers(self) -> list[str]:
        needless = ("Server:",) if self.req.version < (1, 1) else ("Server:", "Connection: keep-alive")
        return [line for line in super().default_headers() if not line.startswith(needless)]


class Connection(gthread.TConn):
    """Knows since when it is open, and may be closed twice: by the thread that served it, and by the main loop, which
    counts it."""

    def __init__(self, *given):
        super().__init__(*given)
        self.let_in, self.closed = time.monotonic(), False

    def close(self, graceful: bool = False) -> None:
        if not self.closed:
            self.closed = True
            with contextlib.suppress(OSError):
                super().close(graceful)


wsgi.Response, gthread.TConn = ShortResponse, Connection  # they have no setting
FAULT = (500, "Maaf, ada gangguan pada sistem kami. Coba lagi beberapa saat lagi.")
HEADERS = {
    **FIXED,
    "Cache-Control": "no-store",
    "Connection": "close",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Content-Type": "text/plain; charset=utf-8",
    "Permissions-Policy": NO_CAMERA,
}


def serve(
    app: Flask, host: str, port: int, *,
    on_ready: Callable[[], object] = lambda: None, at_end: Callable[[], object] = lambda: None,
) -> None:
    """Serve until SIGTERM, then finish what was begun (25 s at most) and exit; SIGINT ends sooner.

    `on_ready` and `at_end` are called in the process that answers, when it begins and when it ends.
    Never returns. Raises SystemExit, with a sentence when the address cannot be used.
    """
    gate.spare_threads(LINGERING)
    if not _is_handed_over():
        _check_address(host, port)
    gc.collect()
    gc.freeze()  # what was loaded since wsgi.py froze the rest: processes that are forked now share it untouched
    WebServer(app, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", on_ready, at_end).run()


def _is_handed_over() -> bool:
    """Whether a service manager holds the address for us."""
    return systemd.listen_fds(unset_environment=False) > 0


class WebServer(BaseApplication):
    """Gunicorn, set up for this product instead of by its command line."""

    def __init__(self, app: Flask, address: str, on_ready: Callable, at_end: Callable):
        self._app, self._address, self._on_ready, self._at_end = app, address, on_ready, at_end
        self._signals_at_birth: SimpleQueue = SimpleQueue()
        # gunicorn would say that we are ready before anybody can answer
        self._manager = taken_from_environment("NOTIFY_SOCKET")
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._address,
            "worker_class": "app.process.serve.Worker",
            "workers": self._app.extensions["loket"].web_processes,
            "threads": THREADS,
            "worker_connections": CONNECTION_LIMIT,
            "graceful_timeout": DRAIN_SECONDS,
            "keepalive": IDLE_SECONDS,
            "timeout": HUNG_SECONDS,
            "limit_request_line": 8190,
            "limit_request_field_size": FIELD_BYTES,
            "forwarded_allow_ips": "",  # whom to believe is TRUSTED_PROXIES, and middleware.py heeds it
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": self._prepare_process,
            "post_worker_init": self._begin,
            "worker_exit": lambda _server, _worker: self._at_end(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def _prepare_process(self, server: Arbiter, _worker: ThreadWorker) -> None:
        """What a forked process must not share with its parent, and where bodies wait on disk:
        unnamed files, in a folder only we can open."""
        self._signals_at_birth = server.SIG_QUEUE
        with self._app.app_context():
            dispose_connections()
        spool = Path(self._app.extensions["loket"].instance) / "spool"
        spool.mkdir(mode=0o700, exist_ok=True)
        spool.chmod(0o700)
        tempfile.tempdir = str(spool)

    def _begin(self, worker: ThreadWorker) -> None:
        """A signal sent between the fork and here was caught by the parent's handler, in our copy of
        its queue, where nobody looks: the stop would wait for its whole grace."""
        if self._signals_at_birth.empty():
            self._on_ready()
            self._tell_manager()
        else:
            worker.alive = False

    def _tell_manager(self) -> None:
        """Only now is the start over, and the next process may be restarted (Type=notify)."""
        if self._manager:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.connect(self._manager.replace("@", "\0", 1) if self._manager[0] == "@" else self._manager)
                manager.sendall(b"READY=1")


class Worker(ThreadWorker):
    """Leaves its address when it stops, and says in Indonesian, with our headers, what gunicorn
    refuses before Flask is asked."""

    def set_accept_enabled(self, enabled: bool) -> None:
        """A draining process takes whoever the system has already let in, then closes the door:
        gunicorn keeps it open until the end, and those who knock meanwhile are cut off."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            before = -1
            while self.nr_conns > before:
                before = self.nr_conns
                self.accept(listener)
            listener.close()

    def handle_quit(self, sig: int, frame: object) -> None:
        """At the next turn of the loop. Gunicorn ends amid what it does, and where that was giving a connection to its
        thread, it waited for a lock it held itself, or at the end for a thread that nobody knew of."""
        self.method_queue.defer(super().handle_quit, sig, frame)

    def handle(self, conn: Connection) -> object:
        """Gunicorn waits up to two seconds for a client to hang up, in the loop that lets everybody else in: ten who do
        not hang up stopped a process for fifteen. The thread that served them waits instead."""
        kept = super().handle(conn)
        if not kept:
            conn.close(graceful=True)
        return kept

    def finish_request(self, conn: Connection, fs: Future) -> None:
        """Whom a stopping process let in, but who has not said anything yet, is heard all the same: gunicorn cuts them
        off after five seconds, which a busy machine may need between knocking and speaking."""
        silent = not fs.cancelled() and fs.exception() is None and fs.result() is gthread._DEFER
        if silent and not self.alive and time.monotonic() < conn.let_in + IDLE_SECONDS:
            self.enqueue_req(conn)
        else:
            super().finish_request(conn, fs)

    def handle_error(self, req, client, addr, exc) -> None:
        known = next(((status, text) for kind, status, text in REFUSALS if isinstance(exc, kind)), None)
        if known is None:
            self.log.exception("request failed outside the application")
        status, text = known or FAULT
        body = (text + "\n").encode()
        lines = [f"{name}: {value}\r\n" for name, value in {**HEADERS, "Content-Length": len(body)}.items()]
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{''.join(lines)}\r\n"
        try:
            client.sendall(head.encode() + body)
        except OSError:
            self.log.debug("the caller of a refused request is gone")


def _check_address(host: str, port: int) -> None:
    """Gunicorn would try five times, with a stack trace each."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise SystemExit(
            f"Loket cannot listen on {host}:{port} ({error.strerror}). Choose another PORT."
        ) from None
