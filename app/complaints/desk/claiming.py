"""One officer writes at a time. A claim is a lease taken by one conditional UPDATE; presence only tells."""

from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.once import insert_once
from app.base.problems import FormRejected, NotAllowed, StaleDecision
from app.complaints.ticket.models import Ticket, TicketPresence
from app.complaints.ticket.transitions import note_event
from app.complaints.ticket.visibility import find_visible, oversees

# without a sign of life for so long the ticket is free again
LEASE = timedelta(minutes=10)
PRESENT = timedelta(seconds=40)
WRITING = timedelta(seconds=20)
FORGET = timedelta(hours=1)


class TakenByOther(StaleDecision):
    message = "Pengaduan ini sedang ditangani petugas lain. Tidak ada yang disimpan."


def claim(ticket_id: str, staff) -> None:
    """Take the ticket or prolong one's own claim. Raises TakenByOther."""
    with transaction():
        find_visible(ticket_id, staff)
        if not take(ticket_id, staff):
            raise TakenByOther()


def take(ticket_id: str, staff) -> bool:
    """The claim inside the caller's transaction; False when somebody else holds it."""
    now = clock.now()
    free = or_(Ticket.claimed_by.is_(None), Ticket.claimed_by == staff.id, Ticket.claimed_until < now)
    done = db.session.execute(
        update(Ticket).where(Ticket.id == ticket_id, free)
        .values(claimed_by=staff.id, claimed_until=now + LEASE)
        .execution_options(synchronize_session="fetch")
    )
    return done.rowcount == 1


def release(ticket_id: str, staff) -> None:
    with transaction() as session:
        session.execute(
            update(Ticket).where(Ticket.id == ticket_id, Ticket.claimed_by == staff.id)
            .values(claimed_by=None, claimed_until=None)
        )


def take_over(ticket_id: str, staff, reason: str) -> None:
    """Take a claim from a colleague, with a reason. Raises FormRejected without one, NotAllowed for
    those who do not oversee."""
    if not oversees(staff):
        raise NotAllowed()
    if not reason.strip():
        raise FormRejected({"reason": ["Tulis alasan mengambil alih."]})
    with transaction():
        ticket = find_visible(ticket_id, staff)
        before = ticket.claimed_by or ""
        ticket.claimed_by, ticket.claimed_until = staff.id, clock.now() + LEASE
        note_event(ticket, "take_over", journal.Actor("staff", staff.id), {"from": before})


def holder(ticket: Ticket) -> str | None:
    """Id of the officer whose claim lasts."""
    if ticket.claimed_by is None or ticket.claimed_until is None or ticket.claimed_until < clock.now():
        return None
    return ticket.claimed_by


def be_present(ticket_id: str, staff, writing: bool) -> None:
    """A sign of life from an open page. An open page alone holds nothing: the own claim lasts on only
    while somebody writes."""
    now = clock.now()
    with transaction() as session:
        find_visible(ticket_id, staff)
        insert_once(TicketPresence, ticket_id=ticket_id, staff_id=staff.id, seen_at=now)
        row = session.get(TicketPresence, (ticket_id, staff.id))
        row.seen_at = now
        row.writing_at = now if writing else row.writing_at
        if writing:
            _prolong(ticket_id, staff)
        session.execute(delete(TicketPresence).where(TicketPresence.seen_at < now - FORGET))


def _prolong(ticket_id: str, staff) -> None:
    now = clock.now()
    mine = (Ticket.id == ticket_id, Ticket.claimed_by == staff.id, Ticket.claimed_until > now)
    db.session.execute(update(Ticket).where(*mine).values(claimed_until=now + LEASE))


def others_present(ticket_id: str, staff) -> list[tuple[str, bool]]:
    """(name, is writing) of colleagues who have the ticket open now."""
    now = clock.now()
    query = select(TicketPresence, Staff.name).join(Staff, Staff.id == TicketPresence.staff_id).where(
        TicketPresence.ticket_id == ticket_id, TicketPresence.staff_id != staff.id,
        TicketPresence.seen_at > now - PRESENT,
    )
    return [
        (name, row.writing_at is not None and row.writing_at > now - WRITING)
        for row, name in db.session.execute(query.order_by(Staff.name))
    ]
