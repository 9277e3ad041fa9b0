"""What the e-mail tests look at in an office: tickets, words, files, and the fate of each letter."""

from sqlalchemy import func, select

from app.base.database import db
from app.complaints.ticket.models import Ticket, TicketAttachment, TicketMessage
from app.complaints.ticket.personal import body_of, name_of
from app.mailbox.models import MailIn
from tests.builders import add_staff, sign_in_staff
from tests.complaints import Handler


def count(office, model) -> int:
    with office.app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def tickets(office) -> list[Ticket]:
    with office.app.app_context():
        found = list(db.session.scalars(select(Ticket).order_by(Ticket.number)))
        for ticket in found:
            _ = ticket.messages
        return found


def bodies(office) -> list[str]:
    with office.app.app_context():
        query = select(TicketMessage).where(TicketMessage.direction == "in").order_by(TicketMessage.created_at)
        return [body_of(message) for message in db.session.scalars(query)]


def files(office) -> list[tuple[str, str, str]]:
    """(kind, state, name) of every file."""
    with office.app.app_context():
        rows = db.session.scalars(select(TicketAttachment).order_by(TicketAttachment.position))
        return [(row.kind, row.state, name_of(row)) for row in rows]


def fates(office) -> list[tuple[str, str]]:
    with office.app.app_context():
        return [tuple(row) for row in db.session.execute(select(MailIn.fate, MailIn.reason).order_by(MailIn.uid))]


def handler(office) -> Handler:
    add_staff(office.app, "petugas1", "petugas")
    return Handler(sign_in_staff(office.app.test_client(), "petugas1"))
