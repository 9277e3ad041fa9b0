"""`flask doctor` and the administrator's page: each check says so when its rule is broken, and only then."""

import os
import re
import shutil
import time as clocks
from collections import namedtuple

import pytest

from app import create_app
from app.base.database import db
from app.doctor import GOOD, NOTE, RISK, WRONG, report
from app.photos.disk_space import GETTING_FULL, LEAST_FREE
from tests.browser import Page
from tests.builders import TEST_SETTINGS, an_application
from tests.doctoring import beats, production, says

MAILBOX = {
    "MAIL_IMAP_HOST": "imap.contoh.id", "MAIL_IMAP_USER": "kantor", "MAIL_IMAP_PASSWORD": "abcd efgh",
    "MAIL_SMTP_HOST": "smtp.contoh.id", "MAIL_FROM": "kantor@contoh.id",
}


def test_the_command_ends_with_1_while_something_is_wrong_and_with_0_when_nothing_is(app, monkeypatch):
    well = report.Check("Satu", lambda: report.Finding(GOOD, "Baik saja."))
    noted = report.Check("Dua", lambda: report.Finding(NOTE, "Perlu diketahui.", "Baca."))
    monkeypatch.setattr(report, "CHECKS", (well, noted))
    told = app.test_cli_runner().invoke(args=["doctor"])
    assert told.exit_code == 0 and "Tidak ada yang salah" in told.output and "-> Baca." in told.output
    for level in (RISK, WRONG):
        bad = report.Check("Tiga", lambda level=level: report.Finding(level, "Rusak.", "Perbaiki."))
        monkeypatch.setattr(report, "CHECKS", (well, bad))
        told = app.test_cli_runner().invoke(args=["doctor", "--only-trouble"])
        assert told.exit_code == 1 and "1 hal perlu diperbaiki" in told.output and "Baik saja" not in told.output


def test_a_check_that_fails_itself_is_told_and_the_others_go_on(app, monkeypatch):
    checks = (report.Check("Jatuh", lambda: 1 / 0), report.Check("Jalan", lambda: report.Finding(GOOD, "Baik.")))
    monkeypatch.setattr(report, "CHECKS", checks)
    assert says(app, "Jatuh") == (WRONG, "Pemeriksaan ini sendiri gagal (ZeroDivisionError).")
    assert says(app, "Jalan")[0] == GOOD


def test_a_database_without_tables_is_told_once_and_stops_nothing_else(tmp_path):
    app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path)})
    with app.app_context():
        titles = [line.title for line in report.examine()]
        assert says(app, report.TABLES)[0] == WRONG
        db.engine.dispose()
    assert "Worker" not in titles and "Ruang disk" in titles


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize("name", ["loket.sqlite3", "photos", "demo-keys.json", "demo-logins.txt", "."])
def test_a_file_open_to_others_is_named(app, tmp_path, name):
    path = tmp_path / name
    if not path.exists():
        path.touch(mode=0o600)
    assert says(app, "Hak berkas")[0] == GOOD
    path.chmod(0o755 if path.is_dir() else 0o644)
    level, sentence = says(app, "Hak berkas")
    assert level == WRONG and str(path.resolve()) in sentence


@pytest.mark.parametrize(("settings", "title", "level"), [
    ({"PUBLIC_BASE_URL": "https://loket.contoh.id"}, "Mode", WRONG),
    ({}, "Mode", NOTE), ({}, "Kode kedua petugas", NOTE), ({}, "Proxy", GOOD), ({}, "Cadangan", NOTE),
    ({"SECRET_KEY_FALLBACKS": "u8Zq1-Vw3_xT7pLm9nKd5hRc2fGb6yJs"}, "Kunci tanda tangan", NOTE),
    ({}, "Kunci tanda tangan", GOOD), ({}, "Saluran WhatsApp", NOTE),
])
def test_what_a_demo_says(restarted, settings, title, level):
    assert says(restarted(**settings), title)[0] == level


