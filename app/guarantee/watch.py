"""A delivery that is late is written down once, and its end follows the calendar."""

from app.base import clock, journal
from app.casework import watch
from app.casework.clocks import Clock
from app.casework.moving import write_beside
from app.city.office_calendar import on_change
from app.city.worktime import Calendar
from app.guarantee.models import Guarantee
from app.guarantee.status import GUARANTEE


def record_warnings() -> int:
    """A worker's job; returns how many are new."""
    return watch.record_warnings(WATCH)


@on_change
def follow_calendar(calendar: Calendar) -> None:
    watch.follow_calendar(WATCH, calendar)


def _warned(guarantee: Guarantee, level: str, running: Clock) -> bool:
    if level == watch.NEAR or guarantee.late_at is not None:
        return False
    write_beside(Guarantee, Guarantee.id == guarantee.id, late_at=clock.now())
    journal.record("guarantee_late", actor=journal.SYSTEM, about=("guarantee", guarantee.id))
    return True


WATCH = watch.Watch(GUARANTEE, Guarantee, ("counted_from",), _warned)
