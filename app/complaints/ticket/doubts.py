"""Words in a ticket that may not be the resident's: an e-mail address can be forged, a ticket number guessed.

Such words are kept and shown as *belum tentu dari pelapor*. They open nothing again, stop and start no clock,
leave the house in no list and reach the page of the resident only after a person has said whose they are.
"""

from sqlalchemy import exists, select, update

from app.base.database import db
from app.base.journal import SYSTEM, Actor
from app.complaints.ticket.models import INBOUND, Ticket, TicketMessage
from app.complaints.ticket.personal import seal_sender
from app.complaints.ticket.transitions import note_event
from app.complaints.ticket.words import OWNER


def is_open(message: TicketMessage) -> bool:
    return bool(message.doubt) and not message.doubt_answer


def is_owners(message: TicketMessage) -> bool:
    """Whether these words count as the resident's own."""
    return not message.doubt or message.doubt_answer == OWNER


def note(ticket: Ticket, message: TicketMessage, sender: str) -> None:
    """Remember the doubt inside the caller's transaction. The version of the ticket stays: a stranger must not
    be able to make the answer that somebody is writing count as stale."""
    message.sender_sealed = seal_sender(message.id, sender)
    db.session.flush()
    _set_unsure(ticket)
    note_event(ticket, "doubt", SYSTEM, {"doubt": message.doubt})


def note_found(ticket: Ticket, message: TicketMessage, found: str, actor: Actor) -> None:
    """Write down what a person found, inside the caller's transaction."""
    message.doubt_answer = found
    db.session.flush()
    _set_unsure(ticket)
    note_event(ticket, "settle_doubt", actor, {"outcome": found})


def _set_unsure(ticket: Ticket) -> None:
    is_one = exists().where(
        TicketMessage.ticket_id == ticket.id, TicketMessage.direction == INBOUND, TicketMessage.doubt != "",
        TicketMessage.doubt_answer == "",
    )
    change = update(Ticket).where(Ticket.id == ticket.id).values(unsure=bool(db.session.scalar(select(is_one))))
    db.session.execute(change.execution_options(synchronize_session="fetch"))
