"""What the tests of the desk share: cases of invented people, and the staff who work on them."""

from functools import cache

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import journal
from app.base.database import db
from app.base.journal_line import JournalLine
from app.messages.models import OutboxMessage
from app.registration.models import Application
from tests.browser import Officer
from tests.builders import RESIDENT, add_staff, an_application, photo_files, sign_in_staff

shared_photos = cache(photo_files)


def nik_of(number: int) -> str:
    """A woman born on 5 May 1990, the `number`-th of that day."""
    return f"357401450590{number:04d}"


def a_case(app, number: int = 1, **fields) -> str:
    """Id of a sent registration of the `number`-th invented person."""
    return an_application(app, shared_photos(), **{"nik": nik_of(number), **fields})


def officer(app, username: str, role: str = "operator") -> Officer:
    """Somebody with this user name, signed in; made when there is nobody of the name yet."""
    with app.app_context():
        known = db.session.scalar(select(Staff.id).where(Staff.username == username))
    if known is None:
        add_staff(app, username, role)
    return Officer(sign_in_staff(app.test_client(), username))


def declare(app, application_id: str, nik: str = RESIDENT["nik"]) -> None:
    """A petugas of the tests declares the case complete, so that whoever the test is about may decide."""
    page = officer(app, "petugas-lengkap", "petugas").acts(application_id, "lengkap", nik_read=nik)
    assert page.status == 200, page.text


def name_staff(app, username: str, name: str) -> str:
    """Give a member of staff a name that stands out on a page; returns the id."""
    with app.app_context():
        staff = db.session.scalar(select(Staff).where(Staff.username == username))
        staff.name = name
        db.session.commit()
        return staff.id


def row(app, application_id: str) -> Application:
    """The row as it is now, detached."""
    with app.app_context():
        found = db.session.get(Application, application_id)
        db.session.expunge(found)
        return found


def journalled(app, application_id: str) -> list[str]:
    with app.app_context():
        return [line.action for line in journal.lines_about("application", application_id)]


def messages(app) -> list[tuple[str, str]]:
    """(template, state) of every message, oldest first."""
    with app.app_context():
        rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.id))
        return [(message.template, message.state) for message in rows]


def status_of(app, application_id: str) -> str:
    """Its state now."""
    with app.app_context():
        return db.session.get(Application, application_id).status


def details_of(app, action: str) -> list[str]:
    """The details of its lines, the oldest first."""
    with app.app_context():
        query = select(JournalLine.detail).where(JournalLine.action == action).order_by(JournalLine.seq)
        return list(db.session.scalars(query))
