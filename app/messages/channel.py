"""The one way out to WhatsApp. Trouble that is not about one message slows or stops all of them,
and only them: no page of the app waits for it."""

import random
from datetime import datetime, timedelta

from sqlalchemy import update

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.once import insert_once
from app.messages import states
from app.messages.models import Channel, OutboxMessage

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=60)
# a stopped channel tries one message again by itself, so that a mended account needs nobody
PROBE_EVERY = timedelta(minutes=15)
JITTER = 0.1
THE_ONE = 1


def may_send() -> bool:
    row = state()
    return row is None or row.paused_until is None or row.paused_until <= clock.now()


def is_stopped() -> bool:
    row = state()
    return row is not None and row.stopped_code is not None


def state() -> Channel | None:
    """The row, fresh; None while nothing ever went wrong."""
    return db.session.get(Channel, THE_ONE, populate_existing=True)


def hold() -> None:
    """Be the only one who claims a message until the caller's transaction ends."""
    _locked()


def slow_down() -> None:
    """Rest twice as long as the time before, inside the caller's transaction."""
    row = _locked()
    row.slowdowns += 1
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.slowdowns - 1, 10))
    _pause(row, pause * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - spreads load, no secret


def stop(code: str) -> None:
    """An error of the account: nothing can be sent until somebody mends it. Staff see a banner."""
    row = _locked()
    if row.stopped_code is None:
        row.stopped_at = clock.now()
        journal.record("channel_stopped", actor=journal.SYSTEM, about=("channel", "1"), detail={"code": code})
    row.stopped_code = code
    _pause(row, PROBE_EVERY)


def went_well() -> None:
    """A message was accepted: whatever was wrong is over."""
    seen = state()
    if seen is None or (seen.slowdowns == 0 and seen.stopped_code is None):
        return
    row = _locked()
    if row.stopped_code is not None:
        journal.record("channel_resumed", actor=journal.SYSTEM, about=("channel", "1"))
    _clear(row)


def try_now(actor: journal.Actor) -> None:
    """Staff say that the account is mended: the messages that met the trouble go out at once."""
    with transaction() as session:
        row = _locked()
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.state == states.PENDING, OutboxMessage.error_code == row.stopped_code)
            .values(next_try_at=clock.now())
        )
        row.paused_until = None
        journal.record("channel_probed", actor=actor, about=("channel", "1"))


def _locked() -> Channel:
    insert_once(Channel, id=THE_ONE, slowdowns=0)
    return db.session.get(Channel, THE_ONE, with_for_update=True, populate_existing=True)


def _pause(row: Channel, length: timedelta) -> None:
    until: datetime = clock.now() + length
    row.paused_until = max(until, row.paused_until or until)


def _clear(row: Channel) -> None:
    row.paused_until = row.stopped_code = row.stopped_at = None
    row.slowdowns = 0
