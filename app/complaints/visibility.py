"""Who sees which ticket. A complaint about a member of staff is invisible to that person and goes to a
supervisor; colleagues see it only when it was assigned to them (issue 6, item 5)."""

from sqlalchemy import and_, or_
from sqlalchemy.sql import ColumnElement

from app.access import holds
from app.complaints.models import Ticket
from app.complaints.personal import Contact, open_contact
from app.extensions import db
from app.problems import NotFound

Person = object  # a signed-in member of staff: has `id` and `role`


def oversees(staff: Person) -> bool:
    return holds(staff.role, "oversee_complaints")


def visible_to(staff: Person) -> ColumnElement[bool]:
    """A condition for queries on Ticket."""
    not_about_me = or_(Ticket.about_staff_id.is_(None), Ticket.about_staff_id != staff.id)
    if oversees(staff):
        return not_about_me
    return or_(Ticket.about_staff.is_(False), and_(Ticket.assigned_to == staff.id, not_about_me))


def may_see(ticket: Ticket, staff: Person) -> bool:
    if ticket.about_staff_id == staff.id:
        return False
    return oversees(staff) or not ticket.about_staff or ticket.assigned_to == staff.id


def find_visible(ticket_id: str, staff: Person) -> Ticket:
    """Raises NotFound, alike for what does not exist and what this person must not see."""
    ticket = db.session.get(Ticket, ticket_id)
    if ticket is None or not may_see(ticket, staff):
        raise NotFound()
    return ticket


def shown_contact(ticket: Ticket, staff: Person) -> Contact | None:
    """The name and contact; None when the resident chose to be anonymous and this person is not the
    handler's lead. Answers reach an anonymous resident all the same: the system knows the way."""
    if ticket.anonymous and not oversees(staff):
        return None
    return open_contact(ticket)
