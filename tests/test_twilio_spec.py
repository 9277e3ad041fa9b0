"""The judge is judged: Twilio's own OpenAPI is kept with the tests, and what breaks it is found."""

import gzip
import json
import shutil
from base64 import b64encode
from datetime import date
from urllib.parse import urlencode

import pytest

from tests import twilio_spec
from tests.fake_twilio import ACCOUNT, API_SECRET, KEY, MESSAGES, OFFICE, FakeTwilio

API, CONTENT = "api.twilio.com", "content.twilio.com"
LOGIN = {"Authorization": "Basic " + b64encode(f"{KEY}:{API_SECRET}".encode()).decode()}
FORM = {**LOGIN, "Content-Type": "application/x-www-form-urlencoded"}
JSON = {**LOGIN, "Content-Type": "application/json"}
GOOD = {"To": "whatsapp:+6281200001001", "From": f"whatsapp:{OFFICE}", "ContentSid": "HX" + "c" * 32}
TEMPLATE = {"language": "id", "types": {"twilio/text": {"body": "Halo"}}}
SHORT = MESSAGES.replace(ACCOUNT, "AC12")


@pytest.fixture
def spec(twilio_openapi):
    yield twilio_openapi
    twilio_openapi.take_violations()


def faults(spec, host: str, path: str, headers: dict, body: bytes) -> list[str]:
    spec.check_request(host, "POST", path, headers, body)
    return spec.take_violations()


def test_a_good_message_and_a_good_template_conform(spec):
    assert faults(spec, API, f"{MESSAGES}.json", FORM, urlencode(GOOD).encode()) == []
    assert faults(spec, CONTENT, "/v1/Content", JSON, json.dumps(TEMPLATE).encode()) == []


@pytest.mark.parametrize("broken", [
    {**GOOD, "ContentSid": "HX12"}, {**GOOD, "ValidityPeriod": "soon"},
    {name: value for name, value in GOOD.items() if name != "To"},
])
def test_a_broken_message_is_found(spec, broken):
    assert len(faults(spec, API, f"{MESSAGES}.json", FORM, urlencode(broken).encode())) == 1


def test_a_wrong_account_a_missing_login_and_a_template_without_language_are_found(spec):
    assert faults(spec, API, f"{SHORT}.json", FORM, urlencode(GOOD).encode())
    assert faults(spec, API, f"{MESSAGES}.json", {"Content-Type": FORM["Content-Type"]}, urlencode(GOOD).encode())
    assert faults(spec, CONTENT, "/v1/Content", JSON, json.dumps({"types": TEMPLATE["types"]}).encode())


@pytest.mark.parametrize(("changes", "found"), [({}, 0), ({"num_media": 0}, 1), ({"status": "Queued"}, 1)])
def test_the_fake_is_held_to_it_too(spec, changes, found):
    fake = FakeTwilio()
    answer = {**fake.accept({**GOOD, "Body": "Halo"}), **changes}
    fake.close()
    spec.check_answer(API, "POST", f"{MESSAGES}.json", 201, json.dumps(answer).encode())
    assert len(spec.take_violations()) == found


def test_a_kept_file_that_somebody_changed_is_not_believed(tmp_path, monkeypatch):
    shutil.copytree(twilio_spec.KEPT, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(twilio_spec, "KEPT", tmp_path)
    name = twilio_spec.FILES[CONTENT]
    assert twilio_spec.kept_description(name)["openapi"]
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(b"{}"))
    with pytest.raises(ValueError, match="make twilio-spec"):
        twilio_spec.kept_description(name)


def test_it_is_said_which_release_was_kept_on_which_day():
    source = json.loads(twilio_spec.SOURCE.read_text())
    assert source["package"].startswith(f"{twilio_spec.PACKAGE}@")
    assert date.fromisoformat(source["taken_on"]) > date(2026, 1, 1)
