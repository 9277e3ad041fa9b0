"""Codes for a new password: three a day, a way to stop them, and a second one when the city is under attack."""

import re

import pytest

from app.base import limits
from app.base.database import db
from app.base.services import sealer
from app.guessing.budgets import city_limit
from app.messages.models import OutboxMessage
from tests.accounts import an_account, sign_in
from tests.browser import Page
from tests.builders import RESIDENT
from tests.own_account import NEW_PASSWORD, UNKNOWN_NIK, forgets, last_code, other_than, selfie
from tests.resident_pages import Follower, messages
from tests.strangers import Browser, Strangers

NIK = RESIDENT["nik"]
WRONG = "bukan sandi yang benar"


@pytest.fixture
def town(app, time):
    """With one account in it."""
    an_account(app)
    return app


def asked_by(browser: Browser, nik: str = NIK):
    return browser.post("/lupa-sandi", nik=nik)


def test_strangers_have_three_codes_a_day_sent_and_the_owner_of_a_known_phone_three_more(town, time):
    phone = Browser(town)
    phone.post("/masuk", nik=NIK, password=RESIDENT["new_password"])
    assert [asked_by(Browser(town)).status_code for _ in range(4)] == [303, 303, 303, 429]
    assert len(messages(town, "kode_reset_sandi")) == 3
    phone.client.delete_cookie("loket_warga")
    assert asked_by(phone).status_code == 303
    assert len(messages(town, "kode_reset_sandi")) == 4
    time.moves(days=1)
    assert asked_by(Browser(town)).status_code == 303


def test_the_fourth_of_a_day_is_told_what_to_do_with_its_form(town):
    for _ in range(3):
        asked_by(Browser(town))
    refused = asked_by(Browser(town))
    page = Page(refused)
    assert int(refused.headers["Retry-After"]) > 0 and page.field("nik") == NIK
    assert "Pakai kode yang sudah masuk, atau minta lagi besok" in page.text
    assert page.soup.find("a", href="/lupa-sandi/tanpa-whatsapp")


def stop_link(app) -> str:
    (_, _, text), = messages(app, "kode_diminta")
    return re.search(r"/lupa-sandi/t/[0-9a-f]{64}", text).group()


def test_the_holder_of_the_number_is_told_at_once_and_can_stop_every_code(town, time):
    thief = forgets(town)
    code, link = last_code(town), stop_link(town)
    holder = Follower(town.test_client())
    assert holder.open(link).heading == "Bukan Anda yang meminta kode?"
    assert thief.open("/lupa-sandi/kode").heading == "Isi kode"  # looking stops nothing
    holder.open(link)
    assert holder.send(link, {}).heading == "Kode dihentikan"
    assert "tidak berlaku lagi" in thief.send("/lupa-sandi/kode", {"code": code}).text
    asked_by(Browser(town))
    assert len(messages(town, "kode_reset_sandi")) == 1
    assert sign_in(town.test_client()).status_code == 303
    time.moves(days=1)
    asked_by(Browser(town))
    assert len(messages(town, "kode_reset_sandi")) == 2


def test_stopping_also_ends_a_code_that_was_right_already(town):
    thief = forgets(town)
    thief.send("/lupa-sandi/kode", {"code": last_code(town)})
    holder = Follower(town.test_client())
    holder.open(stop_link(town))
    holder.send(stop_link(town), {})
    assert thief.send("/lupa-sandi/baru", {"new_password": NEW_PASSWORD}).heading == "Lupa kata sandi"
    assert sign_in(town.test_client(), password=NEW_PASSWORD).status_code == 422


@pytest.mark.parametrize("change", [
    lambda link: link[:-1] + ("0" if link[-1] != "0" else "1"), lambda link: "/lupa-sandi/t/x",
    lambda link: link[:-32] + "0" * 32, lambda link: link + "0",
])
def test_a_link_that_is_not_ours_stops_nothing(app, time, change):
    an_account(app)
    thief, forged = forgets(app), change(stop_link(app))
    browser = Browser(app)
    assert browser.get(forged).status_code == 404
    assert browser.post(forged, page="/lupa-sandi").status_code == 404
    assert thief.open("/lupa-sandi/kode").heading == "Isi kode"


