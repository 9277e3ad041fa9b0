"""What is said to the resident, on the channel chosen.

Everything joins the caller's transaction. Who chose the page, or left no contact, reads it there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.base import clock
from app.base.database import db
from app.base.services import city, settings
from app.city.dates import show_date, show_moment
from app.city.office_calendar import calendar_for
from app.city.worktime import due_after_working_days
from app.complaints.ticket import files
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import Contact, open_contact, open_pin
from app.complaints.ticket.words import BY_EMAIL, BY_PAGE, BY_WHATSAPP, UNREAD_TOLD
from app.messages import outbox, texts
from app.messages.addresses import by_email, by_whatsapp
from app.messages.catalogue import message_for
from app.messages.models import OutboxMessage
from app.messages.outbox import Wording
from app.messages.whatsapp import templates
from app.messages.whatsapp.templates import Carried

RECEIPT, LOST = "pengaduan_diterima", "berkas_tidak_tersimpan"
WHAT_WE_KEEP = ("Kirim sebagai foto, PDF, teks, Word, Excel, rekaman suara, atau video sampai 16 MB, atau bawa "
                "berkasnya ke kantor kami.")


def tracking_link() -> str:
    return f"{settings().public_base_url}/pengaduan/lacak"


def confirm(
    ticket: Ticket, contact: Contact, unread: Iterable[str] = (), lost: Iterable[tuple[str, str]] = (),
) -> None:
    """Number, PIN and the day of the answer, once; in a letter also what of theirs we could not read or keep."""
    _tell(ticket, contact, RECEIPT, {
        "tiket": ticket.number, "pin": open_pin(ticket), "tgl_jam": show_moment(ticket.received_at),
        "batas": show_date(ticket.resolve_due_at), "tautan": tracking_link(),
    }, told_lost(unread, lost))


def tell_lost(ticket: Ticket, contact: Contact, unread: Iterable[str], lost: Iterable[tuple[str, str]]) -> None:
    """Say what could not be read or kept, and the other way; nothing when all was."""
    if words := told_lost(unread, lost):
        why = next((f"{name or 'berkas Anda'} ({files.why_refused(refusal).lower()})" for name, refusal in lost), "")
        _tell(ticket, contact, LOST, {
            "tiket": ticket.number, "berkas": why or "surat Anda (tidak terbaca)", "tautan": tracking_link(),
        }, words)


def told_lost(unread: Iterable[str], lost: Iterable[tuple[str, str]]) -> str:
    """For the sender: what we do not have, and what to do; "" for nothing. `lost` are (name, refusal) of files."""
    whys = [UNREAD_TOLD[code] for code in unread if code in UNREAD_TOLD]
    lines = [f"- {name or 'satu berkas'}: {files.why_refused(refusal).lower()}" for name, refusal in lost]
    said = []
    if whys:
        said.append(f"Perhatian: tidak semua isi surat Anda dapat kami baca, karena {' dan '.join(whys)}. Kirim sekali "
                    f"lagi sebagai surat biasa tanpa enkripsi, atau tulis di {settings().public_base_url}/pengaduan.")
    if lines:
        said.append("\n".join(["Perhatian: berkas berikut tidak dapat kami simpan:", *lines, WHAT_WE_KEEP]))
    return "\n\n".join(said)


def receipt_is_withheld(ticket: Ticket) -> bool:
    """Whether number and PIN do not go by WhatsApp, so that the page is all the receipt there is."""
    rows = outbox.messages_about("ticket", ticket.id)
    return any(row.template == RECEIPT and outbox.is_withheld(row) for row in rows)


def send_code(ticket: Ticket, code: str) -> bool:
    """A one-time code to the ticket's own contact, wherever it reads; False when there is none."""
    contact = open_contact(ticket)
    if contact.phone.startswith(("+", "ID.")):
        to = by_whatsapp(contact.phone)
    elif contact.email:
        to = by_email(contact.email)
    else:
        return False
    outbox.enqueue(
        "kode_perangkat", to=to, variables={"kode": code}, about=("ticket", ticket.id),
        wording=Wording(f"Kode untuk pengaduan {ticket.number}"),
    )
    return True


@dataclass(frozen=True)
class Notice:
    """A message of the catalogue with its values, and the `words` above it in an e-mail."""

    template: str
    values: dict[str, str]
    words: str


@dataclass(frozen=True)
class Told:
    """What the resident will read, word for word. `by` is a way of ANSWER_BY; `carried` says how a WhatsApp message
    takes the words, None on the other ways; `subject` is a letter's."""

    by: str
    text: str
    carried: Carried | None = None
    subject: str = ""

    @property
    def is_link(self) -> bool:
        return self.carried is not None and not self.carried.way


def tell(ticket: Ticket, words: str, final: bool, not_before: datetime) -> OutboxMessage | None:
    """Say our words on the channel chosen, at `not_before`; None for who reads them on the page."""
    notice = _notice(ticket, words, final, ticket.due_at)
    return _tell(ticket, open_contact(ticket), notice.template, notice.values, notice.words, not_before)


def tell_dismissed(ticket: Ticket, why: str, not_before: datetime) -> OutboxMessage | None:
    """That it was closed without an answer, and how to object; None without a contact."""
    return _tell(ticket, open_contact(ticket), "pengaduan_ditutup", {
        "tiket": ticket.number, "alasan": why, "tautan": tracking_link(), "kontak": city().contacts.phone,
    }, not_before=not_before)


