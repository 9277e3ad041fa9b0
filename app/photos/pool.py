"""The web process's and the worker's side of the box: one launcher, started at need and again when it dies.

`open_picture()` is called by any number of threads; who may call it when is `app/photos/gate.py`'s business.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from app.photos import gate
from app.photos.errors import PhotoBusy, UnreadablePhoto
from app.photos.wire import (
    DEATH,
    DIED,
    DONE,
    HINT_KINDS,
    HINTS,
    OPEN_PICTURE,
    OVERRAN,
    PICTURE,
    PIXEL_BYTES,
    REFUSALS,
    TAKEN,
    TASK,
    TELL_LAYERS,
    THUMBNAIL_SIDE,
    WALL_SECONDS,
    fitted,
    is_possible,
)

log = structlog.get_logger()

_LAUNCHER = Path(__file__).with_name("launcher.py")
# Nothing of ours. The memory of a child is all new, and new memory costs more than what is written there: it comes in
# large pages, and what one picture or copy has given back the next one takes.
_ENVIRONMENT = {"GLIBC_TUNABLES": ":".join((
    "glibc.malloc.hugetlb=1", f"glibc.malloc.mmap_threshold={32 << 20}", f"glibc.malloc.trim_threshold={256 << 20}",
    f"glibc.malloc.top_pad={64 << 20}",
))}
# the launcher ends a child first; past this it is the launcher that hangs
_PATIENCE_SECONDS = WALL_SECONDS + 5
_STOP_SECONDS = 2
_BUFFER = 4 << 20


@dataclass(frozen=True)
class Pixels:
    """Four bytes a pixel (photo_wire.PIXEL_MODE), lengths checked; `hints` of photo_wire.HINTS."""

    size: tuple[int, int]
    photo: memoryview = field(repr=False)
    small_size: tuple[int, int]
    small: memoryview = field(repr=False)
    hints: tuple[str, ...]


class _LauncherGone(Exception):
    """It said nothing about the task: it died, or could not be started."""


class _Died(Exception):
    """The child ended without a whole answer; the argument says how, for the log."""


class _Launcher:
    """One running launcher. Any thread may give it a task."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._control, self._lock = ours, threading.Lock()
        with theirs:
            # -I: no folder, variable or file of the user decides what is imported
            self._process = subprocess.Popen(  # noqa: S603  our own file
                [sys.executable, "-I", str(_LAUNCHER)], env=_ENVIRONMENT, cwd="/", stdin=theirs,
                stdout=subprocess.DEVNULL, close_fds=True, start_new_session=True,
            )
        self.pid = self._process.pid
        self.is_lost = False  # told by who asked it in vain, maybe before the thread below has run
        # takes it back as soon as it ends, whoever ended it
        threading.Thread(target=self._process.wait, name="photo-launcher", daemon=True).start()

    @property
    def runs(self) -> bool:
        return not self.is_lost and self._process.returncode is None

    def give(self, what: bytes) -> socket.socket:
        """Our end of the socket of a new task. Raises _LauncherGone."""
        ours, theirs = socket.socketpair()
        # as far as the system lets us: who never waits for room need not be woken for it
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        with theirs:
            try:
                with self._lock:
                    socket.send_fds(self._control, [what], [theirs.fileno()])
            except OSError:
                ours.close()
                raise _LauncherGone from None
        ours.settimeout(_PATIENCE_SECONDS)
        return ours

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)

    def leave(self) -> None:
        """In a forked process: it is the other one's launcher."""
        self._control.close()


