"""What the tests of getting back in and of the account share."""

import io

import pytest
from bs4 import BeautifulSoup

from app.accounts.models import Citizen
from app.base.database import db
from app.demo.photos import realistic_selfie
from app.registration.personal import open_citizen
from tests.accounts import an_account
from tests.browser import Page
from tests.builders import CITIZEN_PASSWORD, RESIDENT
from tests.resident_pages import Follower, code_in, messages

NEW_PASSWORD = "angin laut dari timur"
UNKNOWN_NIK = "3574031212850002"


@pytest.fixture
def account(app):
    return an_account(app)


@pytest.fixture
def owner(app, account):
    """The resident, signed in."""
    follower = Follower(app.test_client())
    follower.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    return follower


def forgets(app, nik=RESIDENT["nik"]) -> Follower:
    """Somebody who has asked for a code."""
    follower = Follower(app.test_client())
    follower.open("/lupa-sandi")
    follower.send("/lupa-sandi", {"nik": nik})
    return follower


def last_code(app, template="kode_reset_sandi") -> str:
    return code_in(messages(app, template)[-1][2])


def other_than(code: str) -> str:
    return "000000" if code != "000000" else "111111"


def record(app, account):
    with app.app_context():
        return open_citizen(db.session.get(Citizen, account))


def selfie() -> tuple:
    return io.BytesIO(realistic_selfie(nik=RESIDENT["nik"], name="SITI CONTOH AMINAH")), "foto.jpg"


def plain(page: Page) -> str:
    """The page without what differs from one answer to the next by design."""
    copy = BeautifulSoup(str(page.soup), "html.parser")
    for tag in copy.find_all("script"):
        tag["nonce"] = ""
    for tag in copy.find_all(attrs={"name": ("csrf_token", "nik", "number")}):
        tag["value"] = ""
    return str(copy)


def asks_without_the_old_number(app):
    """Whoever this returns asks the office for another number, without an account, again and again."""
    stranger = Follower(app.test_client())

    def asks():
        stranger.open("/lupa-sandi/tanpa-whatsapp")
        wanted = {"nik": UNKNOWN_NIK, "new_number": "0812-0000-2222", "photo": selfie()}
        return stranger.send("/lupa-sandi/tanpa-whatsapp", wanted, multipart=True)

    return asks
