"""Sessions live on the server (docs/security.md S1-S7)."""

import hashlib

import pytest
from sqlalchemy import select, update

from app import create_app
from app.accounts import sessions
from app.accounts.models import Citizen, SignIn, Staff
from app.accounts.staff_service import disable_staff
from app.base.database import db, transaction
from app.office.cli_staff import reset_staff
from tests.accounts import OFFICE, an_account, cookie_of, is_in, sign_in, staff_sign_in, submit
from tests.builders import STAFF_PASSWORD, TEST_SETTINGS, add_staff, csrf_of


@pytest.fixture
def staff(app, client):
    """A client signed in as operator1."""
    add_staff(app, "operator1", "operator")
    staff_sign_in(client, "operator1")
    assert is_in(client, OFFICE)
    return client


def rows(app) -> list[SignIn]:
    with app.app_context():
        return list(db.session.scalars(select(SignIn)))


def test_a_planted_cookie_is_replaced_at_sign_in_and_stays_worthless(app, client):
    an_account(app)
    client.set_cookie("loket_warga", "dipasang-orang-lain")
    sign_in(client)
    assert cookie_of(client, "loket_warga") not in (None, "dipasang-orang-lain")
    stranger = app.test_client()
    stranger.set_cookie("loket_warga", "dipasang-orang-lain")
    assert not is_in(stranger)


def test_signing_in_again_ends_the_session_this_browser_held(app, staff):
    old = cookie_of(staff, "loket_petugas")
    with app.app_context():
        token = sessions.token_hash(old)
    other = app.test_client()
    other.set_cookie("loket_petugas", old)
    assert is_in(other, OFFICE)
    client = app.test_client()
    page = client.get("/petugas/masuk").text
    client.set_cookie("loket_petugas", old)
    client.post("/petugas/masuk", data={
        "csrf_token": csrf_of(page), "username": "operator1", "password": STAFF_PASSWORD,
    })
    assert not is_in(other, OFFICE)
    assert {row.token_hash: row.ended_at is not None for row in rows(app)}[token]


def test_the_cookie_is_random_and_the_row_holds_only_its_hash(app, staff):
    token = cookie_of(staff, "loket_petugas")
    assert len(token) >= 43  # 256 bits in base64
    (row,) = rows(app)
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_a_cookie_replayed_after_sign_out_opens_nothing(app, staff):
    token = cookie_of(staff, "loket_petugas")
    answer = submit(staff, "/petugas/keluar", page="/petugas/sandi")
    assert answer.status_code == 303 and answer.location == "/petugas/masuk"
    assert cookie_of(staff, "loket_petugas") is None
    staff.set_cookie("loket_petugas", token)
    assert not is_in(staff, OFFICE)


def test_sign_out_clears_what_the_browser_kept_but_not_the_other_kinds_cookie(app, staff):
    an_account(app)
    sign_in(staff)
    answer = submit(staff, "/petugas/keluar", page="/petugas/sandi")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert is_in(staff, "/akun")


def test_one_browser_may_be_resident_and_staff_and_neither_opens_the_others_doors(app, staff):
    an_account(app)
    assert not is_in(staff, "/akun")
    sign_in(staff)
    assert is_in(staff, "/akun") and is_in(staff, OFFICE)
    staff.delete_cookie("loket_petugas")
    assert is_in(staff, "/akun") and not is_in(staff, OFFICE)


@pytest.mark.parametrize("act", [disable_staff, reset_staff])
def test_what_an_administrator_does_ends_every_session(app, staff, act):
    with app.app_context():
        act("operator1")
    assert not is_in(staff, OFFICE)


def test_a_disabled_resident_is_out_at_the_next_request(app, client, time):
    citizen_id = an_account(app)
    sign_in(client)
    with app.app_context(), transaction() as session:
        session.get_one(Citizen, citizen_id).disabled_at = time.moment
    assert not is_in(client)


def test_a_role_taken_away_is_gone_at_the_next_request(app, staff):
    assert staff.get("/petugas/pendaftaran/tidak-ada").status_code == 404
    with app.app_context(), transaction() as session:
        session.execute(update(Staff).values(role="admin"))
    assert staff.get("/petugas/pendaftaran/tidak-ada").status_code == 403


def test_staff_are_out_after_thirty_idle_minutes(app, time, staff):
    time.moves(minutes=29)
    assert is_in(staff, OFFICE)
    time.moves(minutes=29)
    assert is_in(staff, OFFICE)
    time.moves(minutes=30)
    assert not is_in(staff, OFFICE)


def test_staff_are_out_after_ten_hours_however_busy(app, time, staff):
    for _ in range(23):
        time.moves(minutes=26)
        assert is_in(staff, OFFICE)
    time.moves(minutes=2)
    assert not is_in(staff, OFFICE)


