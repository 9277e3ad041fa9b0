"""The launcher of the box: a small process that has the decoders ready and forks one child for each picture.

Started by `exec` with an empty environment (`app/photos/pool.py`), so it never holds a key, and it opens no picture of
anybody's: only the samples it warms up with. Its standard input is a socket from which it takes tasks, one byte with
one socket each; it ends when that socket closes, which also happens when the web process is killed. Signals meant for
the web process (Ctrl-C, a service manager that signals the whole group) do not end it: requests under way want their
photo.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys
import time
import types
from pathlib import Path

# `app/__init__.py` builds the web application; a bare package of that name makes the few modules needed importable.
if __name__ == "__main__":
    _package = types.ModuleType("app")
    _package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules["app"] = _package

from app.photos import child as photo_child
from app.photos import sandbox
from app.photos.wire import DEATH, DIED, OVERRAN, TELL_LAYERS, WALL_SECONDS

_TICK = 0.5
_HOLE, _LARGE_PAGE = 1 << 19, 2 << 20
_HEADER = 8  # bytes before each piece of the heap


class _Child:
    def __init__(self, pid: int, task: socket.socket):
        self.pid, self.task = pid, task
        self.deadline = time.monotonic() + WALL_SECONDS
        self.overran = False


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    photo_child.warm_up()
    sandbox.prepare()
    _tidy_heap()
    # a child that collects garbage would copy every page it shares with the launcher
    gc.freeze()
    gc.disable()
    # a byte is written here whenever a child ends, so that the wait below ends too
    ended, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _plain_pipe()
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    _serve(control, ended, null)


def _tidy_heap() -> None:
    """Have the end of the heap begin with a large page of which nothing is touched: a child takes pixels from there
    without asking the system (`pool.py` says how far it reaches). What was touched here would come to it as copies,
    so what warming up left free goes back to the system, and its place stays taken."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "malloc_trim"):  # another C library has another heap
        return
    libc.malloc.restype = libc.sbrk.restype = ctypes.c_void_p
    libc.malloc_trim(ctypes.c_size_t(0))
    end = libc.sbrk(ctypes.c_ssize_t(0))
    while (after := libc.malloc(ctypes.c_size_t(_HOLE - _HEADER)) + _HOLE) < end:
        pass
    libc.malloc(ctypes.c_size_t((-after - _HEADER) % _LARGE_PAGE))


def _plain_pipe() -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends


def _serve(control: socket.socket, ended: int, null: int) -> None:
    children: dict[int, _Child] = {}
    while True:
        ready, _, _ = select.select([control, ended], [], [], _TICK if children else None)
        if ended in ready:
            os.read(ended, 4096)
        if control in ready and not _take_task(control, children, null):
            break
        _end_late(children)
        _bury(children)
    for child in children.values():
        _kill(child)


def _take_task(control: socket.socket, children: dict[int, _Child], null: int) -> bool:
    """Fork a child for the next task; False when the web process is gone."""
    try:
        what, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    except OSError:
        return False
    if not what or not descriptors:
        return False
    task = socket.socket(fileno=descriptors[0])
    try:
        pid = os.fork()
    except OSError:  # out of processes: the closed socket tells the web process
        task.close()
        return True
    if pid == 0:
        _be_child(task, what, null)
    children[pid] = _Child(pid, task)
    return True


def _be_child(task: socket.socket, what: bytes, null: int) -> None:
    """Never returns: in the child, do the one task and end."""
    try:
        sandbox.die_with_parent()
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(null, 2)
        end = os.dup2(task.fileno(), 3) if task.fileno() != 3 else 3
        os.closerange(4, 1024)
        layers = sandbox.close_box()
        if what == TELL_LAYERS:
            os.write(end, bytes(layers))
        else:
            photo_child.open_one(end)
    except BaseException:  # noqa: BLE001  nothing of this process may run on in the launcher's code
        os._exit(1)
    os._exit(0)


def _end_late(children: dict[int, _Child]) -> None:
    now = time.monotonic()
    for child in children.values():
        if now > child.deadline and not child.overran:
            child.overran = True
            _kill(child)


def _kill(child: _Child) -> None:
    """The child and whatever it may have started."""
    for kill in (os.killpg, os.kill):
        try:
            kill(child.pid, signal.SIGKILL)
        except OSError:  # it has just ended, or has not made its group yet
            continue


def _bury(children: dict[int, _Child]) -> None:
    """Take back every child that has ended, and say so on its socket when it did not end well."""
    for pid in list(children):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done == 0:
            continue
        child = children.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            how = OVERRAN if child.overran else min(-code, OVERRAN - 1) if code < 0 else 0
            child.task.setblocking(False)
            # the web process has gone away, or its buffer is full of half a picture: that says enough
            with contextlib.suppress(OSError):
                child.task.send(bytes([DIED]) + DEATH.pack(how))
        child.task.close()


if __name__ == "__main__":
    main()
