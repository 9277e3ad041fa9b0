"""Whether our answer arrived. One that did not is no answer: the case is worked on again and does not close
by itself, until somebody is told in another way or the message turns out to have arrived.

Everything joins the caller's transaction.
"""

from datetime import datetime

from sqlalchemy import select

from app.base import journal
from app.base.database import db
from app.casework import notes
from app.complaints.ticket.models import INTERNAL, Ticket
from app.complaints.ticket.status import ANSWERED, IN_PROGRESS
from app.complaints.ticket.transitions import change_status, note_event
from app.messages import audience
from app.messages.choose_gateway import channel_of
from app.messages.models import OutboxMessage

# news, among them ends of a call, after which the resident knows, or will
REACHED = ("told", "family_told", audience.ARRIVED)
LOST_NOTE = "{label} kami tidak sampai kepada pelapor: {why}. Hubungi pelapor dengan cara lain."
LOST_OFFICE_NOTE = "{label} tentang keterlambatan tidak sampai: {why}. Beri tahu atasan dengan cara lain."
DOUBT_NOTE = "Belum pasti apakah pesan kami lewat {label} sampai kepada pelapor: {why}. Periksa di Pesan."


def lost(ticket_id: str, message_id: str, sent_at: datetime) -> None:
    """The e-mail or WhatsApp message `message_id` did not arrive. What was sent before the answer, such as
    the receipt, changes nothing."""
    ticket = _locked(ticket_id)
    if ticket is None or ticket.status != ANSWERED or sent_at < ticket.answered_at:
        return
    if ticket.first_answered_at == ticket.answered_at:
        ticket.first_answered_at = None
    ticket.answered_at, ticket.lost_message_id = None, message_id
    change_status(ticket, "lose", journal.SYSTEM)


def reached(ticket_id: str, message_id: str) -> None:
    """It arrived after all, or was told by phone: the days for objecting begin now. Nearly every message arrives at
    once, so its ticket is held only when it was waited for."""
    if db.session.scalar(select(Ticket.lost_message_id).where(Ticket.id == ticket_id)) != message_id:
        return
    ticket = _locked(ticket_id)
    if ticket is None or ticket.lost_message_id != message_id or ticket.status != IN_PROGRESS:
        return
    ticket.lost_message_id = None
    change_status(ticket, "reach", journal.SYSTEM)


def follow(message: OutboxMessage, news: str) -> None:
    """What became of a message of ours (app/messages/audience.py)."""
    kind, ticket_id = message.about
    if kind != "ticket":
        return
    if news == audience.LOST:
        _note(message, LOST_OFFICE_NOTE if message.to_office else LOST_NOTE, "mail_failed")
        if not message.to_office:
            lost(ticket_id, message.id, message.created_at)
    elif news == audience.IN_DOUBT and not message.to_office:
        _note(message, DOUBT_NOTE, "mail_unknown")
    elif news in REACHED:
        reached(ticket_id, message.id)


def _note(message: OutboxMessage, words: str, act: str) -> None:
    """A note among colleagues on the ticket itself, where its handler looks; not where a task to phone, or a
    look at the provider, says what is to be done."""
    channel = channel_of(message)
    if channel.followed:
        return
    meaning = channel.error(message.error_code or "").meaning
    words = words.format(label=channel.label, why=meaning[0].lower() + meaning[1:])
    notes.add_note(message.about, INTERNAL, words, None)
    note_event(db.session.get(Ticket, message.about_id), act, journal.SYSTEM)


def _locked(ticket_id: str) -> Ticket | None:
    return db.session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)

