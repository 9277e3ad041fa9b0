"""Keeping the clocks honest: warnings written down once, ends that follow the calendar of the office.

Neither makes a new version of a case, so that nobody's page grows old by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.casework.clocks import Clock
from app.casework.kinds import DONE, Kind
from app.casework.moving import clock_values, locked, write_beside
from app.city.office_calendar import on_change
from app.city.worktime import Calendar

NEAR, LATE = "near", "late"
AT_ONCE = 200


@dataclass(frozen=True)
class Watch:
    """`reads` are the columns of `model` that the clocks of `kind` count from. `warned(case, level, clock)` writes
    down that somebody was warned, unless that was done before, and says whether it did; by itself it is a line of the
    journal."""

    kind: Kind
    model: Any
    reads: tuple[str, ...]
    warned: Callable[[Any, str, Clock], bool] | None = None


def follows_the_calendar(watch: Watch) -> Watch:
    """Its open ends are counted anew whenever the calendar of the office is corrected."""
    on_change(partial(follow_calendar, watch))
    return watch


def record_warnings(watch: Watch) -> int:
    """Write down which clocks came near or passed their end; returns how many. A worker's job, a transaction for
    each case: looked for without the lock, judged again under it."""
    model = watch.model
    query = select(model.id).where(model.next_warning_at <= clock.now()).order_by(model.next_warning_at)
    ids = list(db.session.scalars(query.limit(AT_ONCE)))
    end_reading()
    written = 0
    for case_id in ids:
        with transaction():
            case = locked(model, case_id)
            if case.next_warning_at is not None and case.next_warning_at <= clock.now():
                written += _warn(watch, case)
    return written


def follow_calendar(watch: Watch, calendar: Calendar) -> None:
    """Count open ends anew from the recorded moments, inside the transaction of the correction."""
    model = watch.model
    names = ("id", "status", "due_at", "warn_at", *watch.reads)
    running = [name for name, state in watch.kind.states.items() if state.clock is not None and state.tray != DONE]
    query = select(*(getattr(model, name) for name in names)).where(model.status.in_(running))
    for row in db.session.execute(query).all():
        values = clock_values(watch.kind, row, calendar)
        if any(values[name] != getattr(row, name) for name in values.keys() & set(names)):
            write_beside(model, model.id == row.id, **values)


def _warn(watch: Watch, case: Any) -> int:
    """1 when something new was written down."""
    model, running = watch.model, watch.kind.clock_of(case.status)
    if running is None or running.warn is None:
        write_beside(model, model.id == case.id, next_warning_at=None)
        return 0
    level = LATE if case.due_at <= clock.now() else NEAR
    write_beside(model, model.id == case.id, next_warning_at=case.due_at if level == NEAR else None)
    if watch.warned is not None:
        return int(watch.warned(case, level, running))
    journal.record(
        f"{watch.kind.about}_{level}", actor=journal.SYSTEM, about=(watch.kind.about, case.id),
        detail={"due": case.due_at.isoformat()},
    )
    return 1
