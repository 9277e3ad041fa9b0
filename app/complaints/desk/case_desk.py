"""Complaints as the engine sees them: who finds them, to whom they may be given, what is written when they change
hands."""

from app.accounts.models import Staff
from app.base import journal
from app.base.database import db
from app.casework.desk import ACTING, Desk
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import TICKET
from app.complaints.ticket.transitions import note_event
from app.complaints.ticket.visibility import find_visible
from app.web.access import holds


def may_handle(ticket: Ticket, staff_id: str) -> bool:
    """Whether somebody may be given a complaint: never the one it is about."""
    chosen = db.session.get(Staff, staff_id)
    if chosen is None or chosen.disabled_at is not None or not holds(chosen.role, "handle_complaints"):
        return False
    return staff_id != ticket.about_staff_id


def _nothing_bars(ticket: Ticket, staff: Staff) -> None:
    return None


def _told(ticket: Ticket, act: str, actor: journal.Actor, detail: dict) -> None:
    note_event(ticket, act, actor, detail)


DESK = Desk(
    TICKET, Ticket, "Pengaduan ini", find=find_visible, bar=_nothing_bars, receives=may_handle, told=_told,
    claimable=tuple(TICKET.states), claim_on=ACTING,
)
