"""The lists of the office, least time left first, and among equals who has waited longest: one query
a page, however many rows there are.

Each tab is one or two ranges of an index; every range gives at most a page, and the pages are merged.
Counts stop at COUNT_CAP for the same reason. Personal data is masked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, and_, exists, false, func, literal, or_, select, true, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import Citizen, Staff
from app.base import clock
from app.base.database import db
from app.casework.claims import holder_id
from app.casework.lists import PAGE, capped_count, place_of, read_place
from app.identity.mask import mask_name, mask_nik_staff
from app.registration.models import Application, StatusChange
from app.registration.personal import open_personal
from app.registration.status import ACTIVE, COMPLETE, RETURNED, SUBMITTED, WAITING
from app.review import rights
from app.review.models import SecondLook, SiakRecheck
from app.web.access import Officer, holds

FIRST_TAB, TO_LOOK = "semua", "perlu-dilihat"
SECOND, RECHECK = "orang-kedua", "siak"
Condition = Callable[[datetime], tuple]


@dataclass(frozen=True)
class Tab:
    """`statuses` each make one range of an index; `only` narrows it; `order` is what it is sorted by.
    `to_look`: this tab holds what waits to be looked at, which stands in no other."""

    label: str
    statuses: tuple[str, ...]
    only: Condition = lambda now: ()
    order: tuple[InstrumentedAttribute, ...] = (Application.due_at, Application.submitted_at, Application.id)
    to_look: bool = False


@dataclass(frozen=True)
class Row:
    """One line of a list. `due_at` is None when no clock runs,
    `holder` who works on it now, or "", `owner` whose it lastingly is."""

    id: str
    number: str
    nik: str
    name: str
    status: str
    mended: bool
    doubtful: bool
    to_look: bool
    at_counter: bool
    submitted_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    holder: str
    owner: str


TABS: dict[str, Tab] = {
    "semua": Tab("Semua", WAITING),
    "baru": Tab("Baru", (SUBMITTED,), lambda now: (Application.mended == false(),)),
    "diperbaiki": Tab("Diperbaiki", (SUBMITTED,), lambda now: (Application.mended == true(),)),
    "lengkap": Tab("Lengkap", (COMPLETE,)),
    "hampir-lewat": Tab("Hampir lewat", WAITING, lambda now: (Application.due_at > now, Application.warn_at <= now)),
    "lewat": Tab("Lewat waktu", WAITING, lambda now: (Application.due_at <= now,)),
    "ganda": Tab("Mungkin ganda", WAITING, lambda now: (Application.doubtful == true(),)),
    TO_LOOK: Tab("Perlu dilihat", (SUBMITTED,), to_look=True),
    "menunggu-pemohon": Tab("Menunggu pemohon", (RETURNED,), order=(Application.submitted_at, Application.id)),
    SECOND: Tab("Orang kedua", WAITING),
    RECHECK: Tab("Periksa ulang SIAK", (ACTIVE,), order=(SiakRecheck.due_at, Application.submitted_at, Application.id)),
    "saya": Tab("Tugas saya", WAITING),
}
COLUMNS = (
    Application.id, Application.number, Application.personal_sealed, Application.status, Application.mended,
    Application.doubtful, Application.to_look, Application.filed_by, Application.submitted_at, Application.due_at,
    Application.warn_at, Application.claimed_by, Application.claim_until, Application.assigned_to,
)
OWNER = aliased(Staff)


def page_of(tab: str, staff_id: str, after: str = "") -> tuple[list[Row], str]:
    """Up to PAGE rows of one tab after the place `after`, and where the next page begins, or ""."""
    now, order = clock.now(), TABS[tab].order
    place = read_place(after, len(order))
    ranges = [_page_range(query, order, place) for query in _ranges(tab, staff_id, now, *COLUMNS)]
    found = union_all(*(select(one.subquery()) for one in ranges)).subquery()
    ordered = [found.c[column.key] for column in order]
    query = with_names(select(found), found.c)
    rows = list(db.session.execute(query.order_by(*ordered).limit(PAGE + 1)))
    more = place_of(*(getattr(rows[PAGE - 1], column.key) for column in order)) if len(rows) > PAGE else ""
    return [to_row(row, now, is_running=tab == RECHECK) for row in rows[:PAGE]], more


def with_names(query: Select, columns) -> Select:
    """With the names of who holds each row and whose it is."""
    query = query.add_columns(Staff.name.label("holder_name"), OWNER.name.label("owner_name"))
    return query.outerjoin(Staff, Staff.id == columns.claimed_by).outerjoin(OWNER, OWNER.id == columns.assigned_to)


def counts(staff_id: str) -> dict[str, int]:
    """How many each tab holds, COUNT_CAP + 1 for more; one query."""
    now = clock.now()
    return dict(db.session.execute(select(*(_count(tab, staff_id, now) for tab in TABS))).one()._mapping)


def next_for(staff: Staff) -> list[str]:
    """Ids of the cases with least time left that this person may take, the most urgent first."""
    now, kin, order = clock.now(), rights.kin_of(staff.id), TABS[FIRST_TAB].order
    asked_of_others = select(SecondLook.application_id).where(
        SecondLook.closed_at.is_(None), or_(SecondLook.asked_by == staff.id, SecondLook.asked_of != staff.id)
    )
    others = [
        Application.to_look == false(), _free(now),
        or_(Application.filed_by.is_(None), Application.filed_by != staff.id),
        Application.id.not_in(asked_of_others),
        or_(Application.assigned_to.is_(None), Application.assigned_to == staff.id),
    ]
    if rights.needs_two_people():
        others.append(or_(Application.declared_complete_by.is_(None), Application.declared_complete_by != staff.id))
    if kin is not None:
        others += [Application.nik_index != kin.nik_index, Application.kk_index != kin.kk_index]
    found = [
        select(*order).where(Application.status == status, *others).order_by(*order).limit(PAGE)
        for status in rights.work_open_to(staff)
    ]
    if not found:
        return []
    rows = union_all(*(select(query.subquery()) for query in found)).subquery()
    return list(db.session.scalars(select(rows.c.id).order_by(*(rows.c[column.key] for column in order))))


def decided_today(staff_id: str) -> int:
    """How many acts this person has done since midnight (WIB); nobody else sees the number."""
    midnight = datetime.combine(clock.today(), datetime.min.time(), clock.WIB).astimezone(UTC)
    return db.session.scalar(select(func.count()).select_from(StatusChange).where(
        StatusChange.actor_id == staff_id, StatusChange.at >= midnight,
        StatusChange.act.in_(("approve", "return", "reject")),
    ))


def to_row(row, now: datetime, is_running: bool = False) -> Row:
    """Opens the sealed record and lets out only what is masked. `is_running`: a clock runs although the
    registration is decided."""
    person = open_personal(row)
    return Row(
        row.id, row.number, mask_nik_staff(person.nik), mask_name(person.full_name), row.status, row.mended,
        row.doubtful, row.to_look and row.status == SUBMITTED, row.filed_by is not None, row.submitted_at,
        row.due_at if is_running or row.status in WAITING else None, row.warn_at,
        row.holder_name if holder_id(row) else "", row.owner_name or "",
    )


def may_see_rows(person: Officer) -> bool:
    return holds(person, "read_case")


def _ranges(tab: str, staff_id: str, now: datetime, *columns) -> list:
    """One query for each range of an index that the tab is made of."""
    if tab == "saya":
        held = and_(Application.claimed_by == staff_id, Application.claim_until > now)
        own = (Application.assigned_to == staff_id, Application.status.in_(WAITING))
        others = or_(Application.claimed_by.is_(None), ~held)
        return [select(*columns).where(held), select(*columns).where(*own, others)]
    if tab == RECHECK:
        return [_rechecks(now, *columns)]
    shape, more = TABS[tab], (_waits_for(staff_id),) if tab == SECOND else ()
    waiting = Application.to_look == (true() if shape.to_look else false())
    return [
        select(*columns).where(Application.status == status, waiting, *shape.only(now), *more)
        for status in shape.statuses
    ]


def _rechecks(now: datetime, *columns):
    """With the end and the owner of the recheck where other lists have those of the case. An account closed
    meanwhile, say because its owner asked for it, needs none."""
    own = {
        "due_at": SiakRecheck.due_at, "warn_at": SiakRecheck.due_at, "claimed_by": SiakRecheck.owner_id,
        "claim_until": literal(now + timedelta(days=1), Application.claim_until.type),
    }
    shown = (own[column.key].label(column.key) if column.key in own else column for column in columns)
    query = select(*shown).join(SiakRecheck, SiakRecheck.application_id == Application.id)
    query = query.join(Citizen, Citizen.application_id == Application.id)
    return query.where(SiakRecheck.checked_at.is_(None), Citizen.disabled_at.is_(None))


def _waits_for(staff_id: str):
    """A second person is waited for, and it may be this one; who oversees sees all."""
    mine = and_(SecondLook.asked_by != staff_id, or_(SecondLook.asked_of.is_(None), SecondLook.asked_of == staff_id))
    may = or_(
        _may(staff_id, "decide"), and_(_may(staff_id, "declare_complete"), Application.status == SUBMITTED)
    )
    return exists().where(
        SecondLook.application_id == Application.id, SecondLook.closed_at.is_(None),
        or_(_may(staff_id, "take_over"), and_(mine, may)),
    )


def _may(staff_id: str, permission: str):
    return select(Staff.id).where(Staff.id == staff_id, Staff.who_may(permission)).correlate(None).exists()


def _page_range(query, order: tuple, place: tuple | None):
    if place is not None:
        values = (literal(value, column.type) for value, column in zip(place, order, strict=True))
        query = query.where(tuple_(*order) > tuple_(*values))
    return query.order_by(*order).limit(PAGE + 1)


def _count(tab: str, staff_id: str, now: datetime):
    """Sorted as the index is, so that counting stops at the cap."""
    ranges = [query.order_by(*TABS[tab].order) for query in _ranges(tab, staff_id, now, Application.id)]
    return capped_count(ranges, tab)


def _free(now: datetime):
    return or_(Application.claimed_by.is_(None), Application.claim_until <= now)
