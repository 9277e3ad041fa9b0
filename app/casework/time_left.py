"""How much time is left, as every desk says it: `sisa 3 jam 20 menit`, `lewat 2 hari kerja`.

Office clocks count the hours in which the office is open; a clock of the law that runs through nights and
holidays (docs/facts.md) counts all hours, and says days instead of working days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.base import clock
from app.base.clock import WIB
from app.city.dates import DAYS
from app.city.office_calendar import calendar_for
from app.city.worktime import Calendar, is_working_day, working_minutes_between

HOUR, DAY = 60, 24 * 60
JUST_OVER = "baru lewat"  # as long as the office is closed after it
FAR = 40 * HOUR  # beyond a week of work nobody counts hours


@dataclass(frozen=True)
class TimeLeft:
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
