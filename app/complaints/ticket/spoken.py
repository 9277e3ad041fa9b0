"""Which messages of a ticket one person of the office may read.

What was split off into a ticket of its own follows the rule of that ticket: a complaint about a colleague is
often a second thing said in a conversation that this colleague handles.
"""

from sqlalchemy import exists, or_
from sqlalchemy.sql import ColumnElement

from app.base.database import db
from app.complaints.ticket.models import Ticket, TicketMessage
from app.complaints.ticket.visibility import may_see, visible_to


def may_read(message: TicketMessage, staff) -> bool:
    """Given that this person may see the ticket itself."""
    if message.split_into_id is None:
        return True
    made = db.session.get(Ticket, message.split_into_id)
    return made is not None and may_see(made, staff)


def readable_by(staff) -> ColumnElement[bool]:
    """The same for queries on TicketMessage."""
    made = exists().where(Ticket.id == TicketMessage.split_into_id, visible_to(staff))
    return or_(TicketMessage.split_into_id.is_(None), made.correlate(TicketMessage))
