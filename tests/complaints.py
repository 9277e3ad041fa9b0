"""Builders and people of the complaint pages."""

import io
import re

import pytest
from sqlalchemy import select, update

from app.accounts.models import Staff
from app.base.database import db, transaction
from app.base.ids import new_id
from app.casework import undo
from app.casework.models import CaseAct
from app.complaints.arriving import intake
from app.complaints.ticket.models import Ticket, TicketMessage
from app.complaints.ticket.personal import Contact, body_of
from app.messages.models import OutboxMessage
from tests.browser import Browser, Page

WORDS = "Antrean di loket dua lama sekali dan tidak ada yang menjelaskan."
FORM = {
    "kind": "complaint", "category": "late", "text": WORDS, "happened_on": "", "place": "Loket 2",
    "answer_by": "whatsapp", "whatsapp_number": "0812-0000-2001", "email": "", "name": "BUDI CONTOH",
}
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def a_ticket(app, channel="web", text=WORDS, phone="+6281200002001", name="BUDI CONTOH", email="", external_id="",
             received_at=None, actor=None, **details) -> str:
    """Id of a ticket, made through the one door of all channels."""
    with app.app_context():
        extra = {"actor": actor} if actor else {}
        ticket = intake.receive(
            channel, Contact(name=name, phone=phone, email=email), text, received_at=received_at,
            external_id=external_id, details=intake.Details(**{"category": "late", **details}), **extra,
        )
        found = ticket.id
        db.session.remove()
    return found


def the(app, ticket_id: str, name: str):
    with app.app_context():
        return getattr(db.session.get(Ticket, ticket_id), name)


def staff_id(app, username: str) -> str:
    with app.app_context():
        return db.session.scalar(select(Staff.id).where(Staff.username == username))


def templates(app) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(OutboxMessage.template).order_by(OutboxMessage.created_at)))


def last_words(app, ticket_id: str) -> str:
    with app.app_context():
        return body_of(db.session.get(Ticket, ticket_id).messages[-1])


def a_minute_passes(app) -> None:
    """What was done can be taken back no longer, and what it says may go."""
    with app.app_context(), transaction() as session:
        session.execute(update(OutboxMessage).where(
            OutboxMessage.about_kind == "ticket", OutboxMessage.state == "pending",
        ).values(next_try_at=OutboxMessage.created_at))
        session.execute(update(TicketMessage).values(shown_at=None))
        for done in session.scalars(select(CaseAct)):
            done.at -= undo.MINUTE


class Complainant(Browser):
    """Somebody with something to say."""

    number = pin = ""

    def complains(self, files=(), **changed) -> Page:
        self.open("/pengaduan")
        data = {**FORM, "submission_id": new_id(), **changed}
        if files:
            data["files"] = [(io.BytesIO(content), name) for name, content in files]
        page = self.send("/pengaduan", {k: v for k, v in data.items() if v is not None}, multipart=True)
        if page.heading == "Pengaduan terkirim":
            self.number = re.search(r"ADU-\d{4}-\d{6}", page.text).group()
            self.pin = re.search(r"PIN\D{0,20}(\d{8})\b", page.text).group(1)
        return page

    def follows(self, number="", pin="") -> Page:
        self.open("/pengaduan/lacak?lain")
        return self.send("/pengaduan/lacak", {"number": number or self.number, "pin": pin or self.pin})

    def replies(self, words: str) -> Page:
        return self.send("/pengaduan/lacak/balas", {"reply": words, "submission_id": new_id()}, multipart=True)

    def rates(self, rating: str, sentence="", settled=False) -> Page:
        chosen = {"settled": "ya"} if settled else {}
        return self.send("/pengaduan/lacak/nilai", {"rating": rating, "sentence": sentence, **chosen})


class Handler(Browser):
    """A member of staff at the complaint inbox."""

    def reads(self, ticket_id: str) -> Page:
        return self.open(f"/petugas/pengaduan/{ticket_id}")

    def acts(self, ticket_id: str, where: str, **data) -> Page:
        self.reads(ticket_id)
        carried = {name: self.page.field(name) for name in ("version", "claim_token")}
        return self.send(f"/petugas/pengaduan/{ticket_id}/{where}", {**carried, **data})

    def answers(self, ticket_id: str, text="Sudah kami perbaiki.", within_the_minute=False, **changed) -> Page:
        """Answer, and let the minute pass in which it could be taken back."""
        data = {"text": text, "via": "chosen", "outcome": "proven", "act": "final", **changed}
        page = self.acts(ticket_id, "jawab", **data)
        if not within_the_minute:
            a_minute_passes(self.client.application)
        return page

    def dismisses(self, ticket_id: str, reason="spam") -> Page:
        """Close it as no complaint, and let the minute pass."""
        page = self.acts(ticket_id, "abaikan", reason=reason)
        a_minute_passes(self.client.application)
        return page

    def verifies(self, ticket_id: str, **changed) -> Page:
        data = {"kind": "complaint", "category": "late", "unit": "pelayanan", "handler": "", "act": "verify", **changed}
        return self.acts(ticket_id, "golongkan", **data)

    def finds(self, typed: str) -> Page:
        self.open("/petugas/pengaduan")
        return self.send("/petugas/pengaduan/cari", {"q": typed})

    def notes_down(self, **values) -> Page:
        self.open("/petugas/pengaduan/catat")
        form = {"submission_id": self.page.field("submission_id"), "channel": "radio", "kind": "complaint",
                "category": "late", "text": WORDS, **values}
        return self.send("/petugas/pengaduan/catat", form, multipart=True)


@pytest.fixture
def petugas(staff_client):
    return Handler(staff_client("petugas"))


@pytest.fixture
def supervisor(staff_client):
    return Handler(staff_client("supervisor"))
