"""Which clocks of registrations came near their end or passed it, written down once for each end."""

from datetime import datetime

from app.base import clock, journal
from app.base.database import db
from app.casework import watch
from app.casework.clocks import Clock
from app.city.office_calendar import on_change
from app.city.worktime import Calendar
from app.registration.models import Application
from app.registration.status import PROMISE, REGISTRATION
from app.registration.transitions import tell_missed
from app.review.models import ClockWarning


def record_warnings() -> int:
    """A worker's job; returns how many are new."""
    return watch.record_warnings(WATCH)


@on_change
def follow_calendar(calendar: Calendar) -> None:
    watch.follow_calendar(WATCH, calendar)


def note_missed(application: Application, due_at: datetime) -> None:
    """A broken promise is written down by whoever finds it: the worker, or the act that came too late."""
    _write(application, watch.LATE, PROMISE, due_at)


def _warned(application: Application, level: str, running: Clock) -> bool:
    if (level, running) == (watch.LATE, PROMISE):
        known = _is_written(application, level, running, application.due_at)
        tell_missed(application)
        return not known
    return _write(application, level, running, application.due_at)


def _is_written(application: Application, level: str, running: Clock, due_at: datetime) -> bool:
    return db.session.get(ClockWarning, (application.id, running.name, level, due_at)) is not None


def _write(application: Application, level: str, running: Clock, due_at: datetime) -> bool:
    if _is_written(application, level, running, due_at):
        return False
    db.session.add(ClockWarning(
        application_id=application.id, clock_name=running.name, level=level, due_at=due_at, at=clock.now()
    ))
    journal.record(
        f"clock_{level}", actor=journal.SYSTEM, about=("application", application.id),
        detail={"clock": running.name, "due": due_at.isoformat()},
    )
    return True


WATCH = watch.Watch(REGISTRATION, Application, ("submitted_at", "declared_complete_at", "mended"), _warned)
