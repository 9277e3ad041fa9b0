"""The few objects a running app holds besides the database: sealer, photo store, city, settings.

Services ask here instead of importing Flask, so that they know no request.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from flask import current_app

from app.base.sealing import Sealer

if TYPE_CHECKING:  # what they are is the business of the rooms above
    from app.city.city import City
    from app.photos.store import PhotoStore
    from app.settings.settings import Settings


def settings() -> Settings:
    return current_app.extensions["loket"]


def sealer() -> Sealer:
    return current_app.extensions["loket_sealer"]


def photo_store() -> PhotoStore:
    return current_app.extensions["loket_photos"]


def city() -> City:
    return current_app.extensions["loket_city"]


_KEPT = "loket_kept_answers"


def kept_answer(name: str, seconds: float, count: Callable[[], Any], of: Hashable = None) -> Any:
    """For what costs much to count and may be a little old: what `count()` found in this process at most `seconds` ago
    about the same thing, `of`; else it is counted now. Two threads may count at the same time; both are right."""
    kept, moment = current_app.extensions.setdefault(_KEPT, {}), time.monotonic()
    known = kept.get(name)
    if known is None or known[0] != of or moment - known[1] >= seconds:
        known = kept[name] = (of, moment, count())
    return known[2]
