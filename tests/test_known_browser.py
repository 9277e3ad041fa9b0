"""The cookie by which a browser is known again: signed, bound to the secret, five at most (docs/limits.md)."""

import pytest

from app import create_app
from app.base.database import db
from app.guessing.known_browser import held_entries
from tests.accounts import an_account
from tests.builders import CITIZEN_PASSWORD, RESIDENT, TEST_SETTINGS, csrf_of
from tests.own_account import NEW_PASSWORD
from tests.strangers import Browser, Strangers

NIK = RESIDENT["nik"]
WRONG = "bukan sandi yang benar"
PUBLIC = "https://dukcapil.example.go.id"


def sign_in(browser: Browser, password: str = CITIZEN_PASSWORD, nik: str = NIK):
    return browser.post("/masuk", nik=nik, password=password)


def entries(app, cookie: str) -> int:
    with app.test_request_context(headers={"Cookie": f"kenal={cookie}"}):
        return len(held_entries())


@pytest.fixture
def known(app, time):
    an_account(app)
    phone = Browser(app)
    sign_in(phone)
    return phone


@pytest.fixture
def besieged(app, known):
    Strangers(app, "/masuk", nik=NIK, password=WRONG).tries(10)


def only_known(app, known) -> Browser:
    """A browser with this cookie and nothing else."""
    browser = Browser(app)
    browser.client.set_cookie("kenal", known.cookie("kenal"))
    return browser


def test_the_cookie_makes_known_and_tells_nothing(app, known, besieged):
    assert NIK not in known.cookie("kenal")
    assert sign_in(only_known(app, known)).location == "/akun"
    assert sign_in(Browser(app)).location == "/masuk/kode"


def test_the_cookie_is_out_of_reach_of_scripts_and_lasts_half_a_year(known):
    cookie = known.client.get_cookie("kenal")
    assert cookie.http_only and cookie.same_site == "Lax" and cookie.path == "/"
    assert cookie.max_age == 180 * 24 * 3600


def test_a_changed_cookie_is_none(app, known, besieged):
    value = known.cookie("kenal")
    # not the last letter: of its six bits two mean nothing
    forged = value[:-2] + ("A" if value[-2] != "A" else "B") + value[-1]
    for changed in (forged, "x", "", value.split(".")[0], "é"):
        browser = Browser(app)
        browser.client.set_cookie("kenal", changed)
        assert sign_in(browser).location == "/masuk/kode"


def test_a_new_password_makes_every_older_cookie_void(app, known, besieged):
    old = known.cookie("kenal")
    assert known.post("/akun/sandi", current_password=CITIZEN_PASSWORD, new_password=NEW_PASSWORD).location == "/akun"
    thief = Browser(app)
    thief.client.set_cookie("kenal", old)
    assert sign_in(thief, NEW_PASSWORD).location == "/masuk/kode"
    known.client.delete_cookie("loket_warga")
    assert sign_in(known, NEW_PASSWORD).location == "/akun"


def test_the_cookie_of_one_account_gives_nothing_at_another(app, known):
    neighbour = "3574020107780004"
    an_account(app, nik=neighbour, kk_number="3574020404130004")
    Strangers(app, "/masuk", nik=neighbour, password=WRONG).tries(10)
    assert sign_in(only_known(app, known), nik=neighbour).location == "/masuk/kode"


def test_who_stole_the_cookie_has_ten_tries_an_hour_and_leaves_the_strangers_budget_alone(app, known):
    thief = only_known(app, known)
    assert [sign_in(thief, WRONG).status_code for _ in range(10)] == [422] * 10
    assert sign_in(Browser(app)).location == "/akun"


def test_a_family_of_five_shares_a_phone_and_the_sixth_takes_the_oldest_place(app, time):
    phone = Browser(app)
    for place in range(1, 7):
        nik = f"357401450590{place:04d}"
        an_account(app, nik=nik, kk_number="3574010101100001")
        assert sign_in(phone, nik=nik).location == "/akun"
        phone.client.delete_cookie("loket_warga")
        assert entries(app, phone.cookie("kenal")) == min(place, 5)
    for place in (1, 2):
        Strangers(app, "/masuk", nik=f"357401450590{place:04d}", password=WRONG).tries(10)
    assert sign_in(phone, nik="3574014505900001").location == "/masuk/kode"
    assert sign_in(phone, nik="3574014505900002").location == "/akun"


def test_an_entry_ends_after_half_a_year_even_if_the_browser_keeps_it(app, known, time):
    value = known.cookie("kenal")
    assert entries(app, value) == 1
    time.moves(days=180)
    assert entries(app, value) == 0


def test_a_new_secret_key_keeps_browsers_known_while_the_old_one_is_a_fallback(app, known, tmp_path):
    other = {**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), "SECRET_KEY": "kunci-baru-77f3b1c9-a4d2-4c1e-b0aa-52"}
    with_fallback = create_app({**other, "SECRET_KEY_FALLBACKS": TEST_SETTINGS["SECRET_KEY"]})
    assert entries(with_fallback, known.cookie("kenal")) == 1
    assert entries(create_app(other), known.cookie("kenal")) == 0


@pytest.fixture
def production(app, time, tmp_path):
    an_account(app)
    made = create_app({
        **TEST_SETTINGS, "LOKET_ENV": "production", "TRUSTED_PROXIES": "1", "LOKET_INSTANCE": str(tmp_path),
        "PUBLIC_BASE_URL": PUBLIC,
    })
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def post_in_production(app, nik: str, password: str):
    """By a new browser each time."""
    client, headers = app.test_client(), {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    token = csrf_of(client.get("/masuk", base_url=PUBLIC, headers=headers).text)
    fields = {"csrf_token": token, "nik": nik, "password": password}
    return client.post("/masuk", base_url=PUBLIC, headers=headers, data=fields)


@pytest.mark.usefixtures("on_sqlite")
def test_in_production_the_cookie_is_pinned_to_the_host(production):
    answer = post_in_production(production, NIK, CITIZEN_PASSWORD)
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-kenal="))
    assert answer.location == "/akun" and "; Secure" in cookie and "; HttpOnly" in cookie and "; Path=/" in cookie


@pytest.mark.usefixtures("on_sqlite")
def test_in_production_strangers_have_three_guesses_a_day_over_all_residents(production):
    answers = [post_in_production(production, f"35740145059{place:05d}", WRONG).status_code for place in range(5)]
    assert answers == [422] * 3 + [303] * 2
    assert post_in_production(production, NIK, CITIZEN_PASSWORD).location == "/masuk/kode"
