"""What a ticket seals, and the keyed indexes that find it again."""

from dataclasses import dataclass, field

from app.base.sealing import open_record, seal_record
from app.base.services import sealer
from app.complaints.ticket.models import Incident, Ticket, TicketAttachment, TicketMessage, TicketNameWord
from app.identity.address import village_named_in
from app.identity.name import name_words
from app.messages.addresses import contact_index
from app.registration.fields import villages
from app.registration.personal import NOWHERE, place_rows, village_index


@dataclass(frozen=True)
class Contact:
    """Who speaks, as far as known. `phone` is E.164 (or WhatsApp's `ID....`) when the index is to find
    it, else whatever was written down; `email` an address."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)

    @property
    def known(self) -> bool:
        return bool(self.phone or self.email)


@dataclass(frozen=True)
class Content:
    """Beside the words themselves, which are messages."""

    subject: str = field(default="", repr=False)
    place: str = field(default="", repr=False)



def seal_contact(ticket: Ticket, contact: Contact) -> None:
    """Write the sealed contact and its indexes onto the row. Name words: see `name_word_rows`."""
    ticket.contact_sealed = seal_record(sealer(), contact, f"ticket:{ticket.id}:contact")
    ticket.phone_index = phone_index(contact.phone)
    ticket.email_index = email_index(contact.email)


def open_contact(ticket: Ticket) -> Contact:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Contact, ticket.contact_sealed, f"ticket:{ticket.id}:contact")


def seal_content(ticket: Ticket, content: Content) -> None:
    village = village_named_in(content.place, villages())
    ticket.village_index = village_index(village) if village else NOWHERE
    ticket.content_sealed = seal_record(sealer(), content, f"ticket:{ticket.id}:content")


def find_villages() -> int:
    """Look where tickets of the time before this index are about; returns how many. A worker's job."""
    return place_rows(Ticket, lambda row: village_named_in(open_content(row).place, villages()) or "")


def open_content(ticket: Ticket) -> Content:
    return open_record(sealer(), Content, ticket.content_sealed, f"ticket:{ticket.id}:content")


def seal_pin(ticket: Ticket, pin: str) -> None:
    ticket.pin_sealed = sealer().seal(pin.encode(), f"ticket:{ticket.id}:pin")


def open_pin(ticket: Ticket) -> str:
    return sealer().open(ticket.pin_sealed, f"ticket:{ticket.id}:pin").decode()


def seal_part(ticket: Ticket, part: str, text: str) -> bytes:
    """A sentence of the ticket's own: `late_reason`, `rating`."""
    return sealer().seal(text.encode(), f"ticket:{ticket.id}:{part}")


def open_part(ticket: Ticket, part: str, sealed: bytes | None) -> str:
    return sealer().open(sealed, f"ticket:{ticket.id}:{part}").decode() if sealed else ""


def seal_body(message_id: str, text: str) -> bytes:
    return sealer().seal(text.encode("utf-8", "replace"), f"ticket_message:{message_id}:body")


def body_of(message: TicketMessage) -> str:
    return sealer().open(message.body_sealed, f"ticket_message:{message.id}:body").decode()


def seal_quoted(message_id: str, text: str) -> bytes | None:
    return sealer().seal(text.encode("utf-8", "replace"), f"ticket_message:{message_id}:quoted") if text else None


def quoted_of(message: TicketMessage) -> str:
    if message.quoted_sealed is None:
        return ""
    return sealer().open(message.quoted_sealed, f"ticket_message:{message.id}:quoted").decode()


def seal_title(incident_id: str, title: str) -> bytes:
    return sealer().seal(title.encode("utf-8", "replace"), f"incident:{incident_id}:title")


def title_of(incident: Incident) -> str:
    return sealer().open(incident.title_sealed, f"incident:{incident.id}:title").decode()


def seal_sender(message_id: str, sender: str) -> bytes | None:
    """The number or address that words came from, when it is not the ticket's own."""
    return sealer().seal(sender.encode("utf-8", "replace"), f"ticket_message:{message_id}:sender") if sender else None


def sender_of(message: TicketMessage) -> str:
    if message.sender_sealed is None:
        return ""
    return sealer().open(message.sender_sealed, f"ticket_message:{message.id}:sender").decode()


def seal_name(attachment_id: str, name: str) -> bytes | None:
    return sealer().seal(name.encode("utf-8", "replace"), f"ticket_attachment:{attachment_id}:name") if name else None


def name_of(attachment: TicketAttachment) -> str:
    if attachment.name_sealed is None:
        return ""
    return sealer().open(attachment.name_sealed, f"ticket_attachment:{attachment.id}:name").decode()


def phone_index(phone: str) -> str | None:
    """Shared with the registration and the outbox, so that one person is found in all of them."""
    return contact_index(phone) if phone else None


def email_index(email: str) -> str | None:
    return sealer().index("email", email.strip().lower()) if email else None


def external_index(channel: str, external_id: str) -> str | None:
    return sealer().index("complaint-external", f"{channel}:{external_id}") if external_id else None


def name_word_rows(ticket: Ticket, name: str) -> list[TicketNameWord]:
    indexes = {name_word_index(word) for word in name_words(name[:200])}
    return [
        TicketNameWord(ticket_id=ticket.id, word_index=index, received_at=ticket.received_at)
        for index in sorted(indexes)
    ]


def name_word_index(word: str) -> str:
    return sealer().index("name-word", word)
