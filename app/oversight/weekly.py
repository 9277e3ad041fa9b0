"""The weekly note to those who oversee: figures only, once a week, on its first morning of work, also when nothing is
late (its absence is a sign, too)."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock
from app.base.clock import WIB
from app.base.database import db, end_reading, insert_once, transaction
from app.base.services import settings
from app.casework.figures import Period
from app.city.dates import show_date
from app.city.office_calendar import calendar_for
from app.city.worktime import add_working_minutes
from app.office.contacts import contact_of, tell
from app.oversight import figures
from app.oversight.charts import said
from app.oversight.models import WeeklyNote
from app.review import promises

TEMPLATE, HOME = "catatan_mingguan", "/petugas/"


def write_notes() -> None:
    """To everybody with a jabatan and a way to be reached who has not been written to this week."""
    now = clock.now()
    monday = now.astimezone(WIB).date() - timedelta(days=now.astimezone(WIB).weekday())
    if now < add_working_minutes(calendar_for(), clock.midnight(monday), 1):
        return
    known = select(WeeklyNote.staff_id).where(WeeklyNote.week == monday)
    query = select(Staff).where(Staff.jabatan != "", Staff.disabled_at.is_(None), Staff.id.not_in(known))
    waiting = [one.id for one in db.session.scalars(query) if contact_of(one)]
    values = _values(clock.midnight(monday)) if waiting else {}
    end_reading()
    for staff_id in waiting:
        with transaction() as session:
            if insert_once(WeeklyNote, week=monday, staff_id=staff_id, at=now):
                tell(session.get_one(Staff, staff_id), TEMPLATE, **values)


def _values(monday: datetime) -> dict[str, str]:
    """Of the week before `monday`."""
    week = Period(monday - timedelta(weeks=1), monday)
    kept = promises.in_period(week)
    return {
        "minggu": show_date(week.first), "menunggu": str(figures.backlog()[0]),
        "tepat": f"{said(figures.percent(kept.kept, kept.of), '%')} ({kept.kept} dari {kept.of})" if kept.of else "-",
        "terlambat": str(figures.late_registrations()), "pengaduan": str(figures.late_complaints()[0]),
        "tautan": f"{settings().public_base_url}{HOME}",
    }