def preview_notice(ticket: Ticket, words: str, final: bool) -> Told:
    """The same as the resident will read it. Before the answer, so the days for objecting are counted from now."""
    contact, days = open_contact(ticket), city().complaint_days.close_without_reply
    until = due_after_working_days(calendar_for(), clock.now(), days)
    notice = _notice(ticket, words, final, until)
    if ticket.answer_by == BY_WHATSAPP and contact.phone:
        carried = templates.carry(*_carrying(ticket, words, final, until), contact.phone)
        message = message_for(notice.template)
        text = carried.text if carried.way else texts.full_text(
            message, texts.cleaned(message, notice.values), templates.ANY_CODE)
        return Told(BY_WHATSAPP, text, carried)
    if ticket.answer_by == BY_EMAIL and contact.email:
        return Told(BY_EMAIL, f"{notice.words}\n\n{spoken(notice)}", subject=_subject(ticket, notice.template))
    return Told(BY_PAGE, f"{words}\n\n{further_ways()}" if final else words)


def is_told(ticket: Ticket) -> bool:
    """Whether our words reach whoever reported this by themselves: a contact to write to, or number and PIN, which
    everybody got who did not have it written down by us."""
    contact = open_contact(ticket)
    to = {BY_WHATSAPP: contact.phone, BY_EMAIL: contact.email, BY_PAGE: ticket.entered_by is None}
    return bool(to.get(ticket.answer_by))


def spoken(notice: Notice) -> str:
    message = message_for(notice.template)
    return texts.spoken_text(message, texts.cleaned(message, notice.values))


def _notice(ticket: Ticket, words: str, final: bool, until: datetime) -> Notice:
    """The words themselves by e-mail, and by WhatsApp as far as they can travel; else where to read them. A final
    answer always says until when to object, and the way on, in the words of the message."""
    phone = open_contact(ticket).phone
    if ticket.answer_by == BY_WHATSAPP and phone:
        key, values = _carrying(ticket, words, final, until)
        if templates.carry(key, values, phone).way:
            return Notice(key, values, "")
    values = {"tiket": ticket.number, "tautan": tracking_link()}
    if not final:
        return Notice("pengaduan_ditanya", values, words)
    return Notice("pengaduan_dijawab", {**values, "tgl": show_date(until)}, words)


def _carrying(ticket: Ticket, words: str, final: bool, until: datetime) -> tuple[str, dict[str, str]]:
    """The message that carries the words, and its values."""
    if final:
        return "jawaban_pengaduan", {"tiket": ticket.number, "jawaban": words, "tgl": show_date(until)}
    return "kabar_pengaduan", {"tiket": ticket.number, "kabar": words, "tautan": tracking_link()}


def _subject(ticket: Ticket, template: str) -> str:
    return f"[{ticket.number}] {SUBJECTS[template]}"


def tell_escalated(ticket: Ticket) -> None:
    """Tell the person named in the city file that a stage is over: number and dates, no word of the
    complaint. Supervisors read of it at their desk in any case."""
    inbox = city().complaint_inbox
    if not inbox.escalate_email:
        return
    text = ESCALATED.format(
        to=inbox.escalate_to, number=ticket.number, received=show_moment(ticket.received_at),
        due=show_moment(ticket.due_at), link=f"{settings().public_base_url}/petugas/pengaduan?tab=terbuka&sisa=lewat",
    )
    outbox.enqueue(
        "pengaduan_terlambat", to=by_email(inbox.escalate_email), variables={}, about=("ticket", ticket.id),
        wording=Wording(f"Pengaduan {ticket.number} terlambat", text), to_office=True,
    )


def _tell(
    ticket: Ticket, contact: Contact, template: str, values: dict[str, str], words: str = "",
    not_before: datetime | None = None,
) -> OutboxMessage | None:
    """On the channel chosen; None for who reads it on the page. `words` go above it in an e-mail."""
    if ticket.answer_by == BY_WHATSAPP and contact.phone:
        to = by_whatsapp(contact.phone)
    elif ticket.answer_by == BY_EMAIL and contact.email:
        to = by_email(contact.email)
    else:
        return None
    wording = Wording(
        _subject(ticket, template), words, automatic=template in (RECEIPT, LOST),
    ) if template in SUBJECTS else None
    row = outbox.enqueue(
        template, to=to, variables=values, about=("ticket", ticket.id), wording=wording, not_before=not_before,
    )
    db.session.flush()  # before anything names it
    return row


SUBJECTS = {
    "pengaduan_diterima": "Pengaduan Anda sudah kami terima",
    "pengaduan_dijawab": "Jawaban atas pengaduan Anda",
    "pengaduan_ditanya": "Kabar tentang pengaduan Anda",
    "pengaduan_ditutup": "Pengaduan Anda kami tutup",
    "berkas_tidak_tersimpan": "Ada berkas yang tidak dapat kami simpan",
}


ESCALATED = """Yth. {to},

Pengaduan {number} yang diterima {received} terlambat ({due}) dan belum selesai.
Isi pengaduan hanya dapat dibuka setelah masuk: {link}

Pesan ini dikirim otomatis. Balasan tidak masuk ke pengaduan tersebut."""


def further_ways() -> str:
    """The way on that every final answer names (docs/facts.md 6)."""
    lines = [f"- {way.name} ({way.link.removeprefix('https://').removeprefix('tel:')}): {way.text}"
             for way in city().further_ways]
    return "\n".join(["Jika Anda belum puas, Anda juga dapat melapor ke:", *lines])
