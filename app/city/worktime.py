"""Working time of the office: pure functions over a calendar, which is passed in.

Moments go in as aware datetimes of any zone and come out in UTC. Dates and hours are those of
Probolinggo (WIB, UTC+7, no daylight saving), whatever the zone of the machine. Office hours are
half-open: at the minute of closing the office is closed.
Source: docs/facts.md 5 (Perpres 21/2023; the standard, C).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from app.base.clock import WIB

# no real calendar closes the office for a year; one that does is a mistake, not a wait
MAX_CLOSED_DAYS = 366
MOST_LOOKED_AT = 5_000  # days

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


# Office hours of a week, as `city.toml` writes them.

WEEKDAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")

_HOURS = re.compile(r"([01]\d|2[0-3])\.([0-5]\d)-([01]\d|2[0-3])\.([0-5]\d)")

Interval = tuple[time, time]
Spans = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class WeeklyHours:
    """Open intervals (start, end) of each weekday, Monday first; an empty day is closed."""

    days: tuple[tuple[Interval, ...], ...]

    def of(self, day: date) -> tuple[Interval, ...]:
        return self.days[day.weekday()]


def show_days(weekly: WeeklyHours) -> str:
    """The days the office opens, such as "Senin–Jumat" or "Senin–Kamis dan Sabtu". True in Ramadan too,
    which the hours of a day are not."""
    runs: list[list[int]] = []
    for day in (day for day, spans in enumerate(weekly.days) if spans):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [day.capitalize() for day in WEEKDAYS]
    return " dan ".join(names[run[0]] if len(run) == 1 else f"{names[run[0]]}–{names[run[-1]]}" for run in runs)


def parse_hours(table: Mapping[str, list[str]]) -> WeeklyHours:
    """Read {"senin": ["07.30-12.00", "13.00-16.00"], ...}; all seven days must be there.

    Raises ValueError naming the day that is missing, unknown or badly written.
    """
    if not isinstance(table, Mapping):
        raise ValueError("must be a section with a key for each day")
    for day in table:
        if day not in WEEKDAYS:
            raise ValueError(f"{day}: is not a day ({', '.join(WEEKDAYS)})")
    for day in WEEKDAYS:
        if day not in table:
            raise ValueError(f"{day}: is missing; write [] for a closed day")
    return WeeklyHours(tuple(_parse_day(day, table[day]) for day in WEEKDAYS))


def _parse_day(day: str, texts: list[str]) -> tuple[Interval, ...]:
    if not isinstance(texts, list):
        raise ValueError(f"{day}: must be a list such as [\"07.30-12.00\"]")
    intervals = tuple(_parse_interval(day, text) for text in texts)
    ends = [moment for interval in intervals for moment in interval]
    if any(later <= earlier for earlier, later in pairwise(ends)):
        raise ValueError(f"{day}: hours must follow each other without overlap")
    return intervals


def _parse_interval(day: str, text: str) -> Interval:
    match = _HOURS.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{day}: {text!r} is not of the form \"07.30-12.00\"")
    start_hour, start_minute, end_hour, end_minute = map(int, match.groups())
    return time(start_hour, start_minute), time(end_hour, end_minute)


class NoWorkingTime(Exception):
    """The calendar holds no office hours within a year of the moment asked about."""


@dataclass(frozen=True)
class Calendar:
    """Everything that decides when the office works.

    `ramadan` holds (first, last) dates, both inside; `days_off` maps a closed date to its name;
    `decreed_years` are the years whose holidays the government has fixed.
    """

    hours: WeeklyHours
    ramadan_hours: WeeklyHours
    ramadan: tuple[tuple[date, date], ...] = ()
    days_off: Mapping[date, str] = field(default_factory=dict)
    decreed_years: frozenset[int] = frozenset()
    # day -> its office hours: a list of cases asks for the same weeks again and again
    looked_at: dict[date, Spans] = field(default_factory=dict, init=False, repr=False, compare=False)


def is_working_day(calendar: Calendar, day: date) -> bool:
    return bool(_spans_of(calendar, day))


def is_open(calendar: Calendar, moment: datetime) -> bool:
    local = _local(moment)
    return any(start <= local < end for start, end in _spans_of(calendar, local.date()))


def is_decreed(calendar: Calendar, year: int) -> bool:
    """Whether the joint decree (SKB 3 Menteri) of `year` is in this calendar."""
    return year in calendar.decreed_years


def next_opening(calendar: Calendar, moment: datetime) -> datetime:
    """The first moment at or after `moment` at which the office is open (UTC).

    Raises NoWorkingTime.
    """
    local = _local(moment)
    start, _ = next(_spans_after(calendar, local))
    return max(start, local).astimezone(UTC)


def due_after_working_days(calendar: Calendar, moment: datetime, n: int) -> datetime:
    """Closing time of the `n`-th working day after the WIB date of `moment` (UTC).

    The day of the event is not counted, at whatever hour it happened: the reading of "paling lama
    1 hari kerja sejak dinyatakan lengkap" of docs/facts.md 5. Raises ValueError when n < 1,
    NoWorkingTime.
    """
    if n < 1:
        raise ValueError("at least one working day")
    day = _local(moment).date()
    for _ in range(n):
        day = _next_working_day(calendar, day)
    return _spans_of(calendar, day)[-1][1].astimezone(UTC)


def working_minutes_between(calendar: Calendar, a: datetime, b: datetime) -> int:
    """Whole minutes of office hours from `a` to `b`; negative when `b` lies before `a`."""
    start, end = _local(a), _local(b)
    if end < start:
        return -working_minutes_between(calendar, b, a)
    total = timedelta()
    day = start.date()
    while day <= end.date():
        for opens, closes in _spans_of(calendar, day):
            if opens < end and closes > start:
                total += min(closes, end) - max(opens, start)
        day += _DAY
    return total // _MINUTE


def working_minutes_of(calendar: Calendar, spans: Iterable[tuple[datetime, datetime]]) -> list[int]:
    """working_minutes_between() of each. For a year of cases: every day is looked at once, not once for each case."""
    hours = _OfficeClock(calendar)
    found = ((hours.passed(end) - hours.passed(start)) for start, end in spans)
    return [total // _MINUTE if total >= timedelta() else -(-total // _MINUTE) for total in found]


class _OfficeClock:
    """Stands still while the office is closed. The difference of two readings is what lies between."""

    def __init__(self, calendar: Calendar):
        self._calendar = calendar
        self._days: dict[date, tuple[timedelta, Spans]] = {}
        self._first = self._next = date.min
        self._begun = self._whole = timedelta()  # what it showed at the start of the first and of the next day

    def passed(self, moment: datetime) -> timedelta:
        local = _local(moment)
        shown, spans = self._days.get(local.date()) or self._look_at(local.date())
        for opens, closes in spans:
            if local > opens:
                shown += min(closes, local) - opens
        return shown

    def _look_at(self, day: date) -> tuple[timedelta, Spans]:
        """And at all days between it and those that were looked at."""
        if not self._days:
            self._first = self._next = day
        while self._next <= day:
            spans = _spans_of(self._calendar, self._next)
            self._days[self._next] = self._whole, spans
            self._whole += _length(spans)
            self._next += _DAY
        while self._first > day:
            self._first -= _DAY
            spans = _spans_of(self._calendar, self._first)
            self._begun -= _length(spans)
            self._days[self._first] = self._begun, spans
        return self._days[day]


def _length(spans: Spans) -> timedelta:
    return sum((closes - opens for opens, closes in spans), timedelta())


def add_working_minutes(calendar: Calendar, moment: datetime, minutes: int) -> datetime:
    """The moment `minutes` of office hours after `moment`, or before it when negative (UTC).

    Nought gives `moment` itself. A sum that ends with the day ends at closing time, not at the next
    opening (backwards: at opening time). Raises NoWorkingTime.
    """
    local, left = _local(moment), abs(minutes) * _MINUTE
    if minutes == 0:
        return local.astimezone(UTC)
    return (_forward if minutes > 0 else _backward)(calendar, local, left).astimezone(UTC)


def _forward(calendar: Calendar, local: datetime, left: timedelta) -> datetime:
    spans = _spans_after(calendar, local)
    start, end = next(spans)
    start = max(start, local)
    while left > end - start:
        left -= end - start
        start, end = next(spans)
    return start + left


def _backward(calendar: Calendar, local: datetime, left: timedelta) -> datetime:
    spans = _spans_before(calendar, local)
    start, end = next(spans)
    end = min(end, local)
    while left > end - start:
        left -= end - start
        start, end = next(spans)
    return end - left


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no place in the calendar")
    return moment.astimezone(WIB)


def _intervals(calendar: Calendar, day: date) -> tuple[Interval, ...]:
    if day in calendar.days_off:
        return ()
    in_ramadan = any(first <= day <= last for first, last in calendar.ramadan)
    return (calendar.ramadan_hours if in_ramadan else calendar.hours).of(day)


def _spans_of(calendar: Calendar, day: date) -> Spans:
    known = calendar.looked_at.get(day)
    if known is None:
        if len(calendar.looked_at) >= MOST_LOOKED_AT:
            calendar.looked_at.clear()
        known = calendar.looked_at[day] = tuple(
            (datetime.combine(day, start, WIB), datetime.combine(day, end, WIB))
            for start, end in _intervals(calendar, day)
        )
    return known


def _next_working_day(calendar: Calendar, day: date, step: timedelta = _DAY) -> date:
    for _ in range(MAX_CLOSED_DAYS):
        day += step
        if is_working_day(calendar, day):
            return day
    raise NoWorkingTime(f"no office hours within {MAX_CLOSED_DAYS} days of {day}")


def _spans_after(calendar: Calendar, local: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Open spans that end after `local`, in order; never ends."""
    day = local.date()
    yield from (span for span in _spans_of(calendar, day) if span[1] > local)
    while True:
        day = _next_working_day(calendar, day)
        yield from _spans_of(calendar, day)


def _spans_before(calendar: Calendar, local: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Open spans that start before `local`, the latest first; never ends."""
    day = local.date()
    yield from (span for span in reversed(_spans_of(calendar, day)) if span[0] < local)
    while True:
        day = _next_working_day(calendar, day, -_DAY)
        yield from reversed(_spans_of(calendar, day))
