"""The real `twilio` package over real HTTP, each request held to Twilio's own OpenAPI."""

import json
import socket
from datetime import timedelta

import pytest

from app.base import clock
from app.messages import dispatcher, outbox, states
from app.messages.choose_gateway import gateway
from app.messages.gateway import (
    Accepted,
    CannotTell,
    Found,
    NotThere,
    Outgoing,
    Refused,
    Sought,
    TemplateUse,
    Unclear,
)
from app.messages.whatsapp import client, events
from app.rehearsal.twilio import REQUEST_ID
from app.settings.reading import BadSetting
from app.settings.settings import read_settings
from app.settings.twilio import TwilioSettings
from tests.builders import TEST_SETTINGS
from tests.chromium import skip_or_fail
from tests.fake_twilio import ACCOUNT, OFFICE, PUBLIC, SETTINGS, Fault
from tests.messaging import PHONE, Outside, a_message, message
from tests.whatsapp import approved, call_back, open_window, twilio, wa_app  # noqa: F401 (fixtures)

TEXT = Outgoing(reference="a" * 32, to=PHONE, title="Uji", text="Halo Siti ✓\n\nKode pesan: ABCD-EFGH", masked="Halo")


@pytest.fixture
def short_timeouts(monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT", (1, 0.5))


def test_what_breaks_twilios_specification_does_not_pass_the_fake_unnoticed(wa_app, twilio):  # noqa: F811
    if twilio.spec is None:
        skip_or_fail("Twilio's OpenAPI could not be fetched")
    gateway().send(Outgoing(**{**TEXT.__dict__, "template": TemplateUse("HX-salah", ("Siti",))}))
    [violation] = twilio.spec.take_violations()
    assert violation.startswith("POST api.twilio.com") and "HX-salah" in violation


def sent_forms(twilio):  # noqa: F811
    return [form for method, path, form in twilio.requests if method == "POST" and path.endswith("/Messages.json")]


def test_inside_the_window_the_text_itself_is_sent(wa_app, twilio):  # noqa: F811
    open_window(clock.now())
    sent = a_message()
    dispatcher.deliver_due()
    [form] = sent_forms(twilio)
    assert form["To"] == f"whatsapp:{PHONE}" and form["From"] == f"whatsapp:{OFFICE}"
    assert form["Body"] == outbox.text_of(message(sent))
    assert form["StatusCallback"].startswith(f"{PUBLIC}/wa/status?o={sent}")
    assert "ContentSid" not in form
    assert message(sent).state == states.ACCEPTED and message(sent).provider_id in twilio.messages


def test_outside_the_window_the_approved_template_is_sent_and_reads_the_same(approved, twilio):  # noqa: F811
    sent = a_message()
    dispatcher.deliver_due()
    [form] = sent_forms(twilio)
    assert "Body" not in form
    assert set(json.loads(form["ContentVariables"])) == {"1", "2", "3"}
    assert twilio.messages[message(sent).provider_id]["body"] == outbox.text_of(message(sent))


@pytest.mark.parametrize(("minutes_ago", "free"), [(0, True), (24 * 60 - 6, True), (24 * 60 - 4, False), (1500, False)])
def test_the_window_closes_five_minutes_early(approved, twilio, minutes_ago, free):  # noqa: F811
    open_window(clock.now() - timedelta(minutes=minutes_ago))
    a_message()
    dispatcher.deliver_due()
    assert ("Body" in sent_forms(twilio)[0]) is free


def test_free_text_refused_outside_the_window_goes_out_again_as_a_template(approved, wa_app, twilio):  # noqa: F811
    open_window(clock.now())
    sent = a_message()
    dispatcher.deliver_due()
    call_back(Outside(wa_app.test_client()), twilio, message(sent).provider_id, "undelivered", "63016")
    events.apply_new()
    dispatcher.deliver_due()
    first, second = sent_forms(twilio)
    assert "Body" in first and "ContentSid" in second
    assert message(sent).state == states.ACCEPTED


def test_without_an_approved_template_the_message_waits_and_says_why(wa_app, twilio):  # noqa: F811
    sent = a_message()
    dispatcher.deliver_due()
    assert sent_forms(twilio) == []
    assert (message(sent).state, message(sent).error_code) == (states.PENDING, "no_template")


def test_a_reset_code_uses_the_authentication_template_even_inside_the_window(approved, twilio):  # noqa: F811
    open_window(clock.now())
    a_message("kode_reset_sandi", variables={"kode": "483920"})
    dispatcher.deliver_due()
    [form] = sent_forms(twilio)
    assert json.loads(form["ContentVariables"]) == {"1": "483920"}
    assert form["ValidityPeriod"] == "900"
    assert "whatsapp/authentication" in twilio.content.templates[form["ContentSid"]]["types"]


FAULTS = [
    (Fault("error", taken=False, status=429, code=20429), Refused("20429")),
    (Fault("error", taken=False, status=400, code=21211), Refused("21211")),
    (Fault("error", taken=False, status=401, code=20003), Refused("20003")),
    (Fault("error", taken=False, status=500, code=20500), Unclear("http_500")),
    (Fault("error", taken=True, status=503, code=20503), Unclear("http_503")),
    (Fault("hang", taken=False, seconds=1.0), Unclear("read_timeout")),
    (Fault("hang", taken=True, seconds=1.0), Unclear("read_timeout")),
    (Fault("reset", taken=False), Unclear("connection_lost")),
    (Fault("reset", taken=True), Unclear("connection_lost")),
    (Fault("garbage", taken=True), Unclear("garbled")),
    (Fault("error", taken=False, status=307, code=0), Unclear("http_307")),
    # the newer shape of errors, and answers of something between us and Twilio
    (Fault("error", taken=False, status=400, code=21211, shape="rfc9457"), Refused("21211")),
    (Fault("error", taken=False, status=429, code=20429, shape="rfc9457"), Refused("20429")),
    (Fault("error", taken=True, status=503, code=20503, shape="rfc9457"), Unclear("http_503")),
    (Fault("error", taken=False, status=502, shape="html"), Unclear("http_502")),
    (Fault("error", taken=False, status=429, shape="html"), Refused("20429")),
    # without a code we know the status tells whether the account is at fault
    (Fault("error", taken=False, status=401, shape="html"), Refused("20003")),
    (Fault("error", taken=False, status=403, code=20099), Refused("20003")),
    (Fault("error", taken=False, status=404, shape="html"), Refused("20404")),
    (Fault("error", taken=False, status=400, code=64999), Refused("64999")),
]


@pytest.mark.parametrize(("fault", "outcome"), FAULTS, ids=lambda value: str(value)[:40])
def test_the_outcome_table_holds_on_the_wire(wa_app, twilio, short_timeouts, fault, outcome):  # noqa: F811
    twilio.faults = [fault]
    assert gateway().send(TEXT) == outcome


def test_nobody_listening_means_certainly_not_sent(wa_app, twilio):  # noqa: F811
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gateway()._clients._account = _moved(f"http://127.0.0.1:{free.getsockname()[1]}")
        assert gateway().send(TEXT) == Refused("no_connection")


def test_a_name_that_does_not_resolve_means_certainly_not_sent(wa_app):  # noqa: F811
    gateway()._clients._account = _moved("http://tidak-ada.invalid:81")
    assert gateway().send(TEXT) == Refused("no_connection")


def _moved(base: str) -> TwilioSettings:
    account = gateway()._account
    return account.model_copy(update={"api_base": base})


def test_a_sent_message_is_found_by_its_check_code_and_no_other(wa_app, twilio):  # noqa: F811
    accepted = gateway().send(TEXT)
    found = gateway().look_up(Sought(PHONE, "ABCD-EFGH", clock.now()))
    assert isinstance(found, Found) and found.news.provider_id == accepted.provider_id
    assert gateway().look_up(Sought(PHONE, "ZZZZ-2222", clock.now())) == NotThere()
    assert gateway().look_up(Sought("+6281200009999", "ABCD-EFGH", clock.now())) == NotThere()


def test_an_older_message_is_not_taken_for_ours(wa_app, twilio):  # noqa: F811
    gateway().send(TEXT)
    assert gateway().look_up(Sought(PHONE, "ABCD-EFGH", clock.now() + timedelta(hours=1))) == NotThere()


def test_a_list_that_hides_the_text_cannot_tell(wa_app, twilio):  # noqa: F811
    accepted = gateway().send(TEXT)
    twilio.messages[accepted.provider_id]["body"] = ""
    assert gateway().look_up(Sought(PHONE, "ABCD-EFGH", clock.now())) == CannotTell()


def test_a_messaging_service_may_choose_the_sender(wa_app, twilio):  # noqa: F811
    gateway()._account = gateway()._account.model_copy(
        update={"sender": "", "messaging_service": "MG" + "c" * 32}
    )
    assert isinstance(gateway().send(TEXT), Accepted)
    assert sent_forms(twilio)[0]["MessagingServiceSid"] == "MG" + "c" * 32
    assert "From" not in sent_forms(twilio)[0]


def test_the_log_names_each_request_as_twilios_support_asks_for_it(wa_app, twilio, capfd):  # noqa: F811
    gateway().send(TEXT)
    assert f'"request_id": "{REQUEST_ID}"' in capfd.readouterr().err


def test_neither_number_nor_text_reaches_the_log(approved, twilio, capfd):  # noqa: F811
    twilio.faults = [Fault("error", taken=False, status=400, code=21211), Fault("garbage")]
    a_message()
    a_message()
    dispatcher.deliver_due()
    logged = "".join(capfd.readouterr())
    assert not any(secret in logged for secret in ("6281200001001", "SITI", PHONE, "akun_aktif_v1"))


@pytest.mark.parametrize(("name", "value"), [
    ("TWILIO_ACCOUNT_SID", ""), ("TWILIO_ACCOUNT_SID", "None"), ("TWILIO_ACCOUNT_SID", "AC123"),
    ("PUBLIC_BASE_URL", "https://loket_kota.example"),
    ("TWILIO_API_KEY", ACCOUNT), ("TWILIO_API_SECRET", ""), ("TWILIO_AUTH_TOKEN", ""),
    ("TWILIO_WHATSAPP_FROM", ""), ("TWILIO_WHATSAPP_FROM", "0812345"),
    ("TWILIO_MESSAGING_SERVICE_SID", "MG1"), ("WHATSAPP_ALLOW", "0812345678"),
])
def test_a_wrong_twilio_setting_stops_the_start_by_name(tmp_path, name, value):
    env = {**TEST_SETTINGS, **SETTINGS, "LOKET_INSTANCE": str(tmp_path), name: value}
    with pytest.raises(BadSetting) as stopped:
        read_settings(env)
    assert name in str(stopped.value) and (not value or value not in str(stopped.value).replace(name, ""))


@pytest.mark.parametrize("name", ["TWILIO_API_BASE", "TWILIO_AUTH_TOKEN", "TWILIO_API_SECRET"])
def test_production_takes_no_fake_and_no_short_secret(tmp_path, name):
    env = {
        **TEST_SETTINGS, **SETTINGS, "LOKET_ENV": "production", "TRUSTED_PROXIES": "none",
        "LOKET_INSTANCE": str(tmp_path), name: "http://x",
    }
    with pytest.raises(BadSetting, match=name):
        read_settings(env)
