"""What people write to us: stored once, understood by the worker, nothing lost."""

from datetime import timedelta
from urllib.parse import unquote

import pytest

from app.base import clock
from app.base.database import db, transaction
from app.base.sealing import SealBroken
from app.base.services import photo_store
from app.messages import contacts, dispatcher, outbox, proving
from app.messages.addresses import contact_index
from app.messages.choose_gateway import gateway
from app.messages.inbound import attachments, inbox
from app.messages.models import InboundAttachment, InboundMessage
from tests.builders import photo_files
from tests.fake_twilio import MESSAGES, OFFICE
from tests.messaging import PHONE, Outside, a_message, message
from tests.whatsapp import (  # noqa: F401 (fixtures)
    approved,
    inbound_form,
    sid,
    twilio,
    wa_app,
    write_to_us,
)

MEDIA = f"{MESSAGES}/{sid(1)}/Media/ME" + "e" * 32
ABOUT = ("application", "a" * 32)


@pytest.fixture
def client(wa_app):  # noqa: F811
    return Outside(wa_app.test_client())


def writes(client, twilio, text, number=1, **more):  # noqa: F811
    answer = write_to_us(client, twilio, inbound_form(twilio, sid(number), text, **more))
    assert answer.status_code == 200
    inbox.handle_new()


def test_an_inbound_message_is_stored_once_and_sealed(wa_app, twilio, client):  # noqa: F811
    for _ in range(3):
        writes(client, twilio, "Akta saya salah nama")
    [row] = db.session.query(InboundMessage).all()
    assert b"Akta" not in row.payload_sealed and b"6281200001001" not in row.payload_sealed
    inbound = inbox.open_inbound(row)
    assert (inbound.contact, inbound.text, inbound.profile_name) == (PHONE, "Akta saya salah nama", "Siti ✓")


def test_writing_to_us_opens_the_window_for_free_text(wa_app, twilio, client):  # noqa: F811
    assert not contacts.window_is_open(contact_index(PHONE), timedelta(hours=24))
    writes(client, twilio, "Halo")
    assert contacts.window_is_open(contact_index(PHONE), timedelta(hours=24))
    a_message()
    dispatcher.deliver_due()
    assert any(form.get("Body", "").startswith("Yth.") for _, _, form in twilio.requests)


@pytest.mark.parametrize("word", ["STOP", "stop", "Berhenti.", " BERHENTI! "])
def test_stop_and_berhenti_are_honoured_until_mulai(wa_app, twilio, client, word):  # noqa: F811
    writes(client, twilio, word, 1)
    assert contacts.has_opted_out(contact_index(PHONE))
    writes(client, twilio, "Mulai", 2)
    assert not contacts.has_opted_out(contact_index(PHONE))


def test_a_sentence_about_stopping_is_no_wish_to_stop(wa_app, twilio, client):  # noqa: F811
    writes(client, twilio, "Kapan antrean berhenti? Saya sudah menunggu lama.")
    assert not contacts.has_opted_out(contact_index(PHONE))


def test_twilios_own_opt_out_field_counts_too(wa_app, twilio, client):  # noqa: F811
    writes(client, twilio, "tolong", 1, OptOutType="STOP")
    assert contacts.has_opted_out(contact_index(PHONE))


def test_a_person_who_hides_the_number_is_one_contact_and_can_be_answered(wa_app, twilio, client):  # noqa: F811
    hidden = "ID.4566abcDEF"
    writes(client, twilio, "Halo", 1, ExternalUserId=f"whatsapp:{hidden}")
    writes(client, twilio, "Ini saya lagi", 2, From=f"whatsapp:{hidden}", WaId="")
    assert contacts.same_person(contact_index(hidden)) == {contact_index(PHONE), contact_index(hidden)}
    sent = a_message(to=hidden)
    dispatcher.deliver_due()
    assert f"whatsapp:{hidden}" in {form.get("To") for _, _, form in twilio.requests}
    assert message(sent).provider_id


def test_a_reply_finds_the_message_it_answers(approved, twilio, client):  # noqa: F811
    sent = a_message()
    dispatcher.deliver_due()
    writes(client, twilio, "Terima kasih", OriginalRepliedMessageSid=message(sent).provider_id)
    assert db.session.query(InboundMessage).one().reply_to_id == sent


def test_writing_the_code_proves_the_number(wa_app, twilio, client):  # noqa: F811
    code = code_of(ABOUT)
    assert not proving.is_proven(ABOUT, PHONE)
    writes(client, twilio, f"Halo Dukcapil, ini nomor WhatsApp saya. Kode: {code.lower()}")
    assert proving.is_proven(ABOUT, PHONE)
    assert not proving.is_proven(ABOUT, "+6281200009999")
    assert not proving.is_proven(("application", "b" * 32), PHONE)


