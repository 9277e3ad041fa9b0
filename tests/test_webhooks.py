"""Twilio's calls to us: who may call, what is stored, and what becomes of it (docs/security.md W1-W6)."""

import itertools
import threading
from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from app.base import clock
from app.base.database import db
from app.messages import dispatcher, states
from app.messages.choose_gateway import gateway
from app.messages.models import InboundMessage, StatusEvent
from app.messages.whatsapp import events
from app.messages.whatsapp.twilio import TwilioGateway
from app.settings.twilio import TwilioSettings
from tests.fake_twilio import ACCOUNT, AUTH_TOKEN, OFFICE, PUBLIC
from tests.messaging import Outside, a_message, message
from tests.whatsapp import (  # noqa: F401 (fixtures)
    HOST,
    approved,
    call_back,
    inbound_form,
    sid,
    twilio,
    wa_app,
    write_to_us,
)

SM1, AC, XE = "SM" + "1" * 32, "AC" + "a" * 32, "XE" + "2" * 32
MYCOMPANY = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {"CallSid": "CA1234567890ABCDE", "Digits": "1234", "From": "+14158675309", "To": "+18005551212",
        "Caller": "+14158675309"}
TWICE = MultiDict([("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"),
                   ("Digits", "1234")])
OURS_INBOUND = {
    "SmsMessageSid": SM1, "NumMedia": "0", "ProfileName": "Siti ✓", "MessageType": "text", "SmsSid": SM1,
    "WaId": "6281234567890", "SmsStatus": "received", "Body": "Akta saya salah nama\nmohon dibantu",
    "To": "whatsapp:+14155238886", "NumSegments": "1", "ReferralNumMedia": "0", "MessageSid": SM1,
    "AccountSid": AC, "From": "whatsapp:+6281234567890", "ApiVersion": "2010-04-01",
}
OURS_STATUS = {
    "SmsSid": SM1, "SmsStatus": "undelivered", "MessageStatus": "undelivered", "To": "whatsapp:+6281234567890",
    "MessageSid": SM1, "AccountSid": AC, "From": "whatsapp:+14155238886", "ApiVersion": "2010-04-01",
    "ErrorCode": "63016", "ChannelPrefix": "whatsapp", "ChannelInstallSid": XE, "ChannelStatusMessage": "",
}
# token, url, parameters, signature: Twilio's published ones, then ours (docs/whatsapp.md, facts 6)
VECTORS = [
    ("12345", MYCOMPANY, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ("12345", MYCOMPANY.replace(".com", ".com:1234"), CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ("12345", MYCOMPANY, CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    ("12345", MYCOMPANY.replace("https", "http"), CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ("12345", MYCOMPANY.replace("https", "http").replace(".com", ".com:1234"), CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ("12345", MYCOMPANY, TWICE, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ("tok-example", "https://dukcapil.example.go.id/wa/inbound", OURS_INBOUND, "P/fRm1Oafmy0q5/vyCCCp/BSuYM="),
    ("tok-example", "https://dukcapil.example.go.id/wa/status?o=42", OURS_STATUS, "ml/VMEDE2RDhaT04W733/er2UZw="),
]


def gateway_with(*tokens: str) -> TwilioGateway:
    newest, *older = tokens
    account = TwilioSettings.read({
        "TWILIO_ACCOUNT_SID": AC, "TWILIO_API_KEY": "SK" + "b" * 32, "TWILIO_API_SECRET": "rahasia",
        "TWILIO_AUTH_TOKEN": newest, "TWILIO_AUTH_TOKEN_PREVIOUS": "".join(older),
    })
    return TwilioGateway(account, "https://dukcapil.example.go.id")


def test_the_signature_vectors_of_twilio_and_ours_pass():
    for token, url, form, signature in VECTORS:
        headers = {"X-Twilio-Signature": signature}
        assert gateway_with(token).verify(url, form, headers), url
        assert gateway_with("the-new-one", token).verify(url, form, headers), f"{url}: the token before a rotation"
        assert not gateway_with("another").verify(url, form, headers), url
        assert not gateway_with(token).verify(url + "x", form, headers), url


def test_the_vector_of_a_json_body_passes_too():
    """No call to us is JSON today; should Twilio change that, its signature is understood."""
    body = '{"property": "value", "boolean": true}'
    url = f"{MYCOMPANY}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    headers = {"X-Twilio-Signature": "a9nBmqA0ju/hNViExpshrM61xv4="}
    assert gateway_with("12345").verify(url, body, headers)
    assert not gateway_with("12345").verify(url, body + " ", headers)


def a_sent_message(twilio, **kwargs):  # noqa: F811
    sent = a_message(**kwargs)
    dispatcher.deliver_due()
    return sent, message(sent).provider_id


def test_a_genuine_status_callback_is_taken(approved, wa_app, twilio, client_of):  # noqa: F811
    sent, provider_id = a_sent_message(twilio)
    assert call_back(client_of, twilio, provider_id, "delivered").status_code == 204
    events.apply_new()
    assert message(sent).state == states.DELIVERED


@pytest.fixture
def client_of(wa_app):  # noqa: F811
    return Outside(wa_app.test_client())


def forged(twilio, change):  # noqa: F811
    """(url path, form, headers) of a callback that was altered after signing."""
    url, form = f"{PUBLIC}/wa/masuk", inbound_form(twilio, sid(1), "  Halo  ")
    headers = twilio.signed(url, form)
    path, form, headers = change("/wa/masuk", dict(form), dict(headers))
    return path, form, headers


CHANGES = {
    "no header": lambda path, form, headers: (path, form, {}),
    "empty": lambda path, form, headers: (path, form, {"X-Twilio-Signature": ""}),
    "forged": lambda path, form, headers: (path, form, {"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}),
    "not base64, not ASCII": lambda path, form, headers: (path, form, {"X-Twilio-Signature": "\u00e9\u00e9"}),
    "made for another page": lambda path, form, headers: ("/wa/status", form, headers),
    "made for another query": lambda path, form, headers: (f"{path}?x=1", form, headers),
    "parameter added": lambda path, form, headers: (path, {**form, "Tambah": "1"}, headers),
    "parameter removed": lambda path, form, headers: (path, {k: v for k, v in form.items() if k != "WaId"}, headers),
    "parameter changed": lambda path, form, headers: (path, {**form, "From": "whatsapp:+6281299999999"}, headers),
    "body trimmed": lambda path, form, headers: (path, {**form, "Body": "Halo"}, headers),
    "parameter twice": lambda path, form, headers: (path, {**form, "WaId": [form["WaId"], "62"]}, headers),
    "NUL and broken text": lambda path, form, headers: (path, {**form, "Body": "\x00\ufffd"}, headers),
}


def test_whatever_was_altered_after_signing_is_refused_and_never_a_failure_of_ours(wa_app, twilio, client_of):  # noqa: F811
    for what, change in CHANGES.items():
        path, form, headers = forged(twilio, change)
        assert client_of.post(path, data=form, headers=headers, **HOST).status_code == 403, what
        assert db.session.query(InboundMessage).count() == 0, what


def test_blanks_around_the_text_belong_to_what_was_signed(wa_app, twilio, client_of):  # noqa: F811
    assert write_to_us(client_of, twilio, inbound_form(twilio, sid(1), "  Halo  ")).status_code == 200


def test_the_query_is_signed_byte_for_byte(wa_app, twilio, client_of):  # noqa: F811
    form = {"MessageSid": sid(1), "MessageStatus": "sent", "AccountSid": ACCOUNT}
    for query in ("?o=a%2Fb", "?o=%C3%A9&x=", "?kosong", "?a=1&a=2", "?o=%20+x"):
        headers = twilio.signed(f"{PUBLIC}/wa/status{query}", form)
        assert client_of.post(f"/wa/status{query}", data=form, headers=headers, **HOST).status_code == 204, query


def test_the_public_address_counts_and_not_the_one_behind_the_proxy(wa_app, twilio, client_of):  # noqa: F811
    form = inbound_form(twilio, sid(1), "Halo")
    headers = twilio.signed(f"{PUBLIC}/wa/masuk", form)
    answer = client_of.post("/wa/masuk", data=form, headers=headers, base_url="http://127.0.0.1:8000")
    assert answer.status_code == 200


def test_the_wish_for_retries_may_be_part_of_what_is_signed(wa_app, twilio, client_of):  # noqa: F811
    form = inbound_form(twilio, sid(1), "Halo")
    headers = twilio.signed(f"{PUBLIC}/wa/masuk#rc=3&rp=5xx,ct,rt", form)
    assert client_of.post("/wa/masuk", data=form, headers=headers, **HOST).status_code == 200


NOT_FOR_US = (
    ({"AccountSid": "AC" + "f" * 32}, 403), ({"AccountSid": ""}, 403), ({"To": "whatsapp:+6281177777777"}, 403),
    ({"MessageSid": "SM1"}, 422), ({"MessageSid": ""}, 422), ({"MessageSid": f"{sid(1)}\n"}, 422),
    ({"From": "+6281200001001"}, 422), ({"From": "whatsapp:"}, 422), ({"From": "whatsapp:ID.<script>"}, 422),
    ({"NumMedia": "²"}, 422), ({"NumMedia": "-1"}, 422),
)


def test_a_signed_call_of_another_account_or_without_sense_is_refused(wa_app, twilio, client_of):  # noqa: F811
    for changes, status in NOT_FOR_US:
        form = {**inbound_form(twilio, sid(1), "Halo"), **changes}
        assert write_to_us(client_of, twilio, form).status_code == status, changes
        assert db.session.query(InboundMessage).count() == 0, changes


def test_an_oversized_body_is_not_read(wa_app, twilio, client_of):  # noqa: F811
    form = inbound_form(twilio, sid(1), "x" * 70_000)
    assert write_to_us(client_of, twilio, form).status_code == 413


def test_a_flood_of_forged_calls_is_slowed(wa_app, twilio, client_of):  # noqa: F811
    seen = {client_of.post("/wa/masuk", data={}, **HOST).status_code for _ in range(301)}
    assert seen == {403, 429}
    form = inbound_form(twilio, sid(1), "Halo")
    assert write_to_us(client_of, twilio, form).status_code == 200, "genuine calls are never slowed"


def test_without_twilio_the_webhooks_are_shut(client):
    assert client.post("/wa/masuk", data={"Body": "Halo"}).status_code == 403
    assert client.post("/wa/status", data={}).status_code == 403


def test_the_answer_is_empty_twiml(wa_app, twilio, client_of):  # noqa: F811
    answer = write_to_us(client_of, twilio, inbound_form(twilio, sid(1), "Halo"))
    assert answer.content_type.startswith("text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response />'


ENDS = {
    ("sent", "delivered", "read"): states.READ, ("sent", "delivered", "failed"): states.DELIVERED,
    ("queued", "sent", "undelivered"): states.FAILED, ("sent", "failed", "read"): states.READ,
}


def test_reports_in_every_order_end_the_same(approved, twilio, client_of):  # noqa: F811
    """The highest wins, arrival over failure, failure over what never arrived."""
    orders = [(order, state) for statuses, state in ENDS.items() for order in itertools.permutations(statuses)]
    for order, state in orders:
        sent, provider_id = a_sent_message(twilio)
        for status in order:
            call_back(client_of, twilio, provider_id, status, "63024" if status in events.FAILURES else "")
            events.apply_new()
        assert (order, message(sent).state) == (order, state)


def test_the_same_report_three_times_at_once_has_one_effect(approved, wa_app, twilio):  # noqa: F811
    _, provider_id = a_sent_message(twilio)
    answers = []

    def post():
        answers.append(call_back(Outside(wa_app.test_client()), twilio, provider_id, "delivered").status_code)

    threads = [threading.Thread(target=post) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [204, 204, 204]
    db.session.rollback()
    assert db.session.query(StatusEvent).filter_by(status="delivered").count() == 1


def test_a_report_that_overtakes_our_own_record_is_parked_and_matched(approved, wa_app, twilio, client_of):  # noqa: F811
    """The callback arrives while we still wait for the answer of the send."""
    twilio.on_accept = lambda provider_id: call_back(Outside(wa_app.test_client()), twilio, provider_id, "sent")
    sent, _ = a_sent_message(twilio)
    assert message(sent).state == states.ACCEPTED
    events.apply_new()
    assert message(sent).state == states.SENT


def test_a_report_applied_before_our_own_record_is_not_undone_by_it(approved, wa_app, twilio):  # noqa: F811
    def report(provider_id):
        call_back(Outside(wa_app.test_client()), twilio, provider_id, "delivered")
        with wa_app.app_context():
            events.apply_new()
            db.session.remove()

    twilio.on_accept = report
    sent, _ = a_sent_message(twilio)
    assert message(sent).state == states.DELIVERED
    assert len(message(sent).receipts) == 1


def test_a_failure_applied_before_our_own_record_is_not_undone_by_it(approved, wa_app, twilio):  # noqa: F811
    def report(provider_id):
        call_back(Outside(wa_app.test_client()), twilio, provider_id, "undelivered", "63024")
        with wa_app.app_context():
            events.apply_new()
            db.session.remove()

    twilio.on_accept = report
    sent, _ = a_sent_message(twilio)
    assert message(sent).state == states.FAILED


def test_reports_that_were_never_ours_are_dropped_after_ten_minutes(wa_app, twilio, client_of, monkeypatch):  # noqa: F811
    form = {"MessageSid": sid(99), "MessageStatus": "sent", "AccountSid": ACCOUNT}
    client_of.post("/wa/status", data=form, headers=twilio.signed(f"{PUBLIC}/wa/status", form), **HOST)
    assert events.apply_new() == 0 and events.drop_unmatched() == 0
    later = clock.now() + events.PARKED + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert events.drop_unmatched() == 1
    assert events.drop_unmatched() == 0


def test_an_unknown_word_of_the_provider_changes_nothing(approved, twilio, client_of):  # noqa: F811
    sent, provider_id = a_sent_message(twilio)
    call_back(client_of, twilio, provider_id, "partially_delivered")
    events.apply_new()
    assert message(sent).state == states.ACCEPTED


def test_the_gateway_reads_a_hidden_number(wa_app, twilio):  # noqa: F811
    for hidden in ("ID.4566abc", "MY.13491208655302741918", "ID.ENT.118157", "ID." + "9" * 128):
        news = gateway().read_inbound({
            **inbound_form(twilio, sid(1), "Halo"), "From": f"whatsapp:{hidden}", "WaId": "",
            "ExternalUserId": f"whatsapp:{hidden}",
        })
        assert news.contact == hidden == news.external_id


def test_tokens_and_numbers_of_the_fake_are_the_ones_the_app_uses(wa_app):  # noqa: F811
    account = wa_app.extensions["loket"].twilio
    assert (account.auth_tokens, account.sender) == ((AUTH_TOKEN,), OFFICE)
