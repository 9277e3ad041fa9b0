"""The page on which members of staff say how they are reached."""

from dataclasses import asdict, dataclass, field

from app.accounts.models import Staff
from app.accounts.sessions import STAFF, SignedIn
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected
from app.base.sealing import open_json, seal_json
from app.base.services import city, sealer
from app.city.dates import show_moment
from app.identity.findings import FieldError
from app.identity.phone import parse_whatsapp
from app.messages import outbox
from app.messages.addresses import by_email, by_whatsapp
from app.settings.mail import ADDRESS

# How a member of staff is reached about their own account: a WhatsApp number, an e-mail address, or both.
#
# Written by themselves only (docs/accounts-and-traces.md, 2): whoever could write it for a colleague would
# get that colleague's link.


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


def own_contact(person: SignedIn) -> Contact:
    return contact_of(db.session.get_one(Staff, person.id))


def change_contact(person: SignedIn, phone: str, email: str) -> None:
    """Where it went until now is told, so that nobody's messages are turned away unnoticed.

    Raises FormRejected naming the field.
    """
    new = parse_contact(phone, email)
    with transaction() as session:
        staff = session.get_one(Staff, person.id)
        before = contact_of(staff)
        if new == before:
            return
        keep_contact(staff, new)
        journal.record("staff_contact_changed", actor=journal.Actor(STAFF, staff.id), about=(STAFF, staff.id))
        if before:
            now = show_moment(clock.now())
            tell(staff, "pegawai_kontak_diganti", before, tgl_jam=now, kontak=city().contacts.phone)


# Telling members of staff about their own account, wherever they are reached.

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
