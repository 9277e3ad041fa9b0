"""Two actors: strangers who try without pause from fifty addresses, and the owner, who gets in (docs/limits.md)."""

import re

import pytest

from app import guesses
from app.guesses import Visitor
from tests.accounts import an_account
from tests.builders import CITIZEN_PASSWORD, RESIDENT, an_application
from tests.complaints import Complainant
from tests.resident_pages import link_in, messages, number_and_pin
from tests.strangers import Browser, Strangers, town  # noqa: F401 (fixture)

NIK = RESIDENT["nik"]
UNKNOWN_NIK = "3574031212850002"
WRONG = "bukan sandi yang benar"


def sign_in(browser: Browser, password: str = CITIZEN_PASSWORD, nik: str = NIK):
    return browser.post("/masuk", nik=nik, password=password)


def last_code(app) -> str:
    return re.search(r"\b(\d{8})\b", messages(app, "kode_perangkat")[-1][2]).group(1)


@pytest.fixture
def known(town, time):  # noqa: F811
    """A resident's own phone: signed in once before."""
    an_account(town)
    phone = Browser(town)
    assert sign_in(phone).location == "/akun"
    return phone


@pytest.fixture
def besieged(town, known, time):  # noqa: F811
    """Strangers who have been at it for an hour and go on."""
    strangers = Strangers(town, "/masuk", nik=NIK, password=WRONG)
    strangers.attack(time)
    return strangers


def test_the_owner_of_a_known_device_signs_in_at_the_first_try(known, besieged):
    known.client.delete_cookie("loket_warga")
    assert sign_in(known).location == "/akun"


def test_an_open_session_proves_its_password_at_the_first_try(known, besieged):
    assert known.post("/akun/data", password=CITIZEN_PASSWORD).status_code == 200
    assert known.post("/akun/hak-data/salinan", password=CITIZEN_PASSWORD).status_code == 200
    asked = known.post("/akun/nomor", password=CITIZEN_PASSWORD, new_number="0812-0000-3003")
    assert asked.location == "/akun/nomor/kode"
    new = {"current_password": CITIZEN_PASSWORD, "new_password": "angin laut dari timur"}
    assert known.post("/akun/sandi", **new).location == "/akun"


def test_the_owner_on_a_new_device_gets_in_with_one_code_more_and_is_known_from_then_on(town, besieged):  # noqa: F811
    laptop = Browser(town, "198.51.100.99")
    assert sign_in(laptop).location == "/masuk/kode"
    assert laptop.post("/masuk/kode", code=last_code(town)).location == "/akun"
    assert laptop.get("/akun").status_code == 200
    besieged.tries(5)
    laptop.client.delete_cookie("loket_warga")
    assert sign_in(laptop).location == "/akun"


def test_the_page_asked_for_is_not_lost_on_the_way(town, besieged):  # noqa: F811
    laptop = Browser(town)
    answer = laptop.post("/masuk", nik=NIK, password=CITIZEN_PASSWORD, next="/akun/data")
    assert answer.location == "/masuk/kode?next=/akun/data"
    done = laptop.post("/masuk/kode", page=answer.location, code=last_code(town), next="/akun/data")
    assert done.location == "/akun/data"


def test_strangers_learn_less_than_one_guess_a_minute(besieged):
    assert 0 < besieged.learned < 60
    assert set(besieged.answers) == {422, 303}


def test_in_any_day_strangers_learn_of_less_than_a_hundred_guesses(town, time):  # noqa: F811
    learned = []
    with town.app_context():
        for minute in range(0, 48 * 60, 2):
            if guesses.begin(guesses.STAFF, "a" * 64, None, Visitor()).alone:
                learned.append(minute)
            time.moves(minutes=2)
    busiest = max(sum(start <= minute < start + 24 * 60 for minute in learned) for start in learned)
    assert 40 < busiest < 100


def test_past_the_budget_right_and_wrong_and_unknown_look_the_same(town, besieged):  # noqa: F811
    Strangers(town, "/masuk", nik=UNKNOWN_NIK, password=WRONG).tries(10)
    seen = []
    for nik, password in ((NIK, CITIZEN_PASSWORD), (NIK, WRONG), (UNKNOWN_NIK, WRONG)):
        browser = Browser(town)
        answer = sign_in(browser, password, nik)
        token = browser.cookie("loket_langkah")
        page = browser.get("/masuk/kode").text.split("<main")[1].split('name="csrf_token"')[0]
        wrong = browser.post("/masuk/kode", code="x")
        seen.append((answer.status_code, answer.location, len(token), page, wrong.status_code))
    assert seen[0] == seen[1] == seen[2]
    assert len(messages(town, "kode_perangkat")) == 1


