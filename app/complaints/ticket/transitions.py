"""Moving a ticket from one stage to the next: one function, one table, one journal line."""

from sqlalchemy import func, select

from app.base import clock, journal
from app.base.database import db
from app.complaints.ticket import clocks
from app.complaints.ticket import status as st
from app.complaints.ticket.models import Ticket, TicketEvent, TicketMessage


def change_status(
    ticket: Ticket, act: str, actor: journal.Actor, detail: dict | None = None,
) -> TicketEvent:
    """Apply `act` inside the caller's transaction. Raises StaleDecision when it is not allowed now.

    Sets the moments of the stages and the end of the next one. `detail` holds codes and ids only.
    """
    before, after = ticket.status, st.next_status(act, ticket.status)
    ticket.status, ticket.tray = after, st.TRAY_OF[after]
    ticket.is_open = after in st.WAITING_FOR_US
    _note_moments(ticket)
    clocks.start(ticket)
    return note_event(ticket, act, actor, detail, before)


def note_event(
    ticket: Ticket, act: str, actor: journal.Actor, detail: dict | None = None, before: str | None = None,
) -> TicketEvent:
    """One act that may leave the stage as it is: assigning, noting, linking, opening."""
    event = TicketEvent(
        ticket_id=ticket.id, act=act, from_status=before or ticket.status, to_status=ticket.status,
        at=clock.now(), actor_kind=actor.kind, actor_id=actor.id, detail=detail or {},
    )
    db.session.add(event)
    journal.record(
        f"ticket_{act}", actor=actor, about=("ticket", ticket.id),
        detail={"from": event.from_status, "to": event.to_status, **(detail or {})},
    )
    return event


def _note_moments(ticket: Ticket) -> None:
    """A stage that was jumped over is over too: an answer at once verifies and follows up."""
    now = clock.now()
    if ticket.status != st.NEW:
        ticket.verified_at = ticket.verified_at or now
    if ticket.status in (st.IN_PROGRESS, st.ANSWERED):
        ticket.followed_up_at = ticket.followed_up_at or now
    if ticket.status == st.ANSWERED:
        ticket.answered_at, ticket.first_answered_at = now, ticket.first_answered_at or now
    if ticket.status == st.IN_PROGRESS and ticket.answered_at is not None:
        ticket.reopened_at, ticket.reopened = now, ticket.reopened + 1
        ticket.answered_at = ticket.closed_at = None
    if ticket.status in (st.CLOSED, st.MERGED):
        ticket.closed_at = now


def next_position(ticket_id: str) -> int:
    last = db.session.scalar(select(func.max(TicketMessage.position)).where(TicketMessage.ticket_id == ticket_id))
    return (last or 0) + 1
