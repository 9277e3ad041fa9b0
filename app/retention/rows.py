"""Kinds that are rows and nobody's case: messages sent and received, the provider's reports, answered requests about
data, complaints typed and never sent, old sessions, and addresses in the journal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from app.accounts.models import SignIn
from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.journal_line import JournalAddress
from app.base.services import photo_store
from app.casework.kinds import DONE
from app.casework.notes import forget_words
from app.complaints.public.typed import ComplaintDraft
from app.complaints.ticket import files
from app.complaints.ticket.models import Ticket, TicketAttachment, TicketMessage, TicketNameWord
from app.complaints.ticket.personal import Contact, Content, seal_body, seal_contact, seal_content
from app.correspondence.call_task import CallTask
from app.mailbox.models import MailIn
from app.messages.choose_gateway import followed
from app.messages.models import InboundAttachment, InboundMessage, OutboxMessage, StatusEvent
from app.messages.outbox import erase_payload, forget_message, messages_about
from app.messages.states import UNKNOWN, WAITING
from app.privacy.models import RightsRequest, blank
from app.retention import rules
from app.retention.rules import Rule, Work, prove, prove_many


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


# Complaints after their time: attachments first, then words and contact; the statistics stay.

ERASED = "Isi sudah dihapus sesuai masa simpan."


def due_complaints(limit: datetime) -> Select:
    return select(Ticket.id, Ticket.closed_at).where(
        Ticket.tray == DONE, Ticket.closed_at < limit, Ticket.erased_at.is_(None)
    ).order_by(Ticket.closed_at, Ticket.id)


def erase_complaints(ids: Sequence[str]) -> int:
    return sum(_erase_ticket(ticket_id) for ticket_id in ids)


def _erase_ticket(ticket_id: str) -> int:
    kept = select(TicketAttachment).where(
        TicketAttachment.ticket_id == ticket_id, TicketAttachment.erased_at.is_(None)
    )
    rows = list(db.session.scalars(kept))
    db.session.expunge_all()
    end_reading()
    files.erase_objects(rows)
    with transaction() as session:
        ticket = session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)
        if ticket.is_open or ticket.erased_at is not None:
            return 0
        hashes = _mark_attachments(list(session.scalars(kept.with_for_update())))
        _blank(ticket)
        prove("complaint_erased", rules.COMPLAINTS.key, ("ticket", ticket.id), files=hashes)
    return 1


def _mark_attachments(rows: list[TicketAttachment]) -> list[list[str]]:
    for row in rows:
        row.erased_at, row.name_sealed = clock.now(), None
    return sorted([row.kind, row.sealed_sha256] for row in rows if row.sealed_sha256)


def _blank(ticket: Ticket) -> None:
    seal_contact(ticket, Contact())
    seal_content(ticket, Content())
    ticket.erased_at = clock.now()
    ticket.outside_reference = ""
    ticket.late_reason_sealed = ticket.rating_sealed = None
    for message in db.session.scalars(select(TicketMessage).where(TicketMessage.ticket_id == ticket.id)):
        message.body_sealed = seal_body(message.id, ERASED)
        message.external_index = message.sender_sealed = message.inbound_id = None
    db.session.execute(delete(TicketNameWord).where(TicketNameWord.ticket_id == ticket.id))
    db.session.execute(delete(MailIn).where(MailIn.about_id == ticket.id))
    for message in messages_about("ticket", ticket.id):
        forget_message(message)
    forget_words(("ticket", ticket.id))


WORKS = (
    Work(rules.OUTBOX, due_outbox, erase_outbox, in_batches=True),
    Work(rules.INBOUND, due_inbound, erase_inbound, in_batches=True),
    Work(rules.RIGHTS, due_rights, erase_rights, in_batches=True),
    Work(rules.ADDRESSES, due_addresses, shorten_addresses, in_batches=True),
    vanishing(rules.CALLBACKS, StatusEvent.id, StatusEvent.received_at),
    vanishing(rules.UNSENT, ComplaintDraft.token_hash, ComplaintDraft.updated_at),
    vanishing(rules.SIGN_INS, SignIn.token_hash, SignIn.created_at),
    Work(rules.COMPLAINTS, due_complaints, erase_complaints),
)
