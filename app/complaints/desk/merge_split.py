"""Two tickets that are one, and one that is two."""

from app.base.database import db
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.casework.acting import acting
from app.casework.desk import Seen
from app.complaints.arriving import intake
from app.complaints.arriving.which_ticket import by_number, find_number
from app.complaints.desk.acts import keep_alike
from app.complaints.desk.case_desk import DESK
from app.complaints.ticket import notices, status
from app.complaints.ticket.doubts import is_open, is_owners
from app.complaints.ticket.models import INBOUND, Ticket, TicketMessage
from app.complaints.ticket.personal import Contact, body_of, open_contact, open_content, sender_of
from app.complaints.ticket.transitions import change_status, note_event
from app.complaints.ticket.visibility import may_know, may_see


def merge(seen: Seen, number: str) -> Ticket:
    """Let this ticket go on in another one of the same contact (or of none). Returns that one.

    Raises FormRejected for an unknown, closed or foreign number: the answer to one resident must not
    reach another.
    """
    staff, known = seen.staff, by_number(find_number(number) or "")
    target_id = known.id if known is not None else None
    with acting(DESK, seen, (target_id,) if target_id else ()) as ticket:
        target = db.session.get(Ticket, target_id) if target_id else None
        if target is None or not may_see(target, staff) or target.id == ticket.id:
            raise FormRejected({"number": ["Nomor pengaduan ini tidak ditemukan."]})
        if target.status not in status.LIVE:
            raise FormRejected({"number": ["Pengaduan itu sudah selesai, jadi tidak dapat digabung."]})
        if not (may_know(ticket, staff) and may_know(target, staff)):
            # yes or no would tell who the anonymous one is
            raise FormRejected({"number": ["Pelapornya anonim, jadi hanya pengawas yang dapat menggabungnya."]})
        if not _same_person(ticket, target):
            raise FormRejected({"number": ["Pelapornya berbeda, jadi tidak dapat digabung. Jawab keduanya."]})
        _share_secrecy(ticket, target)
        ticket.merged_into_id = target.id
        keep_alike(target)
        change_status(ticket, "merge", seen.actor, {"into": target.id})
        note_event(target, "merge_in", seen.actor, {"from": ticket.id})
        if target.status == status.ANSWERED:
            change_status(target, "reply", seen.actor)
    return target


def split(seen: Seen, message_id: str) -> Ticket:
    """Make a ticket of its own from one message, of the resident or of who else wrote it. Its clock runs from
    that message. Raises NotFound, StaleDecision while it is open whose words these are."""
    with acting(DESK, seen) as ticket:
        message = _splittable(ticket, message_id)
        contact, details = _of_message(ticket, message)
        made = intake.begin_ticket(
            ticket.channel if is_owners(message) else message.channel, contact, body_of(message), message.at, details,
            seen.actor,
        )
        made.split_from_id, message.split_into_id = ticket.id, made.id
        origin = intake.Origin(message.inbound_id)
        intake.add_inbound(made, message.channel, body_of(message), message.at, "", seen.actor, origin)
        note_event(ticket, "split", seen.actor, {"into": made.id})
        notices.confirm(made, contact)
    return made


def _splittable(ticket: Ticket, message_id: str) -> TicketMessage:
    message = db.session.get(TicketMessage, message_id)
    if message is None or message.ticket_id != ticket.id or message.direction != INBOUND:
        raise NotFound()
    if message.id == ticket.messages[0].id or message.split_into_id is not None:
        raise StaleDecision("Pesan ini sudah menjadi pengaduan sendiri.")
    if is_open(message):
        raise StaleDecision("Pastikan dulu apakah pesan ini dari pelapor.")
    return message


def _of_message(ticket: Ticket, message: TicketMessage) -> tuple[Contact, intake.Details]:
    """Who is answered, and what is kept of the ticket; of a stranger's words only who wrote them."""
    if not is_owners(message):
        sender = sender_of(message)
        contact = Contact(email=sender) if "@" in sender else Contact(phone=sender)
        return contact, intake.Details(about_staff=ticket.about_staff, about_staff_id=ticket.about_staff_id)
    return open_contact(ticket), intake.Details(
        kind=ticket.kind, category=ticket.category, place=open_content(ticket).place, anonymous=ticket.anonymous,
        secret=ticket.secret, about_staff=ticket.about_staff, about_staff_id=ticket.about_staff_id,
        answer_by=ticket.answer_by, outside_reference=ticket.outside_reference, application_id=ticket.application_id,
    )


def _share_secrecy(ticket: Ticket, target: Ticket) -> None:
    """From whom one of the two was kept, from them both are kept now. Raises FormRejected when they are about
    two different people of the office: each may know of the other's."""
    accused = {ticket.about_staff_id, target.about_staff_id} - {None}
    if len(accused) > 1:
        raise FormRejected({"number": ["Keduanya tentang petugas yang berbeda, jadi tidak dapat digabung."]})
    target.about_staff = target.about_staff or ticket.about_staff
    target.about_staff_id = next(iter(accused), None)
    target.anonymous, target.secret = target.anonymous or ticket.anonymous, target.secret or ticket.secret


def _same_person(one: Ticket, other: Ticket) -> bool:
    """Somebody without any contact gets no answer, so nothing can reach the wrong person."""
    def contacts(ticket: Ticket) -> set[str]:
        return {index for index in (ticket.phone_index, ticket.email_index) if index}

    return not contacts(one) or not contacts(other) or bool(contacts(one) & contacts(other))
