"""Days with one person: a supervisor opens the day with a reason, and each decision of the person who also
declared is written down with its own reason, for the supervisor to read."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, once_a_page, transaction
from app.base.problems import FormRejected
from app.base.services import sealer
from app.casework import notes
from app.casework.kept import TODAY
from app.casework.models import CaseNote
from app.registration.models import Application
from app.review.models import ALONE, OnePersonDay

AHEAD = timedelta(days=31)
SHOWN = 100
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class OpenedDay:
    day: date
    by: str
    reason: str


@dataclass(frozen=True)
class Use:
    """One decision of the person who also declared; it may have been taken back since."""

    application_id: str
    number: str
    by: str
    at: datetime
    reason: str


# for lists, the same as is_open() of this day
IS_OPEN_TODAY = exists().where(OnePersonDay.day == TODAY)


@once_a_page
def is_open(day: date) -> bool:
    return db.session.get(OnePersonDay, day) is not None


def open_day(text: str, reason: str, staff: Staff) -> date:
    """`text` is a date such as 2026-11-27. Raises FormRejected for a day that is past, far or open already,
    and without a reason."""
    day, errors = _day(text), {}
    if day is None or not clock.today() <= day <= clock.today() + AHEAD:
        errors["day"] = [f"Pilih hari ini atau hari lain paling lambat {AHEAD.days} hari lagi."]
    if not reason:
        errors["reason"] = ["Tulis mengapa hanya satu orang yang bertugas."]
    if not errors and is_open(day):
        errors["day"] = ["Hari ini sudah dibuka."]
    if errors:
        raise FormRejected(errors)
    with transaction() as session:
        sealed = sealer().seal(reason.encode(), _context(day))
        session.add(OnePersonDay(day=day, opened_by=staff.id, opened_at=clock.now(), reason_sealed=sealed))
        journal.record("one_person_day_opened", actor=journal.Actor("staff", staff.id), about=("staff", staff.id),
                       detail={"day": day.isoformat()})
    return day


def opened_days() -> list[OpenedDay]:
    """The latest first."""
    rows = db.session.execute(
        select(OnePersonDay, Staff.name).join(Staff, Staff.id == OnePersonDay.opened_by)
        .order_by(OnePersonDay.day.desc()).limit(SHOWN)
    )
    return [OpenedDay(row.day, name, _reason(row)) for row, name in rows]


def uses() -> list[Use]:
    """The newest first."""
    rows = db.session.execute(
        select(CaseNote, Application.number, Staff.name).join(Application, Application.id == CaseNote.case_id)
        .join(Staff, Staff.id == CaseNote.staff_id).where(CaseNote.kind == ALONE)
        .order_by(CaseNote.id.desc()).limit(SHOWN)
    )
    return [Use(note.case_id, number, name, note.at, notes.read_note(note)) for note, number, name in rows]


def count_recent() -> int:
    """Uses of the last seven days."""
    return db.session.scalar(select(func.count()).select_from(CaseNote).where(
        CaseNote.kind == ALONE, CaseNote.at > clock.now() - RECENT
    ))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _reason(row: OnePersonDay) -> str:
    return sealer().open(row.reason_sealed, _context(row.day)).decode()


def _context(day: date) -> str:
    return f"one_person_day:{day.isoformat()}"
