"""The second factor of staff: enrolment, codes that work once, recovery codes (A6, A7, A9, A10)."""

import re

import pyotp
import pytest
from sqlalchemy import select

from app.accounts.models import RecoveryCode, SignIn, Staff
from app.base.database import db
from app.office.cli_staff import reset_staff
from tests.accounts import OFFICE, cookie_of, is_in, staff_sign_in, submit
from tests.browser import Page
from tests.builders import add_staff

CODE_PAGE = "/petugas/dua-langkah"


@pytest.fixture
def extra_settings():
    """As in production."""
    return {"STAFF_2FA": "on"}


class Phone:
    """An authenticator app with one secret."""

    def __init__(self, secret: str, time):
        self.totp, self.time = pyotp.TOTP(secret), time

    def code(self, steps: int = 0) -> str:
        return self.totp.generate_otp(int(self.time.moment.timestamp()) // 30 + steps)


@pytest.fixture
def arriving(app, client, time):
    """A client past the password, with the second factor still to be enrolled."""
    add_staff(app, "operator1", "operator")
    staff_sign_in(client, "operator1")
    return client


def secret_on(client) -> str:
    page = Page(client.get(CODE_PAGE))
    page.audit(fragment=False)
    return re.search(r"\b([A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", page.text).group().replace(" ", "")


@pytest.fixture
def enrolled(arriving, time):
    """(phone, recovery codes) of operator1; the client is signed in."""
    phone = Phone(secret_on(arriving), time)
    answer = submit(arriving, CODE_PAGE, code=phone.code())
    assert answer.status_code == 200, answer.text
    Page(answer).audit(fragment=False)
    codes = re.findall(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{2}\b", answer.text)
    time.moves(minutes=2)
    return phone, codes


def at_the_code_page(app):
    client = app.test_client()
    assert staff_sign_in(client, "operator1").status_code == 303
    return client


def test_the_password_alone_opens_nothing(app, arriving):
    answer = arriving.get(OFFICE)
    assert (answer.status_code, answer.location) == (303, f"{CODE_PAGE}?next={OFFICE}")
    assert arriving.get("/petugas/sandi").location == CODE_PAGE


def test_after_enrolment_the_office_opens_and_ten_codes_are_shown_once(app, arriving, enrolled):
    assert len(set(enrolled[1])) == 10
    assert is_in(arriving, OFFICE)
    assert not any(code in arriving.get(CODE_PAGE, follow_redirects=True).text for code in enrolled[1])


def test_the_qr_code_is_drawn_here_and_never_kept(arriving):
    answer = arriving.get(f"{CODE_PAGE}/qr")
    assert answer.status_code == 200 and answer.mimetype == "image/svg+xml" and b"<svg" in answer.data
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_qr_code_is_for_the_one_who_is_enrolling_only(app, arriving, enrolled):
    assert arriving.get(f"{CODE_PAGE}/qr").status_code == 403
    assert app.test_client().get(f"{CODE_PAGE}/qr").status_code == 303
    assert at_the_code_page(app).get(f"{CODE_PAGE}/qr").status_code == 403


def test_the_offered_secret_stays_while_the_page_is_reloaded_and_is_another_in_another_session(app, arriving):
    assert secret_on(arriving) == secret_on(arriving)
    assert secret_on(at_the_code_page(app)) != secret_on(arriving)


def test_a_wrong_code_enrols_nothing(app, arriving):
    answer = submit(arriving, CODE_PAGE, code="000000")
    assert answer.status_code == 422
    with app.app_context():
        assert db.session.scalars(select(Staff)).one().totp_sealed is None
    assert not is_in(arriving, OFFICE)


def test_enrolling_ends_other_sessions(app, arriving, time):
    other = at_the_code_page(app)
    submit(arriving, CODE_PAGE, code=Phone(secret_on(arriving), time).code())
    assert other.get(CODE_PAGE).location.startswith("/petugas/masuk")


def test_a_code_signs_in_and_the_cookie_changes(app, enrolled):
    client = at_the_code_page(app)
    half = cookie_of(client, "loket_petugas")
    assert client.get(OFFICE).location == f"{CODE_PAGE}?next={OFFICE}"
    answer = submit(client, CODE_PAGE, code=enrolled[0].code(), next="/petugas/pesan")
    assert (answer.status_code, answer.location) == (303, "/petugas/pesan")
    assert is_in(client, OFFICE)
    stranger = app.test_client()
    stranger.set_cookie("loket_petugas", half)
    assert stranger.get(CODE_PAGE).location.startswith("/petugas/masuk")


@pytest.mark.parametrize("shape", ["{}", " {} ", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}"])
def test_a_code_works_once_however_it_is_written(app, enrolled, shape):
    code = enrolled[0].code()
    assert submit(at_the_code_page(app), CODE_PAGE, code=code).status_code == 303
    assert submit(at_the_code_page(app), CODE_PAGE, code=shape.format(code)).status_code == 422


def test_the_code_of_the_enrolment_does_not_sign_in_again(app, arriving, time):
    phone = Phone(secret_on(arriving), time)
    submit(arriving, CODE_PAGE, code=phone.code())
    assert submit(at_the_code_page(app), CODE_PAGE, code=phone.code()).status_code == 422


def test_a_used_code_stays_used_after_a_failed_attempt(app, enrolled):
    code = enrolled[0].code()
    submit(at_the_code_page(app), CODE_PAGE, code=code)
    client = at_the_code_page(app)
    assert submit(client, CODE_PAGE, code="000000").status_code == 422
    assert submit(client, CODE_PAGE, code=code).status_code == 422


def test_an_older_code_than_the_last_used_is_refused(app, enrolled):
    submit(at_the_code_page(app), CODE_PAGE, code=enrolled[0].code())
    assert submit(at_the_code_page(app), CODE_PAGE, code=enrolled[0].code(-1)).status_code == 422


@pytest.mark.parametrize("steps, status", [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_phone_may_be_one_step_off(app, enrolled, steps, status):
    assert submit(at_the_code_page(app), CODE_PAGE, code=enrolled[0].code(steps)).status_code == status


def test_what_is_no_code_is_refused_politely(app, enrolled):
    for typed in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345\x00", "x" * 5000):
        answer = submit(at_the_code_page(app), CODE_PAGE, code=typed)
        assert answer.status_code == 422, typed[:20]
        assert "Kode tidak cocok" in Page(answer).text, typed[:20]


def test_a_recovery_code_works_once(app, enrolled):
    code = enrolled[1][3].lower().replace("-", " ")
    assert submit(at_the_code_page(app), CODE_PAGE, code=code).status_code == 303
    assert submit(at_the_code_page(app), CODE_PAGE, code=code).status_code == 422
    assert submit(at_the_code_page(app), CODE_PAGE, code=enrolled[1][4]).status_code == 303


def test_recovery_codes_and_secret_are_nowhere_in_plain(app, enrolled):
    phone, codes = enrolled
    with app.app_context():
        kept = list(db.session.scalars(select(RecoveryCode.code_hash)))
        staff = db.session.scalars(select(Staff)).one()
        assert len(kept) == 10 and not set(kept) & set(codes)
        assert phone.totp.secret.encode() not in staff.totp_sealed
        offers = list(db.session.scalars(select(SignIn.totp_offer_sealed)))
        assert not any(offer and phone.totp.secret.encode() in offer for offer in offers)


def test_who_guesses_codes_with_a_stolen_password_leaves_the_owner_his_recovery_codes(app, enrolled):
    client = at_the_code_page(app)
    for _ in range(10):
        assert submit(client, CODE_PAGE, code="000000").status_code == 422
    assert submit(client, CODE_PAGE, code=enrolled[0].code()).status_code == 422
    assert submit(client, CODE_PAGE, code=enrolled[1][0]).status_code == 303


def test_after_a_reset_the_second_factor_still_comes_first(app, enrolled):
    with app.app_context():
        password = reset_staff("operator1")
    client = app.test_client()
    staff_sign_in(client, "operator1", password)
    assert client.get(OFFICE).location.startswith(CODE_PAGE)
    submit(client, CODE_PAGE, code=enrolled[0].code())
    assert client.get(OFFICE).location.startswith("/petugas/sandi")
    own = "lumbung padi di timur 7"
    submit(client, "/petugas/sandi", new_password=own, new_password_again=own)
    assert is_in(client, OFFICE)


def test_a_lost_phone_can_be_forgotten_by_an_administrator(app, enrolled):
    with app.app_context():
        password = reset_staff("operator1", forget_phone=True)
        assert db.session.scalar(select(RecoveryCode)) is None
    client = app.test_client()
    staff_sign_in(client, "operator1", password)
    own = "lumbung padi di timur 7"
    submit(client, "/petugas/sandi", new_password=own, new_password_again=own)
    assert client.get(OFFICE).location.startswith(CODE_PAGE)
    assert secret_on(client) != enrolled[0].totp.secret
