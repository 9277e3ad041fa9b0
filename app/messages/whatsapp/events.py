"""Status reports of the provider: kept as they come, applied in any order.

They come early, late, twice and shuffled (docs/whatsapp.md, facts 4). The highest rank wins; a failure
counts only until the message has arrived; what we cannot match yet is parked for ten minutes.
"""

from datetime import timedelta

import structlog
from sqlalchemy import or_, select, update

from app.base import clock
from app.base.database import db, end_reading, insert_once, transaction
from app.messages import delivery, states
from app.messages.gateway import StatusNews
from app.messages.models import OutboxMessage, OutboxReceipt, StatusEvent

log = structlog.get_logger()

PARKED = timedelta(minutes=10)
BATCH = 200
# the provider's words -> ours; what is not listed says nothing about the message
STATES = {
    "accepted": states.ACCEPTED, "scheduled": states.ACCEPTED, "queued": states.ACCEPTED,
    "sending": states.ACCEPTED, "sent": states.SENT, "delivered": states.DELIVERED, "read": states.READ,
}
FAILURES = ("failed", "undelivered", "canceled")
RANK = {state: rank for rank, state in enumerate((states.ACCEPTED, states.SENT, states.DELIVERED, states.READ))}


def keep(news: StatusNews) -> bool:
    """Store one report inside the caller's transaction. False when it was known."""
    return insert_once(
        StatusEvent, provider_id=news.provider_id, reference=news.reference, status=news.status,
        code=news.code, received_at=clock.now(),
    )


def apply_new(limit: int = BATCH) -> int:
    """Apply what came in. Returns how many reports found their message."""
    waiting = select(StatusEvent.id).where(StatusEvent.applied_at.is_(None), _matchable())
    ids = list(db.session.scalars(waiting.order_by(StatusEvent.id).limit(limit)))
    end_reading()
    return sum(_apply(event_id) for event_id in ids)


def drop_unmatched() -> int:
    """Give up reports of messages that were never ours; returns how many. Those of ours stay, however
    long no worker ran."""
    with transaction() as session:
        dropped = session.execute(
            update(StatusEvent)
            .where(StatusEvent.applied_at.is_(None), StatusEvent.received_at < clock.now() - PARKED, ~_matchable())
            .values(applied_at=clock.now())
        ).rowcount
    if dropped:
        log.warning("unmatched_status_reports", count=dropped)
    return dropped


def _matchable():
    """Ours by the reference in the callback's address, or by a provider id we have learned."""
    return or_(
        StatusEvent.reference.in_(select(OutboxMessage.id)),
        StatusEvent.provider_id.in_(select(OutboxReceipt.provider_id)),
    )


def _apply(event_id: int) -> bool:
    """Each in its own short transaction, so that no two rows are ever locked in two orders."""
    with transaction() as session:
        event = session.get(StatusEvent, event_id, with_for_update=True, populate_existing=True)
        if event is None or event.applied_at is not None:
            return False  # another worker was faster
        row = delivery.locked(_message_of(event))
        if row is None:
            return False
        event.applied_at, event.message_id = clock.now(), row.id
        delivery.keep_receipt(row.id, event.provider_id, "callback")
        if event.status in FAILURES:
            _failed(row, event)
        elif event.status in STATES:
            _progressed(row, event)
        return True


def _message_of(event: StatusEvent) -> str:
    """A known provider id decides; otherwise the reference, if it names a message of ours."""
    known = db.session.get(OutboxReceipt, event.provider_id)
    return known.message_id if known is not None else event.reference


def _progressed(row: OutboxMessage, event: StatusEvent) -> None:
    new = STATES[event.status]
    if row.state == states.CANCELLED or RANK.get(row.state, -1) >= RANK[new]:
        return
    if row.state == states.FAILED or delivery.has_failed(event.provider_id):
        if new not in states.ARRIVED:
            return  # an old report of a send that failed
        log.warning("arrived_after_failure", message=row.id)
    _unfail(event.provider_id)
    delivery.arrive_at(row, new, event.provider_id)


def _failed(row: OutboxMessage, event: StatusEvent) -> None:
    db.session.execute(
        update(OutboxReceipt).where(OutboxReceipt.provider_id == event.provider_id).values(failed=True)
    )
    if row.state in states.ARRIVED:
        log.warning("failed_after_arrival", message=row.id, error=event.code)
        _unfail(event.provider_id)
        return
    if row.provider_id not in (None, event.provider_id):
        return  # an earlier send of a message that was sent again
    if row.state in (*states.ON_THE_WAY, states.UNKNOWN, states.SENDING):
        delivery.refuse(row, event.code or event.status)


def _unfail(provider_id: str) -> None:
    db.session.execute(
        update(OutboxReceipt).where(OutboxReceipt.provider_id == provider_id).values(failed=False)
    )
