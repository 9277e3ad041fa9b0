"""Somebody looks at pages, four times a second, until told to stop; then how long each answer took.

A process of its own, so that what else the tests do does not count as time of the pages.
"""

import contextlib
import json
import signal
import sys
import threading
import time
import urllib.request
from subprocess import PIPE

from tests.warm_python import begin

PAGES = ("/", "/cek-pesan")
PAUSE_SECONDS = 0.25


class PageWatch:
    """`with PageWatch(url) as watch: ...`; afterwards the milliseconds are in `watch.ms`."""

    def __init__(self, url: str):
        self.url, self.ms = url, []

    def __enter__(self) -> "PageWatch":
        self._process = begin([sys.executable, "-m", "tests.page_watch", self.url], stdout=PIPE, text=True)
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        with self._process:
            self.ms = json.loads(self._process.stdout.read() or "[]")


def watch(url: str) -> list[float]:
    stop, times = threading.Event(), []
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    while not stop.wait(PAUSE_SECONDS):
        for page in PAGES:
            begun = time.perf_counter()
            with contextlib.suppress(OSError), urllib.request.urlopen(url + page, timeout=30) as answer:
                answer.read()
                times.append((time.perf_counter() - begun) * 1000)
    return times


if __name__ == "__main__":
    print(json.dumps(watch(sys.argv[1])))
