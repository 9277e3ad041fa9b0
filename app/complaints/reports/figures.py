"""Counts of a period: per channel, class and category, how fast, how often in time, how satisfied.

Only counts leave this module, never words. For the public, secret tickets stand in the totals alone and
small counts are not told, so that nobody is recognised (docs/facts.md 6).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, extract, func, select

from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, is_postgres, transaction
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


class Counted(NamedTuple):
    """Of some tickets, `kept` without those that were opened again; `stars` are of all `ratings` together."""

    received: int
    answered: int
    closed: int
    late_open: int
    late_unanswered: int
    reopened: int
    kept: int
    stars: int
    ratings: int


@dataclass(frozen=True)
class Part:
    """Tickets that are alike in what they are told by. `days` to each first answer."""

    kind: str
    channel: str
    category: str
    secret: bool
    counted: Counted
    days: list[float]
    kept_again: int


ALIKE = (Ticket.kind, Ticket.channel, Ticket.category, Ticket.secret)


def of_period(start: date, end: date, public: bool = False) -> Summary:
    """Tickets received from `start` to `end` (WIB dates, both inside); dismissed and merged ones are none."""
    parts = _parts(days_of(start, end).holds(Ticket.received_at), Ticket.status != MERGED, Ticket.outcome != NOT_A_CASE)
    told = [part for part in parts if not (public and part.secret)]
    def by(key: Callable, names: dict[str, str]) -> list[Figures]:
        return _groups(told, key, names, public)

    return Summary(
        start, end, _figures("Semua", parts), by(lambda part: part.kind, KINDS),
        by(lambda part: part.channel, channel_names()), by(lambda part: part.category, CATEGORIES),
    )


def _parts(*conditions: ColumnElement[bool]) -> list[Part]:
    """Counted by the database; only the lengths, of which no sum makes a median, are asked one by one."""
    def asked(*columns, more: tuple = ()) -> list:
        return db.session.execute(select(*ALIKE, *columns).where(*conditions, *more)).all()

    answered = (Ticket.first_answered_at.is_not(None),)
    days: dict[tuple, list[float]] = defaultdict(list)
    for *alike, length in asked(_days_between(Ticket.received_at, Ticket.first_answered_at), more=answered):
        days[tuple(alike)].append(float(length))
    again = Counter(
        tuple(row[:len(ALIKE)])
        for row in asked(*LATER, more=(*answered, Ticket.reopened > 0)) if was_in_time(row)
    )
    query = select(*ALIKE, *_numbers()).where(*conditions).group_by(*ALIKE).order_by(*ALIKE)
    return [
        Part(*row[:len(ALIKE)], Counted(*row[len(ALIKE):]), days[row[:len(ALIKE)]], again[row[:len(ALIKE)]])
        for row in map(tuple, db.session.execute(query))
    ]


# what was_in_time() reads beside ALIKE of one that was opened again
LATER = (Ticket.reopened, Ticket.received_at, Ticket.first_answered_at, Ticket.needs_examination, Ticket.lateness)


def _numbers() -> Counted:
    """What the database counts."""
    def those(*so: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(*so)

    overdue = Ticket.is_open.is_(True) & (Ticket.resolve_due_at <= clock.now())
    return Counted(
        func.count(), func.count(Ticket.first_answered_at), those(Ticket.status == CLOSED), those(overdue),
        those(overdue, Ticket.first_answered_at.is_(None)), those(Ticket.reopened > 0),
        those(Ticket.reopened == 0, Ticket.first_answered_at <= Ticket.resolve_due_at),
        func.coalesce(func.sum(Ticket.rating), 0), func.count(Ticket.rating),
    )


def _days_between(first: ColumnElement[datetime], last: ColumnElement[datetime]) -> ColumnElement[float]:
    if is_postgres():
        return extract("epoch", last - first) / DAY_SECONDS
    return func.julianday(last) - func.julianday(first)


def _groups(parts: Iterable[Part], key: Callable, names: dict[str, str], public: bool) -> list[Figures]:
    groups: dict[str, list[Part]] = {name: [] for name in names}
    for part in parts:
        groups.setdefault(key(part), []).append(part)
    found = (_figures(names.get(name, name), members) for name, members in groups.items())
    return [one for one in found if one.received >= (FEWEST_TOLD if public else 1)]


def _figures(name: str, parts: list[Part]) -> Figures:
    of = Counted(*(sum(numbers) for numbers in zip(NONE, *(part.counted for part in parts), strict=True)))
    days = [length for part in parts for length in part.days]
    kept, judged = of.kept + sum(part.kept_again for part in parts), of.answered + of.late_unanswered
    return Figures(
        name, of.received, of.answered, of.closed, of.late_open, of.reopened,
        _tenth(round(median(days), 6)) if days else None,  # a database's days are off by a millionth
        kept, judged, 100 * kept // judged if judged else None,  # never 100 while one was late
        _tenth(of.stars / of.ratings) if of.ratings else None, of.ratings,
    )


NONE = Counted(*[0] * len(Counted._fields))


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
