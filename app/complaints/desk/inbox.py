"""The lists of tickets: by time left, one walk of an index a page (app/casework/lists.py).

A tab is one or two trays; each tray is a range of an index that holds everything a list is narrowed by
(models.LIST_INDEXES).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from app.base.database import db
from app.base.services import city
from app.casework import kinds, lists
from app.casework.claims import free_for, holder_id, take_next_of
from app.casework.clocks import TimeLeft
from app.casework.kept import Anyone, anyone_like, kept
from app.casework.kinds import Label
from app.casework.labels import by_label
from app.casework.lists import CaseList, Column, Filter, Look, Order, Tab
from app.casework.narrowing import by_date, by_time, name_of, one_of
from app.city.office_calendar import calendar_for
from app.complaints.desk.case_desk import DESK
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import open_content
from app.complaints.ticket.status import label_of
from app.complaints.ticket.visibility import known_to, visible_to
from app.complaints.ticket.words import CATEGORIES, KINDS, NOT_A_CASE
from app.registration.fields import villages
from app.registration.personal import village_index

MOST_TIED = 50
FOR_ME, OPEN, LATE, BEHIND, DONE = "untuk-saya", "terbuka", "terlambat", "lewat-tahap", "selesai"
ALL = "semua"  # for exports only


class Row(NamedTuple):
    """One line. `left` is None when no clock runs, `clock` its name; `handler` was assigned, `writer` holds it now;
    `marks` are words to show beside it."""

    id: str
    number: str
    subject: str
    channel: str
    kind: str
    category: str
    status: str
    label: Label
    due_at: datetime
    left: TimeLeft | None
    clock: str
    received_at: datetime
    last_said_at: datetime
    handler: str
    writer: str
    marks: tuple[str, ...]


# the columns of a line: a whole ticket has five times as many
SHOWN = (
    Ticket.id, Ticket.number, Ticket.content_sealed, Ticket.channel, Ticket.kind, Ticket.category, Ticket.status,
    Ticket.due_at, Ticket.resolve_due_at, Ticket.warn_at, Ticket.received_at, Ticket.last_said_at, Ticket.assigned_to,
    Ticket.claimed_by, Ticket.claim_until, Ticket.secret, Ticket.anonymous, Ticket.about_staff, Ticket.escalated_at,
    Ticket.reopened, Ticket.is_open, Ticket.lost_message_id, Ticket.outcome, Ticket.first_answered_at, Ticket.unsure,
)
MARKS = {
    "rahasia": ("Rahasia", Ticket.secret.is_(True)), "anonim": ("Anonim", Ticket.anonymous.is_(True)),
    "petugas": ("Tentang petugas", Ticket.about_staff.is_(True)),
    "eskalasi": ("Dilaporkan ke atasan", Ticket.escalated_at.is_not(None)),
    "tak-sampai": ("Jawaban tidak sampai", Ticket.lost_message_id.is_not(None)),
    "dibuka-lagi": ("Dibuka lagi", Ticket.reopened > 0),
    "ditutup": ("Ditutup, bukan pengaduan", Ticket.outcome == NOT_A_CASE),
    "belum-pasti": ("Ada pesan belum pasti", Ticket.unsure.is_(True)),
}


def take_next(staff) -> str | None:
    """Claim the complaint with least time left that this person may see and nobody holds, their own or nobody's;
    its id, or None."""
    return take_next_of(DESK, lists.ids_of(COMPLAINTS, FOR_ME, Look(staff)), staff)


def of_registration(application_id: str, staff) -> list[Ticket]:
    """Tickets tied to a registration, for its own page at the desk: the registration says whose they are."""
    asked = {"application": application_id, "me": staff.id}
    return list(db.session.scalars(kept(_tied, anyone_like(staff)), asked))


def _tied(staff: Anyone) -> Select:
    query = select(Ticket).where(Ticket.application_id == bindparam("application"), known_to(staff))
    return query.order_by(Ticket.received_at.desc()).limit(MOST_TIED)


def _in(*trays: str, only: Callable[[Look], tuple] = lambda look: ()) -> Callable[[Look], Sequence[tuple]]:
    """A range for each tray."""
    in_tray = [Ticket.tray == tray for tray in trays]

    def ranges(look: Look) -> list[tuple]:
        kept = only(look)
        return [(one, *kept) for one in in_tray]

    return ranges


def _equal(label: str, column: Any, choices: Callable[[], dict[str, str]]) -> Filter:
    return Filter(label, choices, lambda value, look: column == value)


def _lines(rows: Sequence[Any], tab: str, look: Look) -> list[Row]:
    names, calendar = lists.staff_names(), calendar_for()
    return [_line(row, names, calendar) for row in rows]


def _line(ticket: Any, names: dict[str, str], calendar) -> Row:
    left, running = timekeeping.left_of(ticket, calendar)
    marks = {
        "Rahasia": ticket.secret, "Anonim": ticket.anonymous, "Tentang petugas": ticket.about_staff,
        "Dilaporkan ke atasan": ticket.escalated_at is not None and ticket.is_open,
        "Jawaban tidak sampai": ticket.lost_message_id is not None and ticket.is_open,
        "Dibuka lagi": ticket.reopened > 0 and ticket.is_open,
        "Ada pesan belum pasti": ticket.unsure,
    }
    return Row(
        ticket.id, ticket.number, open_content(ticket).subject, ticket.channel, ticket.kind, ticket.category,
        ticket.status, label_of(ticket), ticket.due_at, left, running, ticket.received_at, ticket.last_said_at,
        names.get(ticket.assigned_to, ""), names.get(holder_id(ticket), ""),
        tuple(name for name, given in marks.items() if given),
    )


BY_TIME = Order((Ticket.due_at, Ticket.id))
TABS: dict[str, Tab] = {
    FOR_ME: Tab("Untuk saya", _in(*kinds.OURS, only=lambda look: (free_for(Ticket, look.staff.id, look.now),)),
                empty="Tidak ada pengaduan yang menunggu Anda. Yang lain ada di tab Terbuka."),
    OPEN: Tab("Terbuka", _in(*kinds.OURS)),
    "baru": Tab("Baru", _in(kinds.NEW)),
    "proses": Tab("Diproses", _in(kinds.WORK)),
    # the first condition is for the index: no stage outlasts the promise
    LATE: Tab("Terlambat", _in(
        *kinds.OURS, only=lambda look: (Ticket.due_at <= look.now, timekeeping.is_late(look.now)),
    )),
    BEHIND: Tab("Lewat tahap", _in(*kinds.OURS, only=lambda look: (timekeeping.is_behind(look.now),)),
                empty="Tidak ada tahap yang lewat waktunya. Yang jawabannya sudah lewat ada di tab Terlambat."),
    "saya": Tab(
        "Tugas saya", _in(*kinds.OURS, only=lambda look: (Ticket.assigned_to == look.staff.id,)), is_aside=True),
    # doubtful words lie in every tray, and in few tickets
    "belum-pasti": Tab("Belum pasti", lambda look: [(Ticket.unsure.is_(True),)]),
    # a supervisor goes through what was closed as no complaint
    "ditinjau": Tab("Penutupan ditinjau", lambda look: [(Ticket.dismissal_unseen.is_(True),)],
                    empty="Semua pengaduan yang ditutup tanpa jawaban sudah ditinjau pengawas."),
    "dijawab": Tab("Sudah dijawab", _in(kinds.OUTSIDE), is_aside=True),
    DONE: Tab("Sudah ditutup", _in(kinds.DONE), order=BY_TIME.reversed(), is_counted=False, is_aside=True),
}
COMPLAINTS = CaseList(
    "complaints", Ticket, SHOWN, TABS, BY_TIME, _lines, first=FOR_ME,
    columns=(
        Column("Sisa waktu", "sisa"), Column("Nomor", "nomor"), Column("Isi", "kategori"),
        Column("Saluran, tanggal", "diterima"), Column("Status", "status"), Column("Petugas", "petugas"),
    ),
    # the words are sealed, so their column is sorted by what they are about
    sorts={
        "sisa": BY_TIME, "diterima": Order((Ticket.received_at, Ticket.id)), "nomor": Order((Ticket.number, Ticket.id)),
        "kategori": Order((Ticket.kind, Ticket.category, Ticket.id)),
        "status": Order((Ticket.status, Ticket.due_at, Ticket.id)),
        "petugas": Order((name_of(Ticket.assigned_to), Ticket.id)),
    },
    filters={
        "kanal": _equal("Saluran", Ticket.channel, lambda: {one.key: one.name for one in city().channels}),
        "kategori": _equal("Kategori", Ticket.category, lambda: CATEGORIES),
        "jenis": _equal("Jenis", Ticket.kind, lambda: KINDS),
        "bagian": _equal("Bagian", Ticket.unit, lambda: {one.key: one.name for one in city().complaint_units}),
        "petugas": _equal("Petugas", Ticket.assigned_to, lists.staff_names),
        "sisa": by_time(Ticket), "diterima": by_date("Diterima", Ticket.received_at), "tanda": one_of("Tanda", MARKS),
        "kelurahan": Filter("Kelurahan", lambda: {name: name for name in villages()},
                            lambda value, look: Ticket.village_index == village_index(value)),
        "label": by_label("ticket", Ticket),
    },
    seen=lambda look: (visible_to(look.staff),),
)
