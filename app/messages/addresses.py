"""Where a message goes or comes from: a channel and an address on it.

On WhatsApp the address is a number in E.164, or WhatsApp's `ID....` of a person who hides the number
(docs/whatsapp.md, facts 5).
"""

from dataclasses import dataclass, field

from app.base.services import sealer
from app.identity.mask import mask_email, mask_phone

WHATSAPP, EMAIL = "whatsapp", "email"
# who has no WhatsApp hears from us through a member of staff: by a letter, by phone, or on coming back
LETTER, CALL, VISIT = "letter", "call", "visit"
BY_HAND = (LETTER, CALL, VISIT)


@dataclass(frozen=True)
class Recipient:
    """`channel` is a key of CHANNELS (choose_gateway.py). The address of a letter is what stands on its envelope, that
    of a visit the person's name."""

    channel: str
    address: str = field(repr=False)


def by_whatsapp(number: str) -> Recipient:
    return Recipient(WHATSAPP, number)


def by_email(address: str) -> Recipient:
    return Recipient(EMAIL, address)


def contact_index(address: str) -> str:
    """The keyed index of an address; that of a number is the registration's, that of an e-mail the complaint's."""
    if is_email(address):
        return sealer().index("email", address.strip().lower())
    return sealer().index("phone", address)


def is_email(address: str) -> bool:
    return "@" in address


def has_number(address: str) -> bool:
    return address.startswith("+")


def is_abroad(address: str) -> bool:
    return has_number(address) and not address.startswith("+62")


def mask_address(address: str) -> str:
    """For lists, logs and the demo's output."""
    if is_email(address):
        return mask_email(address)
    return mask_phone(address) if has_number(address) else f"tanpa nomor •••{address[-3:]}"
