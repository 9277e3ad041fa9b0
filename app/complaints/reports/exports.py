"""Lists to take along: CSV and XLSX of what the filters show, and the columns that LAPOR! asks for.

Secret words and anonymous names stay here.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Select, select

from app.base import journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.services import city
from app.casework import lists
from app.casework.lists import Look
from app.complaints.desk.inbox import COMPLAINTS
from app.complaints.reports.figures import was_in_time
from app.complaints.ticket.doubts import is_owners
from app.complaints.ticket.models import INBOUND, OUTBOUND, Ticket
from app.complaints.ticket.personal import body_of, open_contact, open_content
from app.complaints.ticket.status import label_of
from app.complaints.ticket.visibility import may_read
from app.complaints.ticket.words import CATEGORIES, KINDS, OUTCOMES

SECRET = "(rahasia)"  # noqa: S105 - a word for readers, no password
ANONYMOUS = "(anonim)"
STEP = 200

COLUMNS = (
    "Nomor", "Saluran", "Jenis", "Kategori", "Status", "Diterima", "Batas jawaban", "Dijawab", "Selesai", "Tepat waktu",
    "Dibuka lagi", "Nilai", "Hasil", "Bagian", "Petugas", "Nomor luar", "Anonim", "Rahasia", "Pelapor", "Judul", "Isi",
)
LAPOR_COLUMNS = (
    "Judul Laporan", "Isi Laporan", "Klasifikasi", "Kategori", "Tanggal Kejadian", "Lokasi Kejadian",
    "Instansi Tujuan", "Anonim", "Rahasia", "Nama Pelapor", "Nomor Telepon", "E-mail", "Sumber Laporan",
    "Tanggal Diterima", "Nomor Tiket", "Tracking ID", "Status", "Tindak Lanjut",
)


def wanted(tab: str, look: Look) -> Select:
    """What the list of this tab ("" for all) and its filters shows, whole."""
    conditions = lists.conditions(COMPLAINTS, tab, look)
    return select(Ticket).where(*conditions).order_by(Ticket.received_at, Ticket.id)


def note_export(kind: str, tab: str, look: Look) -> None:
    """Who took which list along is a journal line."""
    with transaction():
        journal.record(
            "complaints_exported", actor=journal.Actor("staff", look.staff.id), about=("complaints", kind),
            detail={"tab": tab, **look.filters},
        )


def rows(query: Select, staff) -> Iterator[tuple]:
    names = lists.staff_names()
    channels = {channel.key: channel.name for channel in city().channels}
    units = {unit.key: unit.name for unit in city().complaint_units}
    for ticket in _tickets(query):
        yield (
            ticket.number, channels.get(ticket.channel, ticket.channel), KINDS[ticket.kind],
            CATEGORIES.get(ticket.category, ticket.category), label_of(ticket).office, _moment(ticket.received_at),
            _moment(ticket.resolve_due_at), _moment(ticket.first_answered_at), _moment(ticket.closed_at),
            _in_time(ticket), ticket.reopened, ticket.rating or "", OUTCOMES.get(ticket.outcome, ""),
            units.get(ticket.unit, ""), names.get(ticket.assigned_to, ""), ticket.outside_reference,
            _yes(ticket.anonymous), _yes(ticket.secret), *_words(ticket, staff),
        )


def lapor_rows(query: Select, staff) -> Iterator[tuple]:
    channels = {channel.key: channel.name for channel in city().channels}
    for ticket in _tickets(query):
        name, subject, text = _words(ticket, staff)
        contact, content = open_contact(ticket), open_content(ticket)
        phone, email = ("", "") if ticket.anonymous else (contact.phone, contact.email)
        answers = [body_of(message) for message in ticket.messages if message.direction == OUTBOUND]
        yield (
            subject, text, KINDS[ticket.kind], CATEGORIES.get(ticket.category, ticket.category),
            ticket.happened_on.strftime("%d-%m-%Y") if ticket.happened_on else "", content.place, city().office_name,
            _yes(ticket.anonymous), _yes(ticket.secret), name, phone, email,
            channels.get(ticket.channel, ticket.channel), _moment(ticket.received_at), ticket.number,
            ticket.outside_reference, label_of(ticket).office,
            SECRET if ticket.secret else "\n\n".join(answers),
        )


def _tickets(query: Select) -> Iterator[Ticket]:
    """In steps, so that a hundred thousand fit into the memory of a small machine."""
    ids = [row_id for (row_id,) in db.session.execute(query.with_only_columns(Ticket.id))]
    for start in range(0, len(ids), STEP):
        found = {t.id: t for t in db.session.scalars(select(Ticket).where(Ticket.id.in_(ids[start:start + STEP])))}
        yield from (found[row_id] for row_id in ids[start:start + STEP] if row_id in found)
        db.session.expunge_all()


def _words(ticket: Ticket, staff) -> tuple[str, str, str]:
    """(name, subject, words) as far as they may leave the house: words that are not the resident's stay."""
    name = ANONYMOUS if ticket.anonymous else open_contact(ticket).name
    if ticket.secret:
        return name, SECRET, SECRET
    said = [
        body_of(message) for message in ticket.messages
        if message.direction == INBOUND and is_owners(message) and may_read(message, staff)
    ]
    return name, open_content(ticket).subject, "\n\n".join(said)


def _in_time(ticket: Ticket) -> str:
    return "" if ticket.first_answered_at is None else _yes(was_in_time(ticket))


def _yes(value: bool) -> str:
    return "Ya" if value else "Tidak"


def _moment(value: datetime | None) -> str:
    return value.astimezone(WIB).strftime("%d-%m-%Y %H.%M") if value else ""
