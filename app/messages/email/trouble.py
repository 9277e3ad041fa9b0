"""Whether the servers for e-mail answer: one row a side while one does not, so that an away server
costs one try a minute and the office sees why nothing comes or goes."""

from datetime import timedelta

import structlog

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.once import insert_once
from app.mailbox.models import MailTrouble

log = structlog.get_logger()


def note(side: str, error: str, pause: timedelta) -> None:
    """Inside the caller's transaction. `side` is imap or smtp, `error` a code."""
    now = clock.now()
    if insert_once(MailTrouble, side=side, error=error[:60], since=now, pause_until=now + pause):
        log.error("mail_server_trouble", side=side, why=error)
        return
    row = db.session.get(MailTrouble, side, populate_existing=True)
    row.error, row.pause_until = error[:60], now + pause


def clear(side: str) -> None:
    """Inside the caller's transaction."""
    if row := db.session.get(MailTrouble, side):
        db.session.delete(row)


def note_now(side: str, error: str, pause: timedelta) -> None:
    with transaction():
        note(side, error, pause)


def clear_now(side: str) -> None:
    """A transaction only when there is something to clear."""
    there = db.session.get(MailTrouble, side) is not None
    end_reading()
    if there:
        with transaction():
            clear(side)


def resting(side: str) -> bool:
    row = db.session.get(MailTrouble, side)
    found = row is not None and row.pause_until is not None and row.pause_until > clock.now()
    end_reading()
    return found


def all_of() -> dict[str, MailTrouble]:
    return {row.side: row for row in db.session.query(MailTrouble)}