def test_a_code_sent_from_a_wrong_phone_can_be_sent_again_from_the_right_one(wa_app, twilio, client):  # noqa: F811
    code = code_of(ABOUT)
    writes(client, twilio, code, 1, From="whatsapp:+6281200009999")
    assert not proving.is_proven(ABOUT, PHONE)
    writes(client, twilio, code, 2)
    assert proving.is_proven(ABOUT, PHONE)


def code_of(about) -> str:
    with transaction():
        return proving.code_for(about)


def test_the_link_opens_whatsapp_to_the_office_with_the_code_and_remembers_it(wa_app, twilio, client):  # noqa: F811
    offer = proving.offer(ABOUT, PHONE)
    assert offer.link.startswith(f"https://wa.me/{OFFICE.lstrip('+')}?text=")
    assert code_of(ABOUT) in offer.link and proving.offer(ABOUT, PHONE) == offer
    writes(client, twilio, unquote(offer.link.partition("?text=")[2]))
    assert proving.offer(ABOUT, PHONE).proven and not proving.offer(ABOUT, "+6281200009999").proven


def test_a_listener_that_fails_loses_nothing_and_blocks_nobody(wa_app, twilio, client, monkeypatch):  # noqa: F811
    heard = []

    def listener(row, inbound):
        if inbound.text == "racun":
            raise RuntimeError("cannot understand")
        heard.append(inbound.text)

    monkeypatch.setattr(inbox, "LISTENERS", [listener])
    writes(client, twilio, "racun", 1)
    writes(client, twilio, "halo", 2)
    for _ in range(10):
        inbox.handle_new()
    assert heard == ["halo"]
    poisoned = db.session.query(InboundMessage).filter_by(provider_id=sid(1)).one()
    assert poisoned.handled_at is None and poisoned.failures == inbox.MOST_FAILURES


def with_media(data: bytes, content_type="image/jpeg", url=f"https://api.twilio.com{MEDIA}") -> dict[str, str]:
    return {"NumMedia": "1", "MediaUrl0": url, "MediaContentType0": content_type}


def test_a_photo_is_fetched_cleaned_sealed_and_deleted_at_twilio(wa_app, twilio, client):  # noqa: F811
    photo = photo_files()["selfie"]
    twilio.media[MEDIA] = (photo, "image/jpeg")
    writes(client, twilio, "", **with_media(photo))
    assert attachments.fetch_due() == 1
    [row] = db.session.query(InboundAttachment).all()
    assert (row.state, row.content_type) == ("stored", "image/jpeg")
    assert not photo_store().get(row.storage_key).startswith(b"\xff\xd8")
    assert attachments.read(row).startswith(b"\xff\xd8") and attachments.read(row) != photo
    assert twilio.forgotten == [f"{MEDIA}.json"]


@pytest.mark.parametrize(("data", "declared", "kept"), [
    (b"%PDF-1.7 isi", "application/pdf", "application/pdf"), (b"OggS suara", "audio/ogg", "audio/ogg"),
    (b"MZ program", "image/jpeg", ""), (b"<html>", "image/png", ""), (b"", "image/jpeg", ""),
    (b"\xff\xd8\xff\xe0 rusak", "image/jpeg", ""),
])
def test_content_decides_what_is_kept(wa_app, twilio, client, data, declared, kept):  # noqa: F811
    twilio.media[MEDIA] = (data, declared)
    writes(client, twilio, "", **with_media(data, declared))
    attachments.fetch_due()
    row = db.session.query(InboundAttachment).one()
    assert (row.state, row.content_type) == (("stored", kept) if kept else ("refused", ""))


@pytest.mark.parametrize("url", [
    "https://evil.example/x.jpg", "http://api.twilio.com" + MEDIA, "https://api.twilio.com@evil.example" + MEDIA,
    "https://api.twilio.com:8443" + MEDIA, "https://169.254.169.254/latest/meta-data", "file:///etc/passwd",
    "https://api.twilio.com/2010-04-01/Accounts/AC" + "f" * 32 + MEDIA[45:], "https://api.twilio.com" + MEDIA + "/..",
])
def test_a_file_that_is_not_at_twilio_is_never_fetched(wa_app, twilio, client, url):  # noqa: F811
    writes(client, twilio, "", **with_media(b"", url=url))
    before = len(twilio.requests)
    attachments.fetch_due()
    assert db.session.query(InboundAttachment).one().refusal == "foreign_address"
    assert len(twilio.requests) == before


