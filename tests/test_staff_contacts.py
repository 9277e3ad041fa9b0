"""Contacts of staff, resets on the machine, and messages to staff that do not arrive."""

# ruff: noqa: F811 - fixtures are imported and named as arguments


import pytest
from sqlalchemy import select

from app.base.database import db, transaction
from app.base.journal_line import JournalLine
from app.correspondence.call_task import CallTask
from app.messages import delivery
from app.messages.models import OutboxMessage
from tests.accounts import OFFICE, is_in, staff_sign_in, submit
from tests.browser import Page
from tests.resident_pages import messages
from tests.staff_house import CODE, EMAIL, HOME, OWN, PHONE, House, house  # noqa: F401


def test_a_reset_on_the_machine_is_told_to_the_colleague_and_the_supervisors(house):
    house.writes_contact()
    answer = house.app.test_cli_runner().invoke(args=["staff", "reset", "rina", "--second-factor"])
    assert answer.exit_code == 0 and not is_in(house.rina, OFFICE)
    assert [to for _, to, _ in messages(house.app, "pegawai_sandi_diganti")] == [PHONE]
    assert "Kata sandi Rina dibuat ulang di komputer server" in house.notices("pengawas1")
    rina = house.app.test_client()
    assert staff_sign_in(rina, "rina", answer.stdout.strip()).status_code == 303
    submit(rina, "/petugas/sandi", new_password=OWN, new_password_again=OWN)
    house.rina = rina
    assert "Kata sandi Anda dibuat ulang di komputer server" in house.notices("rina")
    with house.app.app_context():
        line = db.session.scalars(select(JournalLine).where(JournalLine.action == "staff_reset_machine")).one()
    assert '"by": "' in line.detail


def test_the_machine_opens_a_closed_account_only_when_told_to(house):
    house.asks(act="nonaktifkan")
    run = house.app.test_cli_runner().invoke
    run(args=["staff", "reset", "rina"])
    assert house.row().disabled_at is not None
    run(args=["staff", "reset", "rina", "--reopen"])
    assert house.row().disabled_at is None


def test_a_contact_is_sealed_kept_after_the_password_and_its_change_is_told_to_the_old_one(house):
    assert "Isi nomor WhatsApp atau e-mail Anda" in house.notices("rina")
    wrong = submit(house.rina, "/petugas/kontak", phone=PHONE, email="", password="bukan itu")
    assert wrong.status_code == 422 and house.row().contact_sealed is None
    house.writes_contact()
    assert "Isi nomor WhatsApp" not in house.notices("rina")
    assert EMAIL.encode() not in house.row().contact_sealed
    page = Page(house.rina.get("/petugas/kontak"))
    page.audit(fragment=False)
    house.writes_contact(phone="0812-0000-9009", email="")
    assert [to for _, to, _ in messages(house.app, "pegawai_kontak_diganti")] == [PHONE]
    assert [to for to, _ in house.letters()] == [EMAIL]


@pytest.mark.parametrize("fields", [
    {"phone": "", "email": ""}, {"phone": "12", "email": ""}, {"phone": "", "email": "a@b"},
])
def test_a_wrong_contact_is_refused_at_its_field_and_what_was_typed_stays(house, fields):
    answer = house.writes_contact(**fields)
    page = Page(answer)
    page.audit(fragment=False)
    assert answer.status_code == 422 and all(page.field(name) == value for name, value in fields.items())




def test_no_colleague_is_asked_to_phone_when_a_message_to_staff_does_not_arrive(house):
    house.writes_contact()
    house.asks()
    with house.app.app_context(), transaction() as session:
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.channel == "whatsapp")).one()
        delivery.give_up(row, "63016")
    with house.app.app_context():
        assert "failed" in set(db.session.scalars(select(OutboxMessage.state)))
        assert db.session.scalar(select(CallTask.id)) is None
