"""Late work is somebody's work: supervisors are told at once, the Kepala Bidang four working hours later, with the
names of who held it. What is late on any page is listed here; `bulk_acts.share_out` hands it out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from app.accounts.models import Staff, StaffDuty, off_duty
from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.base.services import settings
from app.casework import lists
from app.casework.claims import holder_id
from app.casework.clocks import TimeLeft, length_late, time_left
from app.casework.kept import NOW, written
from app.city.dates import show_moment
from app.city.office_calendar import calendar_for
from app.city.worktime import add_working_minutes
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket
from app.office.contacts import tell
from app.registration.models import Application, StatusChange
from app.registration.status import COMPLETE, PROMISE, REGISTRATION, SUBMITTED
from app.review import promises
from app.review.models import CaseEvidence, ClockWarning
from app.web.access import KEPALA_BIDANG

ESCALATED = "escalated"
ESCALATE_AFTER = 4 * 60  # working minutes past the promise
AT_ONCE, MOST = 50, 100
REGISTRATION_KIND, COMPLAINT_KIND = "Pendaftaran", "Pengaduan"
NOBODY = "belum dipegang siapa pun"


@dataclass(frozen=True)
class Line:
    """A case that is late, past the office's target, or near its end and held by nobody. `held` worked on it, the
    present holder first."""

    id: str
    number: str
    version: int
    state: str
    clock: str
    is_late: bool
    left: TimeLeft | None
    holder: str
    held: str


@dataclass(frozen=True)
class Late:
    """What the resident was promised and is past: no name and no word of theirs, so that whoever steers by figures may
    read it. `holder` is "" when nobody holds it; `case_id` is for who may open it; `is_escalated` when the Kepala
    Bidang was told."""

    kind: str
    case_id: str
    number: str
    words: str
    due_at: datetime
    holder: str
    is_escalated: bool


def tell_supervisors(application: Application, due_at: datetime) -> None:
    """Those who want it, in the transaction that found the broken promise (app/wiring.py). Harmless a second time."""
    if _is_written(application.id, due_at, "told"):
        return
    _write(application.id, due_at, "told")
    wanted = select(StaffDuty.staff_id).where(StaffDuty.late_notice)
    query = select(Staff).where(Staff.who_may("take_over"), Staff.disabled_at.is_(None), Staff.id.in_(wanted))
    for staff in db.session.scalars(query):
        _tell(staff, "kerja_terlambat", application, due_at)


def escalate() -> int:
    """What is still undecided four working hours after its promise goes to the Kepala Bidang, once for each due
    moment; returns how many. A worker's job."""
    limit = add_working_minutes(calendar_for(), clock.now(), -ESCALATE_AFTER)
    written = exists().where(
        ClockWarning.application_id == Application.id, ClockWarning.clock_name == PROMISE.name,
        ClockWarning.level == ESCALATED, ClockWarning.due_at == Application.due_at,
    )
    query = select(Application.id).where(Application.status == COMPLETE, Application.due_at <= limit, ~written)
    ids = list(db.session.scalars(query.order_by(Application.due_at).limit(AT_ONCE)))
    end_reading()
    for application_id in ids:
        with transaction() as session:
            application = session.get(Application, application_id, with_for_update=True, populate_existing=True)
            is_late = application.status == COMPLETE and application.due_at <= limit
            if is_late and not _is_written(application_id, application.due_at, ESCALATED):
                _escalate(application)
    return len(ids)


def names_of_holders(application_id: str) -> list[str]:
    """Who holds it now, whose it is, who answered its checklist, who declared it complete; each once."""
    application = db.session.get(Application, application_id)
    answered = select(CaseEvidence.staff_id).join(StatusChange, StatusChange.id == CaseEvidence.change_id).where(
        StatusChange.application_id == application_id
    )
    ids = [holder_id(application), application.assigned_to, *db.session.scalars(answered)]
    ids = list(dict.fromkeys(one for one in (*ids, application.declared_complete_by) if one))
    names = lists.staff_names()
    return [names[one] for one in ids if one in names]


