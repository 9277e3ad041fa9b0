"""How the office keeps its promise: counts over the registrations decided in a period, and what is
open now. Only counts and times leave this module; the load of each person stands by name, unranked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.casework.clocks import length_of
from app.casework.figures import Period, days_of, middle_and_slow, share, worked
from app.city.office_calendar import calendar_for
from app.guarantee import figures as guarantees
from app.guarantee.figures import Guarantees
from app.messages import states
from app.messages.models import NumberProof, OutboxMessage
from app.registration.models import Application, Reason, StatusChange
from app.registration.reasons import ITEMS, reason_of
from app.registration.status import ACTIVE, COMPLETE, OPEN, REGISTRATION, REJECTED, SUBMITTED, spans_of
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
    acts = _acts(period.holds(StatusChange.at))
    returns = [act for act in acts if act.act == "return"]
    return Figures(
        start, end, _decided(period), _trouble(period, returns), _reasons(period, acts), _load(acts), _waiting(),
        _unguarded(), guarantees.of_period(period.first, period.last),
    )


def _acts(*conditions) -> list:
    """What the office did and did not take back within its minute, oldest first."""
    query = select(
        StatusChange.id, StatusChange.application_id, StatusChange.act, StatusChange.from_status,
        StatusChange.actor_id,
    ).where(StatusChange.act.in_(ACTS + TAKEN_BACK), *conditions)
    by_case: dict[str, list] = {}
    for row in db.session.execute(query.order_by(StatusChange.id)):
        acts = by_case.setdefault(row.application_id, [])
        if row.act in ACTS:
            acts.append(row)
        elif acts:
            acts.pop()
    return [row for acts in by_case.values() for row in acts]


def _decided(period: Period) -> Decided:
    columns = (
        Application.id, Application.status, Application.submitted_at, Application.declared_complete_at,
        Application.decided_at, Application.due_at,
    )
    decided = Application.status.in_((ACTIVE, REJECTED)), period.holds(Application.decided_at)
    rows = list(db.session.execute(select(*columns).where(*decided)))
    approved = [row for row in rows if row.status == ACTIVE]
    promised = [row for row in rows if row.declared_complete_at is not None]
    returned, calendar, mended = _ever_returned(period), calendar_for(), spans_of(select(Application.id).where(
        *decided, Application.declared_complete_at.is_not(None)
    ))
    away = {id: sum(worked(calendar, spans)) for id, spans in mended.items()}
    until_declared = worked(calendar, ((row.submitted_at, row.declared_complete_at) for row in promised))
    return Decided(
        len(approved), len(rows) - len(approved),
        promises.in_period(period),
        sum(row.id not in returned for row in approved), share(row.id not in returned for row in approved),
        _spread(minutes - away.get(row.id, 0) for row, minutes in zip(promised, until_declared, strict=True)),
        _spread(away.values()),
        _spread(worked(calendar, ((row.declared_complete_at, row.decided_at) for row in promised))),
    )


def _ever_returned(period: Period) -> set[str]:
    """Ids of what was decided in the period after having been returned."""
    decided = select(Application.id).where(period.holds(Application.decided_at))
    acts = _acts(StatusChange.application_id.in_(decided))
    return {act.application_id for act in acts if act.act == "return"}


def _trouble(period: Period, returns: list) -> Trouble:
    levels = dict(db.session.execute(
        select(ClockWarning.level, func.count()).where(period.holds(ClockWarning.at)).group_by(ClockWarning.level)
    ).all())
    return Trouble(
        len(returns), sum(act.from_status == COMPLETE for act in returns),
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


def _reasons(period: Period, acts: list) -> list[tuple[str, int]]:
    """Most frequent first."""
    query = (
        select(Reason.change_id, Reason.item, Reason.code).join(StatusChange, StatusChange.id == Reason.change_id)
        .where(period.holds(StatusChange.at))
    )
    standing = {act.id for act in acts}
    rows = db.session.execute(query)
    found = Counter((row.item, row.code) for row in rows if row.change_id in standing)
    return sorted(((_words(*named), number) for named, number in found.items()), key=lambda pair: (-pair[1], pair[0]))


def _load(acts: list) -> list[tuple[str, list[int]]]:
    """By name, so that nobody stands first or last."""
    counts = Counter((act.actor_id, act.act) for act in acts)
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


def _spread(working_minutes: Iterable[int]) -> Spread:
    found = middle_and_slow(working_minutes)
    return Spread(*(length_of(round(minutes)) for minutes in found)) if found else Spread("-", "-")
