"""A year of the office in rows, written straight into the tables: what figures are recomputed from."""

import random
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock
from app.base.clock import WIB
from app.base.database import transaction
from app.base.ids import new_id
from app.complaints.ticket.models import Ticket
from app.evaluation.models import (
    DataBreach,
    Facility,
    FacilityFault,
    StaffCompetence,
    StaffTraining,
    StandardVersion,
)
from app.guarantee.models import Breach, Guarantee
from app.registration.models import Application, Reason, StatusChange
from app.review.models import SiakOutage
from app.survey.elements import CODES
from app.survey.models import SurveyAnswer, SurveyTap

CHANNELS, KINDS = ("web", "whatsapp", "telepon"), ("complaint", "information", "aspiration")
CATEGORIES = ("late", "conduct", "other")


def a_year(app, year: int, registrations: int = 120, complaints: int = 40, answers: int = 60) -> None:
    """Half a day on both sides lies outside in WIB, so that a wrong boundary shows."""
    chance = random.Random(year)
    start = datetime(year, 1, 1, tzinfo=WIB) - timedelta(hours=12)
    end = min(datetime(year + 1, 1, 1, 12, tzinfo=WIB), clock.now().astimezone(WIB))
    length = (end - start).total_seconds()
    with app.app_context(), transaction() as session:
        for number in range(registrations):
            row = _registration(year, number, start + timedelta(seconds=chance.random() * length), chance, end)
            session.add(row)
            session.flush()  # no relationship tells which of the two comes first
            if number % 6 == 0:
                session.add(returned := _returned(row, chance))
                session.flush()
                row.mended = number % 24 != 0
                session.add(_mended(returned) if row.mended else _taken_back(returned))
            if row.decided_at is not None and row.decided_at > row.due_at:
                session.add(found := _guarantee(row, chance))
                session.flush()
                session.add(Breach(guarantee_id=found.id, breach=chance.choice(("time", "fee")), source="promise",
                                   at=row.due_at, promised_at=row.due_at, shown_at=row.due_at))
        for number in range(complaints):
            session.add(_complaint(year, number, start + timedelta(seconds=chance.random() * length), chance, end))
        for _ in range(answers):
            month = min(max(start + timedelta(hours=12), start + timedelta(seconds=chance.random() * length)), end)
            session.add(SurveyAnswer(
                id=new_id(), month=month.date().replace(day=1), way="qr", service="office",
                **{code: chance.choice((2, 3, 3, 4, 4)) for code in CODES}, sex=chance.choice(("L", "P", "")),
                age=chance.choice(("17", "26", "61")), education=chance.choice(("", "sma", "s1")),
            ))
        for value in (1, 4, 5):
            session.add(SurveyTap(month=datetime(year, 3, 1).date(), place="sent", value=value, count=3 * value))


def _registration(year: int, number: int, sent: datetime, chance, end: datetime) -> Application:
    complete = sent + timedelta(hours=chance.randint(1, 30))
    due = complete + timedelta(days=1)
    decided = complete + timedelta(hours=chance.choice((2, 5, 20, 23, 30, 50)))
    status = chance.choice(("active",) * 7 + ("rejected", "complete", "submitted"))
    if decided > end:
        status = "submitted" if complete > end else "complete"
    is_decided, is_complete = status in ("active", "rejected"), status != "submitted"
    return Application(
        id=new_id(), status=status, number=f"{year % 100:02d}AA-{number:04d}", personal_sealed=b"x", nik_index=new_id(),
        notice_version="uji", notice_hash="0" * 64, notice_accepted_at=sent, submitted_at=sent,
        declared_complete_at=complete if is_complete else None, due_at=due if is_complete else None,
        decided_at=decided if is_decided else None,
    )


def _returned(row: Application, chance) -> StatusChange:
    return StatusChange(
        application_id=row.id, act="return", from_status="submitted", to_status="returned",
        at=row.submitted_at + timedelta(minutes=30), actor_kind="staff",
        reasons=[Reason(item="ktp", code=chance.choice(("KTP_BURAM", "KTP_SILAU")))],
    )


def _mended(returned: StatusChange) -> StatusChange:
    return StatusChange(
        application_id=returned.application_id, act="resubmit", from_status="returned", to_status="submitted",
        at=returned.at + timedelta(minutes=20), actor_kind="visitor",
    )


def _taken_back(returned: StatusChange) -> StatusChange:
    return StatusChange(
        application_id=returned.application_id, act="take_back", from_status="returned", to_status="submitted",
        at=returned.at + timedelta(seconds=30), actor_kind="staff",
    )


