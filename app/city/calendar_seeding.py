"""The library's holidays into the table, without touching what an admin decided."""

from datetime import date

from sqlalchemy import select

from app.base import clock, journal
from app.city.calendar_models import CalendarDay, library_days_of, years_around
from app.city.office_calendar import calendar_change, next_revision

SEEDED = "Paket data hari libur (SKB 3 Menteri)"
NO_LONGER = "Tidak lagi tercantum dalam data hari libur"


def keep_seeded() -> None:
    """Seed the years around today: at the first start, and as the worker's daily job."""
    years = years_around(clock.today().year)
    seed_years(years[0], years[-1])


def seed_years(first: int, last: int) -> int:
    """Copy the library's days of the years `first` to `last` (both included) into the table.

    Returns how many rows are new or different; nought writes nothing. Rows changed by an admin stay
    as they are; a seeded day that the library has dropped since becomes a working day.
    """
    wanted = library_days_of(range(first, last + 1))
    with calendar_change() as session:
        days = CalendarDay.day.between(date(first, 1, 1), date(last, 12, 31))
        rows = {row.day: row for row in session.scalars(select(CalendarDay).where(days).with_for_update())}
        changed = [_changed_row(rows.get(day), day, wanted.get(day)) for day in sorted({*wanted, *rows})]
        changed = [row for row in changed if row is not None]
        if changed:
            # the journal's head row makes changes queue, so that no two share a revision
            journal.record("calendar_seeded", actor=journal.SYSTEM, about=("calendar", f"{first}-{last}"))
            _write(session, changed)
        return len(changed)


def _write(session, rows: list[CalendarDay]) -> None:
    revision = next_revision()
    for row in rows:
        row.revision = revision
        session.add(row)


def _changed_row(row: CalendarDay | None, day: date, name: str | None) -> CalendarDay | None:
    """The row as the library wants it, or None when there is nothing to change."""
    if row is None:
        return CalendarDay(day=day, is_working=False, name=name, source=SEEDED)
    if row.changed_by is not None:
        return None
    wanted = (name is None, NO_LONGER if name is None else "", name or row.name)
    if (row.is_working, row.reason, row.name) == wanted:
        return None
    row.is_working, row.reason, row.name = wanted
    return row
