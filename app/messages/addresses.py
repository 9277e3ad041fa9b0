"""Where a message goes or comes from: a number in E.164, or WhatsApp's `ID....` of a person who
hides the number (docs/whatsapp.md, facts 5)."""

from app.identity.mask import mask_phone


def has_number(address: str) -> bool:
    return address.startswith("+")


def is_abroad(address: str) -> bool:
    return has_number(address) and not address.startswith("+62")


def mask_address(address: str) -> str:
    """For lists, logs and the demo's output."""
    return mask_phone(address) if has_number(address) else f"tanpa nomor •••{address[-3:]}"
