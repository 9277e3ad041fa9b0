"""Who may work on which case, beyond what the role allows (nobody decides their own).

Staff type their own NIK and Nomor KK once; only keyed indexes are kept, to be compared with those of
a case.
"""

from functools import partial
from typing import Any

from sqlalchemy import Boolean, ColumnElement, bindparam, exists, func, not_, or_, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, once_a_page, transaction
from app.base.problems import FormRejected
from app.base.services import city, sealer
from app.casework.kept import ME
from app.identity.findings import FieldError
from app.identity.nik import parse_sixteen
from app.registration.models import Application, StatusChange
from app.registration.status import COMPLETE, REGISTRATION, SUBMITTED
from app.review import evidence as ev
from app.review import one_person
from app.review.models import SecondLook, StaffKin
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
    return city().registration.require_two_people and not one_person.is_open(clock.today())


def not_decided_twice(staff_id: Any) -> ColumnElement[bool]:
    """A condition of lists, the same as needs_other_person() of one case."""
    mine = (Application.status == COMPLETE) & (Application.declared_complete_by.is_not_distinct_from(staff_id))
    return or_(not_(TWO_PEOPLE), one_person.IS_OPEN_TODAY, not_(mine))


def not_of_kin(staff_id: Any) -> tuple[ColumnElement[bool], ...]:
    """Conditions of lists, the same as own_bar() of one case."""
    kin = select(StaffKin.nik_index, StaffKin.kk_index).where(StaffKin.staff_id == staff_id)
    return (
        Application.nik_index.is_distinct_from(kin.with_only_columns(StaffKin.nik_index).scalar_subquery()),
        Application.kk_index.is_distinct_from(kin.with_only_columns(StaffKin.kk_index).scalar_subquery()),
    )


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
    StatusChange.application_id == bindparam("case"), StatusChange.act.in_(ev.SENDINGS)
)
ASKED_SECOND = exists().where(SecondLook.asked_by == ME, SecondLook.change_id == SENDING.scalar_subquery())
IS_ASKED = select(ASKED_SECOND)


@once_a_page
def asked_for_second(application_id: str, staff_id: str) -> bool:
    """Whether this person asked for a second one for the sending that is looked at now."""
    return bool(db.session.scalar(IS_ASKED, {"case": application_id, "me": staff_id}))
