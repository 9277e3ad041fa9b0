"""The same two actors at number and PIN: of a registration, and of a complaint (docs/limits.md)."""

import re

import pytest
from sqlalchemy import select

from app.base.database import db, transaction
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import open_pin, seal_pin
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload, text_of
from tests.builders import an_application
from tests.complaints import Complainant, a_ticket
from tests.resident_pages import link_in, messages, number_and_pin
from tests.strangers import Browser, Strangers, extra_settings, last_code, town  # noqa: F401 (fixtures)


@pytest.fixture
def registration(town, time):  # noqa: F811
    return an_application(town)


def track(browser: Browser, number: str, pin: str, to: str = ""):
    return browser.post("/lacak", number=number, pin=pin, to=to)


@pytest.fixture
def guessed_number(town, registration):  # noqa: F811
    """Number and PIN of a registration whose PIN strangers guess."""
    number, pin = number_and_pin(town, registration)
    strangers = Strangers(town, "/lacak", number=number, pin=other(pin))
    strangers.use_up()
    assert strangers.learned == 10
    return number, pin


def other(pin: str) -> str:
    return pin[:-1] + str((int(pin[-1]) + 1) % 10)


def test_a_resident_follows_from_a_known_phone_at_the_first_try(town, registration, time):  # noqa: F811
    number, pin = number_and_pin(town, registration)
    phone = Browser(town)
    assert track(phone, number, pin).location == "/lacak"
    strangers = Strangers(town, "/lacak", number=number, pin=other(pin))
    strangers.attack(time, minutes=30)
    assert 0 < strangers.learned < 30
    phone.post("/lacak/selesai", page="/lacak")
    assert track(phone, number, pin).location == "/lacak"


def test_a_resident_follows_from_a_new_phone_with_one_code_more(town, guessed_number):  # noqa: F811
    phone = Browser(town)
    assert track(phone, *guessed_number, to="perbaikan").location == "/lacak/kode?ke=perbaikan"
    assert phone.post("/lacak/kode", code=last_code(town), next="perbaikan").location == "/perbaikan"
    phone.post("/lacak/selesai", page="/lacak")
    assert track(phone, *guessed_number).location == "/lacak"


def test_a_link_of_ours_opens_and_makes_the_phone_known_whatever_strangers_do(town, guessed_number):  # noqa: F811
    phone, link = Browser(town), link_in(messages(town)[0][2])
    assert phone.get(link[link.index("/lacak/t/"):]).location == "/lacak"
    assert track(phone, *guessed_number).location == "/lacak"


def test_a_wrong_pin_past_the_budget_looks_like_a_right_one(town, guessed_number):  # noqa: F811
    number, pin = guessed_number
    right, wrong = Browser(town), Browser(town)
    assert track(right, number, pin).location == track(wrong, number, other(pin)).location == "/lacak/kode"
    assert len(right.cookie("loket_langkah")) == len(wrong.cookie("loket_langkah"))
    assert wrong.post("/lacak/kode", code=last_code(town)).status_code == 422


@pytest.fixture
def ticket(town, time):  # noqa: F811
    complainant = Complainant(town.test_client())
    complainant.complains()
    return complainant


def follow(browser: Browser, number: str, pin: str):
    return browser.post("/pengaduan/lacak", number=number, pin=pin)


def test_a_ticket_opens_on_the_phone_that_sent_it_and_elsewhere_with_one_code_more(town, ticket, time):  # noqa: F811
    strangers = Strangers(town, "/pengaduan/lacak", number=ticket.number, pin=other(ticket.pin))
    strangers.use_up()
    assert strangers.learned == 10
    phone = Browser(town)
    phone.client = ticket.client
    assert follow(phone, ticket.number, ticket.pin).location == "/pengaduan/lacak"
    new = Browser(town)
    assert follow(new, ticket.number, ticket.pin).location == "/pengaduan/lacak/kode"
    assert new.post("/pengaduan/lacak/kode", code=last_code(town)).location == "/pengaduan/lacak"
    assert ticket.number in new.get("/pengaduan/lacak").text


def test_a_ticket_from_before_the_longer_pins_opens_under_a_budget_of_its_own(town, time):  # noqa: F811
    ticket_id = a_ticket(town)
    with town.app_context(), transaction() as session:
        old = session.get_one(Ticket, ticket_id)
        seal_pin(old, "483920")
        number = old.number
    assert follow(Browser(town), number, "483920").location == "/pengaduan/lacak"
    strangers = Strangers(town, "/pengaduan/lacak", number=number, pin="111111")
    strangers.tries(6)
    assert strangers.learned == 3
    new = Browser(town)
    follow(new, number, "483920")
    assert new.post("/pengaduan/lacak/kode", code=last_code(town)).location == "/pengaduan/lacak"


def test_the_code_for_a_ticket_goes_by_e_mail_where_that_is_the_contact(town, time):  # noqa: F811
    ticket_id = a_ticket(town, phone="", email="budi@contoh.id")
    with town.app_context():
        ticket = db.session.get_one(Ticket, ticket_id)
        number, pin = ticket.number, open_pin(ticket)
    Strangers(town, "/pengaduan/lacak", number=number, pin=other(pin)).tries(10)
    new = Browser(town)
    assert follow(new, number, pin).location == "/pengaduan/lacak/kode"
    with town.app_context():
        mails = [(open_payload(row), text_of(row)) for row in db.session.scalars(select(OutboxMessage))]
    letter, text = next(mail for mail in mails if mail[0].subject == f"Kode untuk pengaduan {number}")
    code = re.search(r"\b(\d{8})\b", text).group()
    assert letter.to == "budi@contoh.id"
    assert new.post("/pengaduan/lacak/kode", code=code).location == "/pengaduan/lacak"
