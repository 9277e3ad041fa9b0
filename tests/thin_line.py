"""A line between a browser and a server that can be cut, fall silent, crawl, or lose an answer."""

import contextlib
import socket
import struct
import threading
import time

OPEN, CUT, SILENT, SLOW, LOSES_ANSWERS = "open", "cut", "silent", "slow", "loses answers"
SLOW_BYTES = 2500  # a second
PIECE, LOOK_AGAIN = 1024, 0.05
RESET = struct.pack("ii", 1, 0)  # closing throws away what waits, as a cut does


class ThinLine:
    """`with ThinLine(port) as line`: browse `line.url`, set `line.is_now` to one of the five."""

    def __init__(self, server_port: int):
        self._server_port, self._mode = server_port, OPEN
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> "ThinLine":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listening.close()
        self.is_now = CUT

    @property
    def is_now(self) -> str:
        return self._mode

    @is_now.setter
    def is_now(self, mode: str) -> None:
        self._mode = mode
        if mode == CUT:
            self._drop(*self._ends)

    def _drop(self, *ends: socket.socket) -> None:
        with self._lock:
            for end in ends:
                self._ends.discard(end)
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                phone, _ = self._listening.accept()
                if self._mode == CUT:
                    self._drop(phone)
                    continue
                office = socket.create_connection(("127.0.0.1", self._server_port))
                with self._lock:
                    self._ends |= {phone, office}
                for source, target in ((phone, office), (office, phone)):
                    threading.Thread(target=self._carry, args=(source, target, target is phone), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, down: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                while self._mode == SILENT:
                    time.sleep(LOOK_AGAIN)
                if self._mode == LOSES_ANSWERS and down:
                    break
                if self._mode == SLOW:
                    time.sleep(len(piece) / SLOW_BYTES)
                target.sendall(piece)
        self._drop(source, target)
