"""How a member of staff is reached about their own account: a WhatsApp number, an e-mail address, or both.

Written by themselves only (docs/accounts-and-traces.md, 2): whoever could write it for a colleague would
get that colleague's link.
"""

from dataclasses import asdict, dataclass, field

from app.accounts.models import Staff
from app.base.problems import FormRejected
from app.base.sealing import open_json, seal_json
from app.base.services import sealer
from app.identity.errors import FieldError
from app.identity.phone import parse_whatsapp
from app.settings.mail import ADDRESS


@dataclass(frozen=True)
class Contact:
    """`phone` is E.164; each "" when not given."""

    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.phone or self.email)


def contact_of(staff: Staff) -> Contact:
    if staff.contact_sealed is None:
        return Contact()
    return Contact(**open_json(sealer(), staff.contact_sealed, _context(staff)))


def keep_contact(staff: Staff, contact: Contact) -> None:
    """Inside the caller's transaction."""
    staff.contact_sealed = seal_json(sealer(), asdict(contact), _context(staff))


def parse_contact(phone: str, email: str) -> Contact:
    """What was typed. Raises FormRejected naming the field."""
    phone, email, errors = phone.strip(), email.strip().lower(), {}
    number = ""
    try:
        number = parse_whatsapp(phone).value if phone else ""
    except FieldError as error:
        errors["phone"] = [error.message]
    if email and not ADDRESS.fullmatch(email):
        errors["email"] = ["Alamat e-mail ini belum lengkap. Contoh: rina@contoh.go.id."]
    if not errors and not (number or email):
        errors["phone"] = ["Isi nomor WhatsApp atau alamat e-mail, paling sedikit satu."]
    if errors:
        raise FormRejected(errors)
    return Contact(number, email)


def _context(staff: Staff) -> str:
    return f"staff:{staff.id}:contact"
