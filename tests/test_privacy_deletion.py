"""A deletion that was granted: account closed, data erased, keyed hash and decision kept."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import json

from sqlalchemy import select

from app.accounts.models import Citizen
from app.base.database import db
from app.base.services import photo_store
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload
from app.photos.store import StorageUnavailable
from app.registration.models import Application
from app.registration.personal import open_citizen, open_personal
from tests.accounts import is_in
from tests.aging import ended, findings, lines, objects, personal_values, photos_of, runs
from tests.builders import CITIZEN_PASSWORD, RESIDENT
from tests.resident_pages import Follower, messages
from tests.rights_pages import WHY, Clerk, Owner, account, clerk, follower, owner, record  # noqa: F401 (fixtures)


def test_a_granted_deletion_closes_the_account_and_erases_what_names_the_person(app, account, owner, clerk):
    with app.app_context():
        nik_index = db.session.get(Application, account).nik_index
    owner.asks("deletion")
    clerk.grants("Akun dan data Anda sudah kami hapus.")
    assert not is_in(owner.client) and owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD).status == 422
    assert objects(app) == 0 and all(photo.erased_at for photo in photos_of(app, account))
    with app.app_context():
        row = db.session.get(Application, account)
        citizen = db.session.scalars(select(Citizen)).one()
        assert (row.status, row.nik_index) == ("active", nik_index), "keyed hash and decision stay"
        for kept in (str(open_personal(row)), str(open_citizen(citizen))):
            assert not any(value in kept for value in personal_values())
        gone = [open_payload(m) for m in db.session.scalars(select(OutboxMessage)) if m.erased_at]
        assert all(payload.to == "" for payload in gone)
    [proof] = lines(app, "application", account, "record_erased")
    assert json.loads(proof.detail) == {"reason": "deletions", "status": "active"}
    assert findings(app) == []


def test_a_deletion_needs_an_officer_who_is_sure_who_asked(app, owner, clerk):
    owner.asks("deletion")
    page = clerk.grants(sure="")
    assert page.status == 422 and "beri tanda centang" in page.text
    assert objects(app) == 6 and is_in(owner.client)


def test_the_farewell_message_of_a_deletion_goes_out(app, owner, clerk):
    owner.asks("deletion")
    clerk.grants("Akun dan data Anda sudah kami hapus.")
    [(_, to, text)] = messages(app, "hak_data_dihapus")
    assert to == "+6281200001001" and "kami hapus" in text
    assert not any(value in text for value in personal_values())


def test_after_a_deletion_the_same_nik_may_register_and_get_an_account_again(app, account, owner, clerk):
    owner.asks("deletion")
    clerk.grants("Akun dan data Anda sudah kami hapus.")
    again = ended(app, "active", new_password="bukit-hijau-2026")
    assert record(app, again).nik == RESIDENT["nik"]
    assert Follower(app.test_client()).signs_in(RESIDENT["nik"], "bukit-hijau-2026").status == 200
    assert findings(app) == []


def test_a_deletion_also_erases_closed_registrations_of_the_same_nik(app, time, clerk):
    older = ended(app, "rejected")
    ended(app, "active")
    person = Owner(app.test_client())
    person.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    person.asks("deletion")
    clerk.grants("Akun dan data Anda sudah kami hapus.")
    with app.app_context():
        assert db.session.get(Application, older).erased_at is not None
    assert objects(app) == 0 and findings(app) == []


def test_a_deletion_that_failed_halfway_is_finished_by_the_daily_run(app, account, owner, clerk, monkeypatch):
    owner.asks("deletion")
    with app.app_context(), monkeypatch.context() as patch:
        patch.setattr(photo_store(), "delete", lambda key: (_ for _ in ()).throw(StorageUnavailable("away")))
        assert clerk.grants("Akun dan data Anda sudah kami hapus.").status == 503
    assert not is_in(owner.client), "the account is closed at once"
    assert objects(app) == 6
    assert runs(app)["deletions"] == 1
    assert objects(app) == 0 and findings(app) == [] and "deletions" not in runs(app)


def test_deleting_a_waiting_registration_withdraws_and_erases_it(app, follower, clerk):
    follower.open("/lacak/hak-data")
    follower.send("/lacak/hak-data", {"kind": "deletion", "text": WHY})
    clerk.grants("Pendaftaran Anda sudah kami hapus.")
    with app.app_context():
        row = db.session.scalars(select(Application)).one()
        assert row.status == "withdrawn" and row.erased_at is not None and row.due_at is None
    assert objects(app) == 0 and findings(app) == []
