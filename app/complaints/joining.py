"""Two tickets that are one, and one that is two."""

from app.complaints import clocks, intake, telling
from app.complaints import status as st
from app.complaints.handling import acting, actor_of
from app.complaints.models import INBOUND, Ticket, TicketMessage
from app.complaints.personal import body_of, open_contact, open_content
from app.complaints.threading import by_number, find_number
from app.complaints.transitions import change_status, note_event
from app.complaints.visibility import may_see
from app.extensions import db
from app.problems import FormRejected, NotFound


def merge(ticket_id: str, version: int, staff, number: str) -> Ticket:
    """Let this ticket go on in another one of the same contact (or of none). Returns that one.

    Raises FormRejected for an unknown, closed or foreign number: the answer to one resident must not
    reach another.
    """
    with acting(ticket_id, version, staff) as ticket:
        target = by_number(find_number(number) or "")
        if target is None or not may_see(target, staff) or target.id == ticket.id:
            raise FormRejected({"number": ["Nomor pengaduan ini tidak ditemukan."]})
        if target.status not in st.LIVE:
            raise FormRejected({"number": ["Pengaduan itu sudah selesai, jadi tidak dapat digabung."]})
        if not _same_person(ticket, target):
            raise FormRejected({"number": ["Pelapornya berbeda, jadi tidak dapat digabung. Jawab keduanya."]})
        ticket.merged_into_id = target.id
        change_status(ticket, "merge", actor_of(staff), {"into": target.id})
        note_event(target, "merge_in", actor_of(staff), {"from": ticket.id})
        if target.status == st.ANSWERED:
            change_status(target, "reply", actor_of(staff))
    return target


def split(ticket_id: str, version: int, staff, message_id: str) -> Ticket:
    """Make a ticket of its own from one message of the resident. Its clock runs from that message."""
    with acting(ticket_id, version, staff) as ticket:
        message = db.session.get(TicketMessage, message_id)
        if message is None or message.ticket_id != ticket.id or message.direction != INBOUND:
            raise NotFound()
        contact = open_contact(ticket)
        made = intake.open_ticket(
            ticket.channel, contact, body_of(message), message.at, intake.Details(
                kind=ticket.kind, category=ticket.category, place=open_content(ticket).place,
                anonymous=ticket.anonymous, secret=ticket.secret, about_staff=ticket.about_staff,
                about_staff_id=ticket.about_staff_id, answer_by=ticket.answer_by,
                outside_reference=ticket.outside_reference, application_id=ticket.application_id,
            ), actor_of(staff),
        )
        made.split_from_id = ticket.id
        intake.add_inbound(made, message.channel, body_of(message), message.at, "", actor_of(staff))
        note_event(ticket, "split", actor_of(staff), {"into": made.id})
        clocks.start(made)
        telling.confirm(made, contact)
    return made


def _same_person(one: Ticket, other: Ticket) -> bool:
    """Somebody without any contact gets no answer, so nothing can reach the wrong person."""
    def contacts(ticket: Ticket) -> set[str]:
        return {index for index in (ticket.phone_index, ticket.email_index) if index}

    return not contacts(one) or not contacts(other) or bool(contacts(one) & contacts(other))
