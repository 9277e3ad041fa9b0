"""The list of tickets: by time left, one walk of an index a page, whatever lies behind it."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select, true

from app import clock
from app.accounts.models import Staff
from app.complaints import status as st
from app.complaints.claiming import holder
from app.complaints.models import Ticket, TicketNameWord
from app.complaints.personal import email_index, open_content, phone_index
from app.complaints.threading import find_number
from app.complaints.validation import email as check_email
from app.complaints.visibility import visible_to
from app.extensions import db
from app.identity.errors import FieldError
from app.identity.name import name_words
from app.identity.phone import parse_whatsapp
from app.ids import normalise_code
from app.registration.models import Application
from app.services import sealer

PAGE = 25
COUNT_CAP = 200
MOST_FOUND = 50
OPEN, NEW, PROGRESS, LATE, MINE, ANSWERED, DONE = "terbuka", "baru", "proses", "terlambat", "saya", "dijawab", "selesai"
ALL = "semua"  # for exports only
TABS: dict[str, str] = {
    OPEN: "Terbuka", NEW: "Baru", PROGRESS: "Diproses", LATE: "Terlambat", MINE: "Tugas saya",
    ANSWERED: "Sudah dijawab", DONE: "Selesai",
}


@dataclass(frozen=True)
class Filters:
    """What the lists are narrowed to; "" is all."""

    channel: str = ""
    category: str = ""
    kind: str = ""
    unit: str = ""
    handler: str = ""

    def given(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Row:
    """One line. `handler` was assigned, `writer` holds it now; `marks` are words to show beside it."""

    id: str
    number: str
    subject: str
    channel: str
    kind: str
    category: str
    status: str
    due_at: datetime
    received_at: datetime
    last_said_at: datetime
    handler: str
    writer: str
    marks: tuple[str, ...]


def page_of(tab: str, staff, filters: Filters, after: tuple[datetime, str] | None = None) -> list[Row]:
    """Up to PAGE + 1 rows; the one too many says that there is a next page. `after` is (due_at, id)."""
    newest_first = tab == DONE
    query = select(Ticket).where(_in_tab(tab, staff), visible_to(staff), *_conditions(filters))
    if after is not None:
        query = query.where(_beyond(after, newest_first))
    order = (Ticket.due_at.desc(), Ticket.id.desc()) if newest_first else (Ticket.due_at, Ticket.id)
    return _rows(query.order_by(*order).limit(PAGE + 1))


def conditions(tab: str, filters: Filters, staff) -> list:
    """What a tab and its filters mean; for exports, which show the same."""
    return [_in_tab(tab, staff), *_conditions(filters)]


def search(typed: str, staff) -> list[Row]:
    """Tickets by number, outside reference, registration number, phone, e-mail or name; newest first.

    One query for each way to read what was typed: joined by OR they would walk the whole table.
    """
    ids: set[str] = set()
    for condition in _meanings(" ".join(typed.split())[:200]):
        newest = select(Ticket.id).where(condition, visible_to(staff)).order_by(Ticket.received_at.desc())
        ids.update(db.session.scalars(newest.limit(MOST_FOUND)))
    if not ids:
        return []
    query = select(Ticket).where(Ticket.id.in_(ids))
    return _rows(query.order_by(Ticket.received_at.desc(), Ticket.id).limit(MOST_FOUND))


def counts(staff, filters: Filters) -> dict[str, int]:
    """Capped, so that a count never reads the whole table."""
    return {tab: _count(_in_tab(tab, staff), visible_to(staff), *_conditions(filters)) for tab in TABS if tab != DONE}


def of_registration(application_id: str, staff) -> list[Ticket]:
    """Tickets tied to a registration, for its own page at the desk."""
    query = select(Ticket).where(Ticket.application_id == application_id, visible_to(staff))
    return list(db.session.scalars(query.order_by(Ticket.received_at.desc()).limit(MOST_FOUND)))


def staff_names() -> dict[str, str]:
    """Everybody who may be named in a list; a few dozen rows."""
    return {row.id: row.name for row in db.session.execute(select(Staff.id, Staff.name))}


def _in_tab(tab: str, staff):
    if tab == MINE:
        return and_(Ticket.assigned_to == staff.id, Ticket.is_open.is_(True))
    if tab == LATE:
        return and_(Ticket.is_open.is_(True), Ticket.due_at < clock.now())
    if tab == ALL:
        return true()
    if tab == OPEN:
        return Ticket.is_open.is_(True)
    tray = {NEW: st.TRAY_NEW, PROGRESS: st.TRAY_PROGRESS, ANSWERED: st.TRAY_ANSWERED, DONE: st.TRAY_DONE}[tab]
    return Ticket.tray == tray


def _conditions(filters: Filters) -> list:
    columns = {
        "channel": Ticket.channel, "category": Ticket.category, "kind": Ticket.kind, "unit": Ticket.unit,
        "handler": Ticket.assigned_to,
    }
    return [columns[name] == value for name, value in filters.given().items()]


def _beyond(after: tuple[datetime, str], newest_first: bool):
    due_at, ticket_id = after
    if newest_first:
        return or_(Ticket.due_at < due_at, and_(Ticket.due_at == due_at, Ticket.id < ticket_id))
    return or_(Ticket.due_at > due_at, and_(Ticket.due_at == due_at, Ticket.id > ticket_id))


def _count(*conditions) -> int:
    capped = select(Ticket.id).where(*conditions).limit(COUNT_CAP).subquery()
    return db.session.scalar(select(func.count()).select_from(capped))


def _rows(query: Select) -> list[Row]:
    tickets, names = list(db.session.scalars(query)), staff_names()
    return [_row(ticket, names) for ticket in tickets]


def _row(ticket: Ticket, names: dict[str, str]) -> Row:
    marks = {
        "Rahasia": ticket.secret, "Anonim": ticket.anonymous, "Tentang petugas": ticket.about_staff,
        "Dieskalasi": ticket.escalated_at is not None and ticket.is_open,
        "Dibuka lagi": ticket.reopened > 0 and ticket.is_open,
    }
    return Row(
        ticket.id, ticket.number, open_content(ticket).subject, ticket.channel, ticket.kind, ticket.category,
        ticket.status, ticket.due_at, ticket.received_at, ticket.last_said_at, names.get(ticket.assigned_to, ""),
        names.get(holder(ticket), ""), tuple(name for name, given in marks.items() if given),
    )


def _meanings(typed: str) -> list:
    """Every way to read what was typed, each a look-up in an index."""
    if not typed:
        return []
    found = [Ticket.outside_reference == typed]
    if number := find_number(typed):
        found.append(Ticket.number == number)
    elif re.fullmatch(r"\d{1,6}", typed, re.ASCII):
        year = clock.today().year
        found.append(Ticket.number.in_([f"ADU-{y}-{int(typed):06d}" for y in (year, year - 1)]))
    application = select(Application.id).where(Application.number == normalise_code(typed))
    found.append(Ticket.application_id.in_(application))
    found += _contact_meanings(typed)
    if words := name_words(typed):
        found.append(and_(*(_has_name_word(word) for word in words[:5]), Ticket.anonymous.is_(False)))
    return found


def _contact_meanings(typed: str) -> list:
    """Not for anonymous tickets: a match would tell who it is."""
    found = []
    for column, read, index in (
        (Ticket.phone_index, lambda text: parse_whatsapp(text).value, phone_index),
        (Ticket.email_index, check_email, email_index),
    ):
        try:
            found.append(and_(column == index(read(typed)), Ticket.anonymous.is_(False)))
        except FieldError:
            continue
    return found


def _has_name_word(word: str):
    index = sealer().index("name-word", word)
    return Ticket.id.in_(select(TicketNameWord.ticket_id).where(TicketNameWord.word_index == index))
