"""Moving a case from one state to the next: one function for every kind, one table, one journal line."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, Update, bindparam, select, update
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.dml import ReturningUpdate

from app.base import journal
from app.base.database import db
from app.base.problems import NotFound
from app.casework.kept import kept
from app.casework.kinds import Kind
from app.city.office_calendar import calendar_for
from app.city.worktime import Calendar

Case = Any


def locked(model: type, case_id: str, *options: ExecutableOption) -> Case:
    """The row as it is now, held until the transaction ends, so that whoever comes second judges what the
    first one wrote (SQLite holds its one write lock already). `options` say what to load after it, on PostgreSQL by
    statements of their own: joined rows would be older than the lock. Raises NotFound."""
    case = db.session.scalars(kept(_locking, model, *options), {"case": case_id}).unique().one_or_none()
    if case is None:
        raise NotFound()
    return case


def _locking(model: type, *options: ExecutableOption) -> Select:
    query = select(model).where(model.id == bindparam("case")).options(*options).with_for_update(of=model)
    return query.execution_options(populate_existing=True)


def write_beside(model: type, *conditions, **values) -> bool:
    """One UPDATE that makes no new version, so that nobody's open page grows old by it: claims, warnings, and
    ends that follow the calendar are no change of the case. Whether exactly one row was met."""
    return db.session.execute(_beside(model, conditions, values)).rowcount == 1


def writing_beside(column: Any, *conditions, **values) -> ReturningUpdate:
    """The statement of the same, for who keeps it; it gives what the column holds afterwards."""
    return _beside(column.class_, conditions, values).returning(column)


def _beside(model: type, conditions: tuple, values: dict) -> Update:
    if hasattr(model, "updated_at"):
        values["updated_at"] = model.updated_at
    return update(model).where(*conditions).values(**values).execution_options(synchronize_session=False)


def move(
    kind: Kind, case: Case, act: str, actor: journal.Actor, *, entered: Callable[[Case, str, str, journal.Actor], None],
    write: Callable[[Case, str, str, journal.Actor], Any], detail: dict | None = None,
) -> Any:
    """Apply `act` inside the caller's transaction; returns what `write` made of it. Raises StaleDecision when it
    is not declared for the state the case is in.

    `entered(case, act, before, actor)` sets the kind's own moments; then its clock starts, goes on or stops.
    """
    before, calendar = case.status, calendar_for()  # asked before the case is touched, so that it is written once
    case.status = kind.next_state(act, before)
    entered(case, act, before, actor)
    set_clock(kind, case, calendar)
    event = write(case, act, before, actor)
    journal.record(
        f"{kind.about}_{act}", actor=actor, about=(kind.about, case.id),
        detail={"from": before, "to": case.status, **(detail or {})},
    )
    return event


def set_clock(kind: Kind, case: Case, calendar: Calendar | None = None) -> None:
    """Count the clock of the state the case is in, from its recorded moments."""
    for name, value in clock_values(kind, case, calendar or calendar_for()).items():
        setattr(case, name, value)


def clock_values(kind: Kind, case: Case, calendar: Calendar) -> dict[str, Any]:
    """Column -> value of everything that follows from the clock of the present state. `case` may be a row of a
    query that took what the clocks read."""
    state = kind.states[case.status]
    values: dict[str, Any] = dict(kind.also(case, calendar))
    if state.clock is not None:
        values["due_at"], values["warn_at"] = state.clock.moments(calendar, case)
        values["next_warning_at"] = values["warn_at"]
    elif state.keeps_due:
        return values | {"next_warning_at": None}
    else:
        values |= {"due_at": None, "warn_at": None, "next_warning_at": None}
    if values["due_at"] != case.due_at:
        # another end: whoever was warned of the old one is to be warned of this one
        values |= dict.fromkeys(kind.marks)
    return values