@pytest.mark.parametrize(("settings", "title", "level"), [
    ({}, "Mode", GOOD), ({}, "Alamat umum", GOOD),
    ({"PUBLIC_BASE_URL": "https://salah.contoh.id"}, "Alamat umum", RISK),
    ({"TRUSTED_PROXIES": "1"}, "Proxy", GOOD), ({"TRUSTED_PROXIES": "0"}, "Proxy", RISK),
    ({}, "Kode kedua petugas", GOOD), ({"STAFF_2FA": "off"}, "Kode kedua petugas", RISK),
    ({}, "Cadangan", RISK), ({}, "Worker", WRONG), ({}, "Saluran WhatsApp", RISK),
    ({}, "Asal e-mail", GOOD), (MAILBOX, "Asal e-mail", RISK),
    ({**MAILBOX, "MAIL_AUTHSERV_ID": "mx.contoh.id"}, "Asal e-mail", GOOD),
])
def test_what_production_says(restarted, settings, title, level):
    assert says(production(restarted, **{"TRUSTED_PROXIES": "1", **settings}), title)[0] == level


def test_debug_is_wrong_everywhere(app):
    app.debug = True
    assert says(app, "Mode")[0] == WRONG


@pytest.mark.parametrize(("free", "level"), [
    (LEAST_FREE - 0.01, WRONG), (GETTING_FULL - 0.01, RISK), (GETTING_FULL + 0.01, GOOD),
])
def test_disk(app, monkeypatch, free, level):
    usage = namedtuple("Usage", "total used free")(1000, 1000 - 1000 * free, 1000 * free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    assert says(app, "Ruang disk")[0] == level


def test_a_clock_behind_its_own_records_is_told(app, time):
    an_application(app)
    assert says(app, "Jam")[0] == GOOD
    time.moves(minutes=-5)
    assert says(app, "Jam")[0] == WRONG


def test_a_worker_beat_of_the_future_is_told(app):
    beats(app, minutes=-10)
    assert says(app, "Jam")[0] == WRONG


def test_the_clock_of_postgresql_is_compared(pg_app, time):
    assert says(pg_app, "Jam database")[0] == WRONG  # the clock of the test stands elsewhere


def test_every_check_works_on_postgresql(pg_app):
    an_application(pg_app)
    with pg_app.app_context():
        lines = {line.title: line.finding for line in report.examine()}
    assert len(lines) == len(report.CHECKS)
    assert [title for title, finding in lines.items() if "sendiri gagal" in finding.sentence] == []
    for title in (report.TABLES, "Jam database", "Kunci penyegel", "Kunci indeks", "Kunci jurnal", "Jam"):
        assert lines[title].level == GOOD, title


def but_for_numbers(words: str) -> str:
    return re.sub(r"\d+([.,]\d+)?", "#", words)


def test_the_administrator_sees_the_same_list(app, staff_client):
    page = Page(staff_client("admin").get("/petugas/pemeriksaan"))
    page.audit(fragment=False)
    with app.app_context():
        lines = report.examine()
    terms = page.soup.select("main dt")
    shown = {term.get_text(strip=True): term.find_next("dd").get_text(" ", strip=True) for term in terms}
    assert sorted(shown) == sorted(line.title for line in lines) and len(shown) == len(report.CHECKS)
    for line in lines:
        if line.title not in ("Jam", "Worker"):
            said = but_for_numbers(shown[line.title])  # the disk fills and empties while we look
            assert but_for_numbers(line.finding.sentence) in said and line.finding.advice in shown[line.title]
    found = report.troubles(lines)
    assert (f"{found} hal perlu diperbaiki" if found else "Tidak ada yang salah atau berisiko") in page.text


@pytest.mark.parametrize(("zone", "level"), [("UTC", GOOD), ("Asia/Jakarta", GOOD), ("Europe/Berlin", NOTE)])
def test_the_zone_of_the_machine(app, monkeypatch, zone, level):
    monkeypatch.setenv("TZ", zone)
    clocks.tzset()
    try:
        assert says(app, "Zona waktu")[0] == level
    finally:
        monkeypatch.undo()
        clocks.tzset()


@pytest.mark.parametrize(("user", "level"), [(0, RISK), (1000, GOOD)])
def test_running_as_root_is_told(restarted, monkeypatch, user, level):
    office = production(restarted)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert says(office, "Akun sistem")[0] == level


@pytest.mark.parametrize("role", ["petugas", "operator", "supervisor"])
def test_nobody_else_sees_it(staff_client, role):
    assert staff_client(role).get("/petugas/pemeriksaan").status_code == 403
