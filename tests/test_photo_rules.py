"""What holds for every photo: it opens only where it belongs, leaves nothing behind when its row fails,
and is made clean while no transaction is open."""


import pytest
from sqlalchemy import inspect, select, text

from app.base.database import db, transaction
from app.citizen_account import number_service
from app.complaints.ticket import files
from app.registration import photo_service
from app.registration.models import Photo
from tests.browser import Officer, Resident
from tests.builders import an_application, photo_files
from tests.complaints import Complainant
from tests.desk import a_case, nik_of, officer, shared_photos
from tests.own_account import asks_without_the_old_number
from tests.resident_pages import Follower, number_and_pin
from tests.test_fsck import fsck

# what tells one row from another; everything else may be exchanged by somebody who can write the database
IDENTITY = {"id", "application_id", "kind", "upload_id"}


def photos_of(app, application_id: str) -> dict[str, Photo]:
    with app.app_context():
        rows = db.session.scalars(select(Photo).where(Photo.application_id == application_id))
        return {row.kind: row for row in rows}


def exchange(app, one: Photo, other: Photo, keeping: set[str]) -> None:
    """Exchange everything but `keeping`: the files, by their keys, and with them what the rows say of them."""
    names = [column.key for column in inspect(Photo).columns if column.key not in keeping]
    values = [{name: getattr(photo, name) for name in names} for photo in (one, other)]
    with app.app_context(), transaction() as session:
        for photo, taken in ((one, values[1]), (other, values[0])):
            # unique keys: the first of the two steps aside
            session.execute(text("UPDATE photo SET storage_key = 'x', thumbnail_key = 'y' WHERE id = :id"),
                            {"id": other.id})
            session.execute(Photo.__table__.update().where(Photo.id == photo.id).values(**taken))


def status_of_picture(person: Officer, application_id: str, kind: str) -> int:
    return person.client.get(f"/petugas/pendaftaran/{application_id}/foto/{kind}").status_code


def test_two_faces_exchanged_between_two_registrations_are_never_shown(app):
    siti, dewi = a_case(app, 1), a_case(app, 2)
    bayu = officer(app, "bayu")
    for case in (siti, dewi):
        bayu.opens_case(case)
        assert status_of_picture(bayu, case, "selfie") == 200
    exchange(app, photos_of(app, siti)["selfie"], photos_of(app, dewi)["selfie"], keeping=IDENTITY)
    for case in (siti, dewi):
        bayu.opens_case(case)
        assert status_of_picture(bayu, case, "selfie") == 410
        assert status_of_picture(bayu, case, "ktp") == 200, "what nobody touched is shown"
    assert fsck(app).output.count("does not open") >= 2


def test_two_photos_of_one_registration_that_changed_rows_are_never_shown(app):
    siti = a_case(app, 1)
    bayu = officer(app, "bayu")
    bayu.opens_case(siti)
    found = photos_of(app, siti)
    exchange(app, found["ktp"], found["selfie"], keeping=IDENTITY)
    assert [status_of_picture(bayu, siti, kind) for kind in ("ktp", "selfie", "signature")] == [410, 410, 200]


def test_a_row_given_to_another_registration_takes_no_photo_with_it(app):
    siti, dewi = a_case(app, 1), an_application(app, shared_photos(), send=False, nik=nik_of(2))
    with app.app_context(), transaction() as session:
        session.execute(text("DELETE FROM photo WHERE application_id = :id AND kind = 'selfie'"), {"id": siti})
        session.execute(text("UPDATE photo SET application_id = :to WHERE application_id = :id AND kind = 'selfie'"),
                        {"id": dewi, "to": siti})
    bayu = officer(app, "bayu")
    bayu.opens_case(siti)
    assert status_of_picture(bayu, siti, "selfie") == 410


def test_the_small_copy_is_not_taken_for_the_photo(app):
    siti = a_case(app, 1)
    with app.app_context(), transaction() as session:
        session.execute(text("UPDATE photo SET storage_key = thumbnail_key, thumbnail_key = 'x' WHERE kind = 'ktp'"))
    bayu = officer(app, "bayu")
    bayu.opens_case(siti)
    assert status_of_picture(bayu, siti, "ktp") == 410


def registering(app):
    resident = Resident(app.test_client())
    resident.starts()
    resident.fills_in()
    resident.open("/daftar/ktp")
    return lambda: resident.sends_photo("ktp", photo_files()["ktp"])


def mending(app):
    follower = Follower(app.test_client())
    follower.follows(*number_and_pin(app, an_application(app, shared_photos())))
    return lambda: follower.mends_photo("ktp", photo_files()["selfie"])


def complaining(app):
    person = Complainant(app.test_client())
    return lambda: person.complains(files=[("a.jpg", photo_files()["ktp"])])


DOORS = [(registering, "photo"), (mending, "photo"), (asks_without_the_old_number, "account_request"),
         (complaining, "ticket_attachment")]


def keys_in_the_store(app) -> set[str]:
    return {key for key, _, _ in app.extensions["loket_photos"].list()}


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize(("door", "table"), DOORS, ids=lambda part: getattr(part, "__name__", ""))
def test_a_photo_whose_row_cannot_be_written_leaves_no_object_behind(app, door, table):
    sends = door(app)
    before = keys_in_the_store(app)
    with app.app_context(), transaction() as session:
        session.execute(text(
            f"CREATE TRIGGER uji_penuh BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        ))
    assert sends().status >= 500
    assert keys_in_the_store(app) == before
    with app.app_context(), transaction() as session:
        session.execute(text("DROP TRIGGER uji_penuh"))
    assert sends().status < 400
    assert keys_in_the_store(app) != before, "the same door, with room on the disk"


@pytest.mark.parametrize("door", [door for door, _ in DOORS])
def test_a_photo_is_made_clean_while_no_transaction_is_open(app, monkeypatch, door):
    seen = []
    for module in (photo_service, number_service, files):
        def looking(*args, clean=module.clean_photo, **kwargs):
            seen.append(db.session().in_transaction())
            return clean(*args, **kwargs)

        monkeypatch.setattr(module, "clean_photo", looking)
    sends = door(app)
    seen.clear()
    assert sends().status < 400
    assert seen and not any(seen), "decoding takes seconds: give the connection back first (end_reading)"