def test_a_wrong_password_gets_nobody_in_with_any_code(town, besieged):  # noqa: F811
    sign_in(Browser(town))
    code, thief = last_code(town), Browser(town)
    sign_in(thief, WRONG)
    assert thief.post("/masuk/kode", code=code).status_code == 422


def test_a_code_may_be_tried_five_times_and_works_once(town, besieged):  # noqa: F811
    laptop = Browser(town)
    sign_in(laptop)
    step, code = laptop.cookie("loket_langkah"), last_code(town)
    assert laptop.post("/masuk/kode", code=code).location == "/akun"
    again = Browser(town)
    again.client.set_cookie("loket_langkah", step)
    assert again.post("/masuk/kode", page="/masuk", code=code).status_code == 422
    thief = Browser(town)
    sign_in(thief)
    for _ in range(5):
        assert "Kode tidak cocok" in thief.post("/masuk/kode", code="00000000").text
    assert "sudah berakhir" in thief.post("/masuk/kode", code=last_code(town)).text


def test_a_code_ends_after_fifteen_minutes(town, besieged, time):  # noqa: F811
    laptop = Browser(town)
    sign_in(laptop)
    time.moves(minutes=15)
    assert laptop.get("/masuk/kode").location == "/masuk"


def test_who_knows_the_password_cannot_flood_the_owner_with_codes(town, besieged):  # noqa: F811
    for _ in range(8):
        assert sign_in(Browser(town)).location == "/masuk/kode"
    assert len(messages(town, "kode_perangkat")) == 5


def test_empty_and_malformed_tries_count_nowhere(town, known):  # noqa: F811
    strangers = Strangers(town, "/masuk", nik=NIK)
    strangers.tries(30, password="")
    strangers.tries(30, password="x" * 200)
    strangers.tries(30, nik="123", password=WRONG)
    assert sign_in(Browser(town)).location == "/akun"


def test_one_address_full_of_misses_shuts_nobody_behind_it_out(town, known):  # noqa: F811
    for number in range(60):
        crowd = Browser(town, "203.0.113.1")
        sign_in(crowd, WRONG, f"35740145059{number:05d}")
    neighbour, elsewhere = Browser(town, "203.0.113.1"), Browser(town, "203.0.113.2")
    assert sign_in(neighbour).location == "/masuk/kode"
    assert neighbour.post("/masuk/kode", code=last_code(town)).location == "/akun"
    assert sign_in(elsewhere).location == "/akun"
    known.client.delete_cookie("loket_warga")
    known.forwarded = {"X-Forwarded-For": "203.0.113.1"}
    assert sign_in(known).location == "/akun"


def test_three_wrong_passwords_end_an_open_session_and_nothing_else(town, known):  # noqa: F811
    assert [known.post("/akun/data", password=WRONG).status_code for _ in range(2)] == [422, 422]
    over = known.post("/akun/data", password=WRONG)
    assert over.location == "/masuk"
    assert "Tiga kali tidak cocok" in known.get("/masuk").text
    assert sign_in(Browser(town)).location == "/akun"


@pytest.fixture
def registration(town, time):  # noqa: F811
    return an_application(town)


def track(browser: Browser, number: str, pin: str, to: str = ""):
    return browser.post("/lacak", number=number, pin=pin, to=to)


@pytest.fixture
def guessed_number(town, registration, time):  # noqa: F811
    """Number and PIN of a registration whose PIN strangers guess."""
    number, pin = number_and_pin(town, registration)
    strangers = Strangers(town, "/lacak", number=number, pin=other(pin))
    strangers.attack(time, minutes=30)
    assert 0 < strangers.learned < 30
    return number, pin


def other(pin: str) -> str:
    return pin[:-1] + str((int(pin[-1]) + 1) % 10)


def test_a_resident_follows_from_a_known_phone_at_the_first_try(town, registration, time):  # noqa: F811
    number, pin = number_and_pin(town, registration)
    phone = Browser(town)
    assert track(phone, number, pin).location == "/lacak"
    Strangers(town, "/lacak", number=number, pin=other(pin)).attack(time, minutes=30)
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
    strangers.attack(time, minutes=20)
    assert strangers.learned == 10
    phone = Browser(town)
    phone.client = ticket.client
    assert follow(phone, ticket.number, ticket.pin).location == "/pengaduan/lacak"
    new = Browser(town)
    assert follow(new, ticket.number, ticket.pin).location == "/pengaduan/lacak/kode"
    assert new.post("/pengaduan/lacak/kode", code=last_code(town)).location == "/pengaduan/lacak"
    assert ticket.number in new.get("/pengaduan/lacak").text
