"""Which clocks of registrations came near their end or passed it, written down once for each end."""

from app.base import clock, journal
from app.base.database import db
from app.casework import watch
from app.casework.clocks import Clock
from app.city.office_calendar import on_change
from app.city.worktime import Calendar
from app.registration.models import Application
from app.registration.status import REGISTRATION
from app.review.models import ClockWarning


def record_warnings() -> int:
    """A worker's job; returns how many are new."""
    return watch.record_warnings(WATCH)


@on_change
def follow_calendar(calendar: Calendar) -> None:
    watch.follow_calendar(WATCH, calendar)


def _warned(application: Application, level: str, running: Clock) -> bool:
    key = (application.id, running.name, level, application.due_at)
    if db.session.get(ClockWarning, key) is not None:
        return False
    db.session.add(ClockWarning(
        application_id=application.id, clock_name=running.name, level=level, due_at=application.due_at, at=clock.now()
    ))
    journal.record(
        f"clock_{level}", actor=journal.SYSTEM, about=("application", application.id),
        detail={"clock": running.name, "due": application.due_at.isoformat()},
    )
    return True


WATCH = watch.Watch(REGISTRATION, Application, ("submitted_at", "declared_complete_at"), _warned)
