"""*Periksa ulang SIAK*: accounts approved while SIAK could not be opened (docs/checklist.md).

Each has an owner and ends with the next working day. Found in order, the mark goes; found otherwise, the
account is suspended at once and its owner told why; found in order later, it is opened again.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.accounts.models import Citizen, Staff
from app.accounts.sessions import CITIZEN, end_all_of
from app.base import clock, journal
from app.base.database import db, once_a_page, transaction
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.casework.clocks import TimeLeft, time_left
from app.city.office_calendar import calendar_for, on_change
from app.city.worktime import Calendar, due_after_working_days
from app.registration.models import Application
from app.review import messages
from app.review.checklist import FOUND, RECHECK_RESULTS
from app.review.models import SiakRecheck

DAYS = 1


@dataclass(frozen=True)
class Recheck:
    """For the page of the case; `result` is how it is said, or ""."""

    owner: str
    due_at: datetime
    left: TimeLeft | None
    result: str
    is_open: bool
    is_suspended: bool


def open_recheck(application: Application, citizen: Citizen, owner: Staff) -> None:
    """Mark the account and put it on the list, inside the caller's transaction."""
    now = clock.now()
    due = due_after_working_days(calendar_for(), now, DAYS)
    db.session.add(SiakRecheck(application_id=application.id, owner_id=owner.id, due_at=due, opened_at=now))
    citizen.provisional_until = due
    journal.record("siak_recheck_opened", actor=journal.Actor("staff", owner.id),
                   about=("application", application.id), detail={"due": due.isoformat()})


@once_a_page
def row_of(application_id: str) -> SiakRecheck | None:
    return db.session.get(SiakRecheck, application_id)


def recheck_of(application_id: str) -> Recheck | None:
    row = row_of(application_id)
    if row is None:
        return None
    owner = db.session.get_one(Staff, row.owner_id).name
    left = time_left(row.due_at) if not row.checked_at else None
    result = RECHECK_RESULTS[row.result].label if row.result else ""
    return Recheck(owner, row.due_at, left, result, row.checked_at is None, row.result not in ("", FOUND))


def record_result(application_id: str, result: str, staff: Staff) -> bool:
    """Write down what SIAK says now; True when the account stands confirmed. Raises FormRejected without a
    result, StaleDecision when somebody was quicker."""
    if result not in RECHECK_RESULTS:
        raise FormRejected({"recheck": ["Pilih hasil pencarian di SIAK. Jika SIAK masih tertutup, coba lagi nanti."]})
    with transaction():
        row = _locked(application_id)
        if row.result == FOUND or (row.result and result != FOUND):
            raise StaleDecision("Pemeriksaan ulang ini sudah dicatat.")
        was_suspended = bool(row.result)
        row.result, row.checked_at, row.checked_by = result, clock.now(), staff.id
        citizen = db.session.scalar(
            select(Citizen).where(Citizen.application_id == application_id).with_for_update())
        journal.record("siak_rechecked", actor=journal.Actor("staff", staff.id),
                       about=("application", application_id), detail={"siak": result})
        if result == FOUND:
            _confirm(citizen, was_suspended)
        else:
            _suspend(citizen, application_id, result)
    return result == FOUND


def become_owner(application_id: str, staff: Staff) -> None:
    """Take an open one over from whoever had it."""
    with transaction():
        row = _locked(application_id)
        if row.checked_at is not None:
            raise StaleDecision("Pemeriksaan ulang ini sudah dicatat.")
        if row.owner_id != staff.id:
            detail = {"from": row.owner_id}
            row.owner_id = staff.id
            journal.record("siak_recheck_taken", actor=journal.Actor("staff", staff.id),
                           about=("application", application_id), detail=detail)


def count_late() -> int:
    """Open ones whose working day is over, of accounts that are not closed."""
    query = select(func.count()).select_from(SiakRecheck).join(
        Citizen, Citizen.application_id == SiakRecheck.application_id)
    return db.session.scalar(query.where(
        SiakRecheck.checked_at.is_(None), SiakRecheck.due_at <= clock.now(), Citizen.disabled_at.is_(None)
    ))


@on_change
def follow_calendar(calendar: Calendar) -> None:
    """Count open ends anew, inside the transaction of the correction."""
    for row in db.session.scalars(select(SiakRecheck).where(SiakRecheck.checked_at.is_(None))):
        row.due_at = due_after_working_days(calendar, row.opened_at, DAYS)
        citizen = db.session.scalar(select(Citizen).where(Citizen.application_id == row.application_id))
        citizen.provisional_until = row.due_at


def _confirm(citizen: Citizen, was_suspended: bool) -> None:
    citizen.provisional_until = None
    if was_suspended and citizen.erased_at is None:
        citizen.disabled_at = None
        application = db.session.get_one(Application, citizen.application_id)
        messages.tell(application, messages.APPROVED, messages.approved(application), clock.now())


def _suspend(citizen: Citizen, application_id: str, result: str) -> None:
    """Nobody goes on using what SIAK speaks against; an account closed already is left as it is."""
    citizen.provisional_until = None
    if citizen.disabled_at is not None:
        return
    citizen.disabled_at = clock.now()
    end_all_of(CITIZEN, citizen.id)
    application = db.session.get_one(Application, application_id)
    journal.record("account_suspended", actor=journal.SYSTEM, about=(CITIZEN, citizen.id), detail={"siak": result})
    values = messages.suspended(application, RECHECK_RESULTS[result].suspended)
    messages.tell(application, messages.SUSPENDED, values, clock.now())


def _locked(application_id: str) -> SiakRecheck:
    row = db.session.get(SiakRecheck, application_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound()
    return row
