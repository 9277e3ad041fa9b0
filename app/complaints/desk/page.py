"""Everything one ticket shows at the desk, read in one place. What a person must not see is not in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import selectinload

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.base.written import Written
from app.casework import claims, notes, undo
from app.casework.claims import Holder
from app.casework.history import Step, of_events
from app.casework.lists import staff_names
from app.casework.models import CaseNote
from app.complaints.arriving.typed_in import just_entered
from app.complaints.arriving.which_ticket import of_same_contact
from app.complaints.desk import incidents
from app.complaints.desk.acts import takes_lead_to_dismiss
from app.complaints.desk.answering import can_answer_in_place, is_public
from app.complaints.desk.case_desk import DESK
from app.complaints.ticket.doubts import is_open, is_owners
from app.complaints.ticket.models import INTERNAL, NOTE, Ticket, TicketAttachment, TicketMessage
from app.complaints.ticket.personal import (
    Contact,
    body_of,
    open_content,
    open_part,
    open_pin,
    quoted_of,
    sender_of,
    title_of,
)
from app.complaints.ticket.visibility import leads, may_know, may_read, may_see, oversees, seen_among, shown_contact
from app.complaints.ticket.words import DOUBT_ANSWERS, DOUBTS, UNREAD
from app.correspondence import calls
from app.correspondence.call_task import CallTask
from app.identity.mask import show_phone
from app.messages.addresses import WHATSAPP
from app.messages.catalogue import message_for
from app.messages.models import OutboxMessage
from app.messages.outbox import messages_about
from app.messages.states import FAILED, SENT
from app.messages.states import LABELS as FATES
from app.registration.models import Application
from app.web.access import holds

ACTS: dict[str, str] = {
    "mail_failed": "E-mail tidak sampai", "mail_unknown": "E-mail belum pasti sampai",
    "receive": "Diterima", "message": "Pesan pelapor", "verify": "Diperiksa dan diteruskan",
    "follow_up": "Mulai ditindaklanjuti",
    "answer": "Dijawab", "ask": "Bertanya kepada pelapor", "call": "Menelepon pelapor", "note": "Catatan internal",
    "classify": "Jenis diubah", "merge": "Digabung", "merge_in": "Menerima gabungan", "split": "Dipisah",
    "agree_dismissal": "Penutupan disetujui pengawas", "open_again": "Dibuka lagi oleh petugas",
    "dismiss": "Ditutup, bukan pengaduan", "settle": "Ditutup kembali", "close": "Ditutup otomatis",
    "confirm": "Dinyatakan selesai oleh pelapor", "reply": "Dibuka lagi oleh pelapor",
    "doubt": "Pesan yang belum tentu dari pelapor", "settle_doubt": "Asal pesan dipastikan",
    "rate": "Dinilai pelapor", "thank": "Ucapan terima kasih", "take_up": "Dibuka lagi oleh petugas",
    "join_incident": "Masuk kejadian", "leave_incident": "Keluar dari kejadian",
    "link": "Tautan pendaftaran", "explain_late": "Alasan keterlambatan",
    "step_code": "Kode untuk HP atau komputer baru dikirim kepada pelapor",
    "lose": "Jawaban tidak sampai, dibuka lagi", "reach": "Jawaban sampai kepada pelapor",
    "take_over": "Diambil alih", "take_back": "Dibatalkan dalam satu menit",
    "warn": "Peringatan waktu", "escalate": "Dilaporkan ke atasan",
}

MESSAGES = (
    select(TicketMessage).where(TicketMessage.ticket_id == bindparam("ticket")).order_by(TicketMessage.position)
    .options(selectinload(TicketMessage.attachments))
)
EVERYBODY = Written(select(Staff.id, Staff.name, Staff.role, Staff.jabatan, Staff.disabled_at).order_by(Staff.name))
MERGED = select(Ticket).where(Ticket.merged_into_id == bindparam("ticket")).limit(20)
PERSON = "pelapor"
PRESENT = timedelta(seconds=40)
MOVED = "(Menjadi pengaduan lain yang tidak dapat Anda buka.)"


@dataclass(frozen=True)
class Line:
    """One message, or a note of colleagues. `fate` is how the message that carried it fared since `fate_at`, None when
    there is none; `is_link` that it only said where to read this, `call_task` the task to say it by phone instead.
    `doubt` says why it may not be the resident's, `asks` that nobody has judged that yet, `found` what somebody
    found; `sender` is where it came from. `taken_back` was never sent; `moved` marks what became a ticket of its
    own."""

    id: str
    direction: str
    author: str
    text: str
    at: datetime
    channel: str = ""
    call: str = ""
    fate: object = None
    fate_at: datetime | None = None
    is_link: bool = False
    call_task: str = ""
    final: bool = False
    attachments: Sequence[TicketAttachment] = ()
    doubt: str = ""
    asks: bool = False
    found: str = ""
    sender: str = ""
    moved: bool = False
    taken_back: bool = False
    quoted: str = ""
    unread: Sequence[str] = ()
    courtesy: bool = False


@dataclass(frozen=True)
class Desk:
    """`contact` is None when it is hidden from this person; `pin` only right after the own entry."""

    ticket: Ticket
    subject: str
    place: str
    contact: Contact | None
    phone: str
    lines: list[Line]
    related: list[Ticket]
    merged: list[Ticket]
    target: Ticket | None
    origin: Ticket | None
    application: Application | None
    names: dict[str, str]
    handlers: list[Staff]
    holder: Holder | None
    token: str
    others: list[tuple[str, bool]]
    history: tuple[Step, ...]
    late_reason: str
    rating_words: str
    late: bool
    public: bool
    unsure: bool
    in_place: bool
    pin: str
    oversees: bool
    leads: bool
    undo_until: datetime | None
    undo_sends: bool
    guarded: bool
    joinable: list[Ticket]
    incident: str
    incident_size: int
    incidents: dict[str, str]

    @property
    def last(self) -> tuple[str, str, datetime] | None:
        """(who, what, when) of the newest act, for somebody who came too late."""
        if not self.history:
            return None
        step = self.history[-1]
        return step.who, step.what, step.at


def desk_of(ticket: Ticket, staff) -> Desk:
    handlers, names = _handlers(ticket), staff_names()
    content, contact, holder = open_content(ticket), shown_contact(ticket, staff), claims.holder_of(ticket)
    return Desk(
        ticket=ticket, subject=content.subject, place=content.place, contact=contact,
        phone=_shown_phone(contact),
        lines=_lines(ticket, names, staff), names=names, handlers=handlers,
        related=seen_among(of_same_contact(ticket), staff),
        merged=seen_among(list(db.session.scalars(MERGED, {"ticket": ticket.id})), staff),
        target=_one(ticket.merged_into_id, staff), origin=_one(ticket.split_from_id, staff),
        application=_application(ticket, staff),
        holder=holder, token=ticket.claim_token if holder is not None and holder.id == staff.id else "",
        others=claims.others_present(("ticket", ticket.id), staff, PRESENT),
        history=of_events(ticket.events, ACTS, PERSON),
        late_reason=open_part(ticket, "late_reason", ticket.late_reason_sealed),
        rating_words=open_part(ticket, "rating", ticket.rating_sealed),
        late=ticket.is_open and ticket.due_at < clock.now(), public=is_public(ticket),
        unsure=ticket.unsure,
        in_place=can_answer_in_place(ticket), oversees=oversees(staff), leads=leads(ticket, staff),
        pin=open_pin(ticket) if just_entered(ticket.id, staff) else "",
        undo_until=undo.open_until(DESK, ticket, staff), guarded=takes_lead_to_dismiss(ticket),
        undo_sends=bool((done := undo.pending(("ticket", ticket.id))) and done.messages),
        joinable=incidents.joinable(ticket, staff),
        incident=title_of(incidents.find_incident(ticket.incident_id)) if ticket.incident_id else "",
        incident_size=incidents.size_of(ticket.incident_id), incidents=incidents.offered(),
    )


def message_of(attachment: TicketAttachment) -> TicketMessage:
    return db.session.get_one(TicketMessage, attachment.message_id)


def _lines(ticket: Ticket, names: dict[str, str], staff) -> list[Line]:
    sent = {row.id: row for row in messages_about("ticket", ticket.id)}
    tasks = calls.of_messages([row.id for row in sent.values() if row.state in (FAILED, SENT)])
    said = (
        (message.created_at,
         _line(message, names, sent.get(message.outbox_id), tasks.get(message.outbox_id),
               knows=may_know(ticket, staff), open_=may_read(message, staff)))
        for message in db.session.scalars(MESSAGES, {"ticket": ticket.id})
    )
    noted = ((note.at, _noted(note, names)) for note in notes.notes_of(("ticket", ticket.id), INTERNAL))
    return [line for _, line in merge(said, noted, key=lambda one: one[0])]


def _noted(note: CaseNote, names: dict[str, str]) -> Line:
    author = names.get(note.staff_id, "Petugas") if note.staff_id else "Sistem"
    return Line(f"note-{note.id}", NOTE, author, notes.read_note(note), note.at)


def _line(
    message: TicketMessage, names: dict[str, str], sent: OutboxMessage | None, task: CallTask | None, *, knows: bool,
    open_: bool,
) -> Line:
    return Line(
        message.id, message.direction, _author(message, names), body_of(message) if open_ else MOVED,
        message.at, message.channel, message.call_outcome,
        FATES[sent.state] if sent else None, sent.state_at if sent else None,
        bool(sent) and sent.channel == WHATSAPP and not message_for(sent.template).own_words,
        task.id if task and task.closed_at is None else "", message.final, list(message.attachments) if open_ else [],
        DOUBTS.get(message.doubt, ""), is_open(message), DOUBT_ANSWERS.get(message.doubt_answer, ""),
        _shown_sender(message) if knows and open_ else "", message.split_into_id is not None,
        message.taken_back_at is not None, quoted_of(message) if open_ else "",
        [UNREAD[code] for code in message.unread.split(",") if code in UNREAD], message.is_courtesy,
    )


def _author(message: TicketMessage, names: dict[str, str]) -> str:
    author = {"staff": names.get(message.author_id, "Petugas"), "system": "Sistem"}.get(message.author_kind, "Pelapor")
    if message.direction != "in":
        return author
    if not is_owners(message):
        return "Bukan pelapor" if message.doubt_answer else "Belum tentu dari pelapor"
    return f"Pelapor, dicatat {author}" if message.author_kind == "staff" else author


def _shown_sender(message: TicketMessage) -> str:
    sender = sender_of(message)
    return show_phone(sender) if sender.startswith("+") else sender


def _handlers(ticket: Ticket) -> list[Row]:
    return [
        person for person in _everybody()
        if person.disabled_at is None and holds(person, "handle_complaints") and person.id != ticket.about_staff_id
    ]


def _everybody() -> list[Row]:
    """By name; the names of lists.staff_names() with it."""
    found = EVERYBODY.ask().all()
    staff_names.found({person.id: person.name for person in found})
    return found


def _one(ticket_id: str | None, staff) -> Ticket | None:
    found = db.session.get(Ticket, ticket_id) if ticket_id else None
    return found if found is not None and may_see(found, staff) else None


def _application(ticket: Ticket, staff) -> Application | None:
    """A registration names its applicant, so whoever must not know the reporter does not see it."""
    if ticket.application_id is None or not may_know(ticket, staff):
        return None
    return db.session.get(Application, ticket.application_id)


def _shown_phone(contact: Contact | None) -> str:
    if contact is None:
        return ""
    return show_phone(contact.phone) if contact.phone.startswith("+") else contact.phone
