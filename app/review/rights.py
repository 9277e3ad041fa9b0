"""Who may work on which case, beyond what the role allows (nobody decides their own).

Staff type their own NIK and Nomor KK once; only keyed indexes are kept, to be compared with those of
a case.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Boolean, ColumnElement, bindparam, exists, func, not_, or_, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, once_a_page, transaction
from app.base.problems import FormRejected
from app.base.services import city, sealer
from app.casework import notes
from app.casework.kept import ME, TODAY
from app.casework.models import CaseNote
from app.identity.findings import FieldError
from app.identity.nik import parse_sixteen
from app.registration.models import Application, StatusChange
from app.registration.status import COMPLETE, REGISTRATION, SUBMITTED
from app.review import evidence
from app.review.models import ALONE, OnePersonDay, SecondLook, StaffKin
from app.web.access import Officer, holds

OWN = "Ini pendaftaran Anda sendiri. Petugas lain yang memeriksanya."
OWN_KK = "Pemohon tercantum dalam KK Anda. Petugas lain yang memeriksanya."
OWN_FILING = "Anda yang mendaftarkan warga ini di meja layanan. Petugas lain yang memeriksanya."
OTHER_PERSON = "Anda yang menyatakan berkas ini lengkap. Keputusan dibuat oleh operator lain."
ASKED = "Anda sudah meminta orang kedua untuk berkas ini. Orang lain yang melanjutkan."
LOOK_FIRST = "Pendaftaran ini menunggu dilihat. Tekan Sudah dilihat dulu, baru dapat diperiksa."
TWO_PEOPLE = bindparam("two_people", callable_=lambda: city().registration.require_two_people, type_=Boolean)
FIELDS = {"nik": "NIK", "kk_number": "Nomor KK"}


def work_open_to(person: Officer) -> tuple[str, ...]:
    """The states in which this person has something to do."""
    work = (("declare_complete", SUBMITTED), ("approve", COMPLETE))
    return tuple(status for act, status in work if REGISTRATION.open_to(act, status, partial(holds, person)))


def bar_to(application: Application, staff: Staff) -> str | None:
    """Why this person may not work on this case, as a sentence; None when nothing bars them."""
    if (own := own_bar(application, staff)) is not None:
        return own
    if application.filed_by == staff.id:
        return OWN_FILING
    if needs_other_person(application) and application.declared_complete_by == staff.id:
        return OTHER_PERSON
    if application.to_look:
        return LOOK_FIRST
    return ASKED if asked_for_second(application.id, staff.id) else None


def own_bar(application: Application, staff: Staff) -> str | None:
    """The same for one's own registration and those of one's KK alone."""
    kin = kin_of(staff.id)
    if kin is not None and kin.nik_index == application.nik_index:
        return OWN
    return OWN_KK if kin is not None and kin.kk_index == application.kk_index else None


def needs_other_person(application: Application) -> bool:
    """Whether deciding now is left to somebody else than who declared it complete."""
    return application.status == COMPLETE and needs_two_people()


def needs_two_people() -> bool:
    """Whether today nobody decides what the same person declared."""
    return city().registration.require_two_people and not is_one_person_day(clock.today())


def not_decided_twice(staff_id: Any) -> ColumnElement[bool]:
    """A condition of lists, the same as needs_other_person() of one case."""
    mine = (Application.status == COMPLETE) & (Application.declared_complete_by.is_not_distinct_from(staff_id))
    return or_(not_(TWO_PEOPLE), IS_OPEN_TODAY, not_(mine))


def not_of_kin(staff_id: Any) -> ColumnElement[bool]:
    """A condition of lists, the same as own_bar() of one case."""
    theirs = or_(StaffKin.nik_index == Application.nik_index, StaffKin.kk_index == Application.kk_index)
    return ~exists().where(StaffKin.staff_id == staff_id, theirs)


def works_on(application: Application, staff: Staff) -> bool:
    """Whether opening this case means working on it."""
    return application.status in work_open_to(staff) and bar_to(application, staff) is None


@once_a_page
def kin_of(staff_id: str) -> StaffKin | None:
    return db.session.get(StaffKin, staff_id)


def save_kin(staff_id: str, typed: dict[str, str]) -> None:
    """Keep the indexes of one's own NIK and KK. Raises FormRejected naming the field that is wrong."""
    values, errors = {}, {}
    for field, label in FIELDS.items():
        try:
            values[field] = parse_sixteen(typed.get(field, ""), label)
        except FieldError as error:
            errors[field] = [error.message]
    if errors:
        raise FormRejected(errors)
    with transaction() as session:
        kin = session.get(StaffKin, staff_id) or StaffKin(staff_id=staff_id)
        kin.nik_index = sealer().index("nik", values["nik"])
        kin.kk_index = sealer().index("kk", values["kk_number"])
        session.add(kin)
        journal.record("staff_kin_saved", actor=journal.Actor("staff", staff_id), about=("staff", staff_id))


SENDING = select(func.max(StatusChange.id)).where(
    StatusChange.application_id == bindparam("case"), StatusChange.act.in_(evidence.SENDINGS)
)
ASKED_SECOND = exists().where(SecondLook.asked_by == ME, SecondLook.change_id == SENDING.scalar_subquery())
IS_ASKED = select(ASKED_SECOND)


@once_a_page
def asked_for_second(application_id: str, staff_id: str) -> bool:
    """Whether this person asked for a second one for the sending that is looked at now."""
    return bool(db.session.scalar(IS_ASKED, {"case": application_id, "me": staff_id}))


# Days with one person: a supervisor opens the day with a reason, and each decision of the person who also declared is
# written down with its own reason, for the supervisor to read.

AHEAD = timedelta(days=31)
USES_SHOWN = 100
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


# for lists, the same as is_one_person_day() of this day
IS_OPEN_TODAY = exists().where(OnePersonDay.day == TODAY)


@once_a_page
def is_one_person_day(day: date) -> bool:
    return db.session.get(OnePersonDay, day) is not None


def open_day(text: str, reason: str, staff: Staff) -> date:
    """`text` is a date such as 2026-11-27. Raises FormRejected for a day that is past, far or open already,
    and without a reason."""
    day, errors = _day_of(text), {}
    if day is None or not clock.today() <= day <= clock.today() + AHEAD:
        errors["day"] = [f"Pilih hari ini atau hari lain paling lambat {AHEAD.days} hari lagi."]
    if not reason:
        errors["reason"] = ["Tulis mengapa hanya satu orang yang bertugas."]
    if not errors and is_one_person_day(day):
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
        .order_by(OnePersonDay.day.desc()).limit(USES_SHOWN)
    )
    return [OpenedDay(row.day, name, _reason_of_day(row)) for row, name in rows]


def uses() -> list[Use]:
    """The newest first."""
    rows = db.session.execute(
        select(CaseNote, Application.number, Staff.name).join(Application, Application.id == CaseNote.case_id)
        .join(Staff, Staff.id == CaseNote.staff_id).where(CaseNote.kind == ALONE)
        .order_by(CaseNote.id.desc()).limit(USES_SHOWN)
    )
    return [Use(note.case_id, number, name, note.at, notes.read_note(note)) for note, number, name in rows]


def count_recent_alone() -> int:
    """Uses of the last seven days."""
    return db.session.scalar(select(func.count()).select_from(CaseNote).where(
        CaseNote.kind == ALONE, CaseNote.at > clock.now() - RECENT
    ))


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _reason_of_day(row: OnePersonDay) -> str:
    return sealer().open(row.reason_sealed, _context(row.day)).decode()


def _context(day: date) -> str:
    return f"one_person_day:{day.isoformat()}"
