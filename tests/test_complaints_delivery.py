"""Answers that do not arrive. WhatsApp over real HTTP with a fake held to Twilio's OpenAPI: the whole road of a
complaint, and what becomes of it when the answer is refused."""

# ruff: noqa: F811 - fixtures are imported and named as arguments


import pytest
from sqlalchemy import select

from app.base.database import db, transaction
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket
from app.correspondence.call_task import CallTask
from app.messages import dispatcher
from app.messages.inbound import inbox
from app.messages.models import OutboxMessage
from app.messages.whatsapp import events
from tests.builders import add_staff, sign_in_staff
from tests.complaints import Handler, a_ticket
from tests.messaging import Outside
from tests.whatsapp import (  # noqa: F401 - fixtures
    approved,
    call_back,
    inbound_form,
    sid,
    twilio,
    wa_app,
    write_to_us,
)

LATER = {"days": 25}  # more than ten working days
ANSWER = "Loket dua kini dibuka dua petugas."


@pytest.fixture
def office(wa_app, approved, time):
    """A petugas at a browser; the resident's complaint has come in by WhatsApp."""
    add_staff(wa_app, "petugas1", "petugas")
    return Handler(Outside(sign_in_staff(wa_app.test_client(), "petugas1")))


def arrives(app, twilio, text: str, number: int = 1) -> Ticket:
    assert write_to_us(Outside(app.test_client()), twilio, inbound_form(twilio, sid(number), text)).status_code == 200
    inbox.handle_new()
    return the_ticket()


def the_ticket() -> Ticket:
    db.session.rollback()
    return db.session.scalars(select(Ticket).execution_options(populate_existing=True)).one()


def newest() -> OutboxMessage:
    db.session.rollback()
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at.desc()).limit(1)).one()


def is_told(app, twilio, status: str, code: str = "") -> None:
    """The answer leaves, and WhatsApp says what became of it."""
    while dispatcher.deliver_due():
        pass
    call_back(Outside(app.test_client()), twilio, newest().provider_id, status, code)
    events.apply_new()


def body(twilio) -> str:
    """What WhatsApp was given last."""
    return list(twilio.messages.values())[-1]["body"]


def test_a_whatsapp_complaint_goes_all_the_way_from_arrival_to_the_closed_answer(wa_app, twilio, office, time):
    ticket = arrives(wa_app, twilio, "Antrean di loket dua lama sekali.")
    is_told(wa_app, twilio, "delivered")
    assert ticket.number in body(twilio) and "Antrean di loket dua" in office.reads(ticket.id).text
    office.verifies(ticket.id)
    office.acts(ticket.id, "tindak-lanjut")
    office.answers(ticket.id, ANSWER)
    is_told(wa_app, twilio, "delivered")
    assert ANSWER.rstrip(".") in body(twilio) and "Ombudsman" in body(twilio)
    assert "Sampai di HP" in office.reads(ticket.id).text
    time.moves(**LATER)
    timekeeping.keep_time()
    assert the_ticket().status == "closed"


def test_an_answer_whatsapp_refuses_is_none_until_the_resident_was_phoned(wa_app, twilio, office, time):
    ticket = arrives(wa_app, twilio, "Antrean di loket dua lama sekali.")
    office.answers(ticket.id, ANSWER)
    is_told(wa_app, twilio, "undelivered", "63003")
    assert (the_ticket().status, the_ticket().first_answered_at) == ("in_progress", None)
    assert "Jawaban tidak sampai" in office.open("/petugas/pengaduan").text
    task = db.session.scalars(select(CallTask)).one()
    office.open(f"/petugas/telepon/{task.id}")
    office.sends_back(f"/petugas/telepon/{task.id}", {"outcome": "told", "note": ""})
    assert the_ticket().status == "answered" and the_ticket().lost_message_id is None
    time.moves(**LATER)
    assert timekeeping.close_silent() == 1


def test_somebody_whom_no_answer_reaches_is_not_asked_about_for_ever(wa_app, twilio, office):
    ticket = arrives(wa_app, twilio, "Antrean di loket dua lama sekali.")
    office.answers(ticket.id, ANSWER)
    is_told(wa_app, twilio, "undelivered", "63003")
    assert "pelapor tidak dapat dihubungi" in office.reads(ticket.id).text
    office.acts(ticket.id, "tutup-kembali")
    assert the_ticket().status == "closed"


def test_a_receipt_that_does_not_arrive_changes_no_answer(wa_app, twilio, office, time):
    ticket = arrives(wa_app, twilio, "Antrean di loket dua lama sekali.")
    while dispatcher.deliver_due():
        pass
    receipt = newest().provider_id
    time.moves(minutes=5)
    office.answers(ticket.id, ANSWER)
    call_back(Outside(wa_app.test_client()), twilio, receipt, "undelivered", "63003")
    events.apply_new()
    assert the_ticket().status == "answered"


@pytest.mark.parametrize("state", ["pending", "unknown"])
def test_a_ticket_does_not_close_while_its_answer_waits_or_is_in_doubt(app, staff_client, time, state):
    ticket_id = a_ticket(app, "email", phone="", email="budi@contoh.id")
    Handler(staff_client("petugas")).answers(ticket_id, ANSWER)
    time.moves(**LATER)
    with app.app_context():
        assert set_mails(state) == 2 and timekeeping.close_silent() == 0
        set_mails("sent")
        assert timekeeping.close_silent() == 1


def set_mails(state: str) -> int:
    with transaction() as session:
        rows = list(session.scalars(select(OutboxMessage)))
        for row in rows:
            row.state = state
    return len(rows)
