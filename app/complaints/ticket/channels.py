"""What the channels of the city file are called where there is little room."""

from app.base.services import city

HERE = "Situs ini"


def channel_names() -> dict[str, str]:
    """Channels of the city file by their short names (Telepon, not Telepon (0335) ...), and the ways to
    answer that are none."""
    contacts = city().contacts
    addresses = (contacts.phone, contacts.whatsapp, contacts.email, contacts.instagram, contacts.facebook)
    names = {}
    for channel in city().channels:
        known = next((address for address in addresses if address and channel.name.endswith(f" {address}")), "")
        names[channel.key] = HERE if channel.kind == "web" else channel.name.removesuffix(known).strip()
    return {**names, "phone": "Telepon", "page": "Halaman lacak", "note": "", "read_out": "Dibacakan di radio",
            "posted": "Ditempel di kotak saran", "in_person": "Disampaikan langsung"}
