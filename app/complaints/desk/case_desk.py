"""Complaints as the engine sees them: who finds them, to whom they may be given, what is written when they change
hands."""

from collections.abc import Callable

from sqlalchemy import select

from app.accounts.models import Staff, may_receive
from app.base import clock, journal
from app.base.database import db
from app.casework import notes, undo
from app.casework.desk import ACTING, Desk
from app.casework.models import CaseAct
from app.complaints.ticket.models import OUTBOUND, Ticket, TicketMessage
from app.complaints.ticket.notices import further_ways
from app.complaints.ticket.personal import body_of
from app.complaints.ticket.status import TICKET
from app.complaints.ticket.transitions import note_event
from app.complaints.ticket.visibility import find_visible

ANSWER_FORM = "answer"
# rooms above undo what they did for an answer (app/wiring.py)
ON_TAKEN_BACK: list[Callable[[str], None]] = []


def may_handle(ticket: Ticket, staff_id: str) -> bool:
    """Whether somebody may be given a complaint: never the one it is about."""
    return staff_id != ticket.about_staff_id and may_receive(staff_id, "handle_complaints")


def handlers() -> list[tuple[str, str]]:
    """(id, name) of whom complaints may be given to."""
    query = select(Staff.id, Staff.name).where(Staff.disabled_at.is_(None), Staff.who_may("handle_complaints"))
    return [tuple(row) for row in db.session.execute(query.order_by(Staff.name))]


def _told(ticket: Ticket, act: str, actor: journal.Actor, detail: dict) -> None:
    note_event(ticket, act, actor, detail)


def _take_back(ticket: Ticket, done: CaseAct, actor: journal.Actor) -> None:
    """An answer, or a question to the resident: how the ticket stood. The words nobody has read yet are in the
    form again."""
    answered, outcome = ticket.status, ticket.outcome
    undo.restore(ticket, done)
    said = select(TicketMessage).where(
        TicketMessage.ticket_id == ticket.id, TicketMessage.direction == OUTBOUND, TicketMessage.shown_at > clock.now(),
    )
    for message in db.session.scalars(said):
        message.taken_back_at = clock.now()
        typed = {
            "text": body_of(message).removesuffix(f"\n\n{further_ways()}"), "outcome": outcome,
            "via": "phone" if message.call_outcome else "", "call": message.call_outcome,
        }
        notes.keep_draft(("ticket", ticket.id), ANSWER_FORM, {name: [value] for name, value in typed.items()}, actor.id)
    for listen in ON_TAKEN_BACK:
        listen(ticket.id)
    note_event(ticket, "take_back", actor, {"from": answered})


DESK = Desk(
    TICKET, Ticket, "Pengaduan ini", find=find_visible, receives=may_handle, told=_told,
    claimable=tuple(TICKET.states), claim_on=ACTING, undo=_take_back,
    kept=(
        "status", "tray", "is_open", "outcome", "lost_message_id", "assigned_to", "verified_at", "followed_up_at",
        "answered_at", "first_answered_at", "closed_at", "dismissal_unseen", "reopened_at",
        "reopened", "last_said_at", "due_at", "warn_at",
        "next_warning_at", "resolve_due_at", "warned_at", "escalated_at", "late_reason_sealed",
    ),
)
