"""Two questions a supervisor of processes asks: alive? able to serve? No details to outsiders."""

import shutil

from flask import Blueprint, jsonify

from app.base import schema
from app.base.services import photo_store, settings
from app.messages.health_report import worker_is_behind
from app.web.access import public

blueprint = Blueprint("health", __name__)
MIN_FREE = 0.02


@blueprint.get("/healthz")
@public
def alive():
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready():
    checks = {"database": _database(), "photos": _photos(), "worker": _worker(), "disk": _disk()}
    good = all(checks.values())
    return jsonify(status="ok" if good else "unavailable", **checks), 200 if good else 503


def _database() -> bool:
    try:
        return schema.still_fits()
    except Exception:  # noqa: BLE001  whatever the driver raises, the answer is "not ready"
        return False


def _photos() -> bool:
    try:
        photo_store().exists("0" * 32)
        return True
    except Exception:  # noqa: BLE001  as above
        return False


def _disk() -> bool:
    usage = shutil.disk_usage(settings().instance)
    return usage.free / usage.total > MIN_FREE


def _worker() -> bool:
    """False when messages lie, or workers seen before are silent; the first one may still start."""
    try:
        return not worker_is_behind()
    except Exception:  # noqa: BLE001  as above
        return False
