"""Acts of the office on one ticket. Each is one transaction under its lock, on what the page showed."""

from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_id, normalise_code
from app.base.problems import FormRejected, NotAllowed, NotFound, StaleDecision
from app.base.services import city
from app.casework import claims, notes, undo
from app.casework.acting import acting
from app.casework.desk import Seen
from app.casework.moving import locked, set_clock
from app.complaints.arriving.intake import go_on, readable
from app.complaints.desk.case_desk import DESK, may_handle
from app.complaints.ticket import doubts, notices
from app.complaints.ticket.models import INTERNAL, Ticket, TicketMessage
from app.complaints.ticket.personal import seal_body, seal_part
from app.complaints.ticket.status import TICKET
from app.complaints.ticket.transitions import change_status, next_position, note_event
from app.complaints.ticket.visibility import find_visible, leads
from app.complaints.ticket.words import (
    CATEGORIES,
    DISMISSALS,
    DISMISSALS_TOLD,
    DOUBT_ANSWERS,
    GUARDED_CATEGORIES,
    KINDS,
    NOT_A_CASE,
    OWNER,
)
from app.registration.models import Application
from app.registration.status import DRAFT


@dataclass(frozen=True)
class Classes:
    """What a ticket is about and who works on it; ids and keys, "" for none."""

    kind: str
    category: str
    unit: str = ""
    handler: str = ""
    needs_examination: bool = False
    about_staff: bool = False
    about_staff_id: str = ""


def open_ticket(ticket_id: str, staff) -> Ticket:
    """One ticket for the desk. Opening it is a journal line (UU 27/2022 art. 31)."""
    with transaction():
        ticket = find_visible(ticket_id, staff)
        journal.record("ticket_viewed", actor=actor_of(staff), about=("ticket", ticket.id))
    return ticket


def classify(seen: Seen, classes: Classes, verify: bool) -> None:
    """Set what it is and who works on it; `verify` also passes a new ticket on (3 working days)."""
    _check_classes(classes)
    with acting(DESK, seen) as ticket:
        lead = leads(ticket, seen.staff)
        if (ticket.about_staff or ticket.about_staff_id) and not classes.about_staff and not lead:
            raise NotAllowed("Tanda pengaduan tentang petugas hanya dapat dihapus oleh pengawas.")
        was, ticket.kind, ticket.category, ticket.unit = ticket.category, classes.kind, classes.category, classes.unit
        ticket.needs_examination = classes.needs_examination
        ticket.about_staff = classes.about_staff or bool(classes.about_staff_id)
        if lead or ticket.about_staff_id is None:
            ticket.about_staff_id = classes.about_staff_id or None
        keep_alike(ticket)
        _assign(ticket, classes.handler, lead)
        if ticket.assigned_to not in (None, seen.staff.id):
            claims.drop(DESK, ticket.id)  # passed on: the colleague may begin at once
        detail = {
            "kind": ticket.kind, "category": ticket.category, "unit": ticket.unit, "to": ticket.assigned_to or "",
            "was": was,
        }
        if verify and TICKET.may("verify", ticket.status):
            change_status(ticket, "verify", seen.actor, detail)
        else:
            set_clock(TICKET, ticket)
            note_event(ticket, "classify", seen.actor, detail)


def keep_alike(ticket: Ticket) -> None:
    """What was merged into a ticket is kept from the same people, inside the caller's transaction."""
    db.session.flush()
    for other in db.session.scalars(select(Ticket).where(Ticket.merged_into_id == ticket.id)):
        other.about_staff, other.about_staff_id = ticket.about_staff, ticket.about_staff_id
        other.anonymous, other.secret = ticket.anonymous, ticket.secret
        keep_alike(other)


def follow_up(seen: Seen) -> None:
    with acting(DESK, seen) as ticket:
        change_status(ticket, "follow_up", seen.actor)


