"""Python programs in processes of their own, forked from one that has loaded the product, as loading takes a second.

`begin([sys.executable, "-m", "flask", ...])` is used as `subprocess.Popen` is. The process has its own environment,
files, signals and end; what is not tried is that Python finds its modules: tests/test_worker.py begins the worker in
full, tests/test_restart.py the pages, tests/test_deploy.py commands.
"""

import atexit
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import DEVNULL, PIPE
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
STREAMS = ("stdin", "stdout", "stderr")
# for a function in a process of its own, too: there is one server of this kind, and what it loads is said once
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.loaded_once"])


def begin(command: list, **options) -> "Process":
    """A command of Python by what is loaded already, where a test asks; another one, or for bench/, as it is."""
    if command[0] == sys.executable and "PYTEST_CURRENT_TEST" in os.environ:
        return WarmPython(command[1:], **options)
    return subprocess.Popen(command, cwd=ROOT, **options)


def run(command: list, env=None, stdin=DEVNULL) -> "subprocess.CompletedProcess[str]":
    """As subprocess.run with its texts captured."""
    with tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+") as complained:
        with begin(command, env=env, stdin=stdin, stdout=told, stderr=complained) as process:
            code = process.wait()
        told.seek(0)
        complained.seek(0)
        return subprocess.CompletedProcess(command, code, told.read(), complained.read())


@pytest.fixture(params=["forked", pytest.param("begun in full", marks=pytest.mark.long)])
def steps(request, monkeypatch):
    """steps(module): how the commands come about that this module of the product begins itself."""

    def come_about(module) -> None:
        if request.param == "forked":
            forked = SimpleNamespace(run=lambda command, env, **_more: run(command, env))
            monkeypatch.setattr(module, "subprocess", forked)

    return come_about


class WarmPython:
    """`arguments` begin with -c or -m; a stream is PIPE, DEVNULL, an open file, or as ours."""

    def __init__(self, arguments, *, env=None, stdin=None, stdout=None, stderr=None, text=False,
                 start_new_session=False):
        self.stdin = self.stdout = self.stderr = None
        theirs = [self._end_for_child(name, given, text) for name, given in
                  zip(STREAMS, (stdin, stdout, stderr), strict=True)]
        wanted = [str(argument) for argument in arguments], dict(env or os.environ), theirs, start_new_session
        self._process = PROCESSES.Process(target=_become, args=wanted, daemon=True)
        self._process.start()
        self.pid = self._process.pid
        for end in theirs:
            end.close()

    def _end_for_child(self, name: str, given, text: bool) -> Connection:
        """A file descriptor in the only dress in which multiprocessing hands one over."""
        if given == PIPE:
            reading, writing = os.pipe()
            ours, theirs = (writing, reading) if name == "stdin" else (reading, writing)
            setattr(self, name, os.fdopen(ours, ("w" if name == "stdin" else "r") + ("" if text else "b")))
            return Connection(theirs)
        if given == DEVNULL:
            return Connection(os.open(os.devnull, os.O_RDWR))
        return Connection(os.dup(STREAMS.index(name) if given is None else given.fileno()))

    def poll(self) -> int | None:
        return self._process.exitcode

    returncode = property(poll)

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> "WarmPython":
        return self

    def __exit__(self, *_fault) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream:
                stream.close()
        self.wait()


def _become(arguments: list[str], environment: dict[str, str], streams: list[Connection], new_session: bool) -> None:
    """In the child: what `python <arguments>` would be."""
    current_process()._config["daemon"] = False  # it may have children of its own; to its parent it is one
    if new_session:
        os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode, buffering=1, closefd=False)
                                         for number, mode in enumerate(("r", "w", "w")))
    kind, program, *sys.argv[1:] = arguments
    sys.path.insert(0, str(ROOT))
    try:
        if kind == "-m":
            runpy.run_module(program, run_name="__main__", alter_sys=True)
        else:
            sys.argv[0] = kind
            exec(program, {"__name__": "__main__"})
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out


Process = subprocess.Popen | WarmPython
