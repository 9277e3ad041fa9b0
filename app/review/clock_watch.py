"""Keeping the clocks honest: warnings written down once, due moments that follow the calendar.

Neither makes a new version of a case, so that nobody's page grows old by it.
"""

from sqlalchemy import select, update

from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.city.office_calendar import on_change
from app.city.worktime import Calendar
from app.registration.clocks import CLOCK_OF, began_at, moments
from app.registration.models import Application
from app.registration.transitions import lock_application
from app.review.models import ClockWarning

NEAR, LATE = "near", "late"
AT_ONCE = 200


def record_warnings() -> int:
    """Write down which clocks came near or passed their due moment; returns how many. A worker's job."""
    written = 0
    for application_id in _due_ids():
        with transaction():
            application = lock_application(application_id)
            if application.next_warning_at is not None and application.next_warning_at <= clock.now():
                written += _warn(application)
    return written


@on_change
def follow_calendar(calendar: Calendar) -> None:
    """Count open due moments anew from the recorded acts, inside the transaction of the correction."""
    query = select(
        Application.id, Application.status, Application.submitted_at, Application.declared_complete_at,
        Application.due_at, Application.warn_at, Application.next_warning_at,
    ).where(Application.status.in_(CLOCK_OF))
    for row in db.session.execute(query).all():
        began = began_at(row.status, row.submitted_at, row.declared_complete_at)
        due, warn = moments(calendar, CLOCK_OF[row.status], began)
        if (due, warn) != (row.due_at, row.warn_at):
            _write(row.id, due_at=due, warn_at=warn, next_warning_at=warn)


def _due_ids() -> list[str]:
    """Looked for without the write lock; judged again under it."""
    query = select(Application.id).where(Application.next_warning_at <= clock.now())
    ids = list(db.session.scalars(query.order_by(Application.next_warning_at).limit(AT_ONCE)))
    end_reading()
    return ids


def _warn(application: Application) -> int:
    """1 when something new was written down."""
    name = CLOCK_OF.get(application.status)
    if name is None:
        _write(application.id, next_warning_at=None)
        return 0
    level = LATE if application.due_at <= clock.now() else NEAR
    _write(application.id, next_warning_at=application.due_at if level == NEAR else None)
    key = (application.id, name, level, application.due_at)
    if db.session.get(ClockWarning, key) is not None:
        return 0
    db.session.add(ClockWarning(
        application_id=application.id, clock_name=name, level=level, due_at=application.due_at, at=clock.now()
    ))
    journal.record(
        f"clock_{level}", actor=journal.SYSTEM, about=("application", application.id),
        detail={"clock": name, "due": application.due_at.isoformat()},
    )
    return 1


def _write(application_id: str, **values) -> None:
    statement = update(Application).where(Application.id == application_id)
    statement = statement.values(updated_at=Application.updated_at, **values)
    db.session.execute(statement.execution_options(synchronize_session=False))
