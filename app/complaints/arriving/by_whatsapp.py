"""WhatsApp messages become words in tickets. Called by the inbox of `notifications` in its transaction.

Nothing is dropped for being hard to understand; left out are only wishes about messages as such
(STOP, MULAI) and the ready text that proves a number.
"""

import re

from sqlalchemy import exists, select

from app.base.database import db
from app.base.ids import normalise_code
from app.base.services import city
from app.complaints.arriving import intake, which_ticket
from app.complaints.arriving.which_ticket import TICKET_NUMBER, is_courtesy
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import Contact
from app.complaints.ticket.words import OTHER_NUMBER
from app.identity.text import without_controls
from app.messages.inbound import inbox
from app.messages.inbound.inbox import Inbound
from app.messages.models import InboundAttachment, InboundMessage, NumberProof, OutboxMessage
from app.messages.proving import CODE
from app.registration.models import Application

LONGEST_WISH = 20
LONGEST_HINT = 500


def listen(row: InboundMessage, inbound: Inbound) -> None:
    """One inbound message, inside the worker's transaction for it."""
    if _is_only_a_wish(inbound) or _only_proves_a_number(inbound.text):
        return
    channel, contact = _channel(), _contact(inbound)
    if which_ticket.ticket_of_external(channel, row.provider_id) is not None:
        return
    files = tuple(db.session.scalars(
        select(InboundAttachment.id).where(InboundAttachment.message_id == row.id).order_by(InboundAttachment.position)
    ))
    kind, about = _answered(row)
    ticket = _ticket(channel, contact, inbound.text, about if kind == "ticket" else "")
    silent = inbox.silence_of(inbound)
    if ticket is None and (silent or (not files and is_courtesy(inbound.text, contact.name))):
        return  # it stands under Pesan masuk; a ticket of it would be empty
    intake.enter(
        ticket, channel, contact, " ".join(filter(None, (silent, inbound.text))), received_at=row.received_at,
        external_id=row.provider_id,
        details=intake.Details(waiting_files=files, application_id=about if kind == "application" else None),
        origin=_origin(row, ticket, contact, bool(silent)),
    )


def _contact(inbound: Inbound) -> Contact:
    return Contact(name=without_controls(inbound.profile_name)[:100].strip(), phone=inbound.contact)


def _ticket(channel: str, contact: Contact, text: str, answered: str) -> Ticket | None:
    if answered:
        return which_ticket.usable(db.session.get(Ticket, answered))
    return which_ticket.ticket_of_thread(channel, contact, text[:LONGEST_HINT])


def _origin(row: InboundMessage, ticket: Ticket | None, contact: Contact, silent: bool) -> intake.Origin:
    """WhatsApp vouches for the number; whether it is the ticket's is told by the ticket. People do not quote there:
    what its owner writes after an answer replies to it."""
    if ticket is None or which_ticket.belongs_to(ticket, contact):
        return intake.Origin(row.id, courtesy=silent and ticket is not None, answers_us=True)
    return intake.Origin(row.id, OTHER_NUMBER, contact.phone)


def _answered(row: InboundMessage) -> tuple[str, str]:
    """What the message it replies to was about; ("", "") for none."""
    sent = db.session.get(OutboxMessage, row.reply_to_id) if row.reply_to_id else None
    if sent is None:
        return "", ""
    known = {"ticket": Ticket, "application": Application}.get(sent.about_kind)
    # what the message was about may have been erased since
    return sent.about if known is not None and db.session.get(known, sent.about_id) else ("", "")


def _channel() -> str:
    return next((channel.key for channel in city().channels if channel.kind == "whatsapp"), "whatsapp")


def _is_only_a_wish(inbound: Inbound) -> bool:
    word = re.sub(r"[^A-Z]", "", inbound.text.upper()) if len(inbound.text) < LONGEST_WISH else ""
    return inbound.opt in ("STOP", "START") or word in (*inbox.STOP_WORDS, *inbox.START_WORDS)


def _only_proves_a_number(text: str) -> bool:
    """The ready text of the button, unchanged, with a code of ours."""
    if not text.startswith(f"Halo {city().short_name}, ini nomor WhatsApp saya.") or TICKET_NUMBER.search(text):
        return False
    codes = [normalise_code(code) for code in CODE.findall(text.upper())]
    return any(db.session.scalar(select(exists().where(NumberProof.code == code))) for code in codes)

