"""E-mails that are to go out. `enqueue` joins the caller's transaction: it never commits, never sends.

What sends them (SMTP, on leases, outside any transaction) is in `mail_sending`.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import exists, select

from app.base.database import db
from app.base.ids import new_id
from app.base.sealing import open_record, seal_record
from app.base.services import sealer, settings
from app.complaints.ticket.models import MailOut, Ticket
from app.mailbox.models import MailIn

MOST_REFERENCES = 20


@dataclass(frozen=True)
class Mail:
    """`automatic` is what no person wrote, so that no machine answers it. `message_id` is made here:
    random, because whoever names it in a reply proves to have got the letter."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str = ""
    automatic: bool = False


@dataclass(frozen=True)
class Thread:
    """Message-IDs a letter refers to and its own, oldest first."""

    references: list[str] = field(repr=False)


def enqueue(mail: Mail, ticket_id: str | None, to_office: bool = False) -> MailOut:
    """Add one e-mail inside the caller's transaction."""
    mail = replace(mail, message_id=mail.message_id or new_message_id())
    index = message_index(mail.message_id)
    row = MailOut(id=new_id(), ticket_id=ticket_id, message_index=index, to_office=to_office)
    row.payload_sealed = seal_record(sealer(), mail, _context(row.id))
    db.session.add(row)
    return row


def open_mail(row: MailOut) -> Mail:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Mail, row.payload_sealed, _context(row.id))


def new_message_id() -> str:
    domain = settings().mail.address.rpartition("@")[2] or settings().public_host
    return f"<{secrets.token_urlsafe(24)}@{domain}>"


def message_index(message_id: str) -> str:
    return sealer().index("mail-message", message_id)


def ticket_of_mail(message_id: str) -> Ticket | None:
    """The ticket of a letter of ours to a resident."""
    query = select(Ticket).join(MailOut, MailOut.ticket_id == Ticket.id).where(MailOut.to_office.is_(False))
    return db.session.scalar(query.where(MailOut.message_index == message_index(message_id)))


def answers_to_office(message_ids: Iterable[str]) -> bool:
    """Whether one of these is a letter of ours that went to the office itself."""
    indexes = [message_index(message_id) for message_id in message_ids]
    query = select(exists().where(MailOut.to_office.is_(True), MailOut.message_index.in_(indexes)))
    return bool(db.session.scalar(query))


def references_of(row: MailOut) -> list[str]:
    """Message-IDs of the thread the letter belongs to, the one it answers last: what the resident wrote
    before it, else our own first letter."""
    if row.to_office:
        return []
    query = select(MailIn).where(
        MailIn.ticket_id == row.ticket_id, MailIn.thread_sealed.is_not(None), MailIn.created_at <= row.created_at,
    )
    answered = db.session.scalar(query.order_by(MailIn.created_at.desc(), MailIn.uid.desc()).limit(1))
    if answered is not None:
        return open_thread(answered)
    ours = select(MailOut).where(
        MailOut.ticket_id == row.ticket_id, MailOut.created_at < row.created_at, MailOut.to_office.is_(False)
    )
    first = db.session.scalar(ours.order_by(MailOut.created_at).limit(1))
    return [open_mail(first).message_id] if first is not None else []


def seal_thread(row: MailIn, references: list[str]) -> None:
    row.thread_sealed = seal_record(sealer(), Thread(references[-MOST_REFERENCES:]), _thread_context(row.id))


def open_thread(row: MailIn) -> list[str]:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Thread, row.thread_sealed, _thread_context(row.id)).references


def _thread_context(mail_in_id: str) -> str:
    return f"mail_in:{mail_in_id}:thread"


def _context(mail_id: str) -> str:
    return f"mail_out:{mail_id}"
