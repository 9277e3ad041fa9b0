"""Telling members of staff about their own account, wherever they are reached."""

from app.accounts.contact import Contact, contact_of
from app.accounts.models import Staff
from app.accounts.sessions import STAFF
from app.messages import outbox, texts
from app.messages.catalogue import message_for
from app.messages.email import outbox as mail_out
from app.messages.email.outbox import Mail


def tell(staff: Staff, template: str, contact: Contact | None = None, **variables: str) -> bool:
    """One message by WhatsApp and the same by e-mail, inside the caller's transaction; to `contact` when the
    one on record has just been replaced. False when nothing is known to write to."""
    contact, message = contact or contact_of(staff), message_for(template)
    values = {"nama": staff.name, **variables}
    if contact.phone:
        outbox.enqueue(template, to=contact.phone, variables=values, about=(STAFF, staff.id))
    if contact.email:
        text = texts.spoken_text(message, texts.cleaned(message, values))
        mail_out.enqueue(Mail(contact.email, message.title, text, automatic=True), None, to_office=True)
    return bool(contact)