def late_now() -> list[Late]:
    """What nobody holds first, then the longest late: the tabs *Terlambat (janji)* and *Terlambat dijawab*."""
    calendar, names, told = calendar_for(), lists.staff_names(), _escalated()
    found = [
        Late(kind, row.id, row.number, length_late(row.due, calendar), row.due,
             names.get(holder_id(row) or row.assigned_to, ""), (row.id, row.due) in told)
        for kind, asked in ((REGISTRATION_KIND, _late_registrations), (COMPLAINT_KIND, _late_tickets))
        for row in db.session.execute(written(asked))
    ]
    return sorted(found, key=lambda row: (row.holder != "", row.due_at))


def _late_registrations() -> Select:
    return _longest_first(Application, Application.due_at).where(promises.is_late(NOW))


def _late_tickets() -> Select:
    return _longest_first(Ticket, Ticket.resolve_due_at).where(timekeeping.is_late(NOW))


def _longest_first(model: Any, due: Any) -> Select:
    columns = (model.id, model.number, due.label("due"), model.assigned_to, model.claimed_by, model.claim_until)
    return select(*columns).order_by(due).limit(MOST)


def late_complaints() -> int:
    """How many wait for an answer that was due: they are handed out in their own list."""
    return db.session.scalar(select(func.count()).select_from(Ticket).where(timekeeping.is_late(clock.now())))


def _escalated() -> set[tuple[str, datetime]]:
    return {(row.application_id, row.due_at) for row in db.session.execute(written(_newest_escalated))}


def _newest_escalated() -> Select:
    query = select(ClockWarning.application_id, ClockWarning.due_at).where(ClockWarning.level == ESCALATED)
    return query.order_by(ClockWarning.at.desc()).limit(10 * MOST)


def lines() -> list[Line]:
    """Late cases, and those at three quarters of their time that nobody holds; the latest first."""
    now, calendar = clock.now(), calendar_for()
    free = or_(Application.claimed_by.is_(None), Application.claim_until <= now)
    unheld = and_(Application.warn_at <= now, Application.assigned_to.is_(None), free)
    query = select(Application).where(
        Application.status.in_((SUBMITTED, COMPLETE)), Application.to_look.is_(False),
        or_(Application.due_at <= now, unheld),
    )
    names = lists.staff_names()
    return [
        Line(
            one.id, one.number, one.version, REGISTRATION.labels[one.status].office,
            REGISTRATION.clock_of(one.status).label, one.status == COMPLETE and one.due_at <= now,
            time_left(one.due_at, one.warn_at, calendar), names.get(holder_id(one) or one.assigned_to, ""),
            ", ".join(names_of_holders(one.id)),
        )
        for one in db.session.scalars(query.order_by(Application.due_at, Application.id).limit(MOST))
    ]


def _escalate(application: Application) -> None:
    _write(application.id, application.due_at, ESCALATED)
    journal.record("promise_escalated", actor=journal.SYSTEM, about=("application", application.id),
                   detail={"due": application.due_at.isoformat()})
    for staff in _who_steps_in():
        _tell(staff, "kerja_terlambat_lama", application, application.due_at)


def _who_steps_in() -> list[Staff]:
    """The Kepala Bidang, else who may take over, of those on duty; when all are away, all the same."""
    enabled, here = Staff.disabled_at.is_(None), Staff.id.not_in(off_duty())
    chief, others = Staff.jabatan == KEPALA_BIDANG, Staff.who_may("take_over")
    for who in ((chief, here), (others, here), (or_(chief, others),)):
        if found := db.session.scalars(select(Staff).where(enabled, *who)).all():
            return list(found)
    return []


def _tell(staff: Staff, template: str, application: Application, due_at: datetime) -> None:
    tell(
        staff, template, kode=application.number, batas=show_moment(due_at),
        pemegang=", ".join(names_of_holders(application.id)) or NOBODY,
        tautan=f"{settings().public_base_url}/petugas/terlambat",
    )


def _is_written(application_id: str, due_at: datetime, level: str) -> bool:
    return db.session.get(ClockWarning, (application_id, PROMISE.name, level, due_at)) is not None


def _write(application_id: str, due_at: datetime, level: str) -> None:
    db.session.add(ClockWarning(
        application_id=application_id, clock_name=PROMISE.name, level=level, due_at=due_at, at=clock.now()
    ))
    db.session.flush()
