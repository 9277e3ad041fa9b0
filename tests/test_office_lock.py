"""The locked screen, the PIN, and typing the password once more (docs/security.md A12, S4)."""

import pytest
from sqlalchemy import select

from app.accounts.models import SignIn, Staff
from app.base.database import db
from app.base.journal_line import JournalLine
from tests.accounts import OFFICE, is_in, staff_sign_in, submit
from tests.browser import Page
from tests.builders import STAFF_PASSWORD, add_staff, csrf_of

PIN = "730164"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def officer(app, time, client):
    add_staff(app, "operator1", "operator")
    staff_sign_in(client, "operator1")
    return client


def lock(client, page: str = OFFICE):
    token = csrf_of(client.get(page).text)
    return client.post("/petugas/kunci", data={"csrf_token": token}, headers={"Referer": f"http://localhost{page}"})


def unlock(client, secret: str, **fields):
    return submit(client, "/petugas/buka", page="/petugas/kunci", secret=secret, **fields)


def set_pin(client, pin: str = PIN, again: str | None = None, password: str = STAFF_PASSWORD, **fields):
    return submit(client, "/petugas/pin", pin=pin, pin_again=again or pin, password=password, **fields)


def actions(app) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(JournalLine.action).order_by(JournalLine.seq)))


def test_behind_a_locked_screen_every_page_leads_to_the_lock(app, officer):
    answer = lock(officer)
    assert (answer.status_code, answer.location) == (303, f"/petugas/kunci?next={OFFICE}")
    for page in (OFFICE, "/petugas/", "/petugas/pendaftaran/tidak-ada", "/petugas/sandi", "/petugas/jurnal"):
        assert officer.get(page).location == f"/petugas/kunci?next={page}"
    page = Page(officer.get("/petugas/kunci"))
    page.audit(fragment=False)
    assert page.heading == "Layar terkunci" and "Antrean" not in page.text


def test_the_lock_holds_in_every_tab_and_after_the_browser_forgot_the_page(app, officer):
    tab = app.test_client()
    tab.set_cookie("loket_petugas", officer.get_cookie("loket_petugas").value)
    lock(officer)
    assert not is_in(tab, OFFICE)


def test_another_session_of_the_same_person_stays_open(app, officer):
    other = app.test_client()
    staff_sign_in(other, "operator1")
    lock(officer)
    assert is_in(other, OFFICE)


def test_a_form_sent_behind_the_lock_changes_nothing(app, officer):
    token = csrf_of(officer.get("/petugas/pin").text)
    lock(officer)
    fields = {"csrf_token": token, "pin": PIN, "pin_again": PIN, "password": STAFF_PASSWORD}
    answer = officer.post("/petugas/pin", data=fields)
    assert answer.status_code == 423 and "Layar terkunci" in answer.text and PIN not in answer.text
    with app.app_context():
        assert db.session.scalar(select(Staff.pin_hash)) is None


def test_htmx_gets_no_body_so_that_the_step_with_its_typed_words_stays(officer):
    lock(officer)
    answer = officer.get(OFFICE, headers=HTMX)
    assert (answer.status_code, answer.data) == (423, b"") and answer.headers["X-Loket-Locked"] == "1"


def test_the_script_gets_the_lock_to_lay_over_the_page(officer):
    token = csrf_of(officer.get(OFFICE).text)
    answer = officer.post("/petugas/kunci", data={"csrf_token": token}, headers=HTMX)
    assert answer.status_code == 200 and 'id="kunci-isi"' in answer.text and "<html" not in answer.text


def test_the_password_opens_the_screen_where_it_was(officer):
    lock(officer, "/petugas/hak")
    answer = unlock(officer, STAFF_PASSWORD, next="/petugas/hak")
    assert (answer.status_code, answer.location) == (303, "/petugas/hak")
    assert is_in(officer, OFFICE)


def test_the_pin_opens_the_screen_too(app, officer):
    assert set_pin(officer).status_code == 303
    lock(officer)
    assert unlock(officer, PIN).status_code == 303 and is_in(officer, OFFICE)
    assert actions(app)[-4:] == ["password_proved", "pin_set", "screen_locked", "screen_unlocked"]


