"""The few objects a running app holds besides the database: sealer, photo store, city, settings.

Services ask here instead of importing Flask, so that they know no request.
"""

from flask import current_app

from app.city import City
from app.config import Settings
from app.sealing import Sealer
from app.storage import PhotoStore


def settings() -> Settings:
    return current_app.extensions["loket"]


def sealer() -> Sealer:
    return current_app.extensions["loket_sealer"]


def photo_store() -> PhotoStore:
    return current_app.extensions["loket_photos"]


def city() -> City:
    return current_app.extensions["loket_city"]
