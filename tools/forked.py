"""Work in processes of its own, some at once: each begins as a copy of this one and cannot spoil it."""

import contextlib
import os
import resource
import signal
import time
from collections.abc import Callable, Iterable

Job = tuple[int, Callable[[], int], float]
SPOILT = 99  # the work raised something


class Process:
    """`work` in a copy of this process. It is ended after `seconds` of processor time, or when it waits for very long:
    a changed program may go round for ever, and how busy the machine is today says nothing about that."""

    def __init__(self, work: Callable[[], int], seconds: float):
        self._ends = time.monotonic() + 60 + 20 * seconds
        self._id = os.fork()
        if self._id == 0:
            os.setpgid(0, 0)
            status = SPOILT
            with contextlib.suppress(BaseException):
                resource.setrlimit(resource.RLIMIT_CPU, (round(seconds) + 1,) * 2)
                status = work()
            os._exit(status)

    def status(self) -> int | None:
        """None while it works; negative when it had to be ended."""
        ended, status = os.waitpid(self._id, os.WNOHANG)
        if ended:
            self._clear()
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() < self._ends:
            return None
        return self.end()

    def end(self) -> int:
        self._clear()
        return os.waitstatus_to_exitcode(os.waitpid(self._id, 0)[1])

    def _clear(self) -> None:
        """With it goes whatever it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._id, signal.SIGKILL)


def run_all(jobs: Iterable[Job], done: Callable[[int, int], None], at_once: int) -> None:
    """Each job is (number, work, seconds), asked for when its turn comes; done(number, status) when it ended."""
    waiting, running = iter(jobs), {}
    try:
        while True:
            while len(running) < at_once and (job := next(waiting, None)) is not None:
                number, work, seconds = job
                running[number] = Process(work, seconds)
            if not running:
                return
            for number, process in list(running.items()):
                if (status := process.status()) is not None:
                    del running[number]
                    done(number, status)
            time.sleep(0.02)
    finally:
        for process in running.values():
            process.end()