def test_asking_twice_brings_the_link_once_and_nothing_tells_strangers_of_it(town):
    for nik in (NIK, NIK, UNKNOWN_NIK):
        asked_by(Browser(town), nik)
    assert len(messages(town, "kode_diminta")) == 1


def test_when_the_city_is_under_attack_a_second_longer_code_is_needed(town, time):
    with town.app_context():
        limits.count(*city_limit("reset-city"), amount=1000)
    owner = forgets(town)
    time.moves(seconds=1)
    page = owner.send("/lupa-sandi/kode", {"code": last_code(town)})
    assert page.heading == "Isi kode" and "Kode pertama benar" in page.text and "8 angka" in page.text
    assert owner.open("/lupa-sandi/baru").heading == "Isi kode"
    second = re.search(r"\b(\d{8})\b", messages(town, "kode_reset_sandi")[-1][2]).group(1)
    assert owner.send("/lupa-sandi/kode", {"code": other_than(second)}).status == 422
    assert owner.send("/lupa-sandi/kode", {"code": second}).heading == "Buat kata sandi baru"
    assert owner.send("/lupa-sandi/baru", {"new_password": NEW_PASSWORD}).heading == "Masuk"


def test_wrong_codes_count_for_the_whole_city_and_right_ones_do_not(town, time):
    with town.app_context():
        limits.count(*city_limit("reset-city"), amount=998)
    for _ in range(2):
        time.moves(seconds=1)
        owner = forgets(town)
        assert owner.send("/lupa-sandi/kode", {"code": last_code(town)}).heading == "Buat kata sandi baru"
    stranger = forgets(town, UNKNOWN_NIK)
    for _ in range(2):
        stranger.send("/lupa-sandi/kode", {"code": "000000"})
    time.moves(seconds=1)
    owner = forgets(town)
    assert "Kode pertama benar" in owner.send("/lupa-sandi/kode", {"code": last_code(town)}).text


def test_an_address_that_asks_all_the_time_gets_its_code_a_minute_later(town):
    with town.app_context():
        limits.count("reset-address", "198.51.100.7", 30)
    browser = Browser(town)
    browser.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert asked_by(browser).status_code == 303
    with town.app_context():
        row = db.session.query(OutboxMessage).filter_by(template="kode_reset_sandi").one()
        assert (row.next_try_at - row.created_at).total_seconds() == 60


def test_a_browser_that_set_a_new_password_by_code_is_known(town):
    owner = forgets(town)
    owner.send("/lupa-sandi/kode", {"code": last_code(town)})
    owner.send("/lupa-sandi/baru", {"new_password": NEW_PASSWORD})
    Strangers(town, "/masuk", nik=NIK, password=WRONG).tries(10)
    assert sign_in(owner.client, password=NEW_PASSWORD).location == "/akun"


def test_the_owner_is_told_of_wrong_tries_once_a_day_and_not_once_a_try(town, time):
    strangers = Strangers(town, "/masuk", nik=NIK, password=WRONG)
    strangers.tries(4)
    assert messages(town, "percobaan_masuk") == []
    strangers.tries(8)
    time.moves(hours=1)
    strangers.tries(4)
    (_, to, text), = messages(town, "percobaan_masuk")
    assert to == "+6281200001001" and "/lupa-sandi" in text
    time.moves(days=1)
    strangers.tries(8)
    assert len(messages(town, "percobaan_masuk")) == 2


def test_strangers_who_ask_by_selfie_leave_the_owners_own_requests_alone(town):
    owner = Follower(town.test_client())
    owner.signs_in(NIK, RESIDENT["new_password"])
    with town.app_context():
        limits.count("request-account", sealer().index("nik", NIK), 3)
    owner.open("/akun/nomor/hilang")
    sent = owner.send("/akun/nomor/hilang", {"new_number": "0812-0000-3003", "photo": selfie()}, multipart=True)
    assert sent.heading == "Permintaan diterima"
