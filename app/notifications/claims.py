"""Claiming a message so that of any number of workers exactly one sends it.

A claim is a lease: a conditional UPDATE to `sending` with a token, committed before the call.
PostgreSQL skips rows another worker is claiming at this moment; SQLite has one writer anyway.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, select, update

from app import clock
from app.extensions import db, end_reading, transaction
from app.ids import new_id
from app.notifications import states
from app.notifications.catalogue import CODES
from app.notifications.models import OutboxAttempt, OutboxMessage

# longer than connecting and reading of the gateway may take together (4 s + 12 s)
LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Claim:
    message_id: str
    token: str


def claim_next() -> Claim | None:
    """Claim the message that is due longest, one-time codes first. None when nothing is due."""
    if not _something_due():
        return None
    with transaction() as session:
        due = _due().with_for_update(skip_locked=True)
        message_id = session.scalar(due)
        if message_id is None:
            return None
        token, now = new_id(), clock.now()
        claimed = session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id, OutboxMessage.state == states.PENDING)
            .values(
                state=states.SENDING, state_at=now, lease_token=token, lease_until=now + LEASE,
                attempts=OutboxMessage.attempts + 1,
                first_try_at=case((OutboxMessage.first_try_at.is_(None), now), else_=OutboxMessage.first_try_at),
            )
        )
        if claimed.rowcount != 1:
            return None
        session.add(OutboxAttempt(message_id=message_id, token=token, started_at=now))
    return Claim(message_id, token)


def expired() -> list[str]:
    """Messages whose worker died, or hangs, between the call and its record."""
    query = select(OutboxMessage.id).where(
        OutboxMessage.state == states.SENDING, OutboxMessage.lease_until < clock.now()
    )
    found = list(db.session.scalars(query.limit(100)))
    end_reading()
    return found


def _something_due() -> bool:
    """A plain read first: an idle worker must not take the write lock every second."""
    found = db.session.scalar(_due()) is not None
    end_reading()
    return found


def _due():
    codes_first = case((OutboxMessage.template.in_(CODES), 0), else_=1)
    return (
        select(OutboxMessage.id)
        .where(OutboxMessage.state == states.PENDING, OutboxMessage.next_try_at <= clock.now())
        .order_by(codes_first, OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(1)
    )
