"""The few objects a running app holds besides the database: sealer, photo store, city, settings.

Services ask here instead of importing Flask, so that they know no request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
