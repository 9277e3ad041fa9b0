"""`flask doctor` about keys and data, worker and channel, backups, and what Loket is made of."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.backup.target import note_backup
from app.base import clock
from app.base.database import db, transaction
from app.base.jobs import WorkerJob
from app.doctor import GOOD, NOTE, RISK, WRONG, parts, report
from app.doctor.parts import Library
from app.messages import channel, quota
from app.photos import gate
from app.registration.models import Application
from tests.builders import TEST_SETTINGS, an_application
from tests.doctoring import beats, production, says

OTHER_KEY = base64.b64encode(bytes(range(64, 96))).decode()


def test_a_database_that_claims_to_be_newest_and_is_not_is_told(app):
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE journal_line DROP COLUMN device")
    level, sentence = says(app, report.TABLES)
    assert level == WRONG and "journal_line.device" in sentence


def test_a_database_of_another_version_is_told(app):
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0007'")
    assert says(app, report.TABLES)[0] == WRONG


def test_keys_that_fit_are_good(app):
    an_application(app)
    for title in ("Kunci penyegel", "Kunci indeks", "Kunci jurnal"):
        assert says(app, title)[0] == GOOD


def test_a_missing_sealing_key_is_named(app, restarted):
    an_application(app)
    level, sentence = says(restarted(SEALING_KEYS=f"baru2:{OTHER_KEY}"), "Kunci penyegel")
    assert level == WRONG and "uji1" in sentence
    both = restarted(SEALING_KEYS=f"baru2:{OTHER_KEY},{TEST_SETTINGS['SEALING_KEYS']}")
    assert says(both, "Kunci penyegel")[0] == GOOD


def test_other_bytes_under_the_same_key_name_are_told(app, restarted):
    an_application(app)
    assert says(restarted(SEALING_KEYS=f"uji1:{OTHER_KEY}"), "Kunci penyegel")[0] == WRONG


def test_another_index_key_is_told_by_the_data_and_by_the_journal(app, restarted):
    an_application(app)
    other = restarted(INDEX_KEY=OTHER_KEY)
    assert says(other, "Kunci indeks")[0] == says(other, "Kunci jurnal")[0] == WRONG


def test_a_changed_last_line_of_the_journal_is_told(app):
    an_application(app)
    with app.app_context(), db.engine.begin() as connection:
        postgres = connection.dialect.name == "postgresql"
        connection.exec_driver_sql("ALTER TABLE journal_line DISABLE TRIGGER ALL" if postgres else
                                   "DROP TRIGGER journal_line_no_update")
        connection.exec_driver_sql("UPDATE journal_line SET action = 'x'")
    assert says(app, "Kunci jurnal")[0] == WRONG


def test_a_worker_seen_a_moment_ago_is_good_and_a_silent_one_is_not(app, restarted):
    office = production(restarted)
    beats(office, seconds=5)
    assert says(office, "Worker")[0] == GOOD
    beats(office, minutes=5)
    level, sentence = says(office, "Worker")
    assert level == WRONG and "5 menit" in sentence


def test_jobs_that_failed_or_wait_for_years_are_named(app):
    with app.app_context(), transaction() as session:
        session.add(WorkerJob(name="retention", failures=2))
    assert says(app, "Pekerjaan berkala") == (RISK, "Gagal pada percobaan terakhir: retention.")
    with app.app_context(), transaction() as session:
        session.execute(update(WorkerJob).values(failures=0, next_run_at=clock.now() + timedelta(days=700)))
    level, sentence = says(app, "Pekerjaan berkala")
    assert level == WRONG and "retention" in sentence


def test_a_stopped_channel_is_told(app):
    with app.app_context(), transaction():
        channel.stop("20003")
    assert says(app, "Saluran WhatsApp")[0] == WRONG


@pytest.mark.parametrize(("used", "waiting", "limit", "level"), [
    (0, 0, 250, NOTE), (0, 0, 2000, GOOD), (120, 130, 250, RISK), (250, 0, 250, WRONG), (900, 0, 0, GOOD),
])
def test_the_quota(app, monkeypatch, used, waiting, limit, level):
    monkeypatch.setattr(quota, "forecast", lambda: quota.Forecast(used, waiting, 0, limit))
    assert says(app, "Kuota WhatsApp")[0] == level


def test_a_city_that_registers_more_than_its_quota_carries_is_told_how_many_and_where_to_read_on(app, monkeypatch):
    monkeypatch.setattr(quota, "forecast", lambda: quota.Forecast(0, 0, 0, 2))
    an_application(app)
    assert says(app, "Kuota WhatsApp")[0] == NOTE
    another = an_application(app, nik="3574014505900002", whatsapp_number="081234560002", kk_number="3574010101100002")
    level, sentence = says(app, "Kuota WhatsApp")
    assert level == RISK and "cukup untuk sekitar 1 pendaftaran" in sentence and "pernah masuk 2" in sentence
    with app.app_context(), transaction() as session:
        session.get(Application, another).submitted_at -= timedelta(hours=30)
    assert says(app, "Kuota WhatsApp")[0] == NOTE, "on no single day there were more than it carries"


@pytest.mark.parametrize(("hours", "level"), [(1, GOOD), (30, RISK), (24 * 8, WRONG)])
def test_the_age_of_the_backup(app, hours, level):
    with app.app_context():
        note_backup(clock.now() - timedelta(hours=hours), "disk-luar")
    found, sentence = says(app, "Cadangan")
    assert found == level and "disk-luar" in sentence


def test_without_a_backup_that_is_what_it_says(restarted):
    assert says(production(restarted), "Cadangan") == (RISK, "Belum ada cadangan yang tercatat.")


def test_a_damaged_note_of_a_backup_is_no_backup(app, tmp_path):
    (tmp_path / "last-backup.json").write_text("{")
    assert says(app, "Cadangan")[0] == WRONG


def test_a_package_that_is_not_the_tested_one_is_named(app, monkeypatch):
    assert "flask" in parts.pins() and len(parts.pins()) > 40
    installed = {name: sorted(versions)[0] for name, versions in parts.pins().items()}
    monkeypatch.setattr(parts, "installed_version", installed.get)
    assert says(app, "Paket")[0] == GOOD
    installed["flask"] = "0.1"
    level, sentence = says(app, "Paket")
    assert level == RISK and "flask 0.1" in sentence


def test_a_c_library_that_is_too_old_is_named_with_the_reason(app, monkeypatch):
    told = [Library("libheif", "1.23.3", "pillow-heif"), Library("libwebp", "1.10.0", "pillow")]
    monkeypatch.setattr(parts, "bundled_libraries", lambda: told)
    level, sentence = says(app, "Pustaka C")
    assert level == RISK and "1.23.4" in sentence and "libwebp 1.10.0, paling" not in sentence
    monkeypatch.setattr(parts, "bundled_libraries", lambda: told[1:])
    assert says(app, "Pustaka C")[0] == GOOD


def test_the_real_c_libraries_are_all_found(app):
    sentence = says(app, "Pustaka C")[1]
    for name in ("libheif", "libde265", "libwebp", "libavif", "libjpeg-turbo", "SQLite", "OpenSSL", "libpq"):
        assert name in sentence


@pytest.mark.parametrize(("told", "level"), [
    ({"landlock": True, "seccomp": True}, GOOD), ({"landlock": False, "seccomp": True}, RISK),
])
def test_the_layers_of_the_picture_box(app, monkeypatch, told, level):
    monkeypatch.setattr(parts, "sandbox_layers", lambda: told)
    found, sentence = says(app, "Pembuka foto")
    assert found == level and "landlock" in sentence


def test_pictures_that_killed_their_decoder_are_told(app, monkeypatch):
    monkeypatch.setattr(parts, "sandbox_layers", lambda: {"landlock": True})
    gate.count_death()
    level, sentence = says(app, "Pembuka foto")
    assert level == NOTE and "1 foto mematikan pembukanya" in sentence



def test_a_python_past_its_end_is_told(app, monkeypatch, time):
    monkeypatch.setattr(parts.sys, "version_info", (3, 11, 9))
    assert says(app, "Python")[0] == GOOD
    time.moves(days=400)
    assert says(app, "Python")[0] == RISK
