"""Staging in production shape: a banner, no way to strangers' phones, and the whole journey walked by a command."""

import shutil

import pytest

from app import create_app
from app.settings.reading import BadSetting
from tests.builders import TEST_SETTINGS
from tests.fake_twilio import SETTINGS, FakeTwilio
from tests.live import LiveServer

STAGING = {
    **TEST_SETTINGS, **SETTINGS, "LOKET_ENV": "staging", "PUBLIC_BASE_URL": "https://latihan.example.go.id",
    "TRUSTED_PROXIES": "1",
}


@pytest.mark.parametrize("found", [{}, {"WHATSAPP_ALLOW": ""}])
def test_staging_does_not_write_to_strangers(tmp_path, found):
    with pytest.raises(BadSetting) as refused:
        create_app({**STAGING, "LOKET_INSTANCE": str(tmp_path), **found})
    assert refused.value.name == "WHATSAPP_ALLOW"


def test_staging_demands_what_production_demands_and_says_on_every_page_that_it_is_none(tmp_path):
    with pytest.raises(BadSetting, match="SEALING_KEYS"):
        create_app({**{k: v for k, v in STAGING.items() if k != "SEALING_KEYS"}, "LOKET_INSTANCE": str(tmp_path)})
    app = create_app({**STAGING, "LOKET_INSTANCE": str(tmp_path), "TWILIO_API_BASE": "http://127.0.0.1:8155"})
    assert app.extensions["loket"].staging and app.extensions["loket"].staff_2fa
    page = app.test_client().get("/", headers={"Host": "latihan.example.go.id"})
    assert "Mode latihan: ini bukan layanan sebenarnya" in page.text
    assert "Secure" in page.headers.get("Set-Cookie", "Secure")


def test_production_does_not_take_a_stand_in_and_has_no_rehearsal(tmp_path):
    production = {**STAGING, "LOKET_ENV": "production", "LOKET_INSTANCE": str(tmp_path)}
    with pytest.raises(BadSetting, match="TWILIO_API_BASE"):
        create_app({**production, "TWILIO_API_BASE": "http://127.0.0.1:8155"})
    app = create_app(production)
    for command in ("rehearse", "twilio-stand-in"):
        refused = app.test_cli_runner().invoke(args=[command])
        assert refused.exit_code == 1 and "staging" in refused.output
    page = app.test_client().get("/", headers={"Host": "latihan.example.go.id"})
    assert "Mode latihan" not in page.text


@pytest.mark.server
@pytest.mark.long  # waits out the real minute in which a decision can be taken back
def test_the_rehearsal_walks_the_whole_journey_and_leaves_no_staff_behind(tmp_path, demo_instance):
    """Against a demo with its worker, two people, a second factor, and the gateway of Twilio."""
    shutil.copytree(demo_instance, tmp_path, dirs_exist_ok=True)
    twilio = FakeTwilio()
    server = LiveServer(tmp_path, "demo", {
        **SETTINGS, "PUBLIC_BASE_URL": "", "TWILIO_API_BASE": twilio.url, "STAFF_2FA": "on",
    })
    try:
        assert server.run("wa", "templates", "push").returncode == 0
        assert "approved" in server.run("wa", "templates", "status").stdout
        server.start()
        walked = server.run("rehearse")
        assert walked.returncode == 0, walked.stdout + walked.stderr
        assert walked.stdout.count("[BAIK ]") == 11 and "masuk dengan kode kedua" in walked.stdout
        again = server.run("staff", "disable", "gladi-tidak-ada")
        assert again.returncode == 1
    finally:
        server.stop()
        twilio.close()
