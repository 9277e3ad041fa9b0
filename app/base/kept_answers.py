"""What costs much to count and may be a little old: each process keeps the answer for some seconds."""

import time
from collections.abc import Callable, Hashable
from typing import Any

from flask import current_app

_KEPT = "loket_kept_answers"


def kept_answer(name: str, seconds: float, count: Callable[[], Any], of: Hashable = None) -> Any:
    """What `count()` found at most `seconds` ago about the same thing, `of`; else it is counted now. Two threads may
    count at the same time; both are right."""
    kept, moment = current_app.extensions.setdefault(_KEPT, {}), time.monotonic()
    known = kept.get(name)
    if known is None or known[0] != of or moment - known[1] >= seconds:
        known = kept[name] = (of, moment, count())
    return known[2]


def forget_answer(name: str) -> None:
    current_app.extensions.setdefault(_KEPT, {}).pop(name, None)
