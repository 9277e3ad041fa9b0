"""Complaints after their time: attachments first, then words and contact; the statistics stay."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.casework.kinds import DONE
from app.casework.notes import forget_words
from app.complaints.ticket import files
from app.complaints.ticket.models import Ticket, TicketAttachment, TicketMessage, TicketNameWord
from app.complaints.ticket.personal import Contact, Content, seal_body, seal_contact, seal_content
from app.mailbox.models import MailIn
from app.messages.outbox import forget_message, messages_about
from app.retention import rules
from app.retention.rules import Work, prove

ERASED = "Isi sudah dihapus sesuai masa simpan."


def due(limit: datetime) -> Select:
    return select(Ticket.id, Ticket.closed_at).where(
        Ticket.tray == DONE, Ticket.closed_at < limit, Ticket.erased_at.is_(None)
    ).order_by(Ticket.closed_at, Ticket.id)


def erase_all(ids: Sequence[str]) -> int:
    return sum(_erase(ticket_id) for ticket_id in ids)


def _erase(ticket_id: str) -> int:
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


WORKS = (Work(rules.COMPLAINTS, due, erase_all),)
