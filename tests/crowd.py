"""Many people at once, as the server meets them: no more requests run than it has threads.

With more, sixteen test threads share ten database connections, which no deployment does. And whoever is
told that the service is busy (503, after three seconds of waiting for a lock) tries again, as the page
says: on a slow machine the last of a queue may wait that long, and nothing of theirs was written.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

SERVER_THREADS = 8  # as app/process/serve.py starts
BUSY = 503
MOST_TRIES = 20


def at_once(act: Callable[[Any], int], people: Iterable) -> list[int]:
    """The status each of them ends with."""
    with ThreadPoolExecutor(SERVER_THREADS) as pool:
        return list(pool.map(lambda person: until_not_busy(act, person), people))


def until_not_busy(act: Callable[[Any], int], person: Any) -> int:
    for _ in range(MOST_TRIES):
        status = act(person)
        if status != BUSY:
            return status
    raise AssertionError(f"busy {MOST_TRIES} times in a row")
