"""The office calendar from city file and table; correcting it.

Office hours and Ramadan come from `city.toml`, days off from the table, which is seeded from the
`holidays` package and corrected by the admin (docs/facts.md 5).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from types import MappingProxyType

from flask import current_app
from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.base import clock, journal
from app.base.database import Base, UtcDateTime, db, once_a_page, transaction
from app.base.problems import FormRejected
from app.base.services import city
from app.base.written import Written
from app.city import worktime

# The days that are not like other days. A day without a row is decided by its weekday alone.


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


@cache
def library_days_off(year: int) -> Mapping[date, str]:
    """National holidays and cuti bersama of `year` with their Indonesian names.

    `public` alone would leave out cuti bersama, which is the category `government`. Dates of a year
    not yet decreed are estimates; the label saying so is stripped, `decreed_years` tells instead.
    """
    import holidays  # half a second: only paid by who seeds the calendar

    found = holidays.ID(years=year, categories=("public", "government"), language="id")
    return MappingProxyType({day: name.replace(ESTIMATED, "") for day, name in sorted(found.items())})


def library_days_of(years: Iterable[int]) -> dict[date, str]:
    return {day: name for year in years for day, name in library_days_off(year).items()}


def years_around(year: int) -> range:
    """The years a deadline or a report of today can reach."""
    return range(year - 1, year + 2)


def decreed_years(days: Mapping[date, str]) -> frozenset[int]:
    """Years of which `days` knows a "Cuti Bersama": the decree alone creates those, while the
    holidays themselves are also computed ahead for years not yet decreed."""
    return frozenset(day.year for day, name in days.items() if name.lower().startswith(JOINT_LEAVE))


WARN_FROM_MONTH = 10  # the decree for the next year is normally out in September
LIMITS = {"name": 200, "source": 200, "reason": 500}
_CACHE = "loket_calendar"

Listener = Callable[[worktime.Calendar], None]
_listeners: list[Listener] = []


def on_change(listener: Listener) -> Listener:
    """Register what must follow a correction (open due moments). It runs inside the transaction of
    the change, with the new calendar."""
    _listeners.append(listener)
    return listener


def calendar_for() -> worktime.Calendar:
    """The calendar as of now. Costs one look at the table's revision; rows are read when it moved.

    Years around today that nobody has seeded yet are taken from the library, so that a forgotten
    seeding never turns a holiday into a deadline.
    """
    stamp = (clock.today().year, revision())
    cached = current_app.extensions.get(_CACHE)
    if cached is None or cached[0] != stamp:
        cached = (stamp, _build())
        current_app.extensions[_CACHE] = cached
    return cached[1]


def closed_until() -> datetime | None:
    """When the office opens again; None while it is open."""
    calendar, now = calendar_for(), clock.now()
    return None if worktime.is_open(calendar, now) else worktime.next_opening(calendar, now)


def change_day(
    day: date, is_working: bool, name: str, reason: str, source: str, staff,
) -> CalendarDay:
    """Declare one day off or worked; of `staff`, who does it, only the id is asked.

    Raises FormRejected naming the field that is wrong.

    Open due moments follow in the same transaction (`on_change`).
    """
    given = {"name": name.strip(), "reason": reason.strip(), "source": source.strip()}
    errors = _errors_of(day, is_working, given)
    if errors:
        raise FormRejected(errors)
    with calendar_change() as session:
        # the journal's head row makes changes queue, so that no two share a revision
        journal.record(
            "calendar_changed", actor=journal.Actor("staff", staff.id),
            about=("calendar", day.isoformat()), detail={"is_working": is_working, **given},
        )
        row = session.get(CalendarDay, day) or CalendarDay(day=day)
        row.is_working, row.changed_by, row.changed_at = is_working, staff.id, clock.now()
        row.name, row.reason, row.source = given["name"], given["reason"], given["source"]
        row.revision = next_revision()
        session.add(row)
        return row


@contextmanager
def calendar_change() -> Iterator[Session]:
    """A transaction that changes the table; what hangs on the calendar follows in it."""
    try:
        with transaction() as session:
            before = next_revision()
            yield session
            session.flush()
            if next_revision() != before:
                _tell_listeners()
    finally:
        # a listener may have cached days that were rolled back and whose revision will come again
        current_app.extensions.pop(_CACHE, None)


def next_revision() -> int:
    return revision() + 1


def undecreed_year_warning(today: date) -> str | None:
    """A sentence for the admin from October on while next year's joint leave is unknown, and in
    any month while this year's is."""
    years = [today.year, *([today.year + 1] if today.month >= WARN_FROM_MONTH else [])]
    missing = [year for year in years if not worktime.is_decreed(calendar_for(), year)]
    if not missing:
        return None
    return (
        f"Kalender {missing[0]} belum ditetapkan: cuti bersama tahun itu belum ada. "
        "Periksa SKB 3 Menteri, lalu lengkapi hari libur agar batas waktu dihitung dengan benar."
    )


def _build() -> worktime.Calendar:
    settings = city()
    rows = list(db.session.scalars(select(CalendarDay)))
    seeded = {row.day.year for row in rows if row.changed_by is None}
    unseeded = [year for year in years_around(clock.today().year) if year not in seeded]
    days = library_days_of(unseeded)
    days.update({row.day: row.name for row in rows})
    worked = {row.day for row in rows if row.is_working}
    return worktime.Calendar(
        hours=settings.office_hours,
        ramadan_hours=settings.ramadan_hours,
        ramadan=tuple((period.start, period.end) for period in settings.ramadan),
        days_off={day: name for day, name in days.items() if day not in worked},
        decreed_years=decreed_years(days),
    )


REVISION = select(func.max(CalendarDay.revision)).scalar_subquery()
ASKED_REVISION = Written(select(REVISION))


@once_a_page
def revision() -> int:
    return ASKED_REVISION.ask().scalar() or 0


def _tell_listeners() -> None:
    if _listeners:
        calendar = _build()
        for listener in _listeners:
            listener(calendar)


def _errors_of(day: date, is_working: bool, given: dict[str, str]) -> dict[str, list[str]]:
    errors = {
        name: [f"Isi paling banyak {LIMITS[name]} huruf."]
        for name, text in given.items() if len(text) > LIMITS[name]
    }
    for name, sentence in (
        ("name", "Isi nama hari ini, misalnya Cuti Bersama Natal."),
        ("reason", "Tulis alasan perubahan ini."),
        ("source", "Tulis sumbernya, misalnya nomor surat keputusan."),
    ):
        if not given[name]:
            errors[name] = [sentence]
    if is_working and not city().office_hours.of(day):
        errors["is_working"] = ["Pada hari ini kantor tidak mempunyai jam layanan."]
    return errors


# The library's holidays into the table, without touching what an admin decided.

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
