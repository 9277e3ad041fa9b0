"""Office hours of a week, as `city.toml` writes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise

WEEKDAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")

_HOURS = re.compile(r"([01]\d|2[0-3])\.([0-5]\d)-([01]\d|2[0-3])\.([0-5]\d)")

Interval = tuple[time, time]


@dataclass(frozen=True)
class WeeklyHours:
    """Open intervals (start, end) of each weekday, Monday first; an empty day is closed."""

    days: tuple[tuple[Interval, ...], ...]

    def of(self, day: date) -> tuple[Interval, ...]:
        return self.days[day.weekday()]


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
