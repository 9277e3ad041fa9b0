"""Figures of a span of time, counted alike for every kind of case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles

from sqlalchemy.orm import InstrumentedAttribute

from app.base.clock import midnight
from app.city.worktime import Calendar, working_minutes_of


@dataclass(frozen=True)
class Period:
    """From `first`, before `last`."""

    first: datetime
    last: datetime

    def holds(self, column: InstrumentedAttribute):
        return (column >= self.first) & (column < self.last)


def days_of(first: date, last: date) -> Period:
    """Both days are inside."""
    return Period(midnight(first), midnight(last + timedelta(days=1)))


def worked(calendar: Calendar, spans: Iterable[tuple[datetime, datetime]]) -> list[int]:
    """Working minutes of each."""
    return working_minutes_of(calendar, spans)


def share(are_so: Iterable[bool]) -> int | None:
    """Percent, None of nothing."""
    found = list(are_so)
    return round(100 * sum(found) / len(found)) if found else None


def middle_and_slow(values: Iterable[float]) -> tuple[float, float] | None:
    """(half took no longer, nine of ten took no longer), None of nothing."""
    found = sorted(values)
    if not found:
        return None
    tenths = quantiles(found, n=10, method="inclusive") if len(found) > 1 else found * 9
    return tenths[4], tenths[8]
