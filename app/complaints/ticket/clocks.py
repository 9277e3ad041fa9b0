"""What is asked of the clocks of a ticket; they are declared in `status.py`."""

from datetime import datetime

from sqlalchemy import and_
from sqlalchemy.sql import ColumnElement

from app.base import clock
from app.base.services import city
from app.casework.time_left import TimeLeft, time_left
from app.city.office_calendar import calendar_for
from app.city.worktime import Calendar, due_after_working_days
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import LIVE, PROMISE, TICKET


def is_late(moment: datetime) -> ColumnElement[bool]:
    """Waiting for us although the answer the resident was promised was due at that moment: what every page calls
    *terlambat*. A stage within the promise that ran out is said to be *lewat tahap* (`is_behind`)."""
    return and_(Ticket.is_open.is_(True), Ticket.resolve_due_at <= moment)


def is_behind(moment: datetime) -> ColumnElement[bool]:
    """The present stage ran out, the promise not yet."""
    return and_(Ticket.is_open.is_(True), Ticket.due_at <= moment, Ticket.resolve_due_at > moment)


def left_of(ticket: Ticket, calendar: Calendar | None = None) -> tuple[TimeLeft | None, str]:
    """Time left and what is to happen before its end: of the promised answer once that is late, else of the present
    stage; (None, "") when it is over. Needs `status`, `is_open`, `due_at`, `warn_at` and `resolve_due_at`."""
    if ticket.status not in LIVE:
        return None, ""
    if ticket.is_open and ticket.resolve_due_at <= clock.now():
        return time_left(ticket.resolve_due_at, calendar=calendar), PROMISE.label
    return time_left(ticket.due_at, ticket.warn_at, calendar), TICKET.clock_of(ticket.status).label


def reopen_until(ticket: Ticket) -> datetime | None:
    """The last moment at which the resident may object or go on; None while nothing was answered."""
    since = ticket.closed_at or ticket.answered_at
    if since is None:
        return None
    return due_after_working_days(calendar_for(), since, city().complaint_days.close_without_reply)
