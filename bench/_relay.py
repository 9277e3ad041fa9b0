"""A line to another server that can be cut or made slow."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

PIECE = 65536


class Relay:
    """Listens on `port` and hands everything on to `target`, each piece `delay` seconds late."""

    def __init__(self, target: int):
        self.target, self.delay, self.port = target, 0.0, 0
        self._open: set[socket.socket] = set()
        self._listen()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """From now on nobody answers here, as where no server runs."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        self.cut()
        try:
            yield
        finally:
            self._listen()

    @contextlib.contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        self.delay = seconds
        try:
            yield
        finally:
            self.delay = 0.0

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                for source, goal in ((near, far), (far, near)):
                    self._open.add(source)
                    threading.Thread(target=self._carry, args=(source, goal), daemon=True).start()

    def _carry(self, source: socket.socket, goal: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(PIECE):
                time.sleep(self.delay)
                goal.sendall(data)
        self._open.discard(source)
        for one in (source, goal):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
