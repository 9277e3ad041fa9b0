"""The list of requests about personal data, and how many wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, exists, func, select

from app.accounts.models import Citizen, Staff
from app.base import clock
from app.base.database import UtcDateTime, db, once_a_page
from app.casework import lists
from app.casework.claims import free_for, holder_id
from app.casework.lists import CaseList, Column, Look, Order, Tab
from app.casework.narrowing import by_time
from app.casework.time_left import TimeLeft, time_left_of_all_hours
from app.identity.mask import mask_name
from app.privacy.case import WARN_HOURS
from app.privacy.kinds import GRANTED, OPEN, REFUSED, label_of
from app.privacy.models import RightsRequest
from app.registration.models import Application
from app.registration.personal import Personal, open_citizen, open_personal

NEAR = bindparam("rights_near", callable_=lambda: clock.now() + timedelta(hours=WARN_HOURS), type_=UtcDateTime)


@dataclass(frozen=True)
class Line:
    """`left` is None once answered. `by_pin`: no password was proved."""

    id: str
    kind: str
    label: tuple[str, str]
    name: str
    opened_at: datetime
    answered_at: datetime | None
    left: TimeLeft | None
    by_pin: bool
    holder: str


def waiting() -> tuple[int, str]:
    """How many wait for an answer, and the time left for the first of them in words."""
    count, first_due = _first_of_all()
    return count, time_left_of_all_hours(first_due).words if first_due else ""


FIRST_OF_ALL = select(func.count(), func.min(RightsRequest.due_at)).where(RightsRequest.status == OPEN)


@once_a_page
def _first_of_all() -> Row:
    return db.session.execute(FIRST_OF_ALL).one()


def count_open(staff: Staff) -> ColumnElement[int]:
    return select(func.count()).select_from(RightsRequest).where(RightsRequest.status == OPEN).scalar_subquery()


def is_urgent(staff: Staff) -> ColumnElement[bool]:
    """Whether the first of them is near its end or past it."""
    return exists().where(RightsRequest.status == OPEN, RightsRequest.due_at <= NEAR)


def _lines(rows: Sequence[Any], tab: str, look: Look) -> list[Line]:
    names, people = lists.staff_names(), _people([row.application_id for row in rows])
    return [
        Line(
            row.id, row.kind, label_of(row.status, row.ground), mask_name(people[row.application_id].full_name),
            row.opened_at, row.answered_at, left_of(row), row.citizen_id is None, names.get(holder_id(row), ""),
        )
        for row in rows
    ]


def _people(application_ids: list[str]) -> dict[str, Personal]:
    """Registration -> the record that counts: the account's where there is one."""
    query = select(Application, Citizen).outerjoin(Citizen, Citizen.application_id == Application.id)
    found = db.session.execute(query.where(Application.id.in_(application_ids)))
    return {row.id: open_citizen(citizen) if citizen else open_personal(row) for row, citizen in found}


def _standing(*statuses: str, only: Callable[[Look], tuple] = lambda look: ()) -> Callable[[Look], Sequence[tuple]]:
    return lambda look: [(RightsRequest.status == status, *only(look)) for status in statuses]


BY_TIME = Order((RightsRequest.due_at, RightsRequest.id))
REQUESTS = CaseList(
    "rights", RightsRequest,
    (
        RightsRequest.id, RightsRequest.kind, RightsRequest.status, RightsRequest.ground, RightsRequest.application_id,
        RightsRequest.citizen_id, RightsRequest.opened_at, RightsRequest.due_at, RightsRequest.answered_at,
        RightsRequest.warn_at, RightsRequest.claimed_by, RightsRequest.claim_until,
    ),
    {
        "untuk-saya": Tab("Untuk saya", _standing(
            OPEN, only=lambda look: (free_for(RightsRequest, look.staff.id, look.now),))),
        "terbuka": Tab("Menunggu jawaban", _standing(OPEN)),
        "dijawab": Tab("Sudah dijawab", _standing(GRANTED, REFUSED), is_counted=False,
                       order=Order((RightsRequest.answered_at, RightsRequest.id), newest_first=True)),
    },
    BY_TIME, _lines, first="untuk-saya",
    columns=(Column("Permintaan"), Column("Pemilik data"), Column("Diterima"), Column("Sisa waktu", "sisa"),
             Column("Dipegang")),
    sorts={"sisa": BY_TIME}, filters={"sisa": by_time(RightsRequest)},
)


def left_of(row: RightsRequest) -> TimeLeft | None:
    return time_left_of_all_hours(row.due_at, row.warn_at) if row.status == OPEN else None
