"""The roster (standard H): who is on duty, at which counter, how many cases each holds; and the switch *tidak
bertugas*, which hands back everything and takes the person out of the sharing."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, update

from app.accounts.models import Staff, StaffDuty, duty_of
from app.base import clock, journal
from app.base.database import UtcDateTime, db, transaction
from app.base.journal_line import JournalLine
from app.base.services import city
from app.casework.claims import NOBODY, load_of
from app.casework.kept import written
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import WAITING_FOR_US
from app.guarantee.models import Guarantee
from app.guarantee.status import CARRIED, LIVE
from app.registration.models import Application
from app.registration.status import WAITING
from app.review.desk import in_hand
from app.web.access import OPERATOR, PETUGAS, ROLE_WORDS

LONGEST_COUNTER = 20
# what a person may have in hand: a table, and the states in which it is work
IN_HAND = ((Application, WAITING), (Ticket, WAITING_FOR_US), (Guarantee, LIVE))


@dataclass(frozen=True)
class Person:
    """`since` is when they first signed in today, None for who has not."""

    id: str
    name: str
    role: str
    counter: str
    off_since: datetime | None
    since: datetime | None
    registrations: int
    complaints: int
    letters: int


@dataclass(frozen=True)
class Strength:
    """How many of a role are on duty, and how many the standard names (H)."""

    words: str
    present: int
    wanted: int


@dataclass(frozen=True)
class Roster:
    people: list[Person]
    strength: list[Strength]

    @property
    def short(self) -> list[str]:
        """What is missing of the numbers the standard names."""
        return [
            f"{one.words} yang bertugas {one.present} orang, menurut standar {one.wanted} orang."
            for one in self.strength if one.present < one.wanted
        ]


def roster() -> Roster:
    rows, load, seen = db.session.execute(written(_who_works)).all(), in_hand(), _first_seen()
    tickets, letters = tickets_in_hand(), _letters()
    people = [
        Person(
            one.id, one.name, ROLE_WORDS[one.role], one.counter or "", one.off_since, seen.get(one.id), load[one.id],
            tickets[one.id], letters.get(one.id, 0),
        )
        for one in rows
    ]
    return Roster(people, _strength([(one.role, one.off_since is None) for one in rows]))


def _who_works() -> Select:
    return (
        select(Staff.id, Staff.name, Staff.role, StaffDuty.counter, StaffDuty.off_since)
        .outerjoin(StaffDuty, StaffDuty.staff_id == Staff.id)
        .where(Staff.role.in_((PETUGAS, OPERATOR)), Staff.disabled_at.is_(None)).order_by(Staff.role.desc(), Staff.name)
    )


def tickets_in_hand() -> Counter:
    """Id of a person -> how many open complaints are in their hands."""
    return load_of(Ticket, _is_open)


def _is_open() -> ColumnElement[bool]:
    return Ticket.is_open.is_(True)


def present() -> list[Person]:
    """Who may be handed work now, those first who have signed in today."""
    return sorted((one for one in roster().people if one.off_since is None), key=lambda one: one.since is None)


def go_off(staff: Staff) -> int:
    """Hand back all claims and leave the sharing; returns how many cases went back. Harmless a second time."""
    with transaction() as session:
        duty = duty_of(staff.id)
        duty.off_since, back = duty.off_since or clock.now(), 0
        for model, states in IN_HAND:
            mine = or_(model.claimed_by == staff.id, model.assigned_to == staff.id)
            kept = {"updated_at": model.updated_at} if hasattr(model, "updated_at") else {}
            statement = update(model).where(model.status.in_(states), mine)
            statement = statement.values(**NOBODY, assigned_to=None, **kept)
            back += session.execute(statement.execution_options(synchronize_session=False)).rowcount
        journal.record("duty_off", actor=journal.Actor("staff", staff.id), about=("staff", staff.id),
                       detail={"back": back})
    return back


def letters_of(staff_id: str) -> int:
    """How many letters they carry: those come back by hand."""
    return _letters().get(staff_id, 0)


def come_back(staff: Staff) -> None:
    with transaction():
        duty_of(staff.id).off_since = None
        journal.record("duty_on", actor=journal.Actor("staff", staff.id), about=("staff", staff.id))


def settle(staff: Staff, counter: str, late_notice: bool) -> None:
    """At which counter one sits today, and whether one hears of late work by message."""
    with transaction():
        duty = duty_of(staff.id)
        duty.counter, duty.late_notice = " ".join(counter.split())[:LONGEST_COUNTER], late_notice


def own(staff_id: str) -> StaffDuty | None:
    return db.session.get(StaffDuty, staff_id)


def _strength(present: list[tuple[str, bool]]) -> list[Strength]:
    wanted = {PETUGAS: city().standard.officers, OPERATOR: city().standard.operators}
    return [
        Strength(ROLE_WORDS[role], sum(on for one, on in present if one == role), number)
        for role, number in wanted.items()
    ]


def _first_seen() -> dict[str, datetime]:
    return dict(db.session.execute(written(_signed_in), {"midnight": clock.midnight(clock.today())}).all())


def _signed_in() -> Select:
    return select(JournalLine.about_id, func.min(JournalLine.at)).where(
        JournalLine.action == "login_ok", JournalLine.about_kind == "staff",
        JournalLine.at >= bindparam("midnight", type_=UtcDateTime),
    ).group_by(JournalLine.about_id)


def _letters() -> dict[str, int]:
    return dict(db.session.execute(written(_carried)).all())


def _carried() -> Select:
    mine = Guarantee.courier_id
    return select(mine, func.count()).where(mine.is_not(None), Guarantee.status == CARRIED).group_by(mine)
