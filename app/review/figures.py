"""How the office keeps its promise: counts over the registrations decided in a period, and what is
open now. Only counts and times leave this module; the load of each person stands by name, unranked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.casework import undo
from app.casework.clocks import length_of
from app.casework.figures import Period, days_of, middle_and_slow_of, share
from app.guarantee import figures as guarantees
from app.guarantee.figures import Guarantees
from app.messages import states
from app.messages.models import NumberProof, OutboxMessage
from app.registration import minutes
from app.registration.models import Application, Reason, StatusChange
from app.registration.reasons import ITEMS, reason_of
from app.registration.status import ACTIVE, COMPLETE, OPEN, REGISTRATION, REJECTED, SUBMITTED
from app.review import promises
from app.review.checklist import UNAVAILABLE
from app.review.models import CaseEvidence, ClockWarning, StaffKin
from app.review.promises import Kept

ACTS = ("declare_complete", "approve", "return", "reject")
AGES = ((0, 1, "kurang dari 1 hari lalu"), (1, 3, "1 sampai 3 hari lalu"), (3, 7, "3 sampai 7 hari lalu"),
        (7, None, "7 hari lalu atau lebih"))
TAKEN_BACK = ("take_back", "take_back_early")


@dataclass(frozen=True)
class Spread:
    """Working time of many cases in words; "-" when there were none. `slow`: nine of ten took no longer."""

    middle: str
    slow: str


@dataclass(frozen=True)
class Decided:
    """What was decided, and what became of the promises that ended (promises.py). `first_time` of the approved were
    never returned, `first_time_right` in percent, None without any. `until_declared` is without the time the
    resident mended, which is `mending`."""

    approved: int
    rejected: int
    promises: Kept
    first_time: int
    first_time_right: int | None
    until_declared: Spread
    mending: Spread
    until_decided: Spread


@dataclass(frozen=True)
class Trouble:
    """`returned_late`: returned after the declaration. Warnings count both clocks. `unproven`: approved
    although nobody wrote to us from the number."""

    returned: int
    returned_late: int
    near: int
    late: int
    siak_unavailable: int
    failed_messages: int
    unproven: int


@dataclass(frozen=True)
class Figures:
    """`reasons` are (words, how often); `load` is (name, counts by ACTS); `waiting` is (state, how many,
    since when); `unguarded` are the names of who may be given their own case, the own NIK being unknown."""

    start: date
    end: date
    decided: Decided
    trouble: Trouble
    reasons: list[tuple[str, int]]
    load: list[tuple[str, list[int]]]
    waiting: list[tuple[str, int, datetime | None]]
    unguarded: list[str]
    guarantees: Guarantees


def of_period(start: date, end: date) -> Figures:
    """Both days (WIB) are inside."""
    period = days_of(start, end)
    acts = _acts(period)
    return Figures(
        start, end, _decided(period), _trouble(period, acts), _reasons(period), _load(acts), _waiting(),
        _unguarded(), guarantees.of_period(period.first, period.last),
    )


def _acts(period: Period) -> list:
    """(actor_id, act, from_status, number) of what the office did in it and did not take back within its minute."""
    asked = StatusChange.actor_id, StatusChange.act, StatusChange.from_status
    query = select(*asked, func.count().label("number")).where(*_stood(period)).group_by(*asked)
    return list(db.session.execute(query))


def _stood(period: Period) -> tuple:
    back, done = aliased(StatusChange), aliased(StatusChange)
    last = select(func.max(done.id)).where(
        done.application_id == back.application_id, done.id < back.id, done.act.in_(ACTS)
    ).scalar_subquery()
    undone = select(func.coalesce(last, 0)).where(
        back.act.in_(TAKEN_BACK), back.at >= period.first, back.at < period.last + undo.MINUTE
    )
    return StatusChange.act.in_(ACTS), period.holds(StatusChange.at), StatusChange.id.not_in(undone)


def _decided(period: Period) -> Decided:
    known = Application.status.in_((ACTIVE, REJECTED))
    decided, [often] = (known, period.holds(Application.decided_at)), minutes.how_often([period], known)
    query = select(Application.status, Application.mended, func.count()).where(*decided)
    numbers = {
        (status, mended): number
        for status, mended, number in db.session.execute(query.group_by(Application.status, Application.mended))
    }
    first_time = numbers.get((ACTIVE, False), 0)
    approved = first_time + numbers.get((ACTIVE, True), 0)
    return Decided(
        approved, sum(numbers.values()) - approved, promises.in_period(period),
        first_time, share(first_time, approved), *map(_spread, often),
    )


def _trouble(period: Period, acts: list) -> Trouble:
    returns = [act for act in acts if act.act == "return"]
    levels = dict(db.session.execute(
        select(ClockWarning.level, func.count()).where(period.holds(ClockWarning.at)).group_by(ClockWarning.level)
    ).all())
    return Trouble(
        sum(act.number for act in returns), sum(act.number for act in returns if act.from_status == COMPLETE),
        levels.get("near", 0), levels.get("late", 0),
        _count(CaseEvidence, CaseEvidence.siak == UNAVAILABLE, period.holds(CaseEvidence.at)),
        _count(OutboxMessage, OutboxMessage.about_kind == "application", OutboxMessage.state == states.FAILED,
               period.holds(OutboxMessage.created_at)),
        _count(Application, Application.status == ACTIVE, period.holds(Application.decided_at), ~_proven()),
    )


def _proven():
    return select(NumberProof.code).where(
        NumberProof.about_kind == "application", NumberProof.about_id == Application.id,
        NumberProof.proven_at.is_not(None), NumberProof.contact_index == Application.phone_index,
    ).exists()


def _reasons(period: Period) -> list[tuple[str, int]]:
    """Most frequent first."""
    query = (
        select(Reason.item, Reason.code, func.count()).join(StatusChange, StatusChange.id == Reason.change_id)
        .where(*_stood(period)).group_by(Reason.item, Reason.code)
    )
    found = [(_words(item, code), number) for item, code, number in db.session.execute(query)]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _load(acts: list) -> list[tuple[str, list[int]]]:
    """By name, so that nobody stands first or last."""
    counts: Counter[tuple[str, str]] = Counter()
    for act in acts:
        counts[act.actor_id, act.act] += act.number
    people = db.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_({id for id, _ in counts})))
    return sorted((name, [counts[id, act] for act in ACTS]) for id, name in people)


def _waiting() -> list[tuple[str, int, datetime | None]]:
    query = (
        select(Application.status, func.count(), func.min(Application.submitted_at))
        .where(Application.status.in_(OPEN)).group_by(Application.status)
    )
    found = {status: (number, since) for status, number, since in db.session.execute(query)}
    late = _count(Application, Application.status == COMPLETE, Application.due_at <= clock.now())
    lines = [(REGISTRATION.labels[status].office, *found.get(status, (0, None))) for status in OPEN]
    return [*lines, ("Terlambat", late, None), *_by_age()]


def _by_age() -> list[tuple[str, int, None]]:
    """What waits for the office, by days since it was sent."""
    parts, now = [], clock.now()
    for first, last, _ in AGES:
        sent = Application.submitted_at <= now - timedelta(days=first)
        if last is not None:
            sent = sent & (Application.submitted_at > now - timedelta(days=last))
        parts.append(func.count().filter(sent))
    query = select(*parts).select_from(Application).where(Application.status.in_((SUBMITTED, COMPLETE)))
    numbers = db.session.execute(query).one()
    return [(f"Dikirim {words}", number, None) for (*_, words), number in zip(AGES, numbers, strict=True)]


def _unguarded() -> list[str]:
    query = select(Staff.name).outerjoin(StaffKin, StaffKin.staff_id == Staff.id).where(
        Staff.who_may("take_case"), Staff.disabled_at.is_(None), StaffKin.staff_id.is_(None)
    )
    return list(db.session.scalars(query.order_by(Staff.name)))


def _count(model, *conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def _words(item: str, code: str) -> str:
    reason = reason_of(code)
    return f"{ITEMS[item]}: {reason.office}" if item in ITEMS else f"Ditolak: {reason.office}"


def _spread(often: Mapping[int, int]) -> Spread:
    found = middle_and_slow_of(often)
    return Spread(*(length_of(round(minutes)) for minutes in found)) if found else Spread("-", "-")
