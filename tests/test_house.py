"""Settings that refuse to start, error pages, headers on every kind of answer, one transaction."""

import base64
import json
import re

import pytest
from flask import abort
from sqlalchemy import update

from app import create_app
from app.base import journal, journal_line
from app.base.database import db, transaction
from app.settings.reading import BadSetting
from app.settings.settings import read_settings
from app.web.access import public
from app.web.headers import FIXED
from tests.builders import add_staff, csrf_of, sign_in_staff

GOOD = {
    "LOKET_ENV": "production",
    "SECRET_KEY": "u8Zq1-Vw3_xT7pLm9nKd5hRc2fGb6yJs",
    "SEALING_KEYS": "k1:" + base64.b64encode(bytes(range(32))).decode(),
    "INDEX_KEY": base64.b64encode(bytes(range(32, 64))).decode(),
    "PUBLIC_BASE_URL": "https://dukcapilprobolinggokota.online",
    "TRUSTED_PROXIES": "1",
}


@pytest.fixture
def good(tmp_path):
    return {**GOOD, "LOKET_INSTANCE": str(tmp_path)}


@pytest.mark.parametrize(("name", "value"), [
    ("SECRET_KEY", ""), ("SECRET_KEY", "pendek"), ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
    ("SECRET_KEY", "a" * 40), ("SEALING_KEYS", ""), ("SEALING_KEYS", "k1:bukan base64"),
    ("SEALING_KEYS", "k1:" + base64.b64encode(b"x" * 32).decode()), ("INDEX_KEY", ""),
    ("INDEX_KEY", base64.b64encode(b"short").decode()), ("INDEX_KEY", base64.b64encode(bytes(32)).decode()),
    ("PUBLIC_BASE_URL", ""), ("PUBLIC_BASE_URL", "http://dukcapilprobolinggokota.online"),
    ("LOKET_ENV", "live"), ("STAFF_2FA", "maybe"), ("PORT", "eighty"), ("DATABASE_URL", "mysql://x"),
    ("WHATSAPP_GATEWAY", "pigeon"), ("TRUSTED_PROXIES", ""), ("TRUSTED_PROXIES", "one"), ("TRUSTED_PROXIES", "-1"),
])
def test_production_refuses_to_start_and_names_the_setting(good, name, value):
    with pytest.raises(BadSetting) as refusal:
        read_settings({**good, name: value})
    assert name in str(refusal.value)
    assert not value or len(value) < 9 or value not in str(refusal.value)


def test_the_twilio_gateway_needs_its_settings(good):
    with pytest.raises(BadSetting, match="TWILIO_ACCOUNT_SID"):
        read_settings({**good, "WHATSAPP_GATEWAY": "twilio"})


def test_good_production_settings_start_with_host_cookies_and_second_factor(good):
    settings = read_settings(good)
    assert settings.staff_2fa and settings.secure_cookies
    assert create_app(good).config["SESSION_COOKIE_NAME"].startswith("__Host-")


@pytest.mark.parametrize(("value", "hops"), [("none", 0), ("0", 0), ("2", 2)])
def test_production_says_how_many_proxies_stand_before_it(good, value, hops):
    assert read_settings({**good, "TRUSTED_PROXIES": value}).trusted_proxies == hops


def test_a_forgotten_number_of_proxies_is_told_with_a_sentence(good):
    with pytest.raises(BadSetting, match="TRUSTED_PROXIES is missing; say how many proxies stand before Loket"):
        read_settings({name: value for name, value in good.items() if name != "TRUSTED_PROXIES"})


def test_what_a_system_says_for_itself_is_no_setting(tmp_path):
    own = {"MAIL": "/var/mail/root", "TWILIO": "x", "S3": "x", "HOME": "/root", "port": "1", "MAILCHECK": "60"}
    env = {"LOKET_INSTANCE": str(tmp_path)}
    assert read_settings({**env, **own}) == read_settings(env)


def test_the_demo_needs_no_setting_and_keeps_its_secrets(tmp_path):
    first = read_settings({"LOKET_INSTANCE": str(tmp_path)})
    assert first == read_settings({"LOKET_INSTANCE": str(tmp_path)})
    assert (tmp_path / "demo-keys.json").stat().st_mode & 0o077 == 0


@pytest.fixture
def failing(app):
    @app.get("/uji/<code>")
    @public
    def fail(code):
        if code == "crash":
            raise ValueError("NIK 3574014505900001 telepon 081200001001")
        abort(int(code))

    return app.test_client()


@pytest.mark.parametrize("status", [403, 404, 409, 413, 415, 422, 429, 500, 503])
def test_error_pages_speak_indonesian_and_carry_an_incident_id(failing, status):
    answer = failing.get(f"/uji/{status}")
    assert answer.status_code == status
    assert re.search(r"kode bantuan <b[^>]*>[0-9a-f]{8}<", " ".join(answer.text.split()))
    assert "Error" not in answer.text and "Werkzeug" not in answer.text


