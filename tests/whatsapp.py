"""Fixtures of the WhatsApp tests: an app whose gateway is the real `twilio` package, talking over
real HTTP to a fake Twilio that is held to Twilio's OpenAPI. Import them where they are used."""

import shutil

import pytest

from app import create_app
from app.base.database import db, transaction
from app.messages import texts
from app.messages.addresses import contact_index
from app.messages.catalogue import MESSAGES
from app.messages.models import Contact, MessageTemplate
from app.messages.whatsapp import templates
from tests.builders import TEST_SETTINGS
from tests.fake_twilio import AUTH_TOKEN, OFFICE, PUBLIC, SETTINGS, FakeTwilio
from tests.messaging import PHONE

HOST = {"base_url": PUBLIC}


@pytest.fixture
def twilio(twilio_openapi):
    """The fake; at the end of a test everything that crossed the wire must have conformed."""
    fake = FakeTwilio(twilio_openapi)
    yield fake
    fake.close()
    violations = twilio_openapi.take_violations()
    assert not violations, "\n".join(violations)


@pytest.fixture
def wa_app(tmp_path, migrated_sqlite, twilio):
    shutil.copy(migrated_sqlite, tmp_path / "loket.sqlite3")
    made = create_app({
        **TEST_SETTINGS, **SETTINGS, "TWILIO_API_BASE": twilio.url, "LOKET_INSTANCE": str(tmp_path),
    })
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def approved(wa_app, twilio):
    approve_all(twilio)


def approve_all(twilio) -> None:
    """Every message has an approved template, at Twilio and in our table."""
    with transaction() as session:
        for message in MESSAGES.values():
            names = texts.template_names(message)
            kind = "whatsapp/authentication" if message.is_code else "twilio/text"
            content = {"friendly_name": message.key, "language": "id", "types": {kind: {}},
                       "variables": {str(n): "x" for n in range(1, len(names) + 1)}}
            content["types"][kind]["body"] = texts.template_body(message)
            _, made = twilio.content.post("/v1/Content", content)
            session.add(MessageTemplate(
                name=f"{message.key}_v1", key=message.key, version=1, names=list(names), status="approved",
                body_hash=templates.body_hash(message), provider_id=made["sid"],
            ))


def call_back(client, twilio, sid: str, status: str, code: str = ""):
    """Post one status callback as Twilio would."""
    url, form = twilio.callbacks[sid], twilio.status_form(sid, status, code)
    return client.post(url.removeprefix(PUBLIC), data=form, headers=twilio.signed(url, form), **HOST)


def inbound_form(twilio, sid: str, text: str, sender: str = PHONE, **more) -> dict[str, str]:
    return {
        "MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "AccountSid": SETTINGS["TWILIO_ACCOUNT_SID"],
        "From": f"whatsapp:{sender}", "To": f"whatsapp:{OFFICE}", "Body": text, "NumMedia": "0", "NumSegments": "1",
        "SmsStatus": "received", "ApiVersion": "2010-04-01", "ProfileName": "Siti ✓", "WaId": sender.lstrip("+"),
        "MessageType": "text", "ReferralNumMedia": "0", **more,
    }


def write_to_us(client, twilio, form: dict[str, str], token: str = AUTH_TOKEN):
    """Post one inbound message as Twilio would."""
    return client.post("/wa/masuk", data=form, headers=twilio.signed(f"{PUBLIC}/wa/masuk", form, token), **HOST)


def open_window(at, address: str = PHONE) -> None:
    with transaction() as session:
        session.merge(Contact(index=contact_index(address), last_inbound_at=at))


def sid(number: int) -> str:
    return f"SM{number:032x}"
