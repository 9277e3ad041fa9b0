"""Two actors: strangers who try without pause from fifty addresses, and the owner, who gets in (docs/limits.md)."""

import itertools

import pytest

from app import create_app
from app.guessing import budgets
from app.guessing.budgets import Visitor
from tests.accounts import an_account
from tests.builders import CITIZEN_PASSWORD, RESIDENT, TEST_SETTINGS
from tests.resident_pages import messages
from tests.strangers import PROXIED, Browser, Strangers, extra_settings, last_code, town  # noqa: F401 (fixtures)
from tests.warm_python import PROCESSES

NIK = RESIDENT["nik"]
UNKNOWN_NIK = "3574031212850002"
WRONG = "bukan sandi yang benar"


def sign_in(browser: Browser, password: str = CITIZEN_PASSWORD, nik: str = NIK):
    return browser.post("/masuk", nik=nik, password=password)


@pytest.fixture
def known(town, time):  # noqa: F811
    """A resident's own phone: signed in once before."""
    an_account(town)
    phone = Browser(town)
    assert sign_in(phone).location == "/akun"
    return phone


@pytest.fixture
def besieged(town, known):  # noqa: F811
    """Strangers who have used up what there is, and go on."""
    strangers = Strangers(town, "/masuk", nik=NIK, password=WRONG)
    strangers.use_up()
    assert strangers.learned == 10
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


def test_in_an_hour_strangers_learn_less_than_one_guess_a_minute_and_the_owner_signs_in(town, known, time):  # noqa: F811
    strangers = Strangers(town, "/masuk", nik=NIK, password=WRONG)
    strangers.attack(time)
    assert 0 < strangers.learned < 60
    assert set(strangers.answers) == {422, 303}
    known.client.delete_cookie("loket_warga")
    assert sign_in(known).location == "/akun"


def test_in_any_day_strangers_learn_of_less_than_a_hundred_guesses(town, time):  # noqa: F811
    learned = []
    with town.app_context():
        for minute in range(0, 48 * 60, 5):
            if budgets.begin(budgets.STAFF, "a" * 64, None, Visitor()).alone:
                learned.append(minute)
            time.moves(minutes=5)
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
    strangers.tries(12, password="")
    strangers.tries(12, password="x" * 200)
    strangers.tries(12, nik="123", password=WRONG)
    assert sign_in(Browser(town)).location == "/akun"


def test_one_address_full_of_misses_shuts_nobody_behind_it_out(town, known):  # noqa: F811
    for number in range(30):
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


def guess_from_a_process(config: dict, tries: int) -> list[int]:
    app = create_app(config)
    strangers = Strangers(app, "/masuk", nik=NIK, password=WRONG)
    strangers.tries(tries)
    return strangers.answers


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_two_processes_that_guess_at_once_learn_of_ten_guesses_together(request, tmp_path, which):
    app = request.getfixturevalue(which)
    an_account(app)
    phone = Browser(app)
    sign_in(phone)
    url = app.extensions["loket"].database_url
    config = {**TEST_SETTINGS, **PROXIED, "LOKET_INSTANCE": str(tmp_path), "DATABASE_URL": url}
    with PROCESSES.Pool(2) as pool:
        answers = itertools.chain(*pool.starmap(guess_from_a_process, [(config, 10)] * 2))
    assert sorted(answers) == [303] * 10 + [422] * 10
    phone.client.delete_cookie("loket_warga")
    assert sign_in(phone).location == "/akun"
