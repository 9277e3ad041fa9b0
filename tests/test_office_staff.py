"""The life of a staff account in the hands of an administrator (S3, S5, A10-A12)."""

import re

import pytest
from sqlalchemy import select

from app.accounts.models import SignIn, Staff
from app.base.database import db
from app.base.journal_line import JournalLine
from app.office.invitations import StaffInvitation
from tests.accounts import OFFICE, is_in, staff_sign_in, submit
from tests.browser import Page
from tests.builders import STAFF_PASSWORD, add_staff

OWN = "lumbung padi di timur 7"
LIST = "/petugas/pegawai"


@pytest.fixture
def admin(app, time, client):
    add_staff(app, "admin1", "admin")
    staff_sign_in(client, "admin1")
    return client


@pytest.fixture
def rina(app, admin) -> str:
    """Id of an operator in service."""
    return add_staff(app, "rina", "operator")


def invite(admin, username="wati", role="petugas", name="Wati Contoh"):
    return submit(admin, f"{LIST}/tambah", username=username, role=role, name=name)


def act(admin, staff_id: str, name: str, **fields):
    return submit(admin, f"{LIST}/{staff_id}/{name}", page=f"{LIST}/{staff_id}", **fields)


def link_in(answer) -> str:
    """Path of the link the page shows."""
    assert answer.status_code == 200, answer.text
    Page(answer).audit(fragment=False)
    return re.search(r'value="http://[^/"]+(/petugas/undangan/[\w-]{43})"', answer.text).group(1)


def choose(client, link: str, password: str = OWN, again: str | None = None):
    return submit(client, link, new_password=password, new_password_again=again or password)


def staff_row(app, username: str) -> Staff:
    with app.app_context():
        return db.session.scalars(select(Staff).where(Staff.username == username)).one()


def lines(app) -> list[tuple[str, str]]:
    with app.app_context():
        return list(db.session.execute(select(JournalLine.action, JournalLine.detail).order_by(JournalLine.seq)))


def actions(app) -> list[str]:
    return [action for action, _ in lines(app)]


def test_an_invited_person_chooses_the_password_and_is_in(app, admin):
    link = link_in(invite(admin))
    wati = app.test_client()
    page = Page(wati.get(link))
    page.audit(fragment=False)
    assert "Wati Contoh" in page.text
    assert choose(wati, link).location == "/petugas/"
    assert is_in(wati, OFFICE)
    assert staff_sign_in(app.test_client(), "wati", OWN).status_code == 303
    assert actions(app)[-3:] == ["staff_added", "invitation_accepted", "login_ok"]


def test_the_link_works_once_and_only_its_hash_is_kept(app, admin):
    link = link_in(invite(admin))
    wati = app.test_client()
    choose(wati, link)
    assert wati.get(link).status_code == 404
    with app.app_context():
        kept = db.session.scalar(select(StaffInvitation.token_hash))
    assert kept not in link and len(kept) == 64


def test_looking_at_the_link_does_not_use_it_up(app, admin):
    link = link_in(invite(admin))
    for _ in range(3):
        assert app.test_client().get(link).status_code == 200
    assert choose(app.test_client(), link).status_code == 303


def test_an_invitation_lasts_three_days(app, admin, time):
    link = link_in(invite(admin))
    time.moves(hours=71, minutes=59)
    assert app.test_client().get(link).status_code == 200
    time.moves(minutes=1)
    assert app.test_client().get(link).status_code == 404


@pytest.mark.parametrize("password, again", [("tiga belas ab", None), (OWN, OWN + "x"), ("wati contoh petugas", None)])
def test_a_weak_or_mistyped_password_leaves_the_link_working(app, admin, password, again):
    link = link_in(invite(admin))
    wati = app.test_client()
    answer = choose(wati, link, password, again)
    assert answer.status_code == 422 and not is_in(wati, OFFICE)
    Page(answer).audit(fragment=False)
    assert choose(wati, link).status_code == 303