def write_note(ticket_id: str, staff, text: str) -> None:
    """A note among colleagues; needs neither version nor claim, because it replaces nothing."""
    words = checked_words(text, "note", "Tulis catatan dulu.")
    with transaction():
        ticket = locked(Ticket, ticket_id)
        find_visible(ticket_id, staff)
        notes.add_note(("ticket", ticket.id), INTERNAL, words, staff.id)
        note_event(ticket, "note", actor_of(staff))
        notes.drop_draft(("ticket", ticket.id), "note", staff.id)


def dismiss(seen: Seen, reason: str) -> None:
    """Close what is no complaint, and tell whoever can be reached; a supervisor goes through what others closed.
    Raises FormRejected for a reason that is not in the list, or when it takes a supervisor."""
    if reason not in DISMISSALS:
        raise FormRejected({"dismissal": ["Pilih alasannya."]})
    with undo.doing(DESK, seen) as done:
        ticket, lead = done.case, leads(done.case, seen.staff)
        if takes_lead_to_dismiss(ticket) and not lead:
            raise FormRejected({"dismissal": [
                "Pengaduan tentang uang atau petugas hanya dapat ditutup tanpa jawaban oleh pengawas. Tulis pendapat "
                "Anda sebagai catatan internal, lalu minta pengawas membukanya."]})
        ticket.outcome, ticket.dismissal_unseen = NOT_A_CASE, not lead
        change_status(ticket, "dismiss", seen.actor, {"reason": reason})
        done.act = "dismiss"
        claims.drop(DESK, ticket.id)
        if sent := notices.tell_dismissed(ticket, DISMISSALS_TOLD[reason], done.not_before):
            done.sent.append(sent)


def takes_lead_to_dismiss(ticket: Ticket) -> bool:
    """Whether it is about money or staff, or was before somebody put it into another category."""
    were = {event.detail.get("was") for event in ticket.events}
    return ticket.about_staff or bool(({ticket.category} | were) & GUARDED_CATEGORIES)


def agree_to_dismissal(seen: Seen) -> None:
    """A supervisor has looked through it. Raises NotAllowed, StaleDecision when somebody else has."""
    with acting(DESK, seen) as ticket:
        if not leads(ticket, seen.staff):
            raise NotAllowed("Penutupan ditinjau oleh pengawas.")
        if not ticket.dismissal_unseen:
            raise StaleDecision("Penutupan ini sudah ditinjau.")
        ticket.dismissal_unseen = False
        note_event(ticket, "agree_dismissal", seen.actor)
        claims.drop(DESK, ticket.id)


def open_again(seen: Seen, reason: str) -> None:
    """What was closed or answered by mistake is worked on again; why is kept as a note. Raises FormRejected."""
    words = checked_words(reason, "again", "Tulis alasan membuka lagi.", 500)
    with acting(DESK, seen) as ticket:
        if ticket.outcome == NOT_A_CASE:
            ticket.outcome = ""
        ticket.dismissal_unseen = False
        change_status(ticket, "open_again", seen.actor)
        notes.add_note(("ticket", ticket.id), INTERNAL, f"Dibuka lagi: {words}", seen.staff.id)


def settle(seen: Seen) -> None:
    """Close a case that was opened again by a word of thanks, or because no answer reaches the resident.
    Raises StaleDecision without an answer."""
    with acting(DESK, seen) as ticket:
        if ticket.first_answered_at is None and ticket.lost_message_id is None:
            raise StaleDecision("Pengaduan ini belum pernah dijawab.")
        change_status(ticket, "settle", seen.actor)


def take_up(seen: Seen, message_id: str) -> None:
    """What was taken for a word of thanks is news: the case is worked on anew, as if it had come as such. Raises
    NotFound, StaleDecision when it is open already."""
    with acting(DESK, seen) as ticket:
        message = db.session.get(TicketMessage, message_id)
        if message is None or message.ticket_id != ticket.id or not message.is_courtesy:
            raise NotFound()
        message.is_courtesy, ticket.last_said_at = False, message.at
        change_status(ticket, "take_up", seen.actor)


