"""How many working minutes of the office a decided registration took: counted once, with the decision, and stored with
it. A day off that is entered later moves no decision of the past (docs/oversight.md)."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import CompoundSelect, Select, and_, func, literal, select, union_all

from app.base.database import db, transaction
from app.casework.figures import ANY, Period, any_periods, given_of, place_in, worked
from app.casework.kept import written
from app.casework.moving import write_beside
from app.city.office_calendar import calendar_for
from app.registration.models import Application
from app.registration.status import ACTIVE, REJECTED, spans_of

T = TypeVar("T")
AT_ONCE, TURN_SECONDS = 500, 5.0  # messages wait for the worker meanwhile


class Took(NamedTuple, Generic[T]):
    """Of one registration minutes, of many how often each number of them. `until_declared` is from the first sending,
    without `mending`, in which it lay with its resident: None of one that was never returned."""

    until_declared: T
    mending: T | None
    until_decided: T


STORED = Took(Application.minutes_until_declared, Application.minutes_mending, Application.minutes_until_decided)
NAMES = tuple(column.key for column in STORED)
# what took() reads of a row
READ = (
    Application.id, Application.mended, Application.submitted_at, Application.declared_complete_at,
    Application.decided_at, *STORED,
)
WAS_DECLARED = Application.declared_complete_at.is_not(None)
# decided by an older version
UNCOUNTED = and_(Application.minutes_until_decided.is_(None), WAS_DECLARED, Application.decided_at.is_not(None))


def store_minutes(application: Application) -> None:
    """With its decision; what was never declared complete has none. The caller's transaction writes them."""
    if application.declared_complete_at is not None:
        with db.session.no_autoflush:  # one UPDATE, one version
            [found] = _count([application])
        for name, minutes in zip(NAMES, found, strict=True):
            setattr(application, name, minutes)


def forget_minutes(application: Application) -> None:
    """The decision was taken back."""
    for name in NAMES:
        setattr(application, name, None)


def took(rows: Iterable[Any]) -> list[tuple[Any, Took[int]]]:
    """Each row (READ) that was declared complete and decided, with its minutes: the stored ones, or counted now."""
    rows = [row for row in rows if row.declared_complete_at is not None]
    uncounted = [row for row in rows if row.minutes_until_decided is None]
    counted = dict(zip((row.id for row in uncounted), _count(uncounted), strict=True))
    return [(row, counted.get(row.id) or Took(*(getattr(row, name) for name in NAMES))) for row in rows]


def how_often(periods: Sequence[Period]) -> list[Took[Counter[int]]]:
    """Each number of minutes among what was decided, and how often, for each of the periods; none overlap."""
    found = [Took(Counter(), Counter(), Counter()) for _ in periods]
    whole = Period(min(one.first for one in periods), max(one.last for one in periods))
    given = given_of(periods) | whole.given
    for which, where, number, times in db.session.execute(written(_often, len(periods)), given):
        if where is not None:
            found[where][which][number] = times
    for row, minutes in took(db.session.execute(written(_uncounted, len(periods)), given)):
        for often, number in zip(found[row.place], minutes, strict=True):
            if number is not None:
                often[number] += 1
    return found


DECIDED = Application.status.in_((ACTIVE, REJECTED)), ANY.holds(Application.decided_at)


def _often(number: int) -> CompoundSelect:
    place = place_in(any_periods(number), Application.decided_at).label("place")
    return union_all(*(
        select(literal(which), place, column, func.count())
        .where(*DECIDED, column.is_not(None)).group_by("place", column)
        for which, column in enumerate(STORED)
    ))


def _uncounted(number: int) -> Select:
    place = place_in(any_periods(number), Application.decided_at)
    return select(*READ, place.label("place")).where(*DECIDED, UNCOUNTED, place.is_not(None))


def count_old() -> int:
    """Store the minutes of registrations that were decided before they were stored, for no longer than TURN_SECONDS;
    returns how many. A worker's job."""
    ends, number = time.monotonic() + TURN_SECONDS, 0
    while time.monotonic() < ends:
        with transaction() as session:
            rows = session.execute(select(*READ).where(UNCOUNTED).limit(AT_ONCE).with_for_update()).all()
            for row, minutes in took(rows):
                number += write_beside(
                    Application, Application.id == row.id, **dict(zip(NAMES, minutes, strict=True))
                )
        if len(rows) < AT_ONCE:
            break
    return number


def _count(rows: list) -> list[Took[int]]:
    """From the moments of registrations, all declared and decided."""
    if not rows:
        return []
    calendar, away = calendar_for(), {}
    mended = [row.id for row in rows if row.mended]
    for first in range(0, len(mended), AT_ONCE):
        found = spans_of(mended[first:first + AT_ONCE])
        away |= {id: sum(worked(calendar, spans)) for id, spans in found.items()}
    until_declared = worked(calendar, ((row.submitted_at, row.declared_complete_at) for row in rows))
    until_decided = worked(calendar, ((row.declared_complete_at, row.decided_at) for row in rows))
    return [
        Took(first - away.get(row.id, 0), away.get(row.id), last)
        for row, first, last in zip(rows, until_declared, until_decided, strict=True)
    ]
