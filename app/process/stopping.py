"""A sign to stop that a signal handler may raise.

threading.Event takes a lock to be set and to be waited for. A handler runs in the middle of either, in
the same thread, so a second signal (make repeats the one it gets) would wait for itself for ever.
"""

import select
import socket
import weakref


class StopSign:
    """`set`, `is_set` and `wait` as threading.Event has them, without any lock."""

    def __init__(self) -> None:
        self._seen, self._ring = socket.socketpair()
        self._raised = False
        weakref.finalize(self, _close, self._seen, self._ring)

    def is_set(self) -> bool:
        return self._raised

    def set(self) -> None:
        if not self._raised:
            self._raised = True
            self._ring.send(b"!")  # never read, so that every later wait returns at once

    def wait(self, seconds: float | None = None) -> bool:
        """Until the sign is raised, or `seconds` have passed; whether it is raised."""
        select.select([self._seen], [], [], seconds)
        return self._raised


def _close(*ends: socket.socket) -> None:
    for end in ends:
        end.close()
