"""WhatsApp messages become words in tickets: nothing is lost, nothing is told twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.base import clock
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.services import city, photo_store, sealer
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket, TicketAttachment, TicketMessage
from app.complaints.ticket.personal import body_of, open_contact
from app.messages import dispatcher, proving
from app.messages.addresses import by_whatsapp
from app.messages.gateway import Attachment, InboundNews
from app.messages.inbound import inbox
from app.messages.models import REFUSED, STORED, InboundAttachment, OutboxMessage, OutboxReceipt
from app.messages.outbox import enqueue
from app.photos.store import new_key
from tests.builders import an_application, photo_files
from tests.complaints import Handler, a_ticket
from tests.messaging import PERSON, PHONE

OGG = b"OggS" + bytes(200)


@pytest.fixture
def writes(app):
    """writes(text) -> what arrives from one number, and is worked off as the worker does."""
    numbers = iter(range(1, 1000))

    def write(text: str, sender: str = PHONE, **more) -> None:
        news = InboundNews(f"SM{next(numbers):032x}", sender, text, profile_name="Siti ✓", **more)
        with app.app_context():
            with transaction():
                inbox.keep(news, source="webhook")
            inbox.handle_new()

    return write


@pytest.fixture
def tickets(app):
    """tickets() -> every ticket, by number, as it stands in the database now."""

    def read() -> list[Ticket]:
        with app.app_context():
            found = list(db.session.scalars(select(Ticket).order_by(Ticket.number)))
            db.session.expunge_all()
            return found

    return read


def words(app) -> list[str]:
    with app.app_context():
        query = select(TicketMessage).order_by(TicketMessage.created_at, TicketMessage.position)
        return [body_of(message) for message in db.session.scalars(query)]


def words_of(app, ticket_id: str) -> list[str]:
    with app.app_context():
        return [body_of(message) for message in db.session.get(Ticket, ticket_id).messages]


def sent(app) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(OutboxMessage.template).order_by(OutboxMessage.created_at)))


def phone_of(app, ticket: Ticket) -> str:
    with app.app_context():
        return open_contact(ticket).phone


@pytest.mark.parametrize("text", ["KTP saya belum jadi", "???", "a\x00b\x1b[31m", "x" * 60_000, "1"])
def test_whatever_arrives_is_a_ticket_and_is_confirmed_once(app, writes, tickets, text):
    writes(text)
    [ticket] = tickets()
    assert ticket.channel == "whatsapp" and ticket.answer_by == "whatsapp"
    assert phone_of(app, ticket) == PHONE and sent(app) == ["pengaduan_diterima"]


@pytest.mark.parametrize("text", ["", "🙏🙏", "Terima kasih banyak, Pak", "ok"])
def test_what_says_nothing_opens_no_empty_ticket_and_stays_readable(app, writes, tickets, staff_client, text):
    writes(text)
    assert tickets() == [] and sent(app) == []
    assert "Dari " in staff_client("petugas").get("/petugas/pesan/masuk").text


@pytest.mark.parametrize("kind, shown", [("reaction", "(Reaksi)"), ("sticker", "(Stiker)"), ("poll", "tidak dapat")])
def test_a_message_of_no_words_says_at_the_desk_what_it_was(writes, tickets, staff_client, kind, shown):
    writes("", kind=kind)
    assert tickets() == []
    assert shown in staff_client("petugas").get("/petugas/pesan/masuk").text


def test_a_second_message_joins_the_open_ticket_without_a_second_receipt(app, writes, tickets):
    writes("KTP saya belum jadi")
    writes("Sudah dua minggu")
    [ticket] = tickets()
    assert words(app) == ["KTP saya belum jadi", "Sudah dua minggu"] and len(sent(app)) == 1
    assert ticket.reopened == 0


def test_another_number_is_another_ticket(writes, tickets):
    writes("Satu")
    writes("Dua", sender="+6281200009999")
    assert len(tickets()) == 2


def test_a_hidden_number_is_a_contact_like_any_other(app, writes, tickets):
    writes("Halo", sender="ID.4566abcDEF")
    assert phone_of(app, tickets()[0]) == "ID.4566abcDEF" and len(sent(app)) == 1


def test_a_message_after_the_answer_opens_the_ticket_again(app, writes, tickets, staff_client):
    writes("KTP saya belum jadi")
    Handler(staff_client("petugas")).answers(tickets()[0].id)
    writes("Belum juga")
    [ticket] = tickets()
    assert (ticket.status, ticket.reopened) == ("in_progress", 1)


def test_long_after_closing_a_message_is_a_new_ticket(app, writes, tickets, staff_client, monkeypatch):
    writes("KTP saya belum jadi")
    Handler(staff_client("petugas")).answers(tickets()[0].id)
    with app.app_context():
        dispatcher.deliver_due()
    later = clock.now() + timedelta(days=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    with app.app_context():
        timekeeping.close_silent()
    muchlater = later + timedelta(days=60)
    monkeypatch.setattr(clock, "now", lambda: muchlater)
    writes("Ada masalah lain")
    assert [ticket.status for ticket in tickets()] == ["closed", "new"]


def test_who_has_a_ticket_of_the_own_goes_on_there_whatever_number_is_named(app, writes, tickets):
    other = a_ticket(app, phone="+6281200007777")
    [number] = [ticket.number for ticket in tickets()]
    writes("KTP saya belum jadi")
    writes(f"Sama seperti {number}")
    assert len(tickets()) == 2 and len(words_of(app, other)) == 1


def test_a_swipe_reply_to_our_message_joins_the_ticket_it_was_about(app, writes):
    first = a_ticket(app, phone=PHONE)
    a_ticket(app, phone=PHONE, text="Hal lain")
    with app.app_context(), transaction() as session:
        message = session.scalar(select(OutboxMessage).where(OutboxMessage.about_id == first))
        session.add(OutboxReceipt(provider_id="SM" + "f" * 32, message_id=message.id, learned_from="answer"))
    writes("Untuk yang pertama", replied_to="SM" + "f" * 32)
    assert words_of(app, first)[-1] == "Untuk yang pertama"


def test_a_reply_to_a_message_about_a_registration_is_tied_to_it(app, writes, tickets):
    application_id = an_application(app)
    with app.app_context(), transaction() as session:
        row = enqueue("akun_aktif", to=by_whatsapp(PHONE), variables=PERSON, about=("application", application_id))
        session.flush()
        session.add(OutboxReceipt(provider_id="SM" + "e" * 32, message_id=row.id, learned_from="answer"))
    writes("Saya tidak bisa masuk", replied_to="SM" + "e" * 32)
    assert tickets()[0].application_id == application_id


@pytest.mark.parametrize("text", ["STOP", "berhenti", "Mulai"])
def test_a_wish_about_messages_is_no_complaint(writes, tickets, text):
    writes(text)
    assert tickets() == []


def test_proving_a_number_is_no_complaint_but_a_sentence_with_a_code_is_one(app, writes, tickets):
    with app.app_context(), transaction():
        code = proving.code_for(("application", new_id()))
        ready = f"Halo {city().short_name}, ini nomor WhatsApp saya. Kode: {code}"
    writes(ready)
    assert tickets() == []
    writes(f"Kode saya {code} tidak diterima")
    assert len(tickets()) == 1


@pytest.mark.parametrize(("data", "content_type", "kind", "mimetype"), [
    (photo_files()["ktp"], "image/jpeg", "photo", "image/jpeg"), (OGG, "audio/ogg", "audio", "audio/ogg"),
])
def test_photos_and_voice_notes_are_taken_over_sealed_and_can_be_opened(
    app, writes, staff_client, data, content_type, kind, mimetype,
):
    writes("", attachments=(Attachment("https://api.twilio.com/x", content_type),))
    with app.app_context():
        source = db.session.scalars(select(InboundAttachment)).one()
        key = new_key()
        photo_store().put_new(key, sealer().seal(data, f"inbound_attachment:{source.id}:file"))
        with transaction() as session:
            row = session.get(InboundAttachment, source.id)
            row.state, row.content_type, row.storage_key = STORED, content_type, key
        assert timekeeping.adopt_files() == 1
        kept = db.session.scalars(select(TicketAttachment)).one()
        assert (kept.state, kept.kind) == ("stored", kind)
        assert data[:50] not in photo_store().get(kept.storage_key)
        address = f"/petugas/pengaduan/{kept.ticket_id}/berkas/{kept.id}"
    answer = staff_client("petugas").get(address)
    assert answer.status_code == 200 and answer.mimetype == mimetype


def test_a_file_that_whatsapp_could_not_hand_over_is_said_to_be_missing(app, writes, tickets, staff_client):
    writes("Lihat foto", attachments=(Attachment("https://api.twilio.com/x", "video/mp4"),))
    with app.app_context():
        with transaction() as session:
            source = session.scalars(select(InboundAttachment)).one()
            source.state, source.refusal = REFUSED, "unknown_type"
        assert timekeeping.adopt_files() == 1 and timekeeping.adopt_files() == 0
    ticket_id = tickets()[0].id
    assert "Tidak disimpan: satu berkas" in Handler(staff_client("petugas")).reads(ticket_id).text
