"""The resident after sending: following, mending, the account; methods named for what people do."""

import io
import re

import pytest
from sqlalchemy import select

from app.base.database import db
from app.messages.addresses import WHATSAPP
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload, text_of
from app.registration.models import Application
from tests.browser import Page, Resident
from tests.builders import PHOTO_SLUGS

SLUGS = {kind: slug for slug, kind in PHOTO_SLUGS.items()}


class Follower(Resident):
    """A resident who has sent a registration, on any phone."""

    def follows(self, number: str, pin: str, to: str = "") -> Page:
        self.open(f"/lacak?ke={to}")
        return self.send("/lacak", {"number": number, "pin": pin, "to": to})

    def opens_link(self, link: str) -> Page:
        return self.open(link[link.index("/lacak/t/"):])

    def mends_photo(self, kind: str, data: bytes, upload_id: str = "") -> Page:
        self.open(f"/perbaikan/{SLUGS[kind]}")
        files = {"photo": (io.BytesIO(data), "foto.jpg"), "upload_id": upload_id}
        return self.send(f"/perbaikan/{SLUGS[kind]}", files, multipart=True)

    def sends_mended(self, **fields) -> Page:
        self.open("/perbaikan")
        return self.send("/perbaikan", fields)

    @property
    def boxes(self) -> str:
        return " ".join(box.get_text(" ", strip=True) for box in self.page.soup.select(".box"))


def number_and_pin(app, application_id: str) -> tuple[str, str]:
    from app.registration.personal import open_pin

    with app.app_context():
        application = db.session.get(Application, application_id)
        return application.number, open_pin(application)


def application(app, application_id: str) -> Application:
    """The row as it stands now, detached."""
    with app.app_context():
        row = db.session.get(Application, application_id)
        list(row.changes), list(row.photos)
        db.session.expunge_all()
        return row


def messages(app, template: str | None = None) -> list[tuple[str, str, str]]:
    """(template, recipient, text) of what goes by WhatsApp, oldest first."""
    with app.app_context():
        sent = select(OutboxMessage).where(OutboxMessage.channel == WHATSAPP)
        rows = db.session.scalars(sent.order_by(OutboxMessage.created_at, OutboxMessage.id))
        found = [(row.template, open_payload(row).to, text_of(row)) for row in rows]
    return [line for line in found if template in (None, line[0])]


def link_in(text: str) -> str:
    return re.search(r"http://127\.0\.0\.1:\d+/lacak/t/[0-9a-f]+", text).group()


def code_in(text: str) -> str:
    return re.search(r"\b(\d{6})\b", text).group(1)


@pytest.fixture
def resident(client):
    """Somebody whose photos are next."""
    someone = Resident(client)
    someone.starts()
    someone.fills_in()
    return someone
