"""An office whose accounts are reset: its people, what they do, and what it sent them."""

import re

import pytest
from sqlalchemy import select

from app.accounts.models import RecoveryCode, Staff
from app.accounts.second_factor import _hash
from app.base.database import db, transaction
from app.base.ids import normalise_code
from app.base.journal_line import JournalLine
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload, text_of
from app.office.invitations import StaffRequest
from tests.accounts import OFFICE, staff_sign_in, submit
from tests.browser import Page
from tests.builders import STAFF_PASSWORD, add_staff
from tests.resident_pages import messages

OWN = "lumbung padi di timur 7"
PHONE, EMAIL = "+6281200009001", "rina@contoh.example"
CODE = "AB2C-3DEF-GH"
HOME = "/petugas/"


class House:
    """An office with an administrator, two supervisors and the operator Rina; each with a browser."""

    def __init__(self, app):
        self.app = app
        self.ids = {}
        for name, role in (("admin1", "admin"), ("pengawas1", "supervisor"), ("rina", "operator")):
            self.joins(name, role)

    def joins(self, name: str, role: str) -> None:
        self.ids[name] = add_staff(self.app, name, role)
        with self.app.app_context(), transaction() as session:
            session.get_one(Staff, self.ids[name]).name = name.title()
        self.signs_in(name)

    def signs_in(self, name: str) -> None:
        client = self.app.test_client()
        assert staff_sign_in(client, name).status_code == 303
        setattr(self, name, client)

    def writes_contact(self, name: str = "rina", phone: str = PHONE, email: str = EMAIL):
        client = getattr(self, name)
        return submit(client, "/petugas/kontak", phone=phone, email=email, password=STAFF_PASSWORD)

    def holds_recovery_code(self) -> None:
        with self.app.app_context(), transaction() as session:
            code_hash = _hash(self.ids["rina"], normalise_code(CODE))
            session.add(RecoveryCode(staff_id=self.ids["rina"], code_hash=code_hash))

    def asks(self, name: str = "rina", act: str = "tautan", by: str = "admin1", **fields):
        page = f"/petugas/pegawai/{self.ids[name]}"
        return submit(getattr(self, by), f"{page}/{act}", page=page, **fields)

    def decides(self, act: str = "setujui", by: str = "pengawas1"):
        client = getattr(self, by)
        page = f"/petugas/permintaan-akun/{self.request().id}"
        token = Page(client.get(OFFICE)).field("csrf_token")
        return client.post(f"{page}/{act}", data={"csrf_token": token})

    def recovers(self, username: str = "rina", code: str = CODE, client=None):
        return submit(client or self.app.test_client(), "/petugas/pemulihan", username=username, code=code)

    def request(self) -> StaffRequest:
        with self.app.app_context():
            return db.session.scalars(select(StaffRequest).order_by(StaffRequest.created_at.desc())).first()

    def row(self, name: str = "rina") -> Staff:
        with self.app.app_context():
            return db.session.get(Staff, self.ids[name])

    def letters(self) -> list[tuple[str, str]]:
        with self.app.app_context():
            mails = select(OutboxMessage).where(OutboxMessage.channel == "email")
            rows = db.session.scalars(mails.order_by(OutboxMessage.created_at, OutboxMessage.id))
            return [(open_payload(row).to, text_of(row)) for row in rows]

    def actions(self) -> list[str]:
        with self.app.app_context():
            return list(db.session.scalars(select(JournalLine.action).order_by(JournalLine.seq)))

    def notices(self, name: str) -> str:
        page = Page(getattr(self, name).get(HOME))
        page.audit(fragment=False)
        return " ".join(box.get_text(" ", strip=True) for box in page.soup.select(".box"))

    def sent_links(self) -> set[str]:
        texts = [text for _, _, text in messages(self.app)] + [text for _, text in self.letters()]
        return {found for text in texts for found in re.findall(r"/petugas/undangan/[\w-]{43}", text)}


@pytest.fixture
def house(app, time):
    return House(app)
