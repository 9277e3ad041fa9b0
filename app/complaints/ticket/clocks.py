"""What is asked of the clocks of a ticket; they are declared in `status.py`."""

from datetime import datetime

from app.base.services import city
from app.casework.time_left import TimeLeft, time_left
from app.city.office_calendar import calendar_for
from app.city.worktime import Calendar, due_after_working_days
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import LIVE, TICKET


def left_of(ticket: Ticket, calendar: Calendar | None = None) -> TimeLeft | None:
    """Of the present stage; None when it is over. Needs `status`, `due_at` and `warn_at`."""
    return time_left(ticket.due_at, ticket.warn_at, calendar) if ticket.status in LIVE else None


def stage_names() -> dict[str, str]:
    """Stage -> what is to happen before its end."""
    return {status: TICKET.clock_of(status).label for status in LIVE}


def reopen_until(ticket: Ticket) -> datetime | None:
    """The last moment at which the resident may object or go on; None while nothing was answered."""
    since = ticket.closed_at or ticket.answered_at
    if since is None:
        return None
    return due_after_working_days(calendar_for(), since, city().complaint_days.close_without_reply)
