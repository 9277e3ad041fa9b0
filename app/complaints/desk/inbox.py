"""The list of tickets: by time left, one walk of an index a page, whatever lies behind it.

A tab is one or two trays; each tray is a range of an index that holds everything a list is narrowed by
(models.LIST_INDEXES), read no further than a page needs.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, literal, or_, select, union_all

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db, transaction
from app.casework import claims, kinds
from app.casework.claims import holder_id
from app.casework.kinds import Label
from app.casework.lists import PAGE, capped_count
from app.complaints.desk.case_desk import DESK
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import open_content
from app.complaints.ticket.status import label_of
from app.complaints.ticket.visibility import known_to, visible_to

MOST_TIED = 50
OPEN, NEW, PROGRESS, LATE, MINE, ANSWERED, DONE = "terbuka", "baru", "proses", "terlambat", "saya", "dijawab", "selesai"
UNSURE = "belum-pasti"
ALL = "semua"  # for exports only
TABS: dict[str, str] = {
    OPEN: "Terbuka", NEW: "Baru", PROGRESS: "Diproses", LATE: "Terlambat", MINE: "Tugas saya",
    UNSURE: "Belum pasti", ANSWERED: "Sudah dijawab", DONE: "Sudah ditutup",
}
TRAYS_OF: dict[str, tuple[str, ...]] = {
    OPEN: kinds.OURS, NEW: (kinds.NEW,), PROGRESS: (kinds.WORK,), LATE: kinds.OURS, MINE: kinds.OURS,
    UNSURE: kinds.TRAYS, ANSWERED: (kinds.OUTSIDE,), DONE: (kinds.DONE,),
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
    label: Label
    due_at: datetime
    warn_at: datetime | None
    received_at: datetime
    last_said_at: datetime
    handler: str
    writer: str
    marks: tuple[str, ...]


# the columns of a line: a whole ticket has five times as many
SHOWN = (
    Ticket.id, Ticket.number, Ticket.content_sealed, Ticket.channel, Ticket.kind, Ticket.category, Ticket.status,
    Ticket.due_at, Ticket.warn_at, Ticket.received_at, Ticket.last_said_at, Ticket.assigned_to, Ticket.claimed_by,
    Ticket.claim_until, Ticket.secret, Ticket.anonymous, Ticket.about_staff, Ticket.escalated_at, Ticket.reopened,
    Ticket.is_open, Ticket.lost_message_id, Ticket.outcome, Ticket.first_answered_at, Ticket.unsure,
)


def page_of(tab: str, staff, filters: Filters, after: tuple[datetime, str] | None = None) -> list[Row]:
    """Up to PAGE + 1 rows; the one too many says that there is a next page. `after` is (due_at, id)."""
    newest_first = tab == DONE
    wanted = [*_narrowed(tab, staff, filters), *_beyond(after, newest_first)]
    ranges = [
        select(Ticket.id, Ticket.due_at).where(part, *wanted).order_by(*_order(Ticket, newest_first)).limit(PAGE + 1)
        for part in _parts(tab)
    ]
    found = union_all(*(select(one.subquery()) for one in ranges)).subquery()
    query = select(*SHOWN).join(found, found.c.id == Ticket.id)
    return rows_of(query.order_by(*_order(found.c, newest_first)).limit(PAGE + 1))


def conditions(tab: str, filters: Filters, staff) -> list:
    """What a tab and its filters mean; for exports, which show the same."""
    trays = [] if tab == ALL else [or_(*_parts(tab))]
    return [*trays, *_narrowed(tab, staff, filters)]


def counts(staff, filters: Filters) -> dict[str, int]:
    """How many each tab but the last holds, COUNT_CAP + 1 for more; one query."""
    counted = [_count(tab, _narrowed(tab, staff, filters)) for tab in TABS if tab != DONE]
    return dict(db.session.execute(select(*counted)).one()._mapping)


def count_late(staff) -> int:
    """How many this person may see are over their time, COUNT_CAP + 1 for more."""
    return db.session.scalar(select(_count(LATE, _narrowed(LATE, staff, Filters()))))


def take_next(staff) -> str | None:
    """Claim the complaint with least time left that this person may see and nobody holds, their own or nobody's;
    its id, or None. Somebody else may be quicker at the first ones, so the next ones are tried."""
    free = (or_(Ticket.claimed_by.is_(None), Ticket.claim_until <= clock.now(), Ticket.claimed_by == staff.id),
            or_(Ticket.assigned_to.is_(None), Ticket.assigned_to == staff.id), visible_to(staff))
    ranges = [select(Ticket.id, Ticket.due_at).where(part, *free).order_by(Ticket.due_at, Ticket.id).limit(PAGE)
              for part in _parts(OPEN)]
    with transaction():
        found = union_all(*(select(one.subquery()) for one in ranges)).subquery()
        for ticket_id in db.session.scalars(select(found.c.id).order_by(found.c.due_at, found.c.id)).all():
            if claims.take(DESK, ticket_id, staff.id):
                return ticket_id
    return None


def of_registration(application_id: str, staff) -> list[Ticket]:
    """Tickets tied to a registration, for its own page at the desk: the registration says whose they are."""
    query = select(Ticket).where(Ticket.application_id == application_id, known_to(staff))
    return list(db.session.scalars(query.order_by(Ticket.received_at.desc()).limit(MOST_TIED)))


def staff_names() -> dict[str, str]:
    """Everybody who may be named in a list; a few dozen rows."""
    return {row.id: row.name for row in db.session.execute(select(Staff.id, Staff.name))}


def _parts(tab: str) -> list:
    """The ranges of an index that a tab is made of. Doubtful words lie in every tray, and in few tickets."""
    return [Ticket.unsure.is_(True)] if tab == UNSURE else [Ticket.tray == tray for tray in TRAYS_OF[tab]]


def _narrowed(tab: str, staff, filters: Filters) -> list:
    """Everything but the tray: what the tab adds, the filters, and what this person may see."""
    own = {MINE: [Ticket.assigned_to == staff.id], LATE: [Ticket.due_at < clock.now()]}
    columns = {
        "channel": Ticket.channel, "category": Ticket.category, "kind": Ticket.kind, "unit": Ticket.unit,
        "handler": Ticket.assigned_to,
    }
    asked = [columns[name] == value for name, value in filters.given().items()]
    return [*own.get(tab, []), *asked, visible_to(staff)]


def _order(columns, newest_first: bool) -> tuple:
    return (columns.due_at.desc(), columns.id.desc()) if newest_first else (columns.due_at, columns.id)


def _beyond(after: tuple[datetime, str] | None, newest_first: bool) -> list:
    """The first condition alone is the place in the index where the page begins."""
    if after is None:
        return []
    due_at, ticket_id = after
    if newest_first:
        return [Ticket.due_at <= due_at, or_(Ticket.due_at < due_at, Ticket.id < ticket_id)]
    return [Ticket.due_at >= due_at, or_(Ticket.due_at > due_at, Ticket.id > ticket_id)]


def _count(tab: str, narrowed: list):
    one = literal(1).label("one")
    return capped_count([select(one).select_from(Ticket).where(part, *narrowed) for part in _parts(tab)], tab)


def rows_of(query: Select) -> list[Row]:
    """Lines of a query for SHOWN."""
    tickets, names = list(db.session.execute(query)), staff_names()
    return [_row(ticket, names) for ticket in tickets]


def _row(ticket, names: dict[str, str]) -> Row:
    marks = {
        "Rahasia": ticket.secret, "Anonim": ticket.anonymous, "Tentang petugas": ticket.about_staff,
        "Dieskalasi": ticket.escalated_at is not None and ticket.is_open,
        "Jawaban tidak sampai": ticket.lost_message_id is not None and ticket.is_open,
        "Dibuka lagi": ticket.reopened > 0 and ticket.is_open,
        "Ada pesan belum pasti": ticket.unsure,
    }
    return Row(
        ticket.id, ticket.number, open_content(ticket).subject, ticket.channel, ticket.kind, ticket.category,
        ticket.status, label_of(ticket), ticket.due_at, ticket.warn_at, ticket.received_at,
        ticket.last_said_at,
        names.get(ticket.assigned_to, ""), names.get(holder_id(ticket), ""),
        tuple(name for name, given in marks.items() if given),
    )
