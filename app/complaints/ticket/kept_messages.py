"""Messages on WhatsApp follow the ticket they belong to: who must not know whose ticket it is sees neither
what we wrote about it, nor what came in for it, nor the task to phone (app/messages/audience.py)."""

from sqlalchemy import exists, not_, or_
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement

from app.complaints.ticket.models import Ticket, TicketMessage
from app.complaints.ticket.visibility import known_to
from app.messages.models import InboundMessage, OutboxMessage


def sent_is_open(staff) -> ColumnElement[bool]:
    return exists().where(Ticket.id == OutboxMessage.about_id, known_to(staff))


def received_is_kept(staff) -> ColumnElement[bool]:
    """Also what was split off into a ticket that this person must not know."""
    said = aliased(TicketMessage)
    return exists().where(
        said.inbound_id == InboundMessage.id, or_(Ticket.id == said.ticket_id, Ticket.id == said.split_into_id),
        not_(known_to(staff)),
    )

