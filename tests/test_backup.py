"""A machine is lost, and what was acknowledged before the backup is there elsewhere: both engines, both stores."""

import shutil
import threading
from datetime import timedelta

import pyrage
import pytest
from sqlalchemy import select

from app import create_app
from app.accounts.models import SignIn
from app.backup import restoring
from app.backup.target import AGE, Target, last_backup
from app.base import clock, journal_proof
from app.base.database import db
from app.base.services import photo_store
from app.keys import proof
from app.messages import dispatcher, states
from app.messages.models import OutboxMessage
from app.process.fsck import check
from app.registration.models import Application
from app.retention.records import erase_everything
from tests.builders import RESIDENT, TEST_SETTINGS, add_staff, an_application, sign_in_staff
from tests.doctoring import says
from tests.test_keys import OTHER, a_nik
from tests.warm_python import steps  # noqa: F401 (fixture)

IDENTITY = pyrage.x25519.Identity.generate()


class Machines:
    """Machines(...).new() -> an app on a database, a photo store and an instance folder of its own."""

    def __init__(self, request, tmp_path):
        self.kind, self.request, self.folder, self.apps = request.param, request, tmp_path, []
        self.s3 = request.getfixturevalue("s3_server") if self.kind == "postgresql" else None
        self.target = str(tmp_path / "cadangan") if self.s3 is None else f"s3://{self.s3.new_bucket()}/loket"
        self.identity = tmp_path / "pemulihan.txt"
        self.identity.write_text(f"# kunci pemulihan\n{IDENTITY}\n")

    def new(self, empty: bool = False, **changed):
        instance = self.folder / f"mesin-{len(self.apps)}"
        instance.mkdir()
        given = {**TEST_SETTINGS, "LOKET_INSTANCE": str(instance), "BACKUP_RECIPIENT": str(IDENTITY.to_public())}
        if self.s3 is None:
            if not empty:
                shutil.copy(self.request.getfixturevalue("migrated_sqlite"), instance / "loket.sqlite3")
        else:
            given |= {**self.s3.aws, "DATABASE_URL": self.request.getfixturevalue("fresh_database")(),
                      "PHOTOS_URL": f"s3://{self.s3.new_bucket()}/foto"}
        app = create_app({**given, **changed})
        self.apps.append(app)
        if not empty:
            with app.app_context():
                proof.prove_at_start()
                db.session.remove()
        return app

    def backup(self, app, *options: str):
        return app.test_cli_runner().invoke(args=["backup", self.target, *options])

    def restore(self, app, *options: str):
        return app.test_cli_runner().invoke(
            args=["restore", self.target, "--identity", str(self.identity), *options])

    def close(self) -> None:
        for app in self.apps:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def machines(request, tmp_path):
    made = Machines(request, tmp_path)
    yield made
    made.close()


def numbers(app) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(select(Application.number).where(Application.number.is_not(None))))


def test_nothing_acknowledged_before_the_backup_is_lost_nobody_erased_comes_back_and_nothing_goes_twice(machines):
    app = machines.new()
    add_staff(app, "operator1", "operator")
    assert sign_in_staff(app.test_client(), "operator1")
    erased = an_application(app)
    for number in range(2, 5):
        an_application(app, **a_nik(number))
    acknowledged, stop, failures = numbers(app), threading.Event(), []
    writer = threading.Thread(target=register_while, args=(app, stop, failures))
    writer.start()
    made = machines.backup(app)
    stop.set()
    writer.join()
    assert made.exit_code == 0 and not failures, (made.output, failures)
    with app.app_context():
        assert erase_everything(erased, "deletions") == 1
        dispatcher.deliver_due()  # gone after the backup
        assert clock.now() - last_backup().at < timedelta(minutes=10)

    elsewhere = machines.new(empty=True)
    done = machines.restore(elsewhere)
    assert done.exit_code == 0 and "1 erased anew" in done.output and "RPO" in done.output, done.output
    assert acknowledged <= numbers(elsewhere)
    with elsewhere.app_context():
        assert check() == []
        row = db.session.get(Application, erased)
        assert row.erased_at is not None and RESIDENT["full_name"] not in str(row.personal_sealed)
        waiting = list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.state.in_(states.WAITING))))
        assert waiting and all(message.state == states.UNKNOWN for message in waiting)
        assert dispatcher.deliver_due() == 0
        assert db.session.scalar(select(SignIn).where(SignIn.ended_at.is_(None))) is None
        assert journal_proof.first_broken_line() is None
    assert machines.restore(elsewhere).exit_code == 1, "it is not empty any more"


def register_while(app, stop: threading.Event, failures: list) -> None:
    number = 500
    while not stop.wait(0.05):
        number += 1
        try:
            an_application(app, **a_nik(number))
        except Exception as error:  # noqa: BLE001  whatever it was, the test tells it
            failures.append(repr(error))
            return


def test_a_backup_opens_only_with_the_recovery_key_and_the_keys_of_then(machines):
    app = machines.new()
    an_application(app)
    assert machines.backup(app).exit_code == 0
    with app.app_context():
        inside = list(Target(machines.target).names("copies")) + list(Target(machines.target).names("photos"))
    assert inside and all(name.endswith((AGE, "photos.json")) for name in inside)
    closed = machines.new(empty=True).test_cli_runner().invoke(args=["restore", machines.target])
    assert closed.exit_code == 1 and "--identity" in closed.output
    wrong = machines.new(empty=True, SEALING_KEYS=f"uji1:{OTHER}")
    refused = machines.restore(wrong)
    assert refused.exit_code == 1 and "uji1" in str(refused.exception) + refused.output


def test_copies_beyond_those_to_keep_go_with_the_photos_only_they_name(machines):
    app = machines.new()
    first = an_application(app)
    an_application(app, **a_nik(2))
    assert machines.backup(app).exit_code == 0
    with app.app_context():
        before = Target(machines.target).photos()
        erase_everything(first, "deletions")
        left = {key for key, _, _ in photo_store().list()}
    copies = machines.backup(app, "--keep", "1")
    assert copies.exit_code == 0, copies.output
    with app.app_context():
        target = Target(machines.target)
        assert len(target.copies()) == 1 and target.photos() == left < before
        assert set(target.erased()) == {first}


def test_check_opens_the_newest_copy_completely_and_a_damaged_one_is_told(machines, steps):  # noqa: F811
    steps(restoring)
    app = machines.new()
    an_application(app)
    assert machines.backup(app).exit_code == 0
    whole = machines.backup(app, "--check", "--identity", str(machines.identity))
    assert whole.exit_code == 0 and "opens completely" in whole.output, whole.output
    with app.app_context():
        target = Target(machines.target)
        target.remove_photo(sorted(target.photos())[0])
    broken = machines.backup(app, "--check", "--identity", str(machines.identity))
    assert broken.exit_code == 1 and "NOT whole" in broken.output and "missing" in broken.output


def test_a_backup_is_refused_under_a_wrong_key_and_the_doctor_counts_the_days(machines, monkeypatch):
    app = machines.new()
    an_application(app)
    monkeypatch.setattr(proof, "findings", lambda: ["setting INDEX_KEY is another."])
    refused = machines.backup(app)
    assert refused.exit_code == 1 and "INDEX_KEY" in refused.output
    assert says(app, "Cadangan")[1].startswith("Belum ada cadangan")
    with app.app_context():
        assert last_backup() is None
