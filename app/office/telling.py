"""Telling members of staff about their own account, wherever they are reached."""

from app.accounts.contact import Contact, contact_of
from app.accounts.models import Staff
from app.accounts.sessions import STAFF
from app.messages import outbox
from app.messages.addresses import by_email, by_whatsapp


def tell(staff: Staff, template: str, contact: Contact | None = None, **variables: str) -> bool:
    """One message by WhatsApp and the same by e-mail, inside the caller's transaction; to `contact` when the
    one on record has just been replaced. False when nothing is known to write to."""
    contact = contact or contact_of(staff)
    wanted = [by_whatsapp(contact.phone)] * bool(contact.phone) + [by_email(contact.email)] * bool(contact.email)
    for to in wanted:
        outbox.enqueue(
            template, to=to, variables={"nama": staff.name, **variables}, about=(STAFF, staff.id), to_office=True,
        )
    return bool(contact)