def settle_doubt(seen: Seen, message_id: str, found: str) -> None:
    """Say whose words these are. The resident's now count as if they had come in this moment; a stranger's stay
    what they are. Raises FormRejected without a choice, StaleDecision when somebody has said so before."""
    if found not in DOUBT_ANSWERS:
        raise FormRejected({"doubt": ["Pilih apakah pesan ini dari pelapor."]})
    with acting(DESK, seen) as ticket:
        message = db.session.get(TicketMessage, message_id)
        if message is None or message.ticket_id != ticket.id or not message.doubt:
            raise NotFound()
        if message.doubt_answer:
            raise StaleDecision("Asal pesan ini sudah dipastikan.")
        doubts.note_found(ticket, message, found, seen.actor)
        if found == OWNER and message.id != ticket.messages[0].id:
            ticket.last_said_at = message.at
            go_on(ticket, seen.actor)


def explain_lateness(seen: Seen, reason: str) -> None:
    words = checked_words(reason, "late_reason", "Tulis alasan keterlambatan.")
    with acting(DESK, seen) as ticket:
        ticket.late_reason_sealed = seal_part(ticket, "late_reason", words)
        note_event(ticket, "explain_late", seen.actor)


def link_registration(seen: Seen, number: str) -> None:
    """Tie the ticket to a registration by its number; an empty number unties it."""
    with acting(DESK, seen) as ticket:
        application = _application(number) if number.strip() else None
        ticket.application_id = application.id if application else None
        if application is not None and not ticket.village_index:
            ticket.village_index = application.village_index
        note_event(ticket, "link", seen.actor, {"application": ticket.application_id or ""})


def add_message(ticket: Ticket, direction: str, text: str, channel: str, staff, final: bool = False) -> TicketMessage:
    """Words of ours, inside the caller's transaction."""
    now = clock.now()
    message = TicketMessage(
        id=new_id(), ticket_id=ticket.id, position=next_position(ticket.id), direction=direction, channel=channel,
        author_kind="staff", author_id=staff.id, at=now, final=final,
    )
    message.body_sealed = seal_body(message.id, text)
    db.session.add(message)
    db.session.flush()
    return message


def checked_words(text: str, field: str, empty: str, most: int = notes.LONGEST) -> str:
    words = readable(text)
    if not words:
        raise FormRejected({field: [empty]})
    if len(words) > most:
        raise FormRejected({field: [f"Tulisan ini terlalu panjang. Paling banyak {most} huruf."]})
    return words


def actor_of(staff) -> journal.Actor:
    return journal.Actor("staff", staff.id)


def _assign(ticket: Ticket, handler: str, lead: bool) -> None:
    if not handler:
        ticket.assigned_to = None
        return
    if handler == ticket.about_staff_id:
        raise FormRejected({"handler": ["Pengaduan ini tentang petugas itu. Pilih orang lain."]})
    if not may_handle(ticket, handler):
        raise FormRejected({"handler": ["Pilih petugas dari daftar."]})
    if ticket.about_staff and handler != ticket.assigned_to and not lead:
        raise NotAllowed("Pengaduan tentang petugas ditugaskan oleh pengawas.")
    ticket.assigned_to = handler


def _check_classes(classes: Classes) -> None:
    units = {unit.key for unit in city().complaint_units}
    errors = {}
    if classes.kind not in KINDS:
        errors["kind"] = ["Pilih jenisnya."]
    if classes.category not in CATEGORIES:
        errors["category"] = ["Pilih kategorinya."]
    if classes.about_staff_id and db.session.get(Staff, classes.about_staff_id) is None:
        errors["about_staff_id"] = ["Pilih petugas dari daftar."]
    if classes.unit and classes.unit not in units:
        errors["unit"] = ["Pilih bagian dari daftar."]
    if errors:
        raise FormRejected(errors)


def _application(number: str) -> Application:
    found = db.session.scalar(select(Application).where(Application.number == normalise_code(number)))
    if found is None or found.status == DRAFT:
        raise FormRejected({"application": ["Nomor pendaftaran ini tidak ditemukan."]})
    return found
