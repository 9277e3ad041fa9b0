"""Kinds that are rows and nobody's case: messages sent and received, the provider's reports, answered requests about
data, complaints typed and never sent, old sessions, and addresses in the journal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from app.accounts.models import SignIn
from app.base.database import db, end_reading, transaction
from app.base.journal_line import JournalAddress
from app.base.services import photo_store
from app.complaints.public.typed import ComplaintDraft
from app.correspondence.models import CallTask
from app.messages.choose_gateway import followed
from app.messages.models import InboundAttachment, InboundMessage, OutboxMessage, StatusEvent
from app.messages.outbox import erase_payload
from app.messages.states import UNKNOWN, WAITING
from app.privacy.models import RightsRequest, blank
from app.retention import rules
from app.retention.rules import Rule, Work, prove_many


def older(key: InstrumentedAttribute, moment: InstrumentedAttribute, limit: datetime, *only: Any) -> Select:
    """(id, moment) of rows of before the limit, the oldest first."""
    return select(key, moment).where(moment < limit, *only).order_by(moment, key)


def vanishing(rule: Rule, key: InstrumentedAttribute, moment: InstrumentedAttribute) -> Work:
    """Rows of which nothing stays."""
    def erase(ids: Sequence) -> int:
        with transaction() as session:
            count = session.execute(delete(key.class_).where(key.in_(ids))).rowcount
            prove_many(rule, count)
            return count

    return Work(rule, lambda limit: older(key, moment, limit), erase, in_batches=True)


def _settled() -> ColumnElement[bool]:
    """Of a letter in doubt nobody will know more; a message on a followed channel comes to an end."""
    given_up = and_(OutboxMessage.state == UNKNOWN, OutboxMessage.channel.not_in(followed()))
    return or_(OutboxMessage.state.not_in(WAITING), given_up)


def due_outbox(limit: datetime) -> Select:
    """Settled messages; one that somebody still has to say by phone waits for that."""
    call_open = exists().where(CallTask.message_id == OutboxMessage.id, CallTask.closed_at.is_(None))
    return older(
        OutboxMessage.id, OutboxMessage.created_at, limit, OutboxMessage.erased_at.is_(None), _settled(), ~call_open,
    )


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
    return older(InboundMessage.id, InboundMessage.received_at, limit)


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


def due_rights(limit: datetime) -> Select:
    return older(RightsRequest.id, RightsRequest.answered_at, limit, RightsRequest.erased_at.is_(None))


def erase_rights(ids: Sequence[str]) -> int:
    with transaction() as session:
        query = select(RightsRequest).where(RightsRequest.id.in_(ids), RightsRequest.erased_at.is_(None))
        rows = list(session.scalars(query.with_for_update()))
        for row in rows:
            blank(row)
        prove_many(rules.RIGHTS, len(rows))
        return len(rows)


def due_addresses(limit: datetime) -> Select:
    return older(JournalAddress.seq, JournalAddress.at, limit, JournalAddress.full != "")


def shorten_addresses(ids: Sequence[int]) -> int:
    """The chain goes on verifying: a line is bound to the short form and to a mark of the whole one."""
    with transaction() as session:
        shortened = update(JournalAddress).where(JournalAddress.seq.in_(ids), JournalAddress.full != "")
        count = session.execute(shortened.values(full="", salt="")).rowcount
        prove_many(rules.ADDRESSES, count)
        return count


WORKS = (
    Work(rules.OUTBOX, due_outbox, erase_outbox, in_batches=True),
    Work(rules.INBOUND, due_inbound, erase_inbound, in_batches=True),
    Work(rules.RIGHTS, due_rights, erase_rights, in_batches=True),
    Work(rules.ADDRESSES, due_addresses, shorten_addresses, in_batches=True),
    vanishing(rules.CALLBACKS, StatusEvent.id, StatusEvent.received_at),
    vanishing(rules.UNSENT, ComplaintDraft.token_hash, ComplaintDraft.updated_at),
    vanishing(rules.SIGN_INS, SignIn.token_hash, SignIn.created_at),
)
