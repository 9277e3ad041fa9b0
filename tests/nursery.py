"""A process that has loaded the product and runs `flask --app wsgi ...` in a fork of itself for whoever asks: the same
program as one started anew, without the second that loading it takes.

The nursery knows nothing of the tests and of what they replace. It ends with the process that asked first.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

from flask import Flask
from jinja2 import FileSystemBytecodeCache

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 65536  # of one question
# what the commands load when they run
LOADED = ("app.demo.command", "app.process.cli", "flask.cli", "flask_migrate", "gunicorn.workers.gthread")


class Nursling:
    """A command that runs in a session of its own; like subprocess.Popen as far as it goes."""

    def __init__(self, said: int):
        self._said = said
        self.returncode: int | None = None
        self.pid = int(self._line())

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            piece = os.read(self._said, 1)
            assert piece, "the nursery is gone"
            line += piece
        return line

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._said], [], [], 0)[0]:
            self.returncode = int(self._line())
            os.close(self._said)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        if self.returncode is None and not select.select([self._said], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("flask", timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def begin(arguments: Sequence[str], environment: Mapping[str, str], log: BinaryIO) -> Nursling:
    """`flask` with these arguments; all it says goes to `log`."""
    said, tell = os.pipe()
    try:
        asked = json.dumps([list(arguments), dict(environment)]).encode()
        socket.send_fds(_nursery()[0], [asked], [log.fileno(), tell])
    finally:
        os.close(tell)
    return Nursling(said)


@cache
def _nursery() -> tuple[socket.socket, subprocess.Popen, tempfile.TemporaryDirectory]:
    """All three end with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    templates = tempfile.TemporaryDirectory()
    command = [sys.executable, "-m", "tests.nursery", str(theirs.fileno()), templates.name]
    process = subprocess.Popen(command, cwd=ROOT, env=kept, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    theirs.close()
    return ours, process, templates


def _serve(asked: socket.socket) -> None:
    """Until the process that asks is gone."""
    while True:
        question, descriptors, *_ = socket.recv_fds(asked, MOST_BYTES, 2)
        if not question:
            return
        if os.fork() == 0:
            asked.close()
            _run_and_tell(*json.loads(question), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _run_and_tell(arguments: list[str], environment: dict[str, str], log: int, tell: int) -> None:
    """Never returns. Its pid and, at its end, its exit code are the two lines that go to `tell`."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.write(tell, f"{os.getpid()}\n".encode())
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.closerange(3, max(log, tell) + 1)
        _run(arguments, environment)
    os.close(log)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(tell, f"{code}\n".encode())
    os._exit(0)


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    from flask.cli import main

    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["flask", "--app", "wsgi", *arguments]
    main()


def _load(templates: str) -> None:
    """What is the same for every command: its modules, and, as they are used, its compiled templates."""
    gc.disable()
    for name in LOADED:
        importlib.import_module(name)
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(templates)}
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who waits for a command is waited for by nobody
    _load(sys.argv[2])
    _serve(socket.socket(fileno=int(sys.argv[1])))  # whatever stands around this would end in each fork, too
