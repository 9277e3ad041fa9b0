"""Broken promises of the demo, so that a newcomer sees the guarantee: those of the months before with how each ended,
and one by the services of the product, whose letter is in the hands of a courier on the next day of work."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db
from app.base.ids import new_id
from app.casework import watch
from app.casework.desk import Seen
from app.city.dates import show_moment
from app.city.worktime import Calendar, add_working_minutes, is_working_day, next_opening
from app.complaints.ticket.words import TIME
from app.guarantee import letter, service, telling
from app.guarantee.models import CODE, Breach, Guarantee, GuaranteeEvent
from app.guarantee.status import DELIVER, GUARANTEE, OPENED, PROMISE
from app.registration import status as registration
from app.registration.models import Application
from app.review import service as review
from app.review.checklist import FOUND, POINTS, YES
from app.review.evidence import Evidence
from app.review.models import ClockWarning
from app.review.promises import record_warnings

# NIK, name, phone, KK, address: fictional
PERSON = ("3574011508800006", "HASAN CONTOH", "0812-0000-1006", "3574010606150006",
          "Jl. Contoh Cempaka 9, RT 01/RW 02, Ketapang, Kademangan")
DECLINED = 0.12
ANSWERS = {point.key: YES for point in POINTS}


def follow(book, application: Application, number: str, name: str) -> None:
    """Puts into `book` what a promise of the past that was broken led to; `number` and `name` are the resident's."""
    missed, decided, rng = application.due_at, application.decided_at, book.rng
    case = Guarantee(id=new_id(), status=OPENED, application_id=application.id, counted_from=missed,
                     opened_at=missed + timedelta(seconds=1))
    case.due_at, case.warn_at = DELIVER.moments(book.calendar, case)
    rest = {"ticket": "", "breach": TIME, "source": PROMISE}
    steps = [("open", case.opened_at, "", rest)]
    said = telling.what_follows(case, is_active=False)
    said |= {"nama": name, "kode": application.number, "batas": show_moment(missed)}
    book.message(case.opened_at, telling.MISSED, number, ("application", application.id), said)
    if application.status == registration.REJECTED:
        case.rule = "rejected"
        steps.append(("end", decided, "", {"rule": case.rule}))
    elif rng.random() < DECLINED:
        steps.append(("decline", decided + timedelta(minutes=rng.randint(5, 60)), None, {}))
    else:
        steps += _brought(book, case, decided)
    _put_down(book, case, steps)
    book.after.append(Breach(guarantee_id=case.id, breach=TIME, source=PROMISE, at=case.opened_at,
                             promised_at=missed, shown_at=case.opened_at))
    book.after.append(ClockWarning(application_id=application.id, clock_name=registration.PROMISE.name,
                                   level=watch.LATE, due_at=missed, at=case.opened_at))


def _brought(book, case: Guarantee, decided: datetime) -> list[tuple]:
    """Printed, handed over and delivered; nothing yet when that lies ahead of now."""
    delivered = add_working_minutes(book.calendar, decided, book.rng.randint(60, 200))
    if delivered > clock.now():
        return []
    desk, courier = book.staff["petugas"][0], book.rng.choice(book.staff["petugas"])
    case.letter_at, case.delivered_at = decided + timedelta(minutes=15), delivered
    case.courier_id, case.proof, case.relation = courier, CODE, "self"
    return [("print", case.letter_at, desk, {}), ("hand_over", case.letter_at + timedelta(minutes=20), desk, {}),
            ("deliver", delivered, courier, {"proof": CODE})]


def _put_down(book, case: Guarantee, steps: list[tuple]) -> None:
    """Each step as an event and a line of the journal; the last says where the case stands."""
    for act, at, by, detail in steps:
        actor = journal.VISITOR if by is None else journal.Actor("staff", by) if by else journal.SYSTEM
        before = case.status
        case.status = GUARANTEE.next_state(act, before) if act != "open" else OPENED
        book.after.append(GuaranteeEvent(
            guarantee_id=case.id, act=act, from_status=before, to_status=case.status, at=at, happened_at=at,
            actor_kind=actor.kind, actor_id=actor.id, detail=detail,
        ))
        book.line(at, f"guarantee_{act}", ("guarantee", case.id), actor, detail)
        case.updated_at = at
    if GUARANTEE.clock_of(case.status) is None:
        case.closed_at = case.updated_at
    book.rows.append(case)


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
