"""`flask fsck` finds what does not agree, names rows by id only, and says so by its exit code."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select, text

from app.base import clock
from app.base.database import db, transaction
from app.photos.store import new_key
from app.process import fsck as checking
from app.registration.models import Photo
from app.registration.photo_kinds import KINDS
from tests.builders import RESIDENT, an_application
from tests.picture_parts import card, encoded

SMALL = encoded(card(640, 410))
KEEPERS = ("journal_line_no_update", "journal_line_no_delete")


def fsck(app, *options: str) -> Result:
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["fsck", *options])
        db.session.remove()
    return result


def by_hand(app, statement: str, **values) -> None:
    """A change behind the back of the product."""
    with app.app_context(), transaction() as session:
        assert session.execute(text(statement), values).rowcount, "the statement changed nothing"


def a_photo(app) -> Photo:
    with app.app_context():
        return db.session.scalars(select(Photo).order_by(Photo.id)).first()


def file_of(app, key: str) -> Path:
    return next(Path(app.extensions["loket"].photos_url).rglob(key))


def grow_old(app) -> None:
    for path in Path(app.extensions["loket"].photos_url).rglob("*"):
        os.utime(path, (time.time() - 7200,) * 2)


def small_application(app, **changed) -> str:
    return an_application(app, dict.fromkeys(KINDS, SMALL), **changed)


@pytest.fixture
def sent(app):
    """Id of a registration that was sent."""
    return small_application(app)


def test_a_healthy_system_is_consistent(app, sent):
    small_application(app, send=False, nik="3574014505900077")
    result = fsck(app)
    assert (result.exit_code, result.output) == (0, "consistent\n")


@pytest.mark.parametrize("which", ["storage_key", "thumbnail_key"])
def test_a_missing_object_is_found(app, sent, which):
    photo = a_photo(app)
    file_of(app, getattr(photo, which)).unlink()
    result = fsck(app)
    assert result.exit_code == 1
    assert f"photo {photo.id}: its object is missing" in result.output


@pytest.mark.parametrize(("which", "finding"), [
    ("storage_key", "its object was altered"), ("thumbnail_key", "its small copy does not open"),
])
def test_an_altered_object_is_found(app, sent, which, finding):
    photo = a_photo(app)
    path = file_of(app, getattr(photo, which))
    sealed = bytearray(path.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    path.write_bytes(sealed)
    result = fsck(app)
    assert result.exit_code == 1 and f"photo {photo.id}: {finding}" in result.output


def test_a_check_that_was_ended_goes_on(app, sent, monkeypatch):
    monkeypatch.setattr(checking, "BATCH", 1)
    with app.app_context():
        photos = db.session.scalars(select(Photo).order_by(Photo.id)).all()
    for photo in photos:
        file_of(app, photo.storage_key).write_bytes(b"x")
    with app.app_context():
        ended = checking.findings()
        found = [next(ended), next(ended)]
        ended.close()
    assert [photos[0].id in found[0], photos[1].id in found[1]] == [True, True]
    resumed = fsck(app, "--resume")
    rest = resumed.output
    assert "3 findings, 1 of them told by the run that was ended" in rest
    assert [photo.id in rest for photo in photos] == [False, True, True], "the one under way is looked at again"
    assert fsck(app, "--resume").output.count("altered") == 3, "nothing is left to go on with"


def cut(*_):
    raise InterruptedError


def test_a_check_that_goes_on_with_nothing_more_to_find_is_not_called_consistent(app, sent, monkeypatch):
    monkeypatch.setattr(checking, "BATCH", 1)
    file_of(app, a_photo(app).storage_key).write_bytes(b"x")
    with app.app_context(), monkeypatch.context() as power, pytest.raises(InterruptedError):
        power.setattr(checking.Progress, "forget", cut)
        list(checking.findings())
    resumed = fsck(app, "--resume")
    assert resumed.exit_code == 1
    assert resumed.output == "1 findings, 1 of them told by the run that was ended\n"


def test_two_photos_that_changed_places_are_found(app, sent):
    with app.app_context():
        one, two, _ = (file_of(app, photo.storage_key) for photo in db.session.scalars(select(Photo)))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert fsck(app).output.count("its object was altered") == 2


def test_a_status_changed_by_hand_is_found(app, sent):
    by_hand(app, "UPDATE application SET status = 'complete' WHERE id = :id", id=sent)
    result = fsck(app)
    assert result.exit_code == 1
    assert f"application {sent}: is complete, its changes lead to submitted" in result.output


def test_a_move_that_the_table_does_not_allow_is_found(app, sent):
    by_hand(app, "UPDATE status_change SET act = 'approve', to_status = 'active' WHERE application_id = :id", id=sent)
    by_hand(app, "UPDATE application SET status = 'active' WHERE id = :id", id=sent)
    assert "is not a legal move" in fsck(app).output


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize(("statement", "broken"), [
    ("DELETE FROM journal_line WHERE seq = 1", 1),
    ("DELETE FROM journal_line WHERE seq = (SELECT max(seq) FROM journal_line)", None),
    ("UPDATE journal_line SET actor_id = 'x' WHERE seq = 2", 2),
    ("UPDATE journal_line SET seq = 999 WHERE seq = 2", 2),
])
def test_a_removed_or_altered_journal_line_is_found(app, sent, statement, broken):
    with app.app_context(), transaction() as session:
        last = session.scalar(text("SELECT max(seq) FROM journal_line"))
        for keeper in KEEPERS:  # somebody with the whole database in his hands
            session.execute(text(f"DROP TRIGGER {keeper}"))
    by_hand(app, statement)
    result = fsck(app)
    assert result.exit_code == 1
    assert f"journal: line {broken or last} is missing or altered" in result.output


def test_an_act_without_its_journal_line_is_found(app, sent):
    row = "(:id, 'declare_complete', 'submitted', 'complete', '2026-11-02 03:00:00', 'staff', 'x')"
    columns = "(application_id, act, from_status, to_status, at, actor_kind, actor_id)"
    by_hand(app, f"INSERT INTO status_change {columns} VALUES {row}", id=sent)
    by_hand(app, "UPDATE application SET status = 'complete' WHERE id = :id", id=sent)
    output = fsck(app).output
    assert "application_declare_complete is journalled 0 times, not 1" in output
    assert "2 messages due, 1 in the outbox" in output


@pytest.mark.parametrize(("statement", "finding"), [
    ("UPDATE application SET nik_index = kk_index WHERE id = :id", "its NIK index differs from its record"),
    ("UPDATE application SET personal_sealed = pin_sealed WHERE id = :id", "its personal record does not open"),
    ("UPDATE photo SET superseded_at = created_at WHERE application_id = :id AND kind = 'selfie'",
     "sent without three photos"),
])
def test_a_record_tampered_with_is_found(app, sent, statement, finding):
    by_hand(app, statement, id=sent)
    result = fsck(app)
    assert result.exit_code == 1 and f"application {sent}: {finding}" in result.output


def test_a_message_stuck_in_sending_is_found(app, sent):
    long_ago = (clock.now() - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    by_hand(app, "UPDATE outbox_message SET state = 'sending', lease_until = :then", then=long_ago)
    assert "still being sent long after its lease ended" in fsck(app).output


def test_an_object_without_a_row_is_left_alone_while_young_and_swept_when_old(app, sent):
    store = app.extensions["loket_photos"]
    orphan = new_key()
    store.put_new(orphan, b"sisa")
    assert fsck(app).exit_code == 0

    grow_old(app)
    found = fsck(app)
    assert found.exit_code == 1 and f"object {orphan}: no photo or file names it" in found.output
    assert fsck(app, "--sweep").exit_code == 0
    assert not store.exists(orphan)
    assert len(list(store.list())) == 6, "three photos and their small copies stay"


def test_a_file_left_half_written_by_a_crash_is_swept(app, sent):
    half = Path(app.extensions["loket"].photos_url) / "tmp" / "0123"
    half.write_bytes(b"separuh")
    fsck(app, "--sweep")
    assert half.exists(), "its writer may still be at work"
    grow_old(app)
    assert fsck(app, "--sweep").exit_code == 0
    assert not half.exists()


def test_a_finding_names_no_person(app, sent):
    file_of(app, a_photo(app).storage_key).unlink()
    by_hand(app, "UPDATE application SET status = 'complete', nik_index = kk_index WHERE id = :id", id=sent)
    output = fsck(app).output
    for secret in (RESIDENT["nik"], RESIDENT["full_name"], "81200001001", "Contoh Mawar"):
        assert secret not in output
