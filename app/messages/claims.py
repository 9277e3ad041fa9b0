"""Claiming a message so that of any number of workers exactly one sends it.

A claim is a lease: a conditional UPDATE to `sending` with a token, committed before the call.
PostgreSQL skips rows another worker is claiming at this moment; SQLite has one writer anyway. Workers
claim one after the other, because pace and quota are counted on the tries of all of them.
"""

from datetime import timedelta

from sqlalchemy import case, select, update

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.messages import channel, delivery, quota, states
from app.messages.catalogue import SHARES, lifetime_of
from app.messages.delivery import Claim
from app.messages.models import OutboxAttempt, OutboxMessage
from app.messages.number_limits import DAY_FULL

# longer than connecting and reading of the gateway may take together (4 s + 12 s)
LEASE = timedelta(seconds=60)
# a message without room today is looked at again after this
ROOM_LOOK = timedelta(minutes=10)
WAITS_FOR_ROOM = "waits_for_room"
LOOKED_AT_ONCE = 20


def claim_next() -> Claim | None:
    """Claim what is due, the most urgent class first, then what is due longest.

    None when nothing is due, the pace is used up, or nothing that is due has room in the day's quota.
    """
    if not _something_due():
        return None
    with transaction():
        channel.hold()
        if quota.pace_is_used_up():
            return None
        for _ in range(LOOKED_AT_ONCE):
            row = db.session.scalar(_due().with_for_update(skip_locked=True).execution_options(populate_existing=True))
            if row is None:
                return None
            if quota.has_room(row.share, row.to_index):
                return _claim(row)
            _without_room(row)
    return None


def expired() -> list[str]:
    """Messages whose worker died, or hangs, between the call and its record."""
    query = select(OutboxMessage.id).where(
        OutboxMessage.state == states.SENDING, OutboxMessage.lease_until < clock.now()
    )
    found = list(db.session.scalars(query.limit(100)))
    end_reading()
    return found


def _claim(row: OutboxMessage) -> Claim | None:
    token, now = new_id(), clock.now()
    claimed = db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == row.id, OutboxMessage.state == states.PENDING)
        .values(
            state=states.SENDING, state_at=now, lease_token=token, lease_until=now + LEASE,
            attempts=OutboxMessage.attempts + 1,
            first_try_at=case((OutboxMessage.first_try_at.is_(None), now), else_=OutboxMessage.first_try_at),
        )
    )
    if claimed.rowcount != 1:
        return None
    counted = quota.counts_for(row.to_index)
    db.session.add(OutboxAttempt(message_id=row.id, token=token, started_at=now, counted=counted))
    return Claim(row.id, token)


def _without_room(row: OutboxMessage) -> None:
    """The day's share of its class is used up: left to the page, or put off; a code that is too old ends."""
    lifetime, now = lifetime_of(row.template), clock.now()
    if SHARES[row.share].dropped:
        delivery.cancel(row, DAY_FULL)
    elif lifetime and now + ROOM_LOOK >= row.created_at + lifetime:
        delivery.cancel(row, "too_late")
    else:
        delivery.move(row, states.PENDING, error_code=WAITS_FOR_ROOM, next_try_at=now + ROOM_LOOK)


def _something_due() -> bool:
    """A plain read first: an idle worker must not take the write lock every second."""
    found = db.session.scalar(_due()) is not None and not quota.pace_is_used_up()
    end_reading()
    return found


def _due():
    return (
        select(OutboxMessage)
        .where(OutboxMessage.state == states.PENDING, OutboxMessage.next_try_at <= clock.now())
        .order_by(OutboxMessage.share, OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(1)
    )
