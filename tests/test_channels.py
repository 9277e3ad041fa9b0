"""One outbox for every channel: what holds for all of them, and what a further one costs."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.base.database import db, transaction
from app.messages import audience, channel, dispatcher, outbox, states
from app.messages.addresses import EMAIL, Recipient, by_email, by_whatsapp
from app.messages.catalogue import LETTERS_ALONE, MESSAGES
from app.messages.choose_gateway import CHANNELS, Channel
from app.messages.errors import Effect, Retry, SendError
from app.messages.gateway import Accepted, Refused, Unclear
from app.messages.models import OutboxMessage
from tests.browser import Browser
from tests.mail_servers import open_office, servers  # noqa: F401
from tests.messaging import PERSON, PHONE, FakeGateway, Outside, a_message, message, open_calls, use_gateway

GREETED = "Siti C."  # a message says no more of a name
# the errors and the row of a toy: with its gateway this is all that a further channel needs
SMS_ERRORS = {
    "no_number": SendError("Nomor tidak dapat menerima SMS", "Hubungi dengan cara lain."),
    "busy": SendError("Server SMS sibuk", "Dicoba lagi otomatis.", Retry.BACKOFF),
    "away": SendError("Server SMS tidak ada", "Dicoba lagi otomatis.", Retry.BACKOFF, Effect.REST_CHANNEL),
}


@pytest.fixture
def sms(app, app_context, monkeypatch) -> FakeGateway:
    way = FakeGateway(receipts=False, inbound=False)
    row = Channel("SMS", lambda: way, timedelta(seconds=20), lambda code: SMS_ERRORS.get(code, SMS_ERRORS["no_number"]))
    monkeypatch.setitem(CHANNELS, "sms", row)
    return way


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, str]]:
    news: list[tuple[str, str]] = []
    monkeypatch.setattr(audience, "LISTENERS", [lambda row, word: news.append((row.id, word))])
    return news


@pytest.fixture
def desk(staff_client, app_context) -> Browser:
    """The browser of a petugas."""
    return Browser(Outside(staff_client("petugas")))


def by_sms(number: str = PHONE) -> Recipient:
    return Recipient("sms", number)


def test_a_third_channel_sends_what_whatsapp_sends(sms, told):
    sent = a_message(to=by_sms())
    assert dispatcher.deliver_due() == 1
    [outgoing] = sms.sent
    assert outgoing.to == PHONE and GREETED in outgoing.text and outgoing.template is None
    row = message(sent)
    assert (row.channel, row.state) == ("sms", states.ACCEPTED) and row.check_code in outgoing.text
    assert told == [(sent, audience.ARRIVED)]


def test_a_third_channel_has_leases_retries_and_doubts_without_a_word_about_it(sms, told, time):
    kept, lost, unsure = a_message(to=by_sms()), a_message(to=by_sms()), a_message(to=by_sms())
    by_id = {kept: Refused("busy"), lost: Refused("no_number"), unsure: Unclear("cut")}
    sms.send = lambda outgoing: by_id[outgoing.reference]
    assert dispatcher.deliver_due() >= 3
    assert {message(one).state for one in (kept, lost, unsure)} == {states.PENDING, states.FAILED, states.UNKNOWN}
    assert set(told) == {(lost, audience.LOST), (unsure, audience.IN_DOUBT)} and open_calls() == []
    claim = dispatcher.claim_next("sms")
    if claim is None:
        time.moves(minutes=2)
        claim = dispatcher.claim_next("sms")
    assert claim.message_id == kept
    time.moves(seconds=21)
    dispatcher.lose_expired()
    assert message(kept).state == states.UNKNOWN


def test_a_channel_whose_server_is_away_rests_alone(app, sms):
    use_gateway(app, FakeGateway())
    waits, goes = a_message(to=by_sms()), a_message()
    sms.outcomes.append(Refused("away"))
    dispatcher.deliver_due()
    assert message(waits).state == states.PENDING and message(goes).state == states.ACCEPTED
    assert not channel.may_send("sms") and channel.may_send()


def test_the_desk_lists_a_third_channel(sms, desk):
    sent = a_message(to=by_sms())
    assert "SMS" in desk.open("/petugas/pesan").text
    assert GREETED in desk.open(f"/petugas/pesan/{sent}").text


def test_a_channel_that_is_none_is_refused_and_nothing_is_written(app_context):
    with pytest.raises(KeyError), transaction():
        outbox.enqueue("akun_aktif", to=Recipient("merpati", "x"), variables=PERSON, about=("application", "x"))
    assert db.session.scalar(select(OutboxMessage.id)) is None


def test_every_message_goes_as_a_letter_too(open_office, servers):
    office, keys = open_office(), sorted(set(MESSAGES))
    with office.app.app_context():
        sent = {key: a_message(key, by_email(f"surat.{key}@contoh.id"), MESSAGES[key].variables) for key in keys}
    office.works()
    with office.app.app_context():
        for key in keys:
            [letter] = servers.letters(f"surat.{key}@contoh.id")
            assert letter["Subject"] == MESSAGES[key].title and letter["Auto-Submitted"] == "auto-generated"
            row = message(sent[key])
            assert row.state == states.SENT and row.check_code is None
            assert "".join(letter.get_content().split()) == "".join(outbox.text_of(row).split())


def test_a_code_by_letter_ends_with_its_minutes_and_is_not_sent_again(app, desk, time):
    use_gateway(app, FakeGateway(receipts=False), EMAIL)
    sent = a_message("kode_reset_sandi", by_email("siti@contoh.id"), {"kode": "483920"})
    time.moves(minutes=16)
    assert dispatcher.deliver_due() == 1
    row = message(sent)
    assert (row.state, row.error_code) == (states.CANCELLED, "too_late")
    page = desk.open(f"/petugas/pesan/{sent}")
    assert "483920" not in page.text and "E-mail" in page.text and "Kirim ulang" not in page.text


@pytest.fixture
def extra_settings(request) -> dict[str, str]:
    return getattr(request, "param", {})


@pytest.mark.parametrize("extra_settings", [{"WHATSAPP_DAILY_LIMIT": "2", "WHATSAPP_PER_MINUTE": "1"}], indirect=True)
def test_letters_take_no_place_of_whatsapps_people_and_pace(app, app_context):
    use_gateway(app, FakeGateway())
    use_gateway(app, FakeGateway(receipts=False), EMAIL)
    letters = [a_message(to=by_email(f"warga{number}@contoh.id")) for number in range(3)]
    dispatcher.deliver_due()
    assert {message(one).state for one in letters} == {states.ACCEPTED}
    sent = a_message()
    dispatcher.deliver_due()
    assert message(sent).state == states.ACCEPTED, "one message a minute, and it had its place"


def test_the_words_of_an_answer_are_read_at_the_case_and_not_in_the_list_of_messages(app, app_context):
    with transaction():
        sent = outbox.enqueue(
            "pengaduan_dijawab", to=by_email("budi@contoh.id"), about=("application", "0" * 32),
            variables=MESSAGES["pengaduan_dijawab"].variables, wording=outbox.Wording("Jawaban", "Rahasia bersama."),
        ).id
    text = outbox.office_text_of(message(sent))
    assert "Rahasia" not in text and "ADU-2026-000123" in text
    assert "Rahasia bersama." in outbox.text_of(message(sent))


def test_one_person_is_known_by_one_index_however_the_address_is_written(app_context):
    rows = [message(a_message(to=by_email(address))) for address in ("Budi@Contoh.id", " budi@contoh.id")]
    assert rows[0].to_index == rows[1].to_index != message(a_message(to=by_whatsapp(PHONE))).to_index


def test_letters_that_are_only_their_own_words_are_no_template_for_meta():
    assert not set(LETTERS_ALONE) & set(MESSAGES)
    assert all(re.fullmatch("[a-z_]+", key) for key in LETTERS_ALONE)


def test_a_letter_that_was_taken_is_not_resent_and_one_that_failed_is(app, desk):
    way = use_gateway(app, FakeGateway(receipts=False), EMAIL)
    way.outcomes += [Accepted("smtp-1", states.SENT), Refused("recipient_550")]
    a_message(to=by_email("satu@contoh.id"))
    a_message(to=by_email("dua@contoh.id"))
    dispatcher.deliver_due()
    page = desk.open("/petugas/pesan/email")
    assert page.text.count("Kirim ulang") == 1 and "Alamat ditolak server" in page.text


def test_a_letter_in_doubt_is_not_said_to_be_tried_again_by_itself(app, desk):
    use_gateway(app, FakeGateway(receipts=False), EMAIL).outcomes.append(Unclear("smtpserverdisconnected"))
    sent = a_message(to=by_email("satu@contoh.id"))
    dispatcher.deliver_due()
    page = desk.open(f"/petugas/pesan/{sent}")
    assert "mendapatnya dua kali" in page.text and "otomatis" not in page.text
    assert "Kirim ulang" in page.text and "telepon" not in page.text.lower().partition("isi pesan")[2]
