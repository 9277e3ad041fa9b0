"""Clocks of a case, in working days of the office: when they are due, when they warn, when they pause.

A clock belongs to a state, so that no act forgets to start it. What it allowed is counted anew from the
recorded moments whenever the calendar is corrected; nothing is added up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.base import clock
from app.base.clock import WIB
from app.city.dates import DAYS
from app.city.office_calendar import calendar_for
from app.city.worktime import (
    Calendar,
    add_working_minutes,
    due_after_working_days,
    is_working_day,
    working_minutes_between,
)

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


# How much time is left, as every desk says it: `sisa 3 jam 20 menit`, `lewat 2 hari kerja`.
#
# Office clocks count the hours in which the office is open; a clock of the law that runs through nights and holidays
# (docs/facts.md) counts all hours, and says days instead of working days.

HOUR, DAY = 60, 24 * 60
JUST_OVER = "baru lewat"  # as long as the office is closed after it
FAR = 40 * HOUR  # beyond a week of work nobody counts hours


class TimeLeft(NamedTuple):
    """`words` such as "sisa 3 jam 20 menit", `until` such as "Sel 24/11 16.00"; `tone` is '', 'soon'
    or 'late', which the words say too."""

    words: str
    until: str
    tone: str


def time_left(
    due_at: datetime | None, warn_at: datetime | None = None, calendar: Calendar | None = None,
) -> TimeLeft | None:
    """Of an office clock; None when none runs. A list passes the calendar, which is read from the database."""
    if due_at is None:
        return None
    now, calendar = clock.now(), calendar or calendar_for()
    minutes = abs(working_minutes_between(calendar, now, due_at))
    length = length_of(minutes) if minutes < FAR else f"{_working_days(calendar, now, due_at)} hari kerja"
    return _said(length, now, due_at, warn_at)


def time_left_of_all_hours(due_at: datetime, warn_at: datetime | None = None) -> TimeLeft:
    """Of a clock that runs through nights and holidays."""
    now = clock.now()
    minutes = abs(due_at - now) // timedelta(minutes=1)
    days, hours = minutes // DAY, minutes % DAY // HOUR
    length = f"{days} hari{f' {hours} jam' if hours else ''}" if days else length_of(minutes)
    return _said(length, now, due_at, warn_at)


def length_late(due_at: datetime, calendar: Calendar) -> str:
    """Of an office clock that has run out, in the words of every list, such as "2 hari kerja"; a promise that ended as
    the office closed has lasted no working minute yet."""
    words = time_left(due_at, calendar=calendar).words
    return "baru saja" if words == JUST_OVER else words.removeprefix("lewat ")


def length_of(minutes: int) -> str:
    """Such as "3 jam 20 menit"."""
    hours, rest = divmod(minutes, HOUR)
    parts = [f"{hours} jam" if hours else "", f"{rest} menit" if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def _said(length: str, now: datetime, due_at: datetime, warn_at: datetime | None) -> TimeLeft:
    local = due_at.astimezone(WIB)
    until = f"{DAYS[local.weekday()][:3]} {local:%d/%m %H.%M}"
    if due_at <= now:
        return TimeLeft(f"lewat {length}" if length != length_of(0) else JUST_OVER, until, "late")
    return TimeLeft(f"sisa {length}", until, "soon" if warn_at is not None and warn_at <= now else "")


def _working_days(calendar: Calendar, now: datetime, due_at: datetime) -> int:
    """Days of work after today up to the day it is due, or the other way round when it is late."""
    first, last = sorted((now.astimezone(WIB).date(), due_at.astimezone(WIB).date()))
    return sum(is_working_day(calendar, first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
