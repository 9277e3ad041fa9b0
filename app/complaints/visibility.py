"""Who sees which ticket. A complaint about a member of staff is invisible to that person and goes to a
supervisor; colleagues see it only when it was assigned to them (issue 6, item 5). Where no supervisor may
see it, because it is about the only one or there is none, operators stand in: nothing lies unseen."""

from sqlalchemy import and_, or_, select, true
from sqlalchemy.sql import ColumnElement

from app.access import PERMISSIONS, holds
from app.accounts.models import Staff
from app.complaints.models import Ticket
from app.complaints.personal import Contact, open_contact
from app.extensions import db
from app.problems import NotFound

Person = object  # a signed-in member of staff: has `id` and `role`


def oversees(staff: Person) -> bool:
    return holds(staff.role, "oversee_complaints")


def leads(ticket: Ticket, staff: Person) -> bool:
    """Whether this person decides about the ticket as its handler's lead."""
    if ticket.about_staff_id == staff.id:
        return False
    return oversees(staff) or (ticket.about_staff and _stands_in(staff, ticket.about_staff_id))


def visible_to(staff: Person) -> ColumnElement[bool]:
    """A condition for queries on Ticket."""
    not_about_me = or_(Ticket.about_staff_id.is_(None), Ticket.about_staff_id != staff.id)
    if oversees(staff):
        return not_about_me
    return or_(Ticket.about_staff.is_(False), and_(or_(Ticket.assigned_to == staff.id, *_left_to(staff)), not_about_me))


def may_see(ticket: Ticket, staff: Person) -> bool:
    if ticket.about_staff_id == staff.id:
        return False
    return not ticket.about_staff or ticket.assigned_to == staff.id or leads(ticket, staff)


def find_visible(ticket_id: str, staff: Person) -> Ticket:
    """Raises NotFound, alike for what does not exist and what this person must not see."""
    ticket = db.session.get(Ticket, ticket_id)
    if ticket is None or not may_see(ticket, staff):
        raise NotFound()
    return ticket


def shown_contact(ticket: Ticket, staff: Person) -> Contact | None:
    """The name and contact; None when the resident chose to be anonymous and this person is not the
    handler's lead. Answers reach an anonymous resident all the same: the system knows the way."""
    if ticket.anonymous and not leads(ticket, staff):
        return None
    return open_contact(ticket)


def _left_to(staff: Person) -> list[ColumnElement[bool]]:
    """Which complaints about staff no supervisor may see, for those who then stand in."""
    if not holds(staff.role, "stand_in_for_supervisor"):
        return []
    found = _supervisors()
    if not found:
        return [true()]
    return [Ticket.about_staff_id == found[0]] if len(found) == 1 else []


def _stands_in(staff: Person, about_staff_id: str | None) -> bool:
    return holds(staff.role, "stand_in_for_supervisor") and set(_supervisors()) <= {about_staff_id}


def _supervisors() -> list[str]:
    """Ids of those at work who oversee complaints; two tell as much as all."""
    roles = PERMISSIONS["oversee_complaints"]
    query = select(Staff.id).where(Staff.role.in_(roles), Staff.disabled_at.is_(None)).order_by(Staff.id)
    return list(db.session.scalars(query.limit(2)))
