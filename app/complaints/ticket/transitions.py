"""Moving a ticket from one stage to the next: one function, one table, one journal line."""

from sqlalchemy import func, select

from app.base import clock, journal
from app.base.database import db
from app.casework.moving import move
from app.complaints.ticket.models import Ticket, TicketEvent, TicketMessage
from app.complaints.ticket.status import ANSWERED, ARRIVED, CLOSED, IN_PROGRESS, MERGED, TICKET, WAITING_FOR_US


def change_status(
    ticket: Ticket, act: str, actor: journal.Actor, detail: dict | None = None,
) -> TicketEvent:
    """Apply `act` inside the caller's transaction. Raises StaleDecision when it is not allowed now.

    Sets the moments of the stages and the end of the next one. `detail` holds codes and ids only.
    """
    def write(ticket: Ticket, act: str, before: str, actor: journal.Actor) -> TicketEvent:
        return _add_event(ticket, act, actor, detail, before)

    return move(TICKET, ticket, act, actor, entered=_note_moments, write=write, detail=detail)


def note_event(
    ticket: Ticket, act: str, actor: journal.Actor, detail: dict | None = None,
) -> TicketEvent:
    """One act that leaves the stage as it is: assigning, noting, linking, opening."""
    event = _add_event(ticket, act, actor, detail, ticket.status)
    journal.record(
        f"ticket_{act}", actor=actor, about=("ticket", ticket.id),
        detail={"from": event.from_status, "to": event.to_status, **(detail or {})},
    )
    return event


def _add_event(ticket: Ticket, act: str, actor: journal.Actor, detail: dict | None, before: str) -> TicketEvent:
    event = TicketEvent(
        ticket_id=ticket.id, act=act, from_status=before, to_status=ticket.status, at=clock.now(),
        actor_kind=actor.kind, actor_id=actor.id, detail=detail or {},
    )
    db.session.add(event)
    return event


def _note_moments(ticket: Ticket, act: str, before: str, actor: journal.Actor) -> None:
    """The list it stands in, and its moments. A stage that was jumped over is over too: an answer at once
    verifies and follows up."""
    now = clock.now()
    ticket.tray, ticket.is_open = TICKET.tray_of(ticket.status), ticket.status in WAITING_FOR_US
    if ticket.status != ARRIVED:
        ticket.verified_at = ticket.verified_at or now
    if ticket.status in (IN_PROGRESS, ANSWERED):
        ticket.followed_up_at = ticket.followed_up_at or now
    if ticket.status == ANSWERED:
        ticket.answered_at, ticket.first_answered_at = now, ticket.first_answered_at or now
    if ticket.status == IN_PROGRESS and ticket.answered_at is not None:
        ticket.reopened_at, ticket.reopened = now, ticket.reopened + 1
        ticket.answered_at = ticket.closed_at = None
    if before == CLOSED:
        ticket.closed_at = None
    if ticket.status in (CLOSED, MERGED):
        ticket.closed_at = now


def next_position(ticket_id: str) -> int:
    last = db.session.scalar(select(func.max(TicketMessage.position)).where(TicketMessage.ticket_id == ticket_id))
    return (last or 0) + 1
