"""Two questions a supervisor of processes asks: alive? able to serve?

Ready is asked by machines every few seconds and by strangers as often as they like, and least of all may it hang when
something else does. So every part is asked in a thread of its own and given PART_SECONDS, one asking serves everybody
for KEPT_SECONDS, and what exactly is wrong is told only to whoever shows MONITOR_TOKEN (the demo has no strangers).
"""

import hmac
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from flask import Blueprint, Flask, current_app, jsonify, request

from app.base import schema
from app.base.services import photo_store, settings
from app.messages.channel import worker_is_behind
from app.web.access import public

blueprint = Blueprint("health", __name__)
MIN_FREE = 0.02
PART_SECONDS, KEPT_SECONDS = 1.5, 5.0
PROBES = "loket_probes"
BEARER = "Bearer "
_MAKING = threading.Lock()


@blueprint.get("/healthz")
@public
def alive():
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready():
    checks = _probes().answers()
    good = all(checks.values())
    shown = checks if may_see_details() else {}
    return jsonify(status="ok" if good else "unavailable", **shown), 200 if good else 503


def may_see_details() -> bool:
    """Whether the caller shows MONITOR_TOKEN as a bearer token."""
    if settings().demo:
        return True
    shown, wanted = request.headers.get("Authorization", ""), settings().monitor_token
    return bool(wanted) and hmac.compare_digest(shown.encode(), (BEARER + wanted).encode())


@dataclass
class Probes:
    """The parts of this process, asked together; a part that still hangs is not asked a second time."""

    app: Flask
    asked_at: float = float("-inf")
    kept: dict[str, bool] = field(default_factory=dict)
    hanging: dict[str, Future] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(len(PARTS), "probe"))

    def answers(self) -> dict[str, bool]:
        with self.lock:
            if time.monotonic() - self.asked_at >= KEPT_SECONDS:
                self.kept = self._ask()
                self.asked_at = time.monotonic()
            return self.kept

    def _ask(self) -> dict[str, bool]:
        for name, part in PARTS.items():
            if name not in self.hanging or self.hanging[name].done():
                self.hanging[name] = self.pool.submit(self._one, part)
        wait(self.hanging.values(), timeout=PART_SECONDS)
        return {name: asked.done() and asked.result() for name, asked in self.hanging.items()}

    def _one(self, part: Callable[[], bool]) -> bool:
        try:
            with self.app.app_context():
                return part()
        except Exception:  # noqa: BLE001  whatever the driver raises, the answer is "not ready"
            return False


def _probes() -> Probes:
    """Made at the first question, after the process was forked."""
    app = current_app._get_current_object()
    with _MAKING:
        if PROBES not in app.extensions:
            app.extensions[PROBES] = Probes(app)
    return app.extensions[PROBES]


def _photos() -> bool:
    photo_store().exists("0" * 32)
    return True


def _disk() -> bool:
    usage = shutil.disk_usage(settings().instance)
    return usage.free / usage.total > MIN_FREE


def _worker() -> bool:
    """False when messages lie, or workers seen before are silent; the first one may still start."""
    return not worker_is_behind()


PARTS: dict[str, Callable[[], bool]] = {
    "database": schema.still_fits, "photos": _photos, "worker": _worker, "disk": _disk,
}