def test_an_error_page_of_the_office_stays_in_its_frame_with_the_lock(staff_client):
    client = staff_client("petugas")
    for path, status in (("/petugas/pegawai", 403), ("/petugas/entah", 404)):
        answer = client.get(path)
        assert answer.status_code == status
        assert "Kunci layar" in answer.text and "Ke antrean" in answer.text and "Ke halaman depan" not in answer.text
    assert "Kunci layar" not in staff_client("admin").application.test_client().get("/petugas/entah").text


def test_a_crash_shows_no_trace_and_logs_the_same_incident_without_personal_data(capfd, failing):
    answer = failing.get("/uji/crash")
    assert answer.status_code == 500 and "ValueError" not in answer.text
    logged = capfd.readouterr().err
    incident = re.search(r"kode bantuan <b[^>]*>([0-9a-f]{8})<", " ".join(answer.text.split())).group(1)
    line = next(json.loads(row) for row in logged.splitlines() if incident in row)
    assert line["event"] == "unexpected_error"
    assert "3574014505900001" not in logged and "081200001001" not in logged


@pytest.mark.parametrize("who", [None, "petugas", "operator", "supervisor", "admin"])
def test_a_route_that_nobody_marked_is_shut_for_everybody(app, who):
    app.add_url_rule("/uji/terbuka", "uji_terbuka", lambda: "rahasia", methods=["GET", "POST"])
    app.add_url_rule("/uji/tertanda", "uji_tertanda", public(lambda: "boleh"))
    client = app.test_client()
    token = csrf_of(client.get("/daftar").text)
    if who:
        add_staff(app, who, who)
        sign_in_staff(client, who)
        token = csrf_of(client.get("/daftar").text)
    for answer in (client.get("/uji/terbuka"), client.post("/uji/terbuka", data={"csrf_token": token})):
        assert answer.status_code == 403 and "rahasia" not in answer.text
    assert client.get("/uji/tertanda").text == "boleh"


ANSWERS = ["/", "/daftar", "/petugas/", "/tidak-ada", "/healthz", "/daftar/data"]  # files: test_bytes.py


@pytest.mark.parametrize("address", ANSWERS)
def test_every_kind_of_answer_carries_the_literal_headers(client, address):
    answer = client.get(address)
    for name, value in FIXED.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_a_part_of_a_page_runs_nothing_and_is_kept_nowhere(client):
    answer = client.get("/daftar", headers={"HX-Request": "true"})
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store" and "HX-Request" in answer.headers["Vary"]


def test_the_camera_is_allowed_on_photo_pages_only(client):
    from tests.browser import Resident

    resident = Resident(client)
    resident.starts()
    resident.fills_in()
    assert "camera=(self)" in client.get("/daftar/ktp").headers["Permissions-Policy"]
    assert "camera=()" in client.get("/daftar/data").headers["Permissions-Policy"]


def test_every_script_of_a_page_carries_the_nonce(client):
    answer = client.get("/daftar")
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"]).group(1)
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert scripts and all(f'nonce="{nonce}"' in script for script in scripts)


@pytest.mark.parametrize("headers", [
    {"Origin": "https://jahat.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
])
def test_a_post_from_another_site_is_refused(client, headers):
    token = csrf_of(client.get("/daftar").text)
    answer = client.post("/daftar", data={"csrf_token": token, "notice": "y"}, headers=headers)
    assert answer.status_code == 403


def test_a_post_without_the_token_is_refused(client):
    answer = client.post("/daftar", data={"notice": "y"})
    assert answer.status_code == 400
    assert "Muat ulang" in answer.text and "penyamaran" in answer.text


def test_a_foreign_host_is_refused(client):
    assert client.get("/", headers={"Host": "jahat.example"}).status_code == 400


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "FOO"])
def test_odd_methods_are_not_known(client, method):
    assert client.open("/daftar", method=method).status_code == 405


def test_a_transaction_writes_all_or_nothing_and_does_not_nest(app_context):
    with pytest.raises(ZeroDivisionError), transaction():
        journal.record("uji", actor=journal.SYSTEM, about=("uji", "1"))
        raise ZeroDivisionError
    assert journal.lines_about("uji", "1") == []
    with pytest.raises(RuntimeError, match="nest"), transaction(), transaction():
        pass
    db.session.remove()


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_a_transaction_judges_on_rows_as_they_are_now_and_not_as_they_were_read_before(request, which):
    with request.getfixturevalue(which).app_context():
        head = db.session.get(journal_line.JournalHead, 1)
        before = head.seq
        with db.engine.connect().execution_options(loket_write=True) as elsewhere, elsewhere.begin():
            elsewhere.execute(update(journal_line.JournalHead).values(seq=before + 7))
        with transaction() as session:
            assert session.get(journal_line.JournalHead, 1).seq == before + 7
        db.session.remove()


def test_health_answers_without_details(client):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 200


