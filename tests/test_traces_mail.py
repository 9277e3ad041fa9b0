"""Over real SMTP: the journal's head that goes out by e-mail, and letters to staff about their account."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.correspondence.mails import count_in_trouble
from app.journal import anchors
from app.messages.models import OutboxMessage
from app.messages.outbox import recipient_of, text_of
from app.process.fsck import check
from app.retention import rows
from app.settings.reading import BadSetting
from app.settings.settings import read_settings
from tests.mail_servers import open_office, servers  # noqa: F401
from tests.messaging import A_SUPERVISOR
from tests.staff_house import House
from tests.test_house import GOOD
from tests.test_traces import signs_in, verify


def sends_anchors(office) -> None:
    with office.app.app_context():
        anchors.send_out()
        db.session.remove()


def test_an_anchor_by_mail_can_be_read_back_from_the_saved_letter(open_office, servers, tmp_path):
    office = open_office(JOURNAL_ANCHORS_MAIL="arsip1@contoh.id")
    signs_in(office.app)
    sends_anchors(office)
    sends_anchors(office)  # an hour later the day is not over
    (letter,) = servers.letters("arsip1@contoh.id")
    assert letter["Auto-Submitted"] == "auto-generated"
    saved = tmp_path / "letter.txt"
    saved.write_text(letter.get_content())
    assert verify(office.app, "--anchors", str(saved)).exit_code == 0


def test_an_anchor_the_server_does_not_take_goes_out_the_next_time(open_office, servers):
    office = open_office(JOURNAL_ANCHORS_MAIL="arsip2@contoh.id")
    signs_in(office.app)
    servers.post.answers["rcpt"] = "450 later"
    with pytest.raises(anchors.AnchorsIncomplete, match="mail"):
        sends_anchors(office)
    servers.post.answers.clear()
    sends_anchors(office)
    assert len(servers.letters("arsip2@contoh.id")) == 1


def test_anchors_by_mail_need_a_server_in_production(tmp_path):
    with pytest.raises(BadSetting, match="JOURNAL_ANCHORS_MAIL"):
        read_settings({**GOOD, "LOKET_INSTANCE": str(tmp_path), "JOURNAL_ANCHORS_MAIL": "arsip@contoh.id"})


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_colleague_gets_the_request_and_the_link_as_letters(open_office, servers, request, database):
    url = request.getfixturevalue("fresh_database")() if database == "postgresql" else ""
    office, address = open_office(url), f"rina.{database}@contoh.id"
    house = House(office.app)
    house.writes_contact(phone="", email=address)
    house.asks()
    office.works()
    house.decides()
    office.works()
    asked, link = servers.letters(address)
    assert "Admin1 meminta kata sandi" in " ".join(asked.get_content().split())
    found = re.search(r"/petugas/undangan/[\w-]{43}", link.get_content()).group()
    assert office.app.test_client().get(found).status_code == 200
    with office.app.app_context():
        assert check() == [] and count_in_trouble(A_SUPERVISOR) == 0
        assert {row.state for row in db.session.scalars(select(OutboxMessage))} == {"sent"}


def test_a_letter_to_staff_that_is_refused_breaks_nothing_and_is_in_the_journal(open_office, servers):
    office = open_office()
    house = House(office.app)
    house.writes_contact(phone="", email="tidak.ada@contoh.id")
    house.asks()
    servers.post.answers["rcpt"] = "550 unknown"
    office.works()
    with office.app.app_context():
        assert [row.state for row in db.session.scalars(select(OutboxMessage))] == ["failed"]
    assert "message_failed" in house.actions() and "Rina dibuat ulang" in house.notices("pengawas1")


def test_letters_to_staff_go_after_their_days_and_those_that_wait_stay(open_office, servers):
    office = open_office()
    house = House(office.app)
    house.writes_contact(phone="", email="rina.lama@contoh.id")
    house.asks()
    with office.app.app_context():
        later = clock.now() + timedelta(days=91)
        assert db.session.scalars(rows.due_outbox(later)).all() == []
    office.works()
    with office.app.app_context():
        assert rows.erase_outbox(db.session.scalars(rows.due_outbox(later)).all()) == 1
        [letter] = db.session.scalars(select(OutboxMessage))
        assert "Rina" not in text_of(letter) and "rina" not in recipient_of(letter)
        assert db.session.scalar(select(Staff.contact_sealed).where(Staff.username == "rina")) is not None
