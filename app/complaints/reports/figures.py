"""Counts of a period: per channel, class and category, how fast, how often in time, how satisfied.

Only counts leave this module, never words. For the public, secret tickets stand in the totals alone and
small counts are not told, so that nobody is recognised (docs/facts.md 6).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from sqlalchemy import Select, select

from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.services import city
from app.casework import lists
from app.casework.figures import days_of
from app.casework.lists import Look
from app.city.office_calendar import calendar_for
from app.city.worktime import due_after_working_days
from app.complaints.desk.inbox import COMPLAINTS
from app.complaints.ticket.doubts import is_owners
from app.complaints.ticket.models import INBOUND, OUTBOUND, Ticket
from app.complaints.ticket.personal import body_of, open_contact, open_content
from app.complaints.ticket.status import CLOSED, MERGED, days_to_resolve, label_of
from app.complaints.ticket.visibility import may_read
from app.complaints.ticket.words import CATEGORIES, KINDS, OUTCOMES, channel_names

FEWEST_TOLD = 3
NOT_A_CASE = "not_a_case"
DAY_SECONDS = 86400


@dataclass(frozen=True)
class Figures:
    """Of one group. Shares are percent, `days` calendar days to the first answer; None: nothing to count. `in_time` is
    the share `kept` of `judged`: those that were answered, or whose answer is overdue."""

    name: str
    received: int
    answered: int
    closed: int
    late_open: int
    reopened: int
    days: float | None
    kept: int
    judged: int
    in_time: int | None
    satisfaction: float | None
    ratings: int

    @property
    def shown_days(self) -> str:
        return _shown(self.days)

    @property
    def shown_satisfaction(self) -> str:
        return f"{_shown(self.satisfaction)} dari 5" if self.ratings else "-"


@dataclass(frozen=True)
class Summary:
    start: date
    end: date
    total: Figures
    by_kind: list[Figures]
    by_channel: list[Figures]
    by_category: list[Figures]


def of_period(start: date, end: date, public: bool = False) -> Summary:
    """Tickets received from `start` to `end` (WIB dates, both inside); dismissed and merged ones are none."""
    rows = [row for row in _rows(start, end) if row.status != MERGED and row.outcome != NOT_A_CASE]
    told = [row for row in rows if not (public and row.secret)]
    def by(key: Callable, names: dict[str, str]) -> list[Figures]:
        return _groups(told, key, names, public)

    return Summary(
        start, end, _figures("Semua", rows), by(lambda row: row.kind, KINDS),
        by(lambda row: row.channel, channel_names()), by(lambda row: row.category, CATEGORIES),
    )


def _rows(start: date, end: date) -> list:
    period = days_of(start, end)
    columns = (
        Ticket.kind, Ticket.channel, Ticket.category, Ticket.status, Ticket.secret, Ticket.received_at,
        Ticket.first_answered_at, Ticket.resolve_due_at, Ticket.reopened, Ticket.rating, Ticket.is_open,
        Ticket.needs_examination, Ticket.lateness, Ticket.outcome,
    )
    return list(db.session.execute(select(*columns).where(period.holds(Ticket.received_at))))


def _groups(rows: Iterable, key: Callable, names: dict[str, str], public: bool) -> list[Figures]:
    groups: dict[str, list] = {name: [] for name in names}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [
        _figures(names.get(name, name), members) for name, members in groups.items()
        if len(members) >= (FEWEST_TOLD if public else 1)
    ]


def _figures(name: str, rows: list) -> Figures:
    answered = [row for row in rows if row.first_answered_at is not None]
    days = [(row.first_answered_at - row.received_at).total_seconds() / DAY_SECONDS for row in answered]
    overdue = [row for row in rows if row.is_open and row.resolve_due_at <= clock.now()]
    ratings = [row.rating for row in rows if row.rating is not None]
    kept = sum(map(was_in_time, answered))
    judged = len(answered) + sum(row.first_answered_at is None for row in overdue)
    return Figures(
        name, len(rows), len(answered), sum(row.status == CLOSED for row in rows), len(overdue),
        sum(row.reopened > 0 for row in rows), _tenth(median(days)) if days else None,
        kept, judged, 100 * kept // judged if judged else None,  # never 100 while one was late
        _tenth(sum(ratings) / len(ratings)) if ratings else None, len(ratings),
    )


def was_in_time(row) -> bool:
    """Whether the first answer came within the promise. After a reopening the row holds the new end, so
    the first one is counted again."""
    if not row.reopened:
        return row.first_answered_at <= row.resolve_due_at
    return row.first_answered_at <= due_after_working_days(calendar_for(), row.received_at, days_to_resolve(row))


def _tenth(value: float) -> float:
    """Rounded half up, as a reader with a calculator does it."""
    return float(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _shown(value: float | None) -> str:
    """4,5 and 4; "-" for nothing to count."""
    return "-" if value is None else f"{value:g}".replace(".", ",")


# Lists to take along: CSV and XLSX of what the filters show, and the columns that LAPOR! asks for.
#
# Secret words and anonymous names stay here.

SECRET = "(rahasia)"  # noqa: S105 - a word for readers, no password
ANONYMOUS = "(anonim)"
STEP = 200

EXPORT_COLUMNS = (
    "Nomor", "Saluran", "Jenis", "Kategori", "Status", "Diterima", "Batas jawaban", "Dijawab", "Selesai", "Tepat waktu",
    "Dibuka lagi", "Nilai", "Hasil", "Bagian", "Petugas", "Nomor luar", "Anonim", "Rahasia", "Pelapor", "Judul", "Isi",
)
LAPOR_COLUMNS = (
    "Judul Laporan", "Isi Laporan", "Klasifikasi", "Kategori", "Tanggal Kejadian", "Lokasi Kejadian",
    "Instansi Tujuan", "Anonim", "Rahasia", "Nama Pelapor", "Nomor Telepon", "E-mail", "Sumber Laporan",
    "Tanggal Diterima", "Nomor Tiket", "Tracking ID", "Status", "Tindak Lanjut",
)


def wanted_rows(tab: str, look: Look) -> Select:
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


def export_rows(query: Select, staff) -> Iterator[tuple]:
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
