"""Whether our answer arrived. One that did not is no answer: the case is worked on again and does not close
by itself, until somebody is told in another way or the message turns out to have arrived.

Everything joins the caller's transaction.
"""

from datetime import datetime

from app.base import journal
from app.base.database import db
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import ANSWERED, IN_PROGRESS
from app.complaints.ticket.transitions import change_status
from app.messages import calls
from app.messages.models import OutboxMessage

# ends of a call after which the resident knows, or will
REACHED = ("told", "family_told", calls.ARRIVED)


def lost(ticket_id: str, message_id: str, sent_at: datetime) -> None:
    """The e-mail or WhatsApp message `message_id` did not arrive. What was sent before the answer, such as
    the receipt, changes nothing."""
    ticket = _locked(ticket_id)
    if ticket is None or ticket.status != ANSWERED or sent_at < ticket.answered_at:
        return
    if ticket.first_answered_at == ticket.answered_at:
        ticket.first_answered_at = None
    ticket.answered_at, ticket.lost_message_id = None, message_id
    change_status(ticket, "lose", journal.SYSTEM)


def reached(ticket_id: str, message_id: str) -> None:
    """It arrived after all, or was told by phone: the days for objecting begin now."""
    ticket = _locked(ticket_id)
    if ticket is None or ticket.lost_message_id != message_id or ticket.status != IN_PROGRESS:
        return
    ticket.lost_message_id = None
    change_status(ticket, "reach", journal.SYSTEM)


def follow_call(message: OutboxMessage, outcome: str) -> None:
    kind, ticket_id = message.about
    if kind != "ticket":
        return
    if not outcome:
        lost(ticket_id, message.id, message.created_at)
    elif outcome in REACHED:
        reached(ticket_id, message.id)


def _locked(ticket_id: str) -> Ticket | None:
    return db.session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)

