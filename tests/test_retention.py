"""What is kept for how long: erased on time, proved, repeatable after any crash."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import SignIn
from app.base import clock
from app.base.database import db, transaction
from app.base.services import photo_store
from app.messages.models import InboundMessage
from app.photos.store import StorageUnavailable
from app.process import worker
from app.registration.models import Application, Photo
from app.registration.personal import open_personal
from app.retention import photos, rules, service
from tests.accounts import an_account, is_in, sign_in
from tests.aging import count, ended, findings, lines, objects, photos_of, runs
from tests.browser import Resident
from tests.builders import RESIDENT, an_application
from tests.resident_pages import Follower, number_and_pin

NEVER_DUE = 10_000


@pytest.mark.parametrize(("status", "days"), [("active", 90), ("rejected", 30), ("withdrawn", 30), ("expired", 30)])
def test_photos_go_so_many_days_after_the_end_and_leave_a_line_of_proof(app, time, status, days):
    application_id = ended(app, status)
    time.moves(days=days - 1, hours=23)
    assert runs(app) == {} and objects(app) == 6
    time.moves(hours=2)
    runs(app)
    assert objects(app) == 0
    kept = photos_of(app, application_id)
    assert len(kept) == 3 and all(photo.erased_at == clock.now() for photo in kept)
    [proof] = lines(app, "application", application_id, "photos_erased")
    detail = json.loads(proof.detail)
    assert detail["reason"] == f"photos-{'active' if status == 'active' else 'closed'}"
    assert detail["photos"] == sorted([photo.kind, photo.sealed_sha256] for photo in kept)
    assert findings(app) == [] and runs(app) == {}


def test_photos_of_a_registration_that_waits_are_kept_however_long(app, time):
    an_application(app)
    time.moves(days=1000)
    assert "photos-active" not in runs(app) and objects(app) == 6


def test_an_erased_photo_answers_that_it_was_erased(app, time, staff_client):
    application_id = ended(app, "rejected")
    time.moves(days=31)
    runs(app)
    answer = staff_client("operator").get(f"/petugas/pendaftaran/{application_id}/foto/ktp")
    assert answer.status_code == 404 and "dihapus sesuai masa simpan" in answer.text


def test_a_crash_after_the_object_and_before_the_row_is_made_good_by_the_next_run(app, time, monkeypatch):
    application_id = ended(app, "rejected")
    time.moves(days=31)

    def crash(*_args, **_kwargs):
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(photos, "prove", crash)
        with app.app_context(), pytest.raises(service.RetentionIncomplete, match="photos-closed"):
            service.run()
    assert objects(app) == 0 and all(photo.erased_at is None for photo in photos_of(app, application_id))
    assert runs(app)["photos-closed"] == 3
    assert len(lines(app, "application", application_id, "photos_erased")) == 1
    assert findings(app) == []


def test_a_crash_between_two_objects_is_made_good_too(app, time, monkeypatch):
    ended(app, "rejected")
    time.moves(days=31)
    with app.app_context(), monkeypatch.context() as patch:
        store, deleted = photo_store(), []

        def delete(key):
            if len(deleted) == 3:
                raise StorageUnavailable("ENOSPC")
            deleted.append(key)
            type(store).delete(store, key)

        patch.setattr(store, "delete", delete)
        with pytest.raises(service.RetentionIncomplete):
            service.run()
    assert objects(app) == 3
    runs(app)
    assert objects(app) == 0 and findings(app) == []


def test_a_photo_store_that_is_away_does_not_keep_other_kinds_from_their_turn(app, time, monkeypatch):
    ended(app, "rejected")
    ended(app, "active")
    sign_in(app.test_client())
    time.moves(days=61)
    with app.app_context(), monkeypatch.context() as patch:
        patch.setattr(photo_store(), "delete", lambda key: (_ for _ in ()).throw(StorageUnavailable("away")))
        with pytest.raises(service.RetentionIncomplete):
            service.run()
    assert count(app, SignIn) == 0 and objects(app) == 12


def test_one_case_that_cannot_be_erased_holds_up_no_other(app, time):
    an_account(app)  # a draft that has an account: nothing the house makes, and the database refuses
    an_application(app, send=False)
    time.moves(days=8)
    with app.app_context(), pytest.raises(service.RetentionIncomplete, match="drafts"):
        service.run()
    assert count(app, Application) == 1 and objects(app) == 0


def test_a_draft_past_its_life_goes_with_rows_and_photos(app, time):
    application_id = an_application(app, send=False)
    number, pin = number_and_pin(app, application_id)
    Follower(app.test_client()).follows(number, pin)
    time.moves(days=7, minutes=1)
    assert "tidak cocok" in Follower(app.test_client()).follows(number, pin).text
    assert runs(app) == {}, "a request that began in time may still be under way"
    time.moves(hours=1)
    assert runs(app) == {"drafts": 1}
    assert count(app, Application) == 0 and count(app, Photo) == 0 and objects(app) == 0
    [proof] = lines(app, "application", application_id, "draft_erased")
    assert len(json.loads(proof.detail)["photos"]) == 3
    assert findings(app) == []


def test_the_life_of_a_draft_is_the_one_of_the_city_file(app, time):
    resident = Resident(app.test_client())
    resident.starts()
    resident.fills_in()
    cookie = resident.client.get_cookie("loket_draf")
    with app.app_context():
        days = service.city().retention.drafts_days
    assert cookie.max_age == days * 24 * 3600
    time.moves(days=days, minutes=1)
    assert resident.client.get("/daftar/data").location.endswith("/daftar")


def test_a_personal_record_goes_a_year_after_the_end_and_the_decision_stays(app, time):
    application_id = ended(app, "rejected")
    with app.app_context():
        nik_index = db.session.get(Application, application_id).nik_index
    time.moves(days=366)
    assert runs(app)["records"] == 1
    with app.app_context():
        row = db.session.get(Application, application_id)
        assert (row.status, row.nik_index) == ("rejected", nik_index)
        assert row.pin_sealed is row.password_hash is row.phone_index is row.kk_index is None
        assert RESIDENT["nik"] not in str(open_personal(row)) and "SITI" not in str(open_personal(row))
        reason = row.changes[-1].reasons[0]
        assert reason.code == "BUKAN_WARGA_KOTA" and reason.note_sealed is None
    assert findings(app) == []


def test_an_account_in_use_keeps_its_data(app, time):
    application_id = ended(app, "active")
    time.moves(days=NEVER_DUE)
    assert "records" not in runs(app)
    client = app.test_client()
    assert sign_in(client).status_code == 303 and is_in(client)
    with app.app_context():
        assert open_personal(db.session.get(Application, application_id)).nik == RESIDENT["nik"]


def test_large_backlogs_are_worked_off_in_batches(app, time, monkeypatch):
    monkeypatch.setattr(service, "BATCH", 2)
    with app.app_context(), transaction() as session:
        session.add_all(InboundMessage(
            provider_id=f"SM{number}", contact_index="x" * 64, payload_sealed=b"x", source="webhook",
        ) for number in range(5))
    time.moves(days=31)
    assert runs(app) == {"inbound": 5}
    assert [json.loads(line.detail)["rows"] for line in lines(app, "retention", "inbound", "rows_erased")] == [2, 2, 1]


def test_no_batch_is_larger_than_500_rows():
    assert rules.BATCH <= 500


def test_the_report_shows_what_is_due_and_erases_nothing(app, time):
    ended(app, "rejected")
    time.moves(days=31)
    output = app.test_cli_runner().invoke(args=["retention", "report"]).output
    [line] = [line for line in output.splitlines() if line.startswith("photos-closed")]
    assert line.split()[1:3] == ["1", "due,"] and "23 November 2026" in line
    assert "30 days after" in output and RESIDENT["full_name"] not in output
    assert objects(app) == 6


def test_the_command_erases_and_says_how_much(app, time):
    ended(app, "rejected")
    time.moves(days=31)
    refused = app.test_cli_runner().invoke(args=["retention", "run"])
    assert refused.exit_code == 1 and "Nothing was erased" in refused.output and objects(app) == 6
    app.test_cli_runner().invoke(args=["clock", "confirm"])
    ran = app.test_cli_runner().invoke(args=["retention", "run"])
    assert ran.exit_code == 0 and "photos-closed" in ran.output
    assert objects(app) == 0
    assert findings(app) == []


def test_the_worker_erases_once_a_day_by_itself(app, time):
    an_application(app, send=False)
    worker.run_once(app)
    assert objects(app)
    for _ in range(8):
        time.moves(days=1)
        worker.run_once(app)
    assert objects(app) == 0


def test_every_rule_has_its_work_and_its_days(app):
    with app.app_context():
        assert {rule.key for rule in service.RULES} == set(service.WORKS)
        assert all(due.days > 0 for due in service.report() if due.rule.days)


def test_fsck_tells_of_photos_that_vanished_without_proof(app, time):
    application_id = ended(app, "rejected")
    with app.app_context(), transaction():
        for photo in db.session.scalars(select(Photo)):
            photo.erased_at = clock.now()
    time.moment = datetime.now(UTC) + timedelta(hours=2)  # the files are as old as they are
    found = findings(app)
    assert f"application {application_id}: photos erased without a line of proof" in found
    assert sum("no photo or file names it" in finding for finding in found) == 6