def test_before_the_link_is_used_no_password_signs_in(app, admin):
    invite(admin)
    for password in ("", "!", OWN):
        assert staff_sign_in(app.test_client(), "wati", password).status_code == 422


@pytest.mark.parametrize("fields", [
    {"username": "x"}, {"username": "dua kata"}, {"username": "admin1"}, {"role": "raja"}, {"name": " "},
])
def test_a_wrong_new_account_is_refused_at_its_field(app, admin, fields):
    answer = invite(admin, **fields)
    assert answer.status_code == 422
    Page(answer).audit(fragment=False)


def test_the_list_shows_everybody_and_who_still_has_to_choose_a_password(admin, rina):
    invite(admin)
    page = Page(admin.get(LIST))
    page.audit(fragment=False)
    assert "Operator Contoh" in page.text and "Menunggu kata sandi" in page.text


def test_an_invitation_that_was_missed_is_made_again_and_only_the_newest_link_works(app, admin):
    first = link_in(invite(admin))
    second = link_in(act(admin, staff_row(app, "wati").id, "tautan"))
    assert app.test_client().get(first).status_code == 404
    assert choose(app.test_client(), second).status_code == 303


def test_a_changed_role_signs_the_person_out_and_counts_from_then_on(app, admin, rina):
    client = app.test_client()
    staff_sign_in(client, "rina")
    assert act(admin, rina, "peran", role="petugas").status_code == 303
    assert not is_in(client, OFFICE)
    assert staff_row(app, "rina").role == "petugas"
    assert lines(app)[-1] == ("role_changed", '{"from": "operator", "to": "petugas"}')


def test_an_unknown_role_is_refused(app, admin, rina):
    assert act(admin, rina, "peran", role="raja").status_code == 422
    assert staff_row(app, "rina").role == "operator"


def test_a_deactivated_person_is_out_at_once_and_the_links_are_dead(app, admin, rina):
    client = app.test_client()
    staff_sign_in(client, "rina")
    act(admin, rina, "nonaktifkan")
    assert not is_in(client, OFFICE)
    assert staff_sign_in(app.test_client(), "rina").status_code == 422
    assert act(admin, rina, "tautan").status_code == 422


def test_an_invited_person_deactivated_before_coming_in_has_a_dead_link_and_can_be_invited_again(app, admin):
    link = link_in(invite(admin))
    wati = staff_row(app, "wati").id
    act(admin, wati, "nonaktifkan")
    assert app.test_client().get(link).status_code == 404
    assert choose(app.test_client(), link_in(act(admin, wati, "aktifkan"))).status_code == 303
    assert {"staff_disabled", "staff_invited_again", "invitation_accepted"} <= set(actions(app))


def test_a_supervisor_is_not_invited_by_an_administrator_alone(app, admin):
    answer = invite(admin, role="supervisor")
    assert answer.status_code == 422 and "disetujui pengawas lain" in Page(answer).text


def test_an_administrator_cannot_shut_out_or_demote_the_own_account(app, admin):
    own = staff_row(app, "admin1").id
    assert act(admin, own, "nonaktifkan").status_code == 422
    assert act(admin, own, "peran", role="petugas").status_code == 422
    assert is_in(admin, OFFICE)


def test_sessions_are_listed_and_one_or_all_can_be_ended(app, admin, rina):
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    first, second, third = (app.test_client() for _ in range(3))
    for client in (first, second, third):
        staff_sign_in(client, "rina")
        client.get(OFFICE, headers=agent)
    page = Page(admin.get(f"{LIST}/{rina}"))
    page.audit(fragment=False)
    assert page.text.count("Firefox di Linux") == 3
    with app.app_context():
        row = db.session.scalars(select(SignIn).where(SignIn.staff_id == rina)).first()
    assert act(admin, rina, "akhiri-sesi", session=row.token_hash).status_code == 303
    assert sorted(is_in(client, OFFICE) for client in (first, second, third)) == [False, True, True]
    act(admin, rina, "akhiri-sesi")
    assert not any(is_in(client, OFFICE) for client in (first, second, third))
    assert actions(app).count("sessions_ended") == 2


