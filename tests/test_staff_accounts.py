"""Members of staff: made on the command line, one-time password, own password, end (A5, A10-A12)."""

import pytest
from sqlalchemy import select

from app.accounts.models import Staff
from app.base import journal_line, journal_proof
from app.base.database import db
from tests.accounts import OFFICE, is_in, staff_sign_in, submit
from tests.browser import Page
from tests.builders import STAFF_PASSWORD, add_staff

OWN = "lumbung padi di timur 7"


def staff_command(app, *args):
    return app.test_cli_runner().invoke(args=["staff", *args])


@pytest.fixture
def one_time(app):
    """The one-time password of a new member of staff named wati."""
    made = staff_command(app, "add", "Wati", "--role", "petugas", "--name", "Wati Contoh")
    assert made.exit_code == 0, made.output
    return made.stdout.strip()


def choose(client, new=OWN, again=None, **fields):
    return submit(client, "/petugas/sandi", new_password=new, new_password_again=again or new, **fields)


def actions(app) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(journal_line.JournalLine.action).order_by(journal_line.JournalLine.seq)))


def test_a_fresh_installation_has_no_staff(app):
    with app.app_context():
        assert db.session.scalar(select(Staff.id)) is None


def test_the_one_time_password_leads_to_choosing_an_own_one_and_nowhere_else(client, one_time):
    assert staff_sign_in(client, "wati", one_time).status_code == 303
    assert client.get(OFFICE).location == "/petugas/sandi?next=/petugas/pesan"
    assert client.get("/petugas/dua-langkah").location == "/petugas/sandi"
    answer = choose(client, next=OFFICE)
    assert (answer.status_code, answer.location) == (303, OFFICE)
    assert is_in(client, OFFICE)


def test_the_one_time_password_is_worthless_once_replaced(app, client, one_time):
    staff_sign_in(client, "wati", one_time)
    choose(client)
    other = app.test_client()
    assert staff_sign_in(other, "wati", one_time).status_code == 422
    assert staff_sign_in(other, "wati", OWN).status_code == 303


def test_the_one_time_password_lasts_three_days(app, client, time):
    made = staff_command(app, "add", "wati", "--role", "petugas", "--name", "Wati Contoh").stdout.strip()
    time.moves(hours=72)
    assert staff_sign_in(client, "wati", made).status_code == 422


def test_whoever_waits_too_long_on_the_way_in_starts_again(app, client, time):
    made = staff_command(app, "add", "wati", "--role", "petugas", "--name", "Wati Contoh").stdout.strip()
    staff_sign_in(client, "wati", made)
    time.moves(minutes=10)
    assert client.get("/petugas/sandi").location == "/petugas/masuk?next=/petugas/sandi"


def test_a_weak_own_password_is_refused(client, one_time):
    staff_sign_in(client, "wati", one_time)
    for password in ("tiga belas ab", "", "x" * 129, "passwordpassword", "dukcapilprobolinggo"):
        answer = choose(client, password)
        assert answer.status_code == 422 and not is_in(client, OFFICE), password
        Page(answer).audit(fragment=False)


@pytest.mark.parametrize("new, again", [(OWN, OWN + "x"), ("one-time", None)])
def test_an_own_password_is_typed_twice_alike_and_differs_from_the_one_time_one(client, one_time, new, again):
    staff_sign_in(client, "wati", one_time)
    assert choose(client, one_time if new == "one-time" else new, again).status_code == 422


def test_changing_the_password_later_asks_the_present_one_and_ends_other_sessions(app, client):
    add_staff(app, "operator1", "operator")
    other = app.test_client()
    for browser in (client, other):
        staff_sign_in(browser, "operator1")
    assert choose(client, current_password="bukan itu").status_code == 422
    assert choose(client, current_password=STAFF_PASSWORD).status_code == 303
    assert is_in(client, OFFICE) and not is_in(other, OFFICE)


def test_a_reset_gives_a_new_one_time_password_and_ends_the_old_one(app, client):
    add_staff(app, "operator1", "operator")
    made = staff_command(app, "reset", "operator1").stdout.strip()
    assert staff_sign_in(client, "operator1").status_code == 422
    staff_sign_in(client, "operator1", made)
    assert client.get(OFFICE).location.startswith("/petugas/sandi")


def test_a_disabled_member_of_staff_cannot_sign_in(app, client):
    add_staff(app, "operator1", "operator")
    assert staff_command(app, "disable", "operator1").exit_code == 0
    assert staff_sign_in(client, "operator1").status_code == 422


def test_the_command_line_refuses_with_a_reason(app, one_time):
    for args in (
        ("add", "wati", "--role", "petugas", "--name", "Wati Lain"),
        ("add", "x", "--role", "petugas", "--name", "Wati Contoh"),
        ("add", "dua kata", "--role", "petugas", "--name", "Wati Contoh"),
        ("add", "budi", "--role", "raja", "--name", "Budi Contoh"),
        ("add", "budi", "--role", "petugas", "--name", " "),
        ("reset", "tidak-ada"), ("disable", "tidak-ada"),
    ):
        answer = staff_command(app, *args)
        assert answer.exit_code != 0 and "Error" in answer.output and "Traceback" not in answer.output, args


@pytest.mark.parametrize("username, password", [
    ("tidak-ada", STAFF_PASSWORD), ("operator1", "salah sekali"), ("", ""), ("op\x00erator1", "x"),
    ("operator1", "x" * 129), ("o" * 5000, "x"),
])
def test_refusals_of_staff_look_alike(app, client, username, password):
    add_staff(app, "operator1", "operator")
    answer = staff_sign_in(client, username, password)
    assert answer.status_code == 422
    assert "Nama pengguna atau kata sandi tidak cocok." in Page(answer).text
    # an empty or over-long one is no try
    is_a_try = username and len(password) <= 128
    assert actions(app)[-1:] == (["login_failed"] if is_a_try else [])


def test_the_username_may_be_typed_in_capitals(app, client):
    add_staff(app, "operator1", "operator")
    assert staff_sign_in(client, " Operator1 ").status_code == 303


def test_staff_are_limited_per_account_not_all_at_once(app, client, time):
    add_staff(app, "operator1", "operator")
    add_staff(app, "operator2", "operator")
    for _ in range(10):
        assert staff_sign_in(client, "operator1", "salah sekali").status_code == 422
    assert staff_sign_in(client, "operator1").location == "/petugas/masuk/kode"
    assert staff_sign_in(client, "operator2").status_code == 303 and is_in(client, "/petugas/")


def test_a_role_without_the_right_meets_403(app, client):
    add_staff(app, "admin1", "admin")
    staff_sign_in(client, "admin1")
    assert client.get("/petugas/pendaftaran/tidak-ada").status_code == 403


def test_a_post_without_signing_in_leads_to_the_sign_in_page_without_a_way_back(app, client):
    answer = submit(client, "/petugas/sandi", page="/petugas/masuk", new_password=OWN)
    assert (answer.status_code, answer.location) == (303, "/petugas/masuk")


def test_every_step_of_a_staff_life_is_in_the_journal(app, client, one_time):
    staff_sign_in(client, "wati", one_time)
    choose(client)
    submit(client, "/petugas/keluar", page="/petugas/sandi")
    staff_command(app, "reset", "wati")
    staff_command(app, "disable", "wati")
    assert actions(app) == [
        "staff_added", "login_ok", "password_changed", "logout", "staff_reset_machine", "staff_disabled",
    ]
    with app.app_context():
        assert journal_proof.first_broken_line() is None
