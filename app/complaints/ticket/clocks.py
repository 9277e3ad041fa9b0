"""The clocks of a complaint, in working days of the office (docs/facts.md 6; Permenpan RB 62/2018).

All promised days count from `received_at`, the moment the resident spoke, whoever typed it later; a
reopened case counts from its reopening. The days stand in `city.toml`.
"""

from datetime import datetime

from app.base import clock
from app.base.services import city
from app.casework.time_left import TimeLeft, time_left
from app.city.office_calendar import calendar_for
from app.city.worktime import Calendar, add_working_minutes, due_after_working_days
from app.complaints.ticket import status as st
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.words import INFORMATION

# stage -> what is to happen before its end
NAMES: dict[str, str] = {
    st.NEW: "Pemeriksaan", st.VERIFIED: "Tindak lanjut", st.IN_PROGRESS: "Jawaban", st.ANSWERED: "Ditutup otomatis",
}


def start(ticket: Ticket, calendar: Calendar | None = None) -> None:
    """Set both clocks of a ticket from its stage, or set them anew after its class has changed."""
    calendar = calendar or calendar_for()
    ticket.resolve_due_at = due_after_working_days(calendar, counted_from(ticket), days_to_resolve(ticket))
    end = stage_end(ticket, calendar)
    if end != ticket.due_at:
        # another end: whoever was warned of the old one is to be warned of this one
        ticket.due_at, ticket.warned_at, ticket.escalated_at = end, None, None


def counted_from(ticket: Ticket) -> datetime:
    return ticket.reopened_at or ticket.received_at


def days_to_resolve(ticket: Ticket) -> int:
    days = city().complaint_days
    if ticket.needs_examination:
        return days.examination
    return days.information if ticket.kind == INFORMATION else days.ordinary


def stage_end(ticket: Ticket, calendar: Calendar) -> datetime:
    """When the present stage has to be over; of a closed ticket the moment it was closed."""
    days = city().complaint_days
    if ticket.status in (st.CLOSED, st.MERGED):
        return ticket.closed_at or clock.now()
    if ticket.status == st.ANSWERED:
        return due_after_working_days(calendar, ticket.answered_at, days.close_without_reply)
    if ticket.status == st.IN_PROGRESS:
        return ticket.resolve_due_at
    stage_days = days.verify if ticket.status == st.NEW else days.first_follow_up
    return min(due_after_working_days(calendar, counted_from(ticket), stage_days), ticket.resolve_due_at)


def left_of(ticket: Ticket, calendar: Calendar | None = None) -> TimeLeft | None:
    """Of the present stage; None when it has none. Needs `status` and `due_at`."""
    if ticket.status not in NAMES:
        return None
    calendar = calendar or calendar_for()
    warn_at = add_working_minutes(calendar, ticket.due_at, -city().complaint_inbox.warn_hours * 60)
    return time_left(ticket.due_at, warn_at if ticket.status in st.WAITING_FOR_US else None, calendar)


def reopen_until(ticket: Ticket) -> datetime | None:
    """The last moment at which the resident may object or go on; None while nothing was answered."""
    since = ticket.closed_at or ticket.answered_at
    if since is None:
        return None
    return due_after_working_days(calendar_for(), since, city().complaint_days.close_without_reply)
