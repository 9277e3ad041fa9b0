"""How the office keeps its promise: counts over the registrations decided in a period, and what is
open now. Only counts and times leave this module; the load of each person stands by name, unranked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ScalarSelect, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Staff
from app.base import clock
from app.base.database import UtcDateTime, db
from app.casework import undo
from app.casework.clocks import length_of
from app.casework.figures import ANY, Period, days_of, middle_and_slow_of, share
from app.casework.kept import NOW, written
from app.casework.lists import staff_names
from app.guarantee import figures as guarantees
from app.guarantee.figures import Guarantees
from app.messages import states
from app.messages.models import NumberProof, OutboxMessage
from app.registration import minutes
from app.registration.models import Application, Reason, StatusChange
from app.registration.reasons import ITEMS, reason_of
from app.registration.status import ACTIVE, COMPLETE, OPEN, REGISTRATION, SUBMITTED
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
    return db.session.execute(written(_who_did_what), _given(period)).all()


def _given(period: Period) -> dict[str, datetime]:
    return period.given | {"undone": period.last + undo.MINUTE}


def _who_did_what() -> Select:
    asked = StatusChange.actor_id, StatusChange.act, StatusChange.from_status
    return select(*asked, func.count().label("number")).where(*_stood()).group_by(*asked)


def _stood() -> tuple:
    back, done = aliased(StatusChange), aliased(StatusChange)
    last = select(func.max(done.id)).where(
        done.application_id == back.application_id, done.id < back.id, done.act.in_(ACTS)
    ).scalar_subquery()
    undone = select(func.coalesce(last, 0)).where(
        back.act.in_(TAKEN_BACK), back.at >= ANY.first, back.at < bindparam("undone", type_=UtcDateTime)
    )
    return StatusChange.act.in_(ACTS), ANY.holds(StatusChange.at), StatusChange.id.not_in(undone)


def _decided(period: Period) -> Decided:
    found, [often] = db.session.execute(written(_how_decided), period.given), minutes.how_often([period])
    numbers = {(status, mended): number for status, mended, number in found}
    first_time = numbers.get((ACTIVE, False), 0)
    approved = first_time + numbers.get((ACTIVE, True), 0)
    return Decided(
        approved, sum(numbers.values()) - approved, promises.in_period(period),
        first_time, share(first_time, approved), *map(_spread, often),
    )


def _how_decided() -> Select:
    asked = Application.status, Application.mended
    return select(*asked, func.count()).where(*minutes.DECIDED).group_by(*asked)


def _trouble(period: Period, acts: list) -> Trouble:
    returns = [act for act in acts if act.act == "return"]
    return Trouble(
        sum(act.number for act in returns), sum(act.number for act in returns if act.from_status == COMPLETE),
        *db.session.execute(written(_troubles), period.given).one(),
    )


def _troubles() -> Select:
    """near, late, siak_unavailable, failed_messages, unproven."""
    return select(
        *(_count(ClockWarning, ClockWarning.level == level, ANY.holds(ClockWarning.at)) for level in ("near", "late")),
        _count(CaseEvidence, CaseEvidence.siak == UNAVAILABLE, ANY.holds(CaseEvidence.at)),
        _count(OutboxMessage, OutboxMessage.about_kind == "application", OutboxMessage.state == states.FAILED,
               ANY.holds(OutboxMessage.created_at)),
        _count(Application, Application.status == ACTIVE, ANY.holds(Application.decided_at), ~_proven()),
    )


def _proven():
    return select(NumberProof.code).where(
        NumberProof.about_kind == "application", NumberProof.about_id == Application.id,
        NumberProof.proven_at.is_not(None), NumberProof.contact_index == Application.phone_index,
    ).exists()


def _reasons(period: Period) -> list[tuple[str, int]]:
    """Most frequent first."""
    rows = db.session.execute(written(_why), _given(period))
    found = [(_words(item, code), number) for item, code, number in rows]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _why() -> Select:
    asked = select(Reason.item, Reason.code, func.count()).join(StatusChange, StatusChange.id == Reason.change_id)
    return asked.where(*_stood()).group_by(Reason.item, Reason.code)


def _load(acts: list) -> list[tuple[str, list[int]]]:
    """By name, so that nobody stands first or last."""
    counts: Counter[tuple[str, str]] = Counter()
    for act in acts:
        counts[act.actor_id, act.act] += act.number
    names = staff_names()
    return sorted((names[id], [counts[id, act] for act in ACTS]) for id in {id for id, _ in counts} if id in names)


def _waiting() -> list[tuple[str, int, datetime | None]]:
    now = clock.now()
    ago = {f"days_{days}": now - timedelta(days=days) for days, _, _ in AGES}
    found = {status: rest for status, *rest in db.session.execute(written(_open_now), ago)}
    lines = [(REGISTRATION.labels[status].office, *found.get(status, (0, None))[:2]) for status in OPEN]
    late, *ages = (sum(numbers) for numbers in zip(*(
        found[status][2:] if status in found else (0,) * (len(AGES) + 1) for status in (SUBMITTED, COMPLETE)
    ), strict=True))
    waits = [(f"Dikirim {words}", number, None) for (*_, words), number in zip(AGES, ages, strict=True)]
    return [*lines, ("Terlambat", late, None), *waits]


def _open_now() -> Select:
    """State, how many, since when, how many of them late, and how many by days since they were sent (AGES)."""
    sent = {days: Application.submitted_at <= bindparam(f"days_{days}", type_=UtcDateTime) for days, _, _ in AGES}
    ages = (sent[first] if last is None else sent[first] & ~sent[last] for first, last, _ in AGES)
    counts = (func.count().filter(so) for so in (promises.is_late(NOW), *ages))
    asked = select(Application.status, func.count(), func.min(Application.submitted_at), *counts)
    return asked.where(Application.status.in_(OPEN)).group_by(Application.status)


def _unguarded() -> list[str]:
    return list(db.session.scalars(written(_without_kin)))


def _without_kin() -> Select:
    return select(Staff.name).outerjoin(StaffKin, StaffKin.staff_id == Staff.id).where(
        Staff.who_may("take_case"), Staff.disabled_at.is_(None), StaffKin.staff_id.is_(None)
    ).order_by(Staff.name)


def _count(model, *conditions) -> ScalarSelect:
    return select(func.count()).select_from(model).where(*conditions).scalar_subquery()


def _words(item: str, code: str) -> str:
    reason = reason_of(code)
    return f"{ITEMS[item]}: {reason.office}" if item in ITEMS else f"Ditolak: {reason.office}"


def _spread(often: Mapping[int, int]) -> Spread:
    found = middle_and_slow_of(often)
    return Spread(*(length_of(round(minutes)) for minutes in found)) if found else Spread("-", "-")
