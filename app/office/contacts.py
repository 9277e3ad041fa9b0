"""The page on which members of staff say how they are reached."""

from app.accounts.contact import Contact, contact_of, keep_contact, parse_contact
from app.accounts.models import Staff
from app.accounts.sessions import STAFF, SignedIn
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.services import city
from app.city.dates import show_moment
from app.office.telling import tell


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
