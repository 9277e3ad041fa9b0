"""What became of each promise (standard C): the one definition behind every page and figure that says *dalam janji*.

A promise begins with the declaration and ends once: with the decision, or at its due moment when there is none by
then. It is kept when the decision came by the due moment. A case that was returned before that is owed no decision;
its next declaration makes a new promise. So every promise that ended counts, whether the case is decided by now or
not, and a late one counts on the day it was broken, not on the day somebody got round to it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import CompoundSelect, Select, and_, literal, or_, select, union_all

from app.base import clock, journal
from app.base.database import db, once_a_page
from app.casework import watch
from app.casework.clocks import Clock
from app.casework.figures import ANY, Period, any_periods, counting, given_of
from app.casework.kept import NOW, written
from app.city.office_calendar import on_change
from app.city.worktime import Calendar
from app.registration.models import Application
from app.registration.status import ACTIVE, COMPLETE, PROMISE, REGISTRATION, REJECTED
from app.registration.transitions import tell_missed
from app.review.models import ClockWarning, SiakOutage

DECIDED = (ACTIVE, REJECTED)
WAS_KEPT = (
    Application.status.in_(DECIDED), Application.declared_complete_at.is_not(None),
    Application.decided_at <= Application.due_at,
)


@dataclass(frozen=True)
class Ended:
    """One promise that ended: `at` is the decision of a kept one, the due moment of a broken one. `open` is still
    undecided. `outage`: SIAK was away at some time while it ran, which explains and excuses nothing."""

    application_id: str
    at: datetime
    kept: bool
    open: bool = False
    outage: bool = False


@dataclass(frozen=True)
class Kept:
    """`of` promises ended, `kept` of them in time; of the broken ones `open` wait still, and while `in_outage` of
    them ran SIAK was away. `percent` is None when none ended."""

    kept: int
    of: int
    open: int
    in_outage: int

    @property
    def percent(self) -> int | None:
        # never 100 while one was broken
        return self.kept * 100 // self.of if self.of else None

    @property
    def broken(self) -> int:
        return self.of - self.kept


def is_late(moment: datetime):
    """Of an application: declared complete and not decided, although its promise was due at that moment. What every
    page calls late; a target of the office that ran out is said to be *lewat target kantor*."""
    return and_(Application.status == COMPLETE, Application.due_at <= moment)


@once_a_page
def ended(period: Period) -> list[Ended]:
    """Every promise that ended in the period, oldest first."""
    kept = db.session.execute(written(_kept), period.given)
    found = [*(Ended(id, at, True) for id, at in kept), *_all_broken(period)]
    return sorted(found, key=lambda one: (one.at, one.application_id))


def _all_broken(period: Period) -> list[Ended]:
    broken = db.session.execute(written(_broken), period.given).all()
    return [
        Ended(id, at, False, status == COMPLETE, _in_outage(outages(), since, at))
        for id, since, at, status in broken if period.first <= at < period.last
    ]


@once_a_page
def outages() -> list:
    """(began_at, ended_at) of every time SIAK was away, oldest first; a few a year."""
    return db.session.execute(written(_outages)).all()


def _outages() -> Select:
    return select(SiakOutage.began_at, SiakOutage.ended_at).order_by(SiakOutage.began_at)


def count(promises: Iterable[Ended]) -> Kept:
    promises = list(promises)
    return Kept(
        sum(one.kept for one in promises), len(promises),
        sum(one.open for one in promises), sum(one.outage for one in promises),
    )


def in_period(period: Period) -> Kept:
    """count() of ended(), without a look at each promise that was kept."""
    return in_periods([period])[0]


def in_periods(periods: Sequence[Period]) -> list[Kept]:
    """The same of each."""
    whole = Period(min(one.first for one in periods), max(one.last for one in periods))
    kept = db.session.execute(written(_numbers_kept, len(periods)), given_of(periods)).one()
    all_broken = _all_broken(whole)
    broken = [count(one for one in all_broken if period.first <= one.at < period.last) for period in periods]
    return [replace(one, kept=number, of=number + one.of) for one, number in zip(broken, kept, strict=True)]


def _kept() -> Select:
    return select(Application.id, Application.decided_at).where(*WAS_KEPT, ANY.holds(Application.decided_at))


def _numbers_kept(number: int) -> Select:
    return counting(any_periods(number), Application.decided_at, *WAS_KEPT)


def _broken() -> CompoundSelect:
    """(id, since when, due, state) of the declaration the case has now, and of those before. All that is late now is
    few; what was decided too late has an index."""
    asked = select(Application.id, Application.declared_complete_at, Application.due_at, Application.status)
    too_late = and_(
        Application.status.in_(DECIDED), Application.declared_complete_at.is_not(None),
        Application.decided_at > Application.due_at, ANY.holds(Application.due_at),
    )
    return union_all(asked.where(is_late(NOW)), asked.where(too_late), _broken_before())


def _broken_before() -> Select:
    """Of a declaration the case no longer has, because it was returned after its due moment: the case forgot, the
    record of warnings did not. Nobody owes a decision of it, so no state is told."""
    same = and_(
        Application.status.in_((COMPLETE, *DECIDED)), Application.declared_complete_at < ClockWarning.due_at,
    )
    return select(Application.id, Application.submitted_at, ClockWarning.due_at, literal("")).join(
        Application, Application.id == ClockWarning.application_id
    ).where(
        ClockWarning.clock_name == PROMISE.name, ClockWarning.level == "late", ANY.holds(ClockWarning.due_at),
        or_(Application.declared_complete_at.is_(None), ~same),
    )


def _in_outage(outages: list, since: datetime, until: datetime) -> bool:
    return any(began < until and (over is None or over > since) for began, over in outages)


# Which clocks of registrations came near their end or passed it, written down once for each end.

def record_warnings() -> int:
    """A worker's job; returns how many are new."""
    return watch.record_warnings(WATCH)


@on_change
def follow_calendar(calendar: Calendar) -> None:
    watch.follow_calendar(WATCH, calendar)


def note_missed(application: Application, due_at: datetime) -> None:
    """A broken promise is written down by whoever finds it: the worker, or the act that came too late."""
    _write(application, watch.LATE, PROMISE, due_at)


def _warned(application: Application, level: str, running: Clock) -> bool:
    if (level, running) == (watch.LATE, PROMISE):
        known = _is_written(application, level, running, application.due_at)
        tell_missed(application)
        return not known
    return _write(application, level, running, application.due_at)


def _is_written(application: Application, level: str, running: Clock, due_at: datetime) -> bool:
    return db.session.get(ClockWarning, (application.id, running.name, level, due_at)) is not None


def _write(application: Application, level: str, running: Clock, due_at: datetime) -> bool:
    if _is_written(application, level, running, due_at):
        return False
    db.session.add(ClockWarning(
        application_id=application.id, clock_name=running.name, level=level, due_at=due_at, at=clock.now()
    ))
    journal.record(
        f"clock_{level}", actor=journal.SYSTEM, about=("application", application.id),
        detail={"clock": running.name, "due": due_at.isoformat()},
    )
    return True


WATCH = watch.Watch(REGISTRATION, Application, ("submitted_at", "declared_complete_at", "mended"), _warned)
