"""Nobody makes themselves a colleague: a reset takes an administrator and a supervisor, or the colleague's own
recovery code, is told to the colleague, and its link is shown to neither."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import re

import pytest
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Staff
from app.base.database import transaction
from app.office.invitations import StaffRequest
from tests.accounts import OFFICE, is_in, submit
from tests.browser import Page
from tests.resident_pages import messages
from tests.staff_house import CODE, EMAIL, HOME, OWN, PHONE, House, house  # noqa: F401


def test_two_people_and_the_colleagues_own_contact_make_a_new_password(house):
    house.writes_contact()
    asked = house.asks()
    assert asked.status_code == 303 and is_in(house.rina, OFFICE) and house.sent_links() == set()
    assert {to for _, to, _ in messages(house.app, "pegawai_reset_diminta")} == {PHONE}
    assert [to for to, text in house.letters() if "meminta kata sandi" in text] == [EMAIL]
    assert "Admin1 meminta kata sandi Rina dibuat ulang" in house.notices("pengawas1")
    page = Page(house.pengawas1.get(f"/petugas/permintaan-akun/{house.request().id}"))
    page.audit(fragment=False)
    answer = house.decides()
    assert answer.status_code == 303
    assert not is_in(house.rina, OFFICE) and "Rina dibuat ulang" not in house.notices("pengawas1")
    (link,) = house.sent_links()
    shown = [house.admin1.get(f"/petugas/pegawai/{house.ids['rina']}"), house.pengawas1.get(HOME), answer, asked]
    assert not any(link.rpartition("/")[2] in one.text for one in shown)
    rina = house.app.test_client()
    assert submit(rina, link, new_password=OWN, new_password_again=OWN).status_code == 303 and is_in(rina, OFFICE)
    assert [to for _, to, _ in messages(house.app, "pegawai_sandi_diganti")] == [PHONE]
    wanted = ["staff_contact_changed", "staff_reset_asked", "staff_reset", "invitation_accepted"]
    assert [action for action in house.actions() if action in wanted] == wanted


def test_the_link_is_hidden_from_everybody_who_reads_messages_at_the_desk(house):
    house.writes_contact()
    house.asks()
    house.decides()
    (link,) = house.sent_links()
    token = link.rpartition("/")[2]
    for reader in ("admin1", "pengawas1"):
        listed = getattr(house, reader).get("/petugas/pesan")
        assert token not in listed.text
    addresses = set(re.findall(r"/petugas/pesan/[0-9a-f]{32}", house.pengawas1.get("/petugas/pesan").text))
    assert len(addresses) == 4, "two messages by WhatsApp and the same two by e-mail"
    for address in addresses:
        opened = house.pengawas1.get(address)
        assert opened.status_code == 200 and token not in opened.text
    assert token not in house.pengawas1.get("/petugas/pesan/email").text


@pytest.mark.parametrize("by, status", [("admin1", 403), ("rina", 403), ("pengawas1", 303)])
def test_only_a_supervisor_decides(house, by, status):
    house.writes_contact()
    house.asks()
    assert house.decides(by=by).status_code == status


@pytest.mark.parametrize("who", ["asker", "owner"])
def test_a_supervisor_decides_neither_what_they_asked_nor_about_themselves(house, who):
    """Roles change: whoever asked as an administrator may be a supervisor by now."""
    house.joins("pengawas2", "supervisor")
    house.writes_contact()
    house.asks()
    row = {"asked_by": house.ids["pengawas1"]} if who == "asker" else {"staff_id": house.ids["pengawas1"]}
    with house.app.app_context(), transaction() as session:
        found = session.get_one(StaffRequest, house.request().id)
        for name, value in row.items():
            setattr(found, name, value)
    assert house.decides().status_code == 403
    assert "meminta kata sandi" not in house.notices("pengawas1")
    assert house.request().status == "open"


def test_the_database_itself_refuses_one_person_as_both(house):
    house.writes_contact()
    house.asks()
    with house.app.app_context(), pytest.raises(IntegrityError), transaction() as session:
        row = session.get_one(StaffRequest, house.request().id)
        row.status, row.decided_by = "approved", row.asked_by


def test_a_request_lapses_after_three_days_and_changes_nothing(house, time):
    house.writes_contact()
    house.asks()
    time.moves(hours=72)
    for name in ("admin1", "pengawas1"):
        house.signs_in(name)
    assert house.decides().status_code == 409
    assert "meminta kata sandi" not in house.notices("pengawas1") and house.sent_links() == set()
    assert house.asks().status_code == 303


def test_a_refused_request_changes_nothing_and_a_decided_one_is_not_decided_again(house):
    house.writes_contact()
    house.asks()
    assert house.decides("tolak").status_code == 303
    assert is_in(house.rina, OFFICE) and house.sent_links() == set()
    assert house.decides().status_code == 409


def test_asking_twice_leaves_one_request(house):
    house.writes_contact()
    house.asks()
    assert house.asks().status_code == 409


@pytest.mark.parametrize("lost, kept", [({}, True), ({"phone_lost": "y"}, False)])
def test_the_second_factor_stays_unless_its_phone_is_lost(house, lost, kept):
    house.writes_contact()
    with house.app.app_context(), transaction() as session:
        session.get_one(Staff, house.ids["rina"]).totp_sealed = b"tersegel"
    house.asks(**lost)
    assert house.row().totp_sealed is not None
    house.decides()
    assert (house.row().totp_sealed is not None) is kept


def test_the_link_that_was_sent_lasts_twelve_hours(house, time):
    house.writes_contact()
    house.asks()
    house.decides()
    (link,) = house.sent_links()
    time.moves(hours=11, minutes=59)
    assert house.app.test_client().get(link).status_code == 200
    time.moves(minutes=1)
    assert house.app.test_client().get(link).status_code == 404


def test_a_closed_account_is_opened_again_by_two_people(house):
    house.writes_contact()
    house.asks(act="nonaktifkan")
    assert house.asks(act="aktifkan").status_code == 303
    assert house.row().disabled_at is not None and house.sent_links() == set()
    house.decides()
    assert house.row().disabled_at is None and len(house.sent_links()) == 1


def test_shutting_somebody_out_ends_what_was_asked_for_them(house):
    house.writes_contact()
    house.asks()
    house.asks(act="nonaktifkan")
    assert house.decides().status_code == 409


def test_without_contact_and_recovery_code_the_page_says_what_is_left(house):
    answer = house.asks()
    assert answer.status_code == 422
    text = Page(answer).text
    assert "belum mengisi nomor WhatsApp atau e-mail" in text and "Petugas TI" in text


def test_without_another_supervisor_the_page_says_what_is_left(house):
    house.writes_contact()
    house.writes_contact("pengawas1", "0812-0000-9002", "")
    answer = house.asks("pengawas1")
    assert answer.status_code == 422 and "belum ada pengawas lain" in Page(answer).text
    house.joins("pengawas2", "supervisor")
    assert house.asks("pengawas1").status_code == 303
    assert house.decides(by="pengawas1").status_code == 403
    assert house.decides(by="pengawas2").status_code == 303


def test_an_own_recovery_code_stands_for_the_supervisor_and_works_once(house):
    house.holds_recovery_code()
    house.asks()
    rina = house.app.test_client()
    answer = house.recovers(client=rina)
    assert answer.status_code == 303 and "/petugas/undangan/" in answer.location
    link = answer.location.partition("//")[2].partition("/")[2]
    assert submit(rina, f"/{link}", new_password=OWN, new_password_again=OWN).status_code == 303
    assert is_in(rina, OFFICE) and "staff_reset_recovered" in house.actions()
    house.asks()
    assert house.recovers().status_code == 422


def test_a_recovery_code_alone_and_an_administrator_alone_open_nothing(house):
    house.holds_recovery_code()
    answers = [house.recovers()]
    house.writes_contact()
    house.asks()
    answers.append(house.recovers(code="AAAA-AAAA-AA"))
    answers += [house.recovers(username=name) for name in ("tidak-ada", "\x00")]
    assert [answer.status_code for answer in answers] == [422] * 4
    assert len({Page(answer).soup.select_one(".error").get_text() for answer in answers}) == 1
    assert is_in(house.rina, OFFICE)


def test_supervisors_are_made_by_supervisors(house):
    house.writes_contact()
    assert house.asks(act="peran", role="supervisor").status_code == 303
    assert house.row().role == "operator" and "Rina menjadi pengawas" in house.notices("pengawas1")
    assert house.decides().status_code == 303
    assert house.row().role == "supervisor" and not is_in(house.rina, OFFICE)


def test_an_account_made_by_an_administrator_stands_on_the_supervisors_first_page(house):
    submit(house.admin1, "/petugas/pegawai/tambah", username="wati", role="operator", name="Wati Contoh")
    assert "Akun baru: Wati Contoh (wati)" in house.notices("pengawas1")
    assert "Akun baru" not in house.notices("rina")
