"""The same two actors at the office's door: strangers at full speed, and the member of staff who works here."""

import re

import pyotp
import pytest

from app.accounts.models import Staff
from app.base.database import db, transaction
from tests.accounts import OFFICE
from tests.browser import Page
from tests.builders import STAFF_PASSWORD, add_staff
from tests.strangers import PROXIED, Browser, Strangers, town  # noqa: F401 (fixture)

WRONG = "bukan sandi yang benar"
HOME_OFFICE = "192.0.2.44"


@pytest.fixture
def extra_settings():
    return {**PROXIED, "STAFF_2FA": "on"}


def sign_in(browser: Browser, password: str = STAFF_PASSWORD, name: str = "operator2"):
    return browser.post("/petugas/masuk", username=name, password=password)


class Phone:
    def __init__(self, secret: str, time):
        self.totp, self.time = pyotp.TOTP(secret), time

    def code(self) -> str:
        self.time.moves(seconds=60)  # no code works twice
        return self.totp.at(self.time.moment)


@pytest.fixture
def desk(town, time):  # noqa: F811
    """operator2 at the usual computer, signed in with a second factor; `.phone`, `.recovery`."""
    add_staff(town, "operator2", "operator")
    computer = Browser(town)
    assert sign_in(computer).status_code == 303
    page = Page(computer.get("/petugas/dua-langkah"))
    computer.phone = Phone(re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page.text).group().replace(" ", ""), time)
    enrolled = computer.post("/petugas/dua-langkah", code=computer.phone.code())
    assert enrolled.status_code == 200, enrolled.text
    computer.recovery = re.findall(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{2}\b", enrolled.text)
    return computer


@pytest.fixture
def besieged(town, desk):  # noqa: F811
    strangers = Strangers(town, "/petugas/masuk", username="operator2", password=WRONG)
    strangers.use_up()
    assert strangers.learned == 10 and desk.get(OFFICE).status_code == 200
    return strangers


def test_the_member_of_staff_signs_in_at_the_usual_computer_at_the_first_try(desk, besieged):
    desk.client.delete_cookie("loket_petugas")
    assert sign_in(desk).location == "/petugas/"
    assert desk.post("/petugas/dua-langkah", code=desk.phone.code()).location == "/petugas/"


def test_a_locked_screen_opens_and_the_password_proves_at_the_first_try(desk, besieged, time):
    desk.post("/petugas/kunci", page=OFFICE)
    assert desk.get(OFFICE).status_code == 303
    assert desk.post("/petugas/buka", page="/petugas/kunci", secret=STAFF_PASSWORD).status_code == 303
    assert desk.get(OFFICE).status_code == 200
    time.moves(minutes=11)
    assert desk.post("/petugas/buktikan", proof_password=STAFF_PASSWORD).location == "/petugas/"
    new = "lumbung padi di timur 7"
    fields = {"current_password": STAFF_PASSWORD, "new_password": new, "new_password_again": new}
    assert desk.post("/petugas/sandi", **fields).location == "/petugas/"


def test_a_new_computer_needs_the_code_beside_the_password_and_is_known_then(town, desk, besieged):  # noqa: F811
    laptop = Browser(town, HOME_OFFICE)
    assert sign_in(laptop).location == "/petugas/masuk/kode"
    assert laptop.post("/petugas/masuk/kode", code=desk.phone.code()).location == "/petugas/"
    assert laptop.get(OFFICE).status_code == 200
    laptop.client.delete_cookie("loket_petugas")
    besieged.tries(3)
    assert sign_in(laptop).location == "/petugas/"


def test_a_recovery_code_does_too(town, desk, besieged):  # noqa: F811
    laptop = Browser(town, HOME_OFFICE)
    sign_in(laptop)
    assert laptop.post("/petugas/masuk/kode", code=desk.recovery[0]).location == "/petugas/"


def test_past_the_budget_right_and_wrong_and_unknown_look_the_same(town, desk, besieged):  # noqa: F811
    Strangers(town, "/petugas/masuk", username="tidak-ada", password=WRONG).tries(10)
    seen = []
    for name, password in (("operator2", STAFF_PASSWORD), ("operator2", WRONG), ("tidak-ada", WRONG)):
        browser = Browser(town, HOME_OFFICE)
        answer = sign_in(browser, password, name)
        wrong = browser.post("/petugas/masuk/kode", code="000000")
        seen.append((answer.status_code, answer.location, len(browser.cookie("loket_langkah")), wrong.status_code))
    assert seen[0] == seen[1] == seen[2]


def test_a_wrong_password_gets_nobody_in_with_a_right_code(town, desk, besieged):  # noqa: F811
    thief = Browser(town, HOME_OFFICE)
    sign_in(thief, WRONG)
    assert thief.post("/petugas/masuk/kode", code=desk.phone.code()).status_code == 422
    assert thief.post("/petugas/masuk/kode", code=desk.recovery[0]).status_code == 422


def test_the_network_of_the_office_has_a_budget_apart_from_strangers(town, desk, besieged):  # noqa: F811
    colleague = Browser(town)  # at the same address as the desk, without any cookie
    assert sign_in(colleague).location == "/petugas/"


def test_three_wrong_passwords_end_the_session_and_strangers_cannot_cause_it(desk, besieged):
    answers = [desk.post("/petugas/buktikan", proof_password=WRONG).status_code for _ in range(3)]
    assert answers == [422, 422, 303]
    assert desk.get(OFFICE).location.startswith("/petugas/masuk")


def test_who_is_disabled_does_not_come_in_by_the_step(town, desk, besieged, time):  # noqa: F811
    laptop = Browser(town, HOME_OFFICE)
    sign_in(laptop)
    with town.app_context():
        with transaction() as session:
            session.query(Staff).one().disabled_at = time.moment
        db.session.remove()
    assert laptop.post("/petugas/masuk/kode", code=desk.phone.code()).status_code == 422


def test_the_owner_and_the_administrator_are_told_at_the_desk(desk, besieged):
    assert "Banyak percobaan masuk yang gagal dengan nama Anda" in Page(desk.get("/petugas/")).text