class _Pool:
    """The one launcher of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._launcher: _Launcher | None = None

    def running(self) -> _Launcher:
        with self._lock:
            if self._launcher is None or not self._launcher.runs:
                if self._launcher is not None:
                    log.warning("photo_launcher_started_again")
                    self._launcher.leave()
                self._launcher = _Launcher()
            return self._launcher

    def stop(self) -> None:
        with self._lock:
            if self._launcher is not None:
                self._launcher.stop()
                self._launcher = None

    def leave(self) -> None:
        """In a forked process, where the lock may be held by a thread that is not there."""
        self._lock = threading.Lock()
        if self._launcher is not None:
            self._launcher.leave()
            self._launcher = None


_pool = _Pool()


def start() -> int:
    """Have the launcher ready before the first picture; safe to call again. Returns its process id."""
    return _pool.running().pid


def stop() -> None:
    """End the launcher; the next picture starts another."""
    _pool.stop()


def open_picture(data: bytes, judge: str) -> Pixels:
    """Have `data` opened in a child of the launcher. `judge` is one of photo_wire.HINT_KINDS.

    Raises the PhotoError the child found, UnreadablePhoto when it died or overran, PhotoBusy when no launcher runs.
    """
    try:
        return _asked_twice(data, judge)
    except _Died as death:
        gate.count_death()
        log.error("picture_killed_its_decoder", sha256=hashlib.sha256(data).hexdigest(), how=str(death))
        raise UnreadablePhoto from None
    except _LauncherGone:
        log.error("photo_launcher_gone", sha256=hashlib.sha256(data).hexdigest())
        raise PhotoBusy from None


def layers_on() -> tuple[bool, ...] | None:
    """What a child finds to be on, one answer for each of photo_sandbox.LAYERS; None when there is no launcher."""
    try:
        launcher = _pool.running()
        with launcher.give(TELL_LAYERS) as task, _told_apart(launcher):
            found = task.makefile("rb").read(64)
    except (_LauncherGone, _Died):
        return None
    return tuple(byte == 1 for byte in found) or None


def _asked_twice(data: bytes, judge: str) -> Pixels:
    """A launcher that dies takes its children with it, whatever they were opening: asked once more."""
    try:
        return _asked(data, judge)
    except _LauncherGone:
        return _asked(data, judge)


def _asked(data: bytes, judge: str) -> Pixels:
    launcher = _pool.running()
    try:
        with launcher.give(OPEN_PICTURE) as task, _told_apart(launcher):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the answer says why it stopped listening
                task.sendall(TASK.pack(HINT_KINDS.index(judge), len(data)))
                task.sendall(data)
            return _answer(task)
    except _LauncherGone:
        launcher.is_lost = True
        raise


@contextlib.contextmanager
def _told_apart(launcher: _Launcher) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        launcher.kill()
        raise _LauncherGone from None
    except OSError:
        raise _LauncherGone from None


def _answer(task: socket.socket) -> Pixels:
    verdict = _exactly(task, 1)
    if not verdict:
        raise _LauncherGone
    if verdict[0] == TAKEN:
        return _pixels(task)
    if verdict[0] == DIED:
        raise _Died(_how(_exactly(task, DEATH.size)))
    if verdict[0] < len(REFUSALS):
        raise REFUSALS[verdict[0]]
    raise _Died("said nonsense")


def _pixels(task: socket.socket) -> Pixels:
    head = _exactly(task, PICTURE.size)
    if len(head) != PICTURE.size:
        raise _Died("short answer")
    width, height, bits = PICTURE.unpack(head)
    if not (is_possible((width, height)) and bits < 1 << len(HINTS)):
        raise _Died("said nonsense")
    small_size = fitted((width, height), THUMBNAIL_SIDE)
    length, small = width * height * PIXEL_BYTES, small_size[0] * small_size[1] * PIXEL_BYTES
    # one byte more than there may be: a longer answer is as wrong as a shorter one
    found = _exactly(task, length + small + 2)
    if len(found) != length + small + 1 or found[-1] != DONE:
        raise _Died("short answer")
    view = memoryview(found)
    hints = tuple(hint for place, hint in enumerate(HINTS) if bits >> place & 1)
    return Pixels((width, height), view[:length], small_size, view[length : length + small], hints)


def _exactly(task: socket.socket, size: int) -> bytearray:
    """`size` bytes, fewer when the other side ends before."""
    found = bytearray(size)
    have = 0
    while have < size:
        try:
            got = task.recv_into(memoryview(found)[have:])
        except ConnectionResetError:  # how a socket ends whose other side had not read everything
            break
        if got == 0:
            break
        have += got
    del found[have:]
    return found


def _how(death: bytearray) -> str:
    if not death or not death[0]:
        return "ended by itself"
    if death[0] == OVERRAN:
        return "overran"
    try:
        return signal.Signals(death[0]).name
    except ValueError:
        return "said nonsense"


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.leave)
atexit.register(_pool.stop)
