"""Who sees which ticket, and who may know whose it is: the one place where that is told.

A complaint about a member of staff is invisible to that person and goes to a supervisor; colleagues see it
only when it was assigned to them. Where no supervisor may see it, because it is about the only one or there
is none, operators stand in: nothing lies unseen. Who wanted to stay unknown is known to those alone who lead.

Every rule is a condition on Ticket. Lists, searches, messages, calls, exports, notices and the journal put it
into their query; a question about one ticket asks the database the same condition, so there is no second
telling that could say something else. No condition is ever NULL, so that its opposite hides what it shows.
"""

from collections.abc import Sequence

from sqlalchemy import Row, Select, and_, bindparam, exists, false, not_, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement

from app.accounts.models import Staff
from app.base.database import db, once_a_page
from app.base.problems import NotFound
from app.casework.kept import Anyone, anyone_like, kept, written
from app.complaints.ticket.models import Ticket, TicketMessage
from app.complaints.ticket.personal import Contact, open_contact
from app.messages.models import InboundMessage, OutboxMessage
from app.web.access import holds

Person = object  # a signed-in member of staff: has `id`, `role` and `jabatan`


def oversees(staff: Person) -> bool:
    return holds(staff, "oversee_complaints")


@once_a_page
def visible_to(staff: Person) -> ColumnElement[bool]:
    """Tickets whose words this person may read."""
    mine = and_(Ticket.about_staff.is_(True), Ticket.assigned_to.is_not_distinct_from(staff.id))
    return and_(_not_about(staff), or_(Ticket.about_staff.is_(False), mine, led_by(staff)))


@once_a_page
def led_by(staff: Person) -> ColumnElement[bool]:
    """Tickets this person decides about as their handler's lead."""
    if oversees(staff):
        return _not_about(staff)
    return and_(_not_about(staff), Ticket.about_staff.is_(True), _left_to(staff))


@once_a_page
def known_to(staff: Person) -> ColumnElement[bool]:
    """Tickets of which this person may also know whose they are: name, number, address, and every message
    or registration that would tell."""
    return and_(visible_to(staff), or_(Ticket.anonymous.is_(False), led_by(staff)))


def may_see(ticket: Ticket, staff: Person) -> bool:
    return _rights_over(ticket, staff).sees


def leads(ticket: Ticket, staff: Person) -> bool:
    return _rights_over(ticket, staff).leads


def may_know(ticket: Ticket, staff: Person) -> bool:
    return _rights_over(ticket, staff).knows


def seen_among(tickets: Sequence[Ticket], staff: Person) -> list[Ticket]:
    """Those whose words this person may read."""
    if not tickets:
        return []
    given = {"tickets": [ticket.id for ticket in tickets], "me": staff.id}
    seen = set(db.session.scalars(written(_seen, anyone_like(staff)), given))
    return [ticket for ticket in tickets if ticket.id in seen]


def _seen(staff: Anyone) -> Select:
    return select(Ticket.id).where(Ticket.id.in_(bindparam("tickets", expanding=True)), visible_to(staff))


def find_visible(ticket_id: str, staff: Person) -> Ticket:
    """Raises NotFound, alike for what does not exist and what this person must not see."""
    query = kept(_with_rights, anyone_like(staff))
    found = db.session.execute(query, {"ticket": ticket_id, "me": staff.id}).one_or_none()
    if found is None or not found.sees:
        raise NotFound()
    _rights_over.found(found, found.Ticket, staff)
    return found.Ticket


def _with_rights(staff: Anyone) -> Select:
    rules = _rules(staff).items()
    return select(Ticket, *(rule.label(name) for name, rule in rules)).where(Ticket.id == bindparam("ticket"))


def shown_contact(ticket: Ticket, staff: Person) -> Contact | None:
    """The name and contact; None when this person must not know it. Answers reach an anonymous resident
    all the same: the system knows the way."""
    return open_contact(ticket) if may_know(ticket, staff) else None


@once_a_page
def _rights_over(ticket: Ticket, staff: Person) -> Row:
    """Asked of the row as the transaction has it: what was changed a moment ago is flushed first."""
    query = kept(_rights, anyone_like(staff))
    return db.session.execute(query, {"ticket": ticket.id, "me": staff.id}).one()


def _rights(staff: Anyone) -> Select:
    same = Ticket.id == bindparam("ticket")
    return select(*(exists().where(same, rule).label(name) for name, rule in _rules(staff).items()))


def _rules(staff: Person) -> dict[str, ColumnElement[bool]]:
    return {"sees": visible_to(staff), "leads": led_by(staff), "knows": known_to(staff)}


def _not_about(staff: Person) -> ColumnElement[bool]:
    return Ticket.about_staff_id.is_distinct_from(staff.id)


def _left_to(staff: Person) -> ColumnElement[bool]:
    """Which complaints about staff no supervisor may see, for those who then stand in: nobody at work oversees but,
    perhaps, whom it is about."""
    if not holds(staff, "stand_in_for_supervisor"):
        return false()
    other = Staff.id.is_distinct_from(Ticket.about_staff_id)
    overseer = exists().where(Staff.who_may("oversee_complaints"), Staff.disabled_at.is_(None), other)
    return not_(overseer.correlate(Ticket))


def may_read(message: TicketMessage, staff) -> bool:
    """Whether this person may read one message, given that they may see the ticket itself. What was split off into a
    ticket of its own follows the rule of that ticket: a complaint about a colleague is often a second thing said in a
    conversation that this colleague handles."""
    if message.split_into_id is None:
        return True
    made = db.session.get(Ticket, message.split_into_id)
    return made is not None and may_see(made, staff)


def readable_by(staff) -> ColumnElement[bool]:
    """The same for queries on TicketMessage."""
    made = exists().where(Ticket.id == TicketMessage.split_into_id, visible_to(staff))
    return or_(TicketMessage.split_into_id.is_(None), made.correlate(TicketMessage))


def sent_is_open(staff) -> ColumnElement[bool]:
    """Messages follow the ticket they belong to (app/messages/audience.py): who must not know whose ticket it is sees
    neither what we wrote about it, nor what came in for it, nor the task to phone."""
    return exists().where(Ticket.id == OutboxMessage.about_id, known_to(staff))


def received_is_kept(staff) -> ColumnElement[bool]:
    """Also what was split off into a ticket that this person must not know."""
    said = aliased(TicketMessage)
    return exists().where(
        said.inbound_id == InboundMessage.id, or_(Ticket.id == said.ticket_id, Ticket.id == said.split_into_id),
        not_(known_to(staff)),
    )
