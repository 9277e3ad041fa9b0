"""Reminding of returned registrations and closing those that nobody mended. Jobs of the worker."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import lazyload

from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, end_reading, transaction
from app.base.services import city, settings
from app.city.dates import show_date
from app.messages import outbox
from app.registration.links import MEND, MendReminder, new_link
from app.registration.mend_plan import last_day_of, last_return
from app.registration.models import Application, StatusChange
from app.registration.personal import open_personal, reached_at
from app.registration.status import RETURNED
from app.registration.transitions import change_status, lock_application

# people are told in daytime; the night belongs to them
TOLD_FROM = time(9, 0)
# a link still shows how it ended for a while after the last day
LINK_AFTER_LAST_DAY = timedelta(days=3)
AT_ONCE = 200
CLOSE = -1


def remind_and_close() -> int:
    """Remind on the days of `city.toml` and close after the last one; returns how many were told."""
    told = 0
    for application_id in _due_ids():
        with transaction():
            application = lock_application(application_id)
            change = last_return(application)
            if change is not None and (day := _day_due(change)) and (change.id, day) not in _reminded([change.id]):
                told += 1
                _close(application) if day == CLOSE else _remind(application, change, day)
    return told


def mend_link(application: Application, last_day: date) -> str:
    """A link that opens the mending of this registration until after its last day (WIB)."""
    end = datetime.combine(last_day, time.max, WIB) + LINK_AFTER_LAST_DAY
    return new_link(application.id, MEND, end - clock.now())


def _due_ids() -> list[str]:
    """Looked for without the write lock, a bounded number at once; judged again under it."""
    if clock.now().astimezone(WIB).time() < TOLD_FROM:
        return []
    waiting = select(Application.id).where(Application.status == RETURNED)
    newest = select(func.max(StatusChange.id)).where(StatusChange.application_id.in_(waiting))
    newest = newest.group_by(StatusChange.application_id)
    query = select(StatusChange).where(StatusChange.id.in_(newest)).options(lazyload(StatusChange.reasons))
    reminded = _reminded(newest)
    ids = [
        change.application_id for change in db.session.scalars(query.order_by(StatusChange.at))
        if (day := _day_due(change)) and (change.id, day) not in reminded
    ]
    end_reading()
    return ids[:AT_ONCE]


def _reminded(change_ids: Collection[int] | Select) -> set[tuple[int, int]]:
    """(return, day) of the reminders that were sent."""
    query = select(MendReminder.change_id, MendReminder.day).where(MendReminder.change_id.in_(change_ids))
    return {tuple(row) for row in db.session.execute(query)}


def _day_due(change: StatusChange) -> int:
    """Which reminder is the one of today, sent or not, CLOSE after the last day, 0 for nothing.

    Only the latest reminder counts: a worker that was away does not send two at once.
    """
    if clock.today() > last_day_of(change):
        return CLOSE
    days = (clock.today() - change.at.astimezone(WIB).date()).days
    due = [day for day in city().registration.reminder_days if day <= days]
    return due[-1] if due else 0


def _close(application: Application) -> None:
    change_status(application, "expire", journal.SYSTEM)
    _tell(application, "pendaftaran_ditutup", {
        "tautan": f"{settings().public_base_url}/daftar", "kontak": city().contacts.phone,
    })


def _remind(application: Application, change: StatusChange, day: int) -> None:
    db.session.add(MendReminder(change_id=change.id, day=day, sent_at=clock.now()))
    _tell(application, "pengingat_perbaikan", _reminder(application, mend_link(application, last_day_of(change))))


def reminder_values(application: Application) -> dict[str, str]:
    """The same message, when the office sends it by itself: its page is opened with number and PIN."""
    own = {"nama": open_personal(application).greeting_name, "kode": application.number}
    return {**own, **_reminder(application, f"{settings().public_base_url}/lacak")}


def _reminder(application: Application, link: str) -> dict[str, str]:
    last_day = last_day_of(last_return(application))
    return {"tautan": link, "tgl": show_date(last_day), "kontak": city().contacts.phone}


def _tell(application: Application, template: str, variables: dict[str, str]) -> None:
    person = open_personal(application)
    outbox.enqueue(
        template, to=reached_at(person), about=("application", application.id),
        variables={"nama": person.greeting_name, "kode": application.number, **variables},
    )
