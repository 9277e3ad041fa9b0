"""Clocks of a case, in working days of the office: when they are due, when they warn, when they pause.

A clock belongs to a state, so that no act forgets to start it. What it allowed is counted anew from the
recorded moments whenever the calendar is corrected; nothing is added up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.city.worktime import Calendar, add_working_minutes, due_after_working_days, working_minutes_between

Case = Any  # a row of the kind, or what a query took of it
Warn = Callable[[Calendar, datetime, datetime], datetime]


def share_of_time(percent: Callable[[], int]) -> Warn:
    """Warn after this part of the working time."""
    def warn(calendar: Calendar, began: datetime, due: datetime) -> datetime:
        share = working_minutes_between(calendar, began, due) * percent() // 100
        return add_working_minutes(calendar, began, share)

    return warn


def hours_before(hours: Callable[[], int]) -> Warn:
    """Warn so many office hours before the end, but not before the clock began."""
    def warn(calendar: Calendar, began: datetime, due: datetime) -> datetime:
        return max(began, add_working_minutes(calendar, due, -hours() * 60))

    return warn


def hours_of_the_law_before(hours: int) -> Warn:
    """Warn so many hours before the end, nights and holidays among them."""
    return lambda calendar, began, due: max(began, due - timedelta(hours=hours))


def never_paused(case: Case) -> Sequence[tuple[datetime, datetime]]:
    return ()


@dataclass(frozen=True)
class Clock:
    """`since` is when it began, `days` how many working days it allows, `hours` how many hours of the law, which run
    through nights and holidays. `within` is a longer one that it never
    outlasts. `pauses` are the spans, over by now, in which the case lay with somebody else: their working
    time is added. Without `warn` nobody is warned. No days: the moment itself, by which what is over is sorted."""

    name: str
    label: str
    since: Callable[[Case], datetime]
    days: Callable[[Case], int] = lambda case: 0
    warn: Warn | None = None
    within: "Clock | None" = None
    pauses: Callable[[Case], Sequence[tuple[datetime, datetime]]] = never_paused
    hours: Callable[[Case], int] | None = None

    def due(self, calendar: Calendar, case: Case) -> datetime:
        began = self.since(case)
        if self.hours is not None:
            return began + timedelta(hours=self.hours(case))
        days = self.days(case)
        due = due_after_working_days(calendar, began, days) if days else began
        paused = sum(working_minutes_between(calendar, start, end) for start, end in self.pauses(case))
        if paused:
            due = add_working_minutes(calendar, due, paused)
        return due if self.within is None else min(due, self.within.due(calendar, case))

    def moments(self, calendar: Calendar, case: Case) -> tuple[datetime, datetime | None]:
        """(due, warning)."""
        due = self.due(calendar, case)
        return due, self.warn(calendar, self.since(case), due) if self.warn is not None else None
