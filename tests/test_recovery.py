"""A forgotten password: code by WhatsApp, and no sign of who is registered."""

import re

from tests.accounts import is_in, sign_in
from tests.browser import Page
from tests.builders import RESIDENT
from tests.own_account import (
    NEW_PASSWORD,
    UNKNOWN_NIK,
    forgets,
    last_code,
    other_than,
    plain,
)
from tests.resident_pages import Follower, code_in, messages


def test_a_forgotten_password_is_made_anew_with_a_code_and_every_session_ends(app, owner):
    follower = forgets(app)
    assert follower.page.heading == "Isi kode"
    assert follower.send("/lupa-sandi/kode", {"code": last_code(app)}).heading == "Buat kata sandi baru"
    assert follower.send("/lupa-sandi/baru", {"new_password": NEW_PASSWORD}).heading == "Masuk"
    assert not is_in(owner.client)
    assert sign_in(app.test_client()).status_code == 422
    assert sign_in(app.test_client(), password=NEW_PASSWORD).status_code == 303
    assert [to for _, to, _ in messages(app, "sandi_diganti")] == ["+6281200001001"]


def test_a_wrong_code_may_be_tried_five_times_and_not_once_more(app, account):
    follower = forgets(app)
    code = last_code(app)
    for _ in range(5):
        assert follower.send("/lupa-sandi/kode", {"code": other_than(code)}).status == 422
    over = follower.send("/lupa-sandi/kode", {"code": code})
    assert over.status == 422 and "tidak berlaku lagi" in over.text


def test_a_code_lasts_fifteen_minutes(time, app, account):
    follower = forgets(app)
    time.moves(minutes=14, seconds=50)
    assert follower.open("/lupa-sandi/kode").heading == "Isi kode"
    time.moves(seconds=11)
    assert "Kode ini tidak berlaku lagi." in Page(follower.client.get("/lupa-sandi/kode", follow_redirects=True)).text
    assert "tidak berlaku lagi" in follower.send("/lupa-sandi/kode", {"code": last_code(app)}).text


def test_a_stranger_who_asks_for_codes_does_not_end_the_owners(app, account):
    owner, code = forgets(app), last_code(app)
    forgets(app)
    assert owner.send("/lupa-sandi/kode", {"code": code}).heading == "Buat kata sandi baru"


def test_the_owner_who_asked_twice_may_type_either_code(app, account, time):
    for place in (0, 1):
        follower = forgets(app)
        time.moves(seconds=1)
        follower.open("/lupa-sandi")
        follower.send("/lupa-sandi", {"nik": RESIDENT["nik"]})
        code = code_in(messages(app, "kode_reset_sandi")[-2 + place][2])
        assert follower.send("/lupa-sandi/kode", {"code": code}).heading == "Buat kata sandi baru"
        time.moves(days=1)


def test_a_code_works_once_and_in_the_browser_that_asked_for_it(app, account):
    follower, code = forgets(app), last_code(app)
    stranger = Follower(app.test_client())
    stranger.open("/lupa-sandi")
    assert stranger.send("/lupa-sandi/kode", {"code": code}).status == 422
    follower.send("/lupa-sandi/kode", {"code": code})
    follower.send("/lupa-sandi/baru", {"new_password": NEW_PASSWORD})
    assert follower.open("/lupa-sandi/baru").heading == "Lupa kata sandi"


def test_the_new_password_is_not_asked_for_before_a_right_code(app, account):
    follower = forgets(app)
    assert follower.open("/lupa-sandi/baru").heading == "Isi kode"
    assert follower.send("/lupa-sandi/baru", {"new_password": NEW_PASSWORD}).status == 422
    assert sign_in(app.test_client()).status_code == 303


def test_a_weak_new_password_is_refused_with_a_reason(app, account):
    follower = forgets(app)
    follower.send("/lupa-sandi/kode", {"code": last_code(app)})
    for weak in ("pendek1", "12345678", RESIDENT["nik"], "aminah1990", "0812-0000-1001"):
        page = follower.send("/lupa-sandi/baru", {"new_password": weak})
        assert page.status == 422 and page.soup.select_one(".error").get_text().startswith("Kata sandi"), weak


def test_no_code_is_stored_or_logged_as_it_is(app, account, tmp_path, capfd):
    forgets(app)
    code = last_code(app).encode()
    stored = [path for path in tmp_path.rglob("*") if path.is_file() and code in path.read_bytes()]
    assert stored == [] and code not in "".join(capfd.readouterr()).encode()


def test_a_forgotten_password_answers_alike_whether_or_not_the_nik_is_registered(app, account):
    pages = []
    for nik in (RESIDENT["nik"], UNKNOWN_NIK):
        follower = forgets(app, nik)
        walk = [plain(follower.page)]
        code = other_than(last_code(app))
        for _ in range(6):
            walk.append(plain(follower.send("/lupa-sandi/kode", {"code": code})))
        pages.append(walk)
    assert pages[0] == pages[1]
    assert len(messages(app, "kode_reset_sandi")) == 1


def test_asking_too_often_is_limited_alike_for_every_nik(app, account):
    for nik in (RESIDENT["nik"], UNKNOWN_NIK):
        assert [forgets(app, nik).page.status for _ in range(4)] == [200, 200, 200, 429]


def test_the_pages_that_set_a_password_can_show_it(app, account, owner):
    follower = forgets(app)
    follower.send("/lupa-sandi/kode", {"code": last_code(app)})
    for page in (follower.page, owner.open("/akun/sandi")):
        assert page.soup.select_one("button[data-show='new_password']")
        assert not re.search(r"huruf besar|simbol|angka dan", page.text)
