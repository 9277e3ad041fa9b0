"""/metrics for Prometheus, for whoever shows MONITOR_TOKEN: what the processes counted, and what the rows say now.

Counting listens to the structured log, so that a thing is named once: where it is logged. Counters of all processes
of a machine lie as files in one folder (prometheus_client's own way), because any of them may be asked.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog
from flask import Blueprint, Response, abort
from sqlalchemy import func, select

from app.backup.target import last_backup
from app.base import clock, jobs, logs
from app.base.database import db
from app.base.services import settings
from app.casework.lists import COUNT_CAP
from app.messages import channel, quota, states
from app.messages.choose_gateway import CHANNELS
from app.messages.models import OutboxMessage
from app.photos.disk_space import free_share
from app.process import alarms
from app.process.health import may_see_details
from app.registration.models import Application
from app.registration.status import COMPLETE, SUBMITTED
from app.settings.settings import offer_to_libraries
from app.web.access import public

blueprint = Blueprint("metrics", __name__)
log = structlog.get_logger()

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
FOLDER = "metrics"
# a process that is gone keeps what it counted for so long, so that its rates end in peace
KEEP_SECONDS = 7 * 24 * 3600
ROOM_BYTES = 8 * 2**20  # free on the disk, or nothing is counted
# what happens rarely and is worth a line of its own: event of the log -> label
INCIDENTS = (
    "limit_reached", "picture_killed_its_decoder", "photo_launcher_gone", "database_unavailable", "unexpected_error",
    "storage_day_used_up", "disk_nearly_full", "webhook_refused", "csrf_refused", "job_failed", "alarm",
)


def begin(instance: Path) -> None:
    """Count from now on in this process and its children. Call it before any of them counts, once."""
    folder = instance / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.glob("*.db"):
        if time.time() - old.stat().st_mtime > KEEP_SECONDS:
            old.unlink(missing_ok=True)
    # read when the library is loaded, which is why it is loaded here
    offer_to_libraries("PROMETHEUS_MULTIPROC_DIR", str(folder))
    from prometheus_client import CollectorRegistry, Counter, Histogram

    # one of its own: what is asked for is read from the files, never from here
    own = CollectorRegistry()
    requests = Histogram("loket_request_seconds", "Requests by route", ("route", "method", "status"), buckets=BUCKETS,
                         registry=own)
    photos = Histogram("loket_photo_seconds", "Photos opened and made anew", buckets=BUCKETS, registry=own)
    incidents = Counter("loket_incidents", "Events of the log that are worth a look", ("event",), registry=own)

    def listen(event: dict) -> None:
        name = event.get("event")
        if not folder.is_dir() or shutil.disk_usage(folder).free < ROOM_BYTES:
            return  # the files are memory, too: what finds no room on the disk is no error there but kills the process
        if name == "request" and event.get("ms") is not None:
            requests.labels(event["route"], event["method"], event["status"]).observe(event["ms"] / 1000)
        elif name == "photo_opened":
            photos.observe(event["ms"] / 1000)
        elif name in INCIDENTS:
            incidents.labels(name).inc()

    logs.LISTENERS[:] = [listen]


@blueprint.get("/metrics")
@public
def metrics():
    """404 to everybody without the token: a stranger learns nothing, not even that it is there."""
    if settings().demo or not may_see_details():
        abort(404)
    return Response(_counted() + _rendered(), mimetype="text/plain")


def _counted() -> bytes:
    folder = settings().instance / FOLDER
    if not folder.is_dir():
        return b""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return generate_latest(registry)


Sample = tuple[dict[str, str], float]


def _rendered() -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily

    class Rows:
        def collect(self):
            for name, (about, read) in GAUGES.items():
                try:
                    samples = list(read())
                except Exception as error:  # noqa: BLE001  one figure that cannot be had must not hide the others
                    db.session.rollback()
                    log.warning("metric_failed", metric=name, kind=type(error).__name__)
                    continue
                labels = sorted({label for found, _ in samples for label in found})
                family = GaugeMetricFamily(name, about, labels=labels)
                for found, value in samples:
                    family.add_metric([found.get(label, "") for label in labels], value)
                yield family

    registry = CollectorRegistry()
    registry.register(Rows())
    return generate_latest(registry)


def _outbox() -> Iterator[Sample]:
    query = select(OutboxMessage.channel, OutboxMessage.state, func.count()).where(
        OutboxMessage.state.in_((*states.WAITING, states.FAILED)),
    ).group_by(OutboxMessage.channel, OutboxMessage.state)
    for key, state, number in db.session.execute(query):
        yield {"channel": key, "state": state}, number


def _oldest() -> Iterator[Sample]:
    query = select(OutboxMessage.channel, func.min(OutboxMessage.next_try_at)).where(
        OutboxMessage.state == states.PENDING, OutboxMessage.next_try_at <= clock.now(),
    ).group_by(OutboxMessage.channel)
    for key, oldest in db.session.execute(query):
        yield {"channel": key}, (clock.now() - oldest).total_seconds()


def _stopped() -> Iterator[Sample]:
    for key in CHANNELS:
        yield {"channel": key}, channel.is_stopped(key)


def _queue() -> Iterator[Sample]:
    """Counted up to a cap, as the desk counts: the whole table is never read."""
    for status in (SUBMITTED, COMPLETE):
        some = select(Application.id).where(Application.status == status).limit(COUNT_CAP + 1).subquery()
        yield {"status": status}, db.session.scalar(select(func.count()).select_from(some))


def _clocks() -> Iterator[Sample]:
    """How long the case that waits longest has waited, on each of the two clocks."""
    for status, since in ((SUBMITTED, Application.submitted_at), (COMPLETE, Application.declared_complete_at)):
        oldest = db.session.scalar(select(func.min(since)).where(Application.status == status))
        yield {"status": status}, (clock.now() - oldest).total_seconds() if oldest else 0


def _one(value: Callable[[], float | None]) -> Callable[[], Iterator[Sample]]:
    def read() -> Iterator[Sample]:
        found = value()
        if found is not None:
            yield {}, found

    return read


def _seconds_since_beat() -> float | None:
    beat = jobs.last_beat()
    return (clock.now() - beat).total_seconds() if beat else None


def _seconds_since_backup() -> float | None:
    last = last_backup()
    return (clock.now() - last.at).total_seconds() if last else None


def _alarms() -> Iterator[Sample]:
    for row in alarms.current():
        yield {"alarm": row.key}, 1


def _disk() -> float:
    usage = shutil.disk_usage(settings().instance)
    return usage.free


def _load() -> float:
    return os.getloadavg()[0]


# name -> what it is, how it is read
GAUGES: dict[str, tuple[str, Callable[[], Iterator[Sample]]]] = {
    "loket_outbox_messages": ("Messages that wait or failed", _outbox),
    "loket_outbox_oldest_due_seconds": ("How long the oldest due message has been due", _oldest),
    "loket_channel_stopped": ("1 while a channel is stopped", _stopped),
    "loket_queue_cases": ("Cases that wait, counted up to a cap", _queue),
    "loket_queue_oldest_seconds": ("How long the oldest case has waited, by its clock", _clocks),
    "loket_quota_used": ("Recipients of the last 24 hours", _one(lambda: quota.forecast().used)),
    "loket_quota_limit": ("Recipients allowed in 24 hours", _one(lambda: quota.forecast().limit)),
    "loket_worker_beat_age_seconds": ("Since any worker gave a sign of life", _one(_seconds_since_beat)),
    "loket_backup_age_seconds": ("Since the last good backup", _one(_seconds_since_backup)),
    "loket_disk_free_share": ("Free part of the fullest disk we write to", _one(free_share)),
    "loket_disk_free_bytes": ("Free bytes beside the data", _one(_disk)),
    "loket_load": ("Load of this machine, one minute", _one(_load)),
    "loket_alarm": ("1 for each alarm that lasts", _alarms),
}
