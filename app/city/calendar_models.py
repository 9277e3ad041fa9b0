"""The days that are not like other days. A day without a row is decided by its weekday alone."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime


class CalendarDay(Base):
    """A day off, or one that was and is worked after all (`is_working`). Rows are never deleted.

    `changed_by` is empty as long as the row is as it was seeded. `revision` rises with every change
    of the table, so that a process sees that its copy is old.
    """

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(500), default="")
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)
    revision: Mapped[int] = mapped_column(index=True)


# National holidays and cuti bersama from the `holidays` package (docs/facts.md 5).

JOINT_LEAVE = "cuti bersama"
ESTIMATED = " (perkiraan)"


def library_days_off(year: int) -> dict[date, str]:
    """National holidays and cuti bersama of `year` with their Indonesian names.

    `public` alone would leave out cuti bersama, which is the category `government`. Dates of a year
    not yet decreed are estimates; the label saying so is stripped, `decreed_years` tells instead.
    """
    import holidays  # half a second: only paid by who seeds the calendar

    found = holidays.ID(years=year, categories=("public", "government"), language="id")
    return {day: name.replace(ESTIMATED, "") for day, name in sorted(found.items())}


def library_days_of(years: Iterable[int]) -> dict[date, str]:
    return {day: name for year in years for day, name in library_days_off(year).items()}


def years_around(year: int) -> range:
    """The years a deadline or a report of today can reach."""
    return range(year - 1, year + 2)


def decreed_years(days: Mapping[date, str]) -> frozenset[int]:
    """Years of which `days` knows a "Cuti Bersama": the decree alone creates those, while the
    holidays themselves are also computed ahead for years not yet decreed."""
    return frozenset(day.year for day, name in days.items() if name.lower().startswith(JOINT_LEAVE))
