"""One broken promise of the demo, so that a newcomer sees the guarantee: approved too late, the letter printed
and in the hands of a courier, who visits on the next day of work; all by the services of the product."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock
from app.base.clock import WIB
from app.base.database import db
from app.casework.desk import Seen
from app.city.worktime import Calendar, is_working_day, next_opening
from app.guarantee import letter, service
from app.guarantee.models import Guarantee
from app.registration.models import Application
from app.review import service as review
from app.review.checklist import FOUND, POINTS, YES
from app.review.clock_watch import record_warnings
from app.review.evidence import Evidence

# NIK, name, phone, KK, address: fictional
PERSON = ("3574011508800006", "HASAN CONTOH", "0812-0000-1006", "3574010606150006",
          "Jl. Contoh Cempaka 9, RT 01/RW 02, Ketapang, Kademangan")
ANSWERS = {point.key: YES for point in POINTS}


def write(calendar: Calendar, send: Callable[..., str]) -> None:
    """`send` makes a registration of a person and returns its id."""
    visit = next_opening(calendar, clock.now()).astimezone(WIB).date()
    declared = _day_of_work(calendar, _day_of_work(calendar, clock.today()))
    with clock.told_as(_at(declared, 9)):
        case_id = send(*PERSON)
    with clock.told_as(_at(declared, 10)):
        review.declare_complete(_seen(case_id, "petugas1"), Evidence(PERSON[0], ANSWERS))
    due = db.session.get_one(Application, case_id).due_at
    with clock.told_as(due + timedelta(seconds=1)):
        record_warnings()
    with clock.told_as(due + timedelta(minutes=20)):
        review.approve(_seen(case_id, "operator1"), Evidence(PERSON[0], ANSWERS, FOUND))
    with clock.told_as(due + timedelta(minutes=30)):
        letter.print_letter(_at_desk(case_id))
        courier = _staff("petugas2").id
        service.hand_over(_at_desk(case_id), courier, str(visit), "13:00", "15:00")


def _day_of_work(calendar: Calendar, day: date) -> date:
    """The last one before `day`."""
    day -= timedelta(days=1)
    return day if is_working_day(calendar, day) else _day_of_work(calendar, day)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), WIB)


def _staff(username: str) -> Staff:
    return db.session.scalars(select(Staff).where(Staff.username == username)).one()


def _seen(case_id: str, username: str) -> Seen:
    staff = _staff(username)
    application = review.open_case(case_id, staff)
    return Seen(case_id, application.version, application.claim_token, staff)


def _at_desk(case_id: str) -> Seen:
    found = db.session.scalars(select(Guarantee).where(Guarantee.application_id == case_id)).one()
    return Seen(found.id, found.version, "", _staff("petugas1"))
