"""Messages sent, messages received, and the provider's reports."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, delete, exists, or_, select, update
from sqlalchemy.sql import ColumnElement

from app.base.database import db, end_reading, transaction
from app.base.services import photo_store
from app.messages.choose_gateway import followed
from app.messages.models import CallTask, InboundAttachment, InboundMessage, OutboxMessage, StatusEvent
from app.messages.outbox import erase_payload
from app.messages.states import UNKNOWN, WAITING
from app.retention import rules
from app.retention.rules import Work, prove_many


def _settled() -> ColumnElement[bool]:
    """Of a letter in doubt nobody will know more; a message on a followed channel comes to an end."""
    given_up = and_(OutboxMessage.state == UNKNOWN, OutboxMessage.channel.not_in(followed()))
    return or_(OutboxMessage.state.not_in(WAITING), given_up)


def due_outbox(limit: datetime) -> Select:
    """Settled messages; one that somebody still has to say by phone waits for that."""
    call_open = exists().where(CallTask.message_id == OutboxMessage.id, CallTask.closed_at.is_(None))
    return select(OutboxMessage.id, OutboxMessage.created_at).where(
        OutboxMessage.created_at < limit, OutboxMessage.erased_at.is_(None),
        _settled(), ~call_open,
    ).order_by(OutboxMessage.created_at, OutboxMessage.id)


def erase_outbox(ids: Sequence[str]) -> int:
    with transaction() as session:
        query = select(OutboxMessage).where(
            OutboxMessage.id.in_(ids), OutboxMessage.erased_at.is_(None), _settled()
        )
        rows = list(session.scalars(query.with_for_update()))
        for row in rows:
            erase_payload(row)
        session.execute(update(CallTask).where(CallTask.message_id.in_(ids)).values(note_sealed=None))
        prove_many(rules.OUTBOX, len(rows))
        return len(rows)


def due_inbound(limit: datetime) -> Select:
    return select(InboundMessage.id, InboundMessage.received_at).where(
        InboundMessage.received_at < limit
    ).order_by(InboundMessage.received_at, InboundMessage.id)


def erase_inbound(ids: Sequence[str]) -> int:
    """Files first. What a complaint took over from a message it keeps as its own."""
    attached = select(InboundAttachment.storage_key).where(
        InboundAttachment.message_id.in_(ids), InboundAttachment.storage_key.is_not(None)
    )
    keys = list(db.session.scalars(attached))
    end_reading()
    for key in keys:
        photo_store().delete(key)
    with transaction() as session:
        session.execute(delete(InboundAttachment).where(InboundAttachment.message_id.in_(ids)))
        count = session.execute(delete(InboundMessage).where(InboundMessage.id.in_(ids))).rowcount
        prove_many(rules.INBOUND, count)
        return count


def due_callbacks(limit: datetime) -> Select:
    return select(StatusEvent.id, StatusEvent.received_at).where(
        StatusEvent.received_at < limit
    ).order_by(StatusEvent.received_at, StatusEvent.id)


def erase_callbacks(ids: Sequence[int]) -> int:
    with transaction() as session:
        count = session.execute(delete(StatusEvent).where(StatusEvent.id.in_(ids))).rowcount
        prove_many(rules.CALLBACKS, count)
        return count


WORKS = (
    Work(rules.OUTBOX, due_outbox, erase_outbox, in_batches=True),
    Work(rules.INBOUND, due_inbound, erase_inbound, in_batches=True),
    Work(rules.CALLBACKS, due_callbacks, erase_callbacks, in_batches=True),
)
