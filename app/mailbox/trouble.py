"""Whether the mailbox answers: one row while it does not, so that an away server costs one try a minute and the
office sees why nothing comes."""

from datetime import timedelta

import structlog

from app.base import clock
from app.base.database import db, end_reading, insert_once, transaction
from app.mailbox.models import MailTrouble

log = structlog.get_logger()

THE_ONE = 1


def note(error: str, pause: timedelta) -> None:
    """Remember a failed try; `error` is a code."""
    now = clock.now()
    with transaction():
        if insert_once(MailTrouble, id=THE_ONE, error=error[:60], since=now, pause_until=now + pause):
            log.error("mailbox_trouble", why=error)
            return
        row = known()
        row.error, row.pause_until = error[:60], now + pause


def clear() -> None:
    """A transaction only when there is something to clear."""
    there = known() is not None
    end_reading()
    if there:
        with transaction() as session:
            if row := known():
                session.delete(row)


def is_resting() -> bool:
    row = known()
    found = row is not None and row.pause_until is not None and row.pause_until > clock.now()
    end_reading()
    return found


def known() -> MailTrouble | None:
    """None while the mailbox can be read."""
    return db.session.get(MailTrouble, THE_ONE, populate_existing=True)
