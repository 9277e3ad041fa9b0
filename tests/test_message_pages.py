"""What the office reads on the pages about messages when something went wrong."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import pytest
from sqlalchemy import update

from app.base import journal
from app.base.database import db, transaction
from app.base.services import photo_store, sealer
from app.messages import channel, dispatcher
from app.messages.gateway import InboundNews, Refused, StatusNews, Unclear
from app.messages.inbound import inbox
from app.messages.models import InboundAttachment, InboundMessage
from app.messages.whatsapp import errors, events
from app.photos.store import new_key
from tests.messaging import PHONE, FakeGateway, Outside, a_message, fake, officer, use_gateway  # noqa: F401 (fixtures)


def failed_message(fake, code) -> str:
    fake.outcomes = [Refused(code)]
    sent = a_message()
    dispatcher.deliver_due(limit=1)
    return sent


@pytest.mark.parametrize(("code", "link"), [("64999", True), ("63003", True), ("no_connection", False)])
def test_a_code_of_twilios_leads_to_its_explanation(officer, fake, code, link):
    page = officer.open(f"/petugas/pesan/{failed_message(fake, code)}")
    address = f"https://www.twilio.com/docs/api/errors/{code}"
    assert bool(page.soup.find("a", href=address)) is link
    assert errors.for_code(code).meaning in page.text


def test_a_message_between_two_tries_says_when_the_next_is(officer, fake):
    page = officer.open(f"/petugas/pesan/{failed_message(fake, 'no_template')}")
    assert "Dicoba lagi" in [term.text for term in page.soup.select("dt")]


def test_a_message_that_went_out_twice_is_marked_for_staff(officer, fake):
    fake.outcomes = [Unclear("read_timeout")]
    sent = a_message()
    dispatcher.deliver_due()
    officer.open(f"/petugas/pesan/{sent}")
    officer.send(f"/petugas/pesan/{sent}/kirim-ulang", {})
    channel.try_now(journal.Actor("staff", "x"))  # the doubt slowed all messages down
    assert dispatcher.deliver_due() == 1
    assert "lebih dari sekali" not in officer.open(f"/petugas/pesan/{sent}").text
    with transaction():
        events.keep(StatusNews("SM" + "7" * 32, sent, "sent"))
    events.apply_new()
    assert "Pesan ini terkirim lebih dari sekali." in officer.open(f"/petugas/pesan/{sent}").text


def an_inbound(text="Halo", **values) -> InboundMessage:
    with transaction():
        inbox.keep(InboundNews(provider_id="SM" + "5" * 32, contact=PHONE, text=text), "webhook")
    with transaction() as session:
        session.execute(update(InboundMessage).values(**values or {"failures": 0}))
    db.session.rollback()
    return db.session.query(InboundMessage).one()


def test_a_message_from_a_person_that_cannot_be_opened_hides_no_other_page(officer, fake):
    sent = a_message()
    an_inbound(payload_sealed=b"rusak")
    assert "tidak dapat dibuka" in officer.open("/petugas/pesan/masuk").text
    assert officer.open(f"/petugas/pesan/{sent}").status == 200


def test_what_no_code_of_ours_could_work_through_is_shown_to_a_person(officer, fake):
    an_inbound(failures=4)
    assert "Mohon dibaca" not in officer.open("/petugas/pesan/masuk").text
    with transaction() as session:
        session.execute(update(InboundMessage).values(failures=5))
    assert "Mohon dibaca dan ditindaklanjuti" in officer.open("/petugas/pesan/masuk").text


def test_opening_a_file_that_somebody_sent_is_journalled(officer, fake):
    row = an_inbound()
    with transaction() as session:
        file = InboundAttachment(message_id=row.id, position=0, source_sealed=b"", state="stored",
                                 content_type="application/pdf", storage_key=new_key(), id="f" * 32)
        session.add(file)
        key = file.storage_key
    photo_store().put_new(key, sealer().seal(b"%PDF-1.7", f"inbound_attachment:{'f' * 32}:file"))
    assert officer.client.get(f"/petugas/pesan/lampiran/{'f' * 32}").data == b"%PDF-1.7"
    assert [line.action for line in journal.lines_about("inbound", row.id)] == ["inbound_file_viewed"]