def registers_of(app, year: int) -> None:
    """People, things, outages, breaches and a new standard, some of them outside the year."""
    at = datetime(year, 6, 3, 9, tzinfo=WIB)
    with app.app_context(), transaction() as session:
        staff = session.scalars(select(Staff.id).order_by(Staff.username)).all()
        for place, staff_id in enumerate(staff):
            session.add(StaffCompetence(
                staff_id=staff_id, education="s1" if place else "", computer=True, procedure=True,
                communication=place == 1, checked_on=at.date(), checked_by=staff[0],
            ))
            for days in (300 * place, 40):
                session.add(StaffTraining(
                    staff_id=staff_id, title=f"Komunikasi {days}", recorded_by=staff[0],
                    held_on=at.date() - timedelta(days=days), storage_key=new_id() if place else None,
                    valid_until=at.date() + timedelta(days=days) if place else None,
                ))
        for place, kind in enumerate(("printer", "computer", "internet")):
            thing = Facility(id=new_id(), kind=kind, name=kind, quantity=place + 2, repairer="CV" if place else "",
                             retired_on=at.date() if place == 2 else None)
            session.add(thing)
            session.flush()
            for days, mended in ((9, True), (0, place > 0)):
                session.add(FacilityFault(facility_id=thing.id, what=f"mati {days}", repairer="CV",
                                          began_on=at.date() - timedelta(days=days), reported_by=staff[0],
                                          mended_on=at.date() if mended else None))
        session.add(SiakOutage(began_at=datetime(year, 1, 1, tzinfo=WIB) - timedelta(hours=1), source="Ditjen",
                               ended_at=datetime(year, 1, 1, tzinfo=WIB) + timedelta(hours=1), recorded_by=staff[0]))
        session.add(SiakOutage(began_at=datetime(year, 12, 30, tzinfo=WIB), source="Ditjen", recorded_by=staff[0]))
        for months, late in ((0, False), (1, True), (-12, False)):
            found = at + timedelta(days=30 * months)
            session.add(DataBreach(found_at=found, what="Lembar tertinggal.", people=abs(months) + 2,
                                   action="Dimusnahkan.", recorded_by=staff[0],
                                   told_at=found + timedelta(days=4 if late else 1)))
            session.add(SiakOutage(began_at=found, ended_at=found + timedelta(days=9), source="surat",
                                   recorded_by=staff[0]))
        for number, day in enumerate((at.date() - timedelta(days=400), at.date()), 1):
            session.add(StandardVersion(number=number, valid_from=day, approved_by="Kepala Dinas", change="Baru.",
                                        content=[], content_hash="0" * 64, recorded_by=staff[0]))


def _guarantee(late: Application, chance) -> Guarantee:
    status, hours = chance.choice(("declined", "opened", "delivered", "apologised")), chance.choice((3, 40))
    brought = {"delivered_at": late.due_at + timedelta(hours=hours), "proof": "code", "relation": "self"}
    return Guarantee(
        id=new_id(), application_id=late.id, opened_at=late.due_at, counted_from=late.due_at,
        due_at=late.due_at + timedelta(days=1), status=status, rule="rejected" if status == "apologised" else "",
        closed_at=late.due_at + timedelta(hours=hours), **(brought if status == "delivered" else {}),
    )


def _complaint(year: int, number: int, received: datetime, chance, end: datetime) -> Ticket:
    answered = received + timedelta(days=25 if number % 18 == 9 else chance.choice((1, 3, 9, 25)))
    is_answered = answered < end and chance.random() < 0.8
    shape = _shape(number, is_answered, answered, chance)
    return Ticket(
        id=new_id(), number=f"ADU-{year}-{number + 1:06d}", pin_sealed=b"x", content_sealed=b"x", contact_sealed=b"x",
        channel=chance.choice(CHANNELS), kind=chance.choice(KINDS), category=chance.choice(CATEGORIES),
        received_at=received, last_said_at=received, due_at=received + timedelta(days=5),
        first_answered_at=answered if is_answered else None, answered_at=answered if is_answered else None,
        closed_at=answered if is_answered else None,
        **{"resolve_due_at": received + timedelta(days=5), "reopened": 0, **shape},
    )


def _shape(number: int, is_answered: bool, answered: datetime, chance) -> dict:
    """How it stands: waiting, answered and perhaps rated, open again, no complaint at all, or part of another."""
    if not is_answered:
        return {"status": "new", "tray": "new", "is_open": True, "outcome": ""}
    if number % 9 == 0:
        return {"status": "new", "tray": "new", "is_open": True, "outcome": "", "reopened": 1,
                "resolve_due_at": answered + timedelta(days=chance.choice((20, 900)))}
    gone = {4: ("closed", "not_a_case"), 5: ("merged", "")}.get(number % 17)
    status, outcome = gone or ("closed", chance.choice(("proven", "not_proven", "granted")))
    return {"status": status, "tray": "done", "is_open": False, "outcome": outcome,
            "rating": chance.choice((None, 2, 4, 5))}