def test_a_page_that_calls_by_itself_does_not_prolong_the_session(app, time, staff, monkeypatch):
    endpoint, _ = app.url_map.bind("localhost").match(OFFICE)
    monkeypatch.setattr(app.view_functions[endpoint], "polling", True, raising=False)
    for _ in range(5):
        time.moves(minutes=5)
        assert is_in(staff, OFFICE)
    time.moves(minutes=5)
    assert not is_in(staff, OFFICE)


def test_residents_are_out_after_seven_idle_days_and_after_thirty_in_all(app, client, time):
    an_account(app)
    sign_in(client)
    for _ in range(4):
        time.moves(days=6, hours=23)
        assert is_in(client)
    time.moves(days=3)
    assert not is_in(client)
    sign_in(client)
    time.moves(days=7)
    assert "Waktu Anda di halaman ini habis." in client.get("/akun", follow_redirects=True).text
    assert "berakhir" not in app.test_client().get("/akun", follow_redirects=True).text


def test_activity_is_written_at_most_once_a_minute(app, time, staff):
    (before,) = rows(app)
    time.moves(seconds=59)
    is_in(staff, OFFICE)
    assert rows(app)[0].seen_at == before.seen_at
    time.moves(seconds=1)
    is_in(staff, OFFICE)
    assert rows(app)[0].seen_at == time.moment


def test_a_session_ended_during_a_request_is_not_brought_back_by_it(app, time, staff):
    token = cookie_of(staff, "loket_petugas")
    with app.app_context():
        person = sessions.load(token, "staff")
        time.moves(minutes=5)
        with transaction():
            sessions.end(person.token_hash)
        sessions.touch(person)
    assert rows(app)[0].ended_at is not None and rows(app)[0].seen_at == person.seen_at
    assert not is_in(staff, OFFICE)


def test_an_ended_session_keeps_the_moment_it_ended(app, time, staff):
    hash_of_token = sessions.token_hash(cookie_of(staff, "loket_petugas"))
    with app.app_context():
        with transaction():
            sessions.end(hash_of_token)
        first = db.session.get(SignIn, hash_of_token).ended_at
        time.moves(minutes=5)
        with transaction():
            sessions.end_all_of("staff", rows(app)[0].staff_id)
        assert db.session.get(SignIn, hash_of_token, populate_existing=True).ended_at == first


def test_rows_too_old_to_matter_go_at_the_next_sign_in(app, time, staff):
    time.moves(hours=21)
    staff_sign_in(app.test_client(), "operator1")
    assert len(rows(app)) == 1


def test_the_csrf_token_of_before_signing_in_is_void_afterwards(app, client):
    an_account(app)
    before = csrf_of(client.get("/masuk").text)
    sign_in(client)
    assert client.post("/keluar", data={"csrf_token": before}).status_code == 400
    assert is_in(client)


def production(app, tmp_path):
    return create_app({
        **TEST_SETTINGS, "LOKET_ENV": "production", "TRUSTED_PROXIES": "none",
        "LOKET_INSTANCE": str(tmp_path), "STAFF_2FA": "off",
        "PUBLIC_BASE_URL": "https://loket.contoh.example",
    })


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize("address, name, same_site", [
    ("/masuk", "__Host-loket_warga", "Lax"), ("/petugas/masuk", "__Host-loket_petugas", "Strict"),
])
def test_in_production_cookies_are_pinned_to_the_host(app, tmp_path, address, name, same_site):
    an_account(app)
    add_staff(app, "operator1", "operator")
    client = production(app, tmp_path).test_client()
    client.environ_base.update({"wsgi.url_scheme": "https", "HTTP_HOST": "loket.contoh.example"})
    sign = sign_in if address == "/masuk" else lambda c: staff_sign_in(c, "operator1")
    (cookie,) = [c for c in sign(client).headers.getlist("Set-Cookie") if c.startswith(f"{name}=")]
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path=/", f"SameSite={same_site}"} <= attributes
    assert not any(part.startswith("Domain") for part in attributes)
    assert any(part.startswith("Max-Age") for part in attributes) is (address == "/masuk")


@pytest.mark.parametrize("fallbacks, known", [(TEST_SETTINGS["SECRET_KEY"], True), ("", False)])
def test_after_a_change_of_the_secret_key_old_cookies_are_read_until_the_old_key_is_removed(
    app, client, tmp_path, fallbacks, known,
):
    client.get("/masuk")
    with client.session_transaction() as kept:
        before = kept["csrf_token"]
    renewed = create_app({
        **TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), "SECRET_KEY": "kunci-baru-" + "5d0c" * 8,
        "SECRET_KEY_FALLBACKS": fallbacks,
    }).test_client()
    renewed.set_cookie("loket", cookie_of(client, "loket"))
    with renewed.session_transaction() as kept:
        assert (kept.get("csrf_token") == before) is known
