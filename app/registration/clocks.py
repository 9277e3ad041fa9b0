"""The two clocks of a registration: from sending to "lengkap", and from there to the decision.

The first is the office's own target; the second is the promise of the standard (C). Both end at
closing time of a working day (docs/facts.md 5), and both warn before they end.
"""

from datetime import datetime

from app.base.services import city
from app.city.office_calendar import calendar_for
from app.city.worktime import Calendar, add_working_minutes, due_after_working_days, working_minutes_between
from app.registration.models import Application
from app.registration.status import COMPLETE, SUBMITTED

TARGET, PROMISE = "target", "promise"
# state -> how its clock is called on the desk
NAMES = {SUBMITTED: "Target kantor", COMPLETE: "Janji"}
CLOCK_OF = {SUBMITTED: TARGET, COMPLETE: PROMISE}


def start_clock(application: Application) -> None:
    """Set due moment and warning for the state the application is in now (submitted or complete)."""
    began = began_at(application.status, application.submitted_at, application.declared_complete_at)
    application.due_at, application.warn_at = moments(calendar_for(), CLOCK_OF[application.status], began)
    application.next_warning_at = application.warn_at


def stop_clock(application: Application) -> None:
    application.due_at = application.warn_at = application.next_warning_at = None


def began_at(status: str, submitted_at: datetime, declared_complete_at: datetime | None) -> datetime:
    """When the clock of this state began. A mended case counts from its first sending."""
    return declared_complete_at if status == COMPLETE else submitted_at


def moments(calendar: Calendar, clock: str, began: datetime) -> tuple[datetime, datetime]:
    """(due, warning) of a clock that began at `began`; the warning comes after the part of the
    working time that `warn_at_percent` of the city names."""
    rules = city().registration
    days = rules.promise_working_days if clock == PROMISE else rules.internal_target_working_days
    due = due_after_working_days(calendar, began, days)
    share = working_minutes_between(calendar, began, due) * rules.warn_at_percent // 100
    return due, add_working_minutes(calendar, began, share)