def test_a_session_of_somebody_else_is_not_ended_through_this_person(app, admin, rina):
    with app.app_context():
        own = db.session.scalars(select(SignIn).where(SignIn.staff_id != rina)).one().token_hash
    assert act(admin, rina, "akhiri-sesi", session=own).status_code == 404
    assert is_in(admin, OFFICE)


@pytest.mark.parametrize("page", [LIST, f"{LIST}/tambah", "/petugas/kalender"])
def test_ten_minutes_after_the_password_it_is_asked_again(admin, time, page):
    time.moves(minutes=9, seconds=59)
    assert admin.get(page).status_code == 200
    time.moves(seconds=1)
    assert admin.get(page).location == f"/petugas/buktikan?next={page}"
    asked = Page(admin.get(f"/petugas/buktikan?next={page}"))
    asked.audit(fragment=False)
    assert submit(admin, "/petugas/buktikan", proof_password="bukan itu", next=page).status_code == 422
    answer = submit(admin, "/petugas/buktikan", proof_password=STAFF_PASSWORD, next=page)
    assert answer.location == page and admin.get(page).status_code == 200


def test_a_form_held_up_by_the_question_for_the_password_loses_nothing(app, admin, time):
    page = admin.get(f"{LIST}/tambah")
    time.moves(minutes=10)
    fields = {"username": "wati", "role": "petugas", "name": "Wati Contoh"}
    held = Page(admin.post(f"{LIST}/tambah", data={"csrf_token": Page(page).field("csrf_token"), **fields}))
    held.audit(fragment=False)
    assert held.status == 422 and held.field("name") == "Wati Contoh"
    with app.app_context():
        assert db.session.scalar(select(Staff.id).where(Staff.username == "wati")) is None
    again = {"csrf_token": held.field("csrf_token"), **{name: held.field(name) for name in fields}}
    wrong = Page(admin.post(f"{LIST}/tambah", data={**again, "proof_password": "bukan itu"}))
    assert wrong.status == 422 and wrong.field("name") == "Wati Contoh"
    assert link_in(admin.post(f"{LIST}/tambah", data={**again, "proof_password": STAFF_PASSWORD}))


def test_three_wrong_passwords_at_a_weighty_act_end_the_session(admin, time):
    time.moves(minutes=10)
    for _ in range(3):
        submit(admin, "/petugas/buktikan", proof_password="bukan itu", page="/petugas/buktikan")
    assert not is_in(admin, OFFICE)


def test_the_password_typed_to_unlock_counts_as_proof_and_the_pin_does_not(admin, time):
    submit(admin, "/petugas/pin", pin="730164", pin_again="730164", password=STAFF_PASSWORD)
    for secret, status in (("730164", 303), (STAFF_PASSWORD, 200)):
        time.moves(minutes=11)
        submit(admin, "/petugas/kunci", page=OFFICE)
        submit(admin, "/petugas/buka", page="/petugas/kunci", secret=secret)
        assert admin.get(LIST).status_code == status


def test_the_whole_life_of_an_account(app):
    add_staff(app, "admin1", "admin")
    admin = app.test_client()
    staff_sign_in(admin, "admin1")
    link = link_in(invite(admin))
    wati = app.test_client()
    choose(wati, link)
    staff_id = staff_row(app, "wati").id
    assert admin.get(f"{LIST}/{staff_id}").status_code == 200
    act(admin, staff_id, "peran", role="operator")
    act(admin, staff_id, "nonaktifkan")
    assert staff_row(app, "wati").disabled_at and staff_row(app, "wati").role == "operator"
