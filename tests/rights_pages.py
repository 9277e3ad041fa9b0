"""People who claim rights over their data, and those who answer."""

import pytest
from sqlalchemy import select

from app.accounts.models import Citizen
from app.base.database import db
from app.registration.personal import open_citizen
from tests.aging import ended
from tests.browser import Browser, Page
from tests.builders import CITIZEN_PASSWORD, RESIDENT, an_application
from tests.prepared import Prepared
from tests.resident_pages import Follower, number_and_pin

RIGHTS, DESK = "/akun/hak-data", "/petugas/hak-data"
WHY = "Saya pindah ke kota lain dan tidak memakai layanan ini lagi."
ANSWER = "Permintaan Anda sudah kami penuhi."


class Owner(Follower):
    """A resident with an account, claiming rights."""

    def asks(self, kind: str, text: str = WHY, **fields) -> Page:
        self.open(RIGHTS)
        return self.send(RIGHTS, {"kind": kind, "text": text, **fields})

    def looks_at_copy(self, password: str = CITIZEN_PASSWORD) -> Page:
        self.open(f"{RIGHTS}/salinan")
        return self.send(f"{RIGHTS}/salinan", {"password": password})

    def downloads_copy(self):
        token = self.open(f"{RIGHTS}/salinan").field("csrf_token")
        return self.client.post(
            f"{RIGHTS}/salinan", data={"csrf_token": token, "password": CITIZEN_PASSWORD, "as": "zip"}
        )


class Clerk(Browser):
    def opens_first(self):
        self.open(DESK)
        self.open(self.page.tree.xpath("string(//a[starts-with(@href, $desk)]/@href)", desk=f"{DESK}/"))
        return self.page

    def grants(self, answer: str = ANSWER, **fields):
        self.opens_first()
        return self.send(f"{self.address}/penuhi", {**self.shown(), "answer": answer, "sure": "y", **fields})

    def refuses(self, **fields):
        self.opens_first()
        return self.send(f"{self.address}/tolak", {**self.shown(), **fields})

    def shown(self) -> dict:
        """What the page carries along; nothing once it was answered."""
        has_form = self.page.tree.xpath("//*[@name='version']")
        return {name: self.page.field(name) for name in ("version", "claim_token")} if has_form else {}


def record(app, application_id: str):
    with app.app_context():
        return open_citizen(db.session.scalars(select(Citizen).where(Citizen.application_id == application_id)).one())


ACCOUNT = Prepared(lambda app: ended(app, "active"))


@pytest.fixture
def account(app, time):
    return ACCOUNT.into(app)


@pytest.fixture
def owner(app, account):
    person = Owner(app.test_client())
    person.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    return person


@pytest.fixture
def clerk(staff_client):
    return Clerk(staff_client("supervisor"))


@pytest.fixture
def follower(app, time):
    application_id = an_application(app)
    person = Owner(app.test_client())
    person.follows(*number_and_pin(app, application_id))
    return person