def test_a_pin_never_signs_in(app, officer):
    set_pin(officer)
    assert staff_sign_in(app.test_client(), "operator1", PIN).status_code == 422


def test_the_pin_of_somebody_else_opens_nothing(app, officer):
    add_staff(app, "operator2", "operator")
    other = app.test_client()
    staff_sign_in(other, "operator2")
    set_pin(other)
    lock(officer)
    assert unlock(officer, PIN).status_code == 422 and not is_in(officer, OFFICE)


def test_three_wrong_tries_end_the_session_and_the_right_one_comes_too_late(app, officer):
    set_pin(officer)
    lock(officer)
    assert [unlock(officer, "000000").status_code for _ in range(2)] == [422, 422]
    token = officer.get_cookie("loket_petugas").value
    answer = unlock(officer, "000000")
    assert answer.location == "/petugas/masuk"
    assert "Tiga kali tidak cocok" in officer.get("/petugas/masuk").text
    officer.set_cookie("loket_petugas", token)
    assert not is_in(officer, OFFICE)
    assert actions(app)[-1] == "proof_failed"


def test_a_right_try_forgives_the_wrong_ones_before(officer):
    set_pin(officer)
    for _ in range(2):
        lock(officer)
        assert [unlock(officer, "000000").status_code for _ in range(2)] == [422, 422]
        assert unlock(officer, PIN).status_code == 303


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "abcdef", "111111", "123456", "654321", "٧٣٠١٦٤"])
def test_a_pin_that_is_none_or_easy_to_guess_is_refused(app, officer, pin):
    answer = set_pin(officer, pin)
    assert answer.status_code == 422
    Page(answer).audit(fragment=False)


@pytest.mark.parametrize("fields", [{"again": "730165"}, {"password": "bukan itu"}])
def test_a_pin_needs_the_same_digits_twice_and_the_password(officer, fields):
    assert set_pin(officer, **fields).status_code == 422


def test_the_pin_can_be_removed_and_is_nowhere_in_plain(app, officer):
    set_pin(officer)
    with app.app_context():
        assert PIN not in db.session.scalar(select(Staff.pin_hash))
    set_pin(officer, hapus="y")
    with app.app_context():
        assert db.session.scalar(select(Staff.pin_hash)) is None


def test_a_locked_session_ends_after_thirty_idle_minutes_like_any_other(officer, time):
    lock(officer)
    time.moves(minutes=20)
    assert officer.get("/petugas/kunci").status_code == 200
    time.moves(minutes=10)
    assert officer.get("/petugas/kunci").location.startswith("/petugas/masuk")


def test_the_state_of_the_session_tells_what_is_left_and_prolongs_nothing(officer, time):
    assert officer.get("/petugas/sesi").json == {"seconds": 1800, "final": False, "locked": False}
    time.moves(minutes=28)
    assert officer.get("/petugas/sesi").json["seconds"] == 120
    time.moves(minutes=2)
    assert officer.get("/petugas/sesi").status_code == 303


def test_tetap_masuk_prolongs_the_session(officer, time):
    token = csrf_of(officer.get(OFFICE).text)
    time.moves(minutes=28)
    assert officer.post("/petugas/sesi", data={"csrf_token": token}).status_code == 204
    assert officer.get("/petugas/sesi").json["seconds"] == 1800


def test_near_the_tenth_hour_the_end_is_said_to_be_final(officer, time):
    for _ in range(24):
        time.moves(minutes=24, seconds=30)
        assert is_in(officer, OFFICE)
    assert officer.get("/petugas/sesi").json == {"seconds": 720, "final": True, "locked": False}


def test_signing_out_works_from_the_locked_screen(app, officer):
    lock(officer)
    assert submit(officer, "/petugas/keluar", page="/petugas/kunci").location == "/petugas/masuk"
    with app.app_context():
        assert db.session.scalars(select(SignIn)).one().ended_at is not None


def test_a_session_knows_its_browser(app, officer):
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
    officer.get(OFFICE, headers={"User-Agent": agent})
    with app.app_context():
        assert db.session.scalar(select(SignIn.browser)) == "Edge di Windows"
