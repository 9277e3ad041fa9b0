"""One year of the office calendar, month by month, for the page of the administrator."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.accounts.models import Staff
from app.base.database import db
from app.city.calendar_models import CalendarDay, years_around
from app.city.dates import MONTHS
from app.city.office_calendar import calendar_for


@dataclass(frozen=True)
class Day:
    """A day that differs from its weekday. `changed_by` is a name, or empty for a day as seeded."""

    day: date
    name: str
    is_working: bool
    source: str
    reason: str
    changed_by: str


@dataclass(frozen=True)
class Month:
    name: str
    days: list[Day]


def months_of(year: int) -> list[Month]:
    """The twelve months; days off that no row holds yet come from the calendar in force."""
    rows = _rows(year)
    off = calendar_for().days_off
    unseeded = {day: Day(day, name, False, "", "", "") for day, name in off.items() if day.year == year}
    days = sorted({**unseeded, **rows}.values(), key=lambda day: day.day)
    return [Month(name, [d for d in days if d.day.month == number]) for number, name in enumerate(MONTHS, 1)]


def years_to_choose(this_year: int) -> list[int]:
    return list(years_around(this_year))


def _rows(year: int) -> dict[date, Day]:
    inside = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    found = db.session.execute(
        select(CalendarDay, Staff.name).outerjoin(Staff, Staff.id == CalendarDay.changed_by).where(inside)
    )
    return {
        row.day: Day(row.day, row.name, row.is_working, row.source, row.reason, name or "") for row, name in found
    }
