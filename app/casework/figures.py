"""Figures of a span of time, counted alike for every kind of case."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.base.clock import midnight
from app.base.database import UtcDateTime, db
from app.city.worktime import Calendar, working_minutes_of


@dataclass(frozen=True)
class Period:
    """From `first`, before `last`."""

    first: datetime
    last: datetime

    def holds(self, column: InstrumentedAttribute):
        return (column >= self.first) & (column < self.last)

    @property
    def given(self) -> dict[str, datetime]:
        """What a statement made with ANY left open."""
        return {"first": self.first, "last": self.last}


# stands in statements that are kept (app/casework/kept.py): they are told the period when they are asked
ANY: Any = Period(bindparam("first", type_=UtcDateTime), bindparam("last", type_=UtcDateTime))


def any_periods(number: int) -> list[Any]:
    """The same for so many."""
    ends = ((bindparam(f"{end}_{at}", type_=UtcDateTime) for end in ("first", "last")) for at in range(number))
    return [Period(*pair) for pair in ends]


def given_of(periods: Sequence[Period]) -> dict[str, datetime]:
    """What a statement made with any_periods() left open."""
    return {f"{end}_{at}": moment for at, one in enumerate(periods) for end, moment in one.given.items()}


def days_of(first: date, last: date) -> Period:
    """Both days are inside."""
    return Period(midnight(first), midnight(last + timedelta(days=1)))


def counts_in(periods: Sequence[Period], column: InstrumentedAttribute, *where: ColumnElement[bool]) -> list[int]:
    """How many rows of the column's table lie in each, in one question."""
    return list(db.session.execute(counting(periods, column, *where)).one())


def counting(periods: Sequence[Period], column: InstrumentedAttribute, *where: ColumnElement[bool]) -> Select:
    """The question."""
    return select(*(
        select(func.count()).select_from(column.class_).where(period.holds(column), *where).scalar_subquery()
        for period in periods
    ))


def place_in(periods: Sequence[Period], column: InstrumentedAttribute) -> ColumnElement[int]:
    """In which of these periods, none of which overlap, a moment lies; NULL in none."""
    return case(*((period.holds(column), place) for place, period in enumerate(periods)))


def worked(calendar: Calendar, spans: Iterable[tuple[datetime, datetime]]) -> list[int]:
    """Working minutes of each."""
    return working_minutes_of(calendar, spans)


def share(part: int, of: int) -> int | None:
    """Percent, None of nothing."""
    return round(100 * part / of) if of else None


def middle_and_slow_of(often: Mapping[float, int]) -> tuple[float, float] | None:
    """(half took no longer, nine of ten took no longer) of values and how often each is there, between two of them in a
    straight line; None of nothing."""
    values = sorted(often)
    last = list(accumulate(often[value] for value in values))
    if not last:
        return None
    def at(tenths: int) -> float:
        place, beyond = divmod(tenths * (last[-1] - 1), 10)
        low, high = (values[bisect_right(last, min(one, last[-1] - 1))] for one in (place, place + 1))
        return (low * (10 - beyond) + high * beyond) / 10

    return at(5), at(9)