@pytest.mark.parametrize(("target", "state"), [
    ("https://media.twiliocdn.com/berkas", "stored"), ("http://169.254.169.254/latest/meta-data", "refused"),
    ("https://eviltwiliocdn.com/x", "refused"), ("https://twiliocdn.com.evil.example/x", "refused"),
    ("https://media.twiliocdn.com:22/x", "refused"), ("file:///etc/passwd", "refused"),
])
def test_only_a_redirect_to_twilios_own_files_is_followed(wa_app, twilio, client, target, state):  # noqa: F811
    twilio.redirects[MEDIA] = target
    twilio.media["/berkas"] = (b"%PDF-1.7 isi", "application/pdf")
    writes(client, twilio, "", **with_media(b""))
    attachments.fetch_due()
    assert db.session.query(InboundAttachment).one().state == state
    if state == "stored":
        assert attachments.read(db.session.query(InboundAttachment).one()) == b"%PDF-1.7 isi"


def test_a_huge_file_is_cut_off(wa_app, twilio, client):  # noqa: F811
    twilio.media[MEDIA] = (b"%PDF-" + bytes(16 * 1024 * 1024), "application/pdf")
    writes(client, twilio, "", **with_media(b""))
    attachments.fetch_due()
    assert db.session.query(InboundAttachment).one().refusal == "too_large"


def test_a_file_that_lags_behind_is_tried_again_and_finally_given_up(wa_app, twilio, client, monkeypatch):  # noqa: F811
    writes(client, twilio, "", **with_media(b""))
    moment = clock.now()
    for _ in range(attachments.MOST_TRIES):
        attachments.fetch_due()
        moment += timedelta(hours=3)
        monkeypatch.setattr(clock, "now", lambda at=moment: at)
    db.session.rollback()
    row = db.session.query(InboundAttachment).one()
    assert (row.state, row.refusal, row.attempts) == ("refused", "gone", attachments.MOST_TRIES)


def test_the_nightly_comparison_finds_what_never_arrived(wa_app, twilio, client):  # noqa: F811
    writes(client, twilio, "yang ini sampai", 1)
    twilio.receive(sid(1), "yang ini sampai", PHONE)
    twilio.receive(sid(2), "yang ini hilang", PHONE, media=1)
    twilio.media[f"{MESSAGES}/{sid(2)}/Media/ME" + "d" * 32] = (b"%PDF-1.7", "application/pdf")
    assert inbox.compare_with_provider() == 1
    assert inbox.compare_with_provider() == 0
    inbox.handle_new()
    attachments.fetch_due()
    found = db.session.query(InboundMessage).filter_by(source="compared").one()
    assert inbox.open_inbound(found).text == "yang ini hilang"
    assert found.attachments[0].state == "stored"


def test_one_strange_address_in_the_list_hides_no_message_behind_it(wa_app, twilio):  # noqa: F811
    twilio.receive(sid(1), "yang ini hilang", PHONE)
    for number, sender in enumerate(("", "+62812", "ID.<script>"), 2):
        twilio.receive(sid(number), "aneh", sender)
    assert inbox.compare_with_provider() == 1


def test_a_messaging_service_without_a_number_of_ours_is_compared_too(wa_app, twilio):  # noqa: F811
    gateway()._account = gateway()._account.model_copy(
        update={"sender": "", "messaging_service": "MG" + "c" * 32},
    )
    twilio.receive(sid(1), "yang ini hilang", PHONE)
    assert inbox.compare_with_provider() == 1


@pytest.mark.parametrize(("more", "text"), [
    ({"Body": "Ya", "ButtonText": "Ya"}, "Ya"), ({"ButtonText": "Konfirmasi"}, "Konfirmasi"),
    ({"Latitude": "-7.75", "Longitude": "113.21", "Label": "Kantor", "Address": "Jl. Contoh 1"},
     "Lokasi: Kantor Jl. Contoh 1 (-7.75, 113.21)"),
])
def test_a_button_and_a_place_are_words_too(wa_app, twilio, client, more, text):  # noqa: F811
    writes(client, twilio, more.pop("Body", ""), **more)
    assert inbox.open_inbound(db.session.query(InboundMessage).one()).text == text


def test_our_own_messages_in_the_list_are_not_taken_for_inbound(approved, twilio):  # noqa: F811
    a_message()
    dispatcher.deliver_due()
    assert inbox.compare_with_provider() == 0


def test_the_payload_of_another_row_does_not_open(wa_app):  # noqa: F811
    first, second = message(a_message()), message(a_message())
    first.payload_sealed = second.payload_sealed
    with pytest.raises(SealBroken):
        outbox.open_payload(first)
