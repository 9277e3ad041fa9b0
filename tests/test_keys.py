"""Keys: each start proves them, and they are replaced by newer ones while people register."""

import base64
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app import create_app
from app.base import kept_keys
from app.base.database import db, transaction
from app.base.kept_keys import KeyCanary, OwnKey, ReplacedObject
from app.base.services import photo_store, sealer, settings
from app.keys import commands, proof, rotation
from app.process.fsck import check
from app.registration.models import Application, Photo
from tests.accounts import an_account, sign_in
from tests.builders import RESIDENT, TEST_SETTINGS, an_application

NEW = base64.b64encode(bytes(range(64, 96))).decode()
OLD_SEALING, OLD_INDEX = TEST_SETTINGS["SEALING_KEYS"], TEST_SETTINGS["INDEX_KEY"]
OTHER = base64.b64encode(bytes(range(96, 128))).decode()
BOTH = pytest.mark.parametrize("house", ["app", "pg_app"], indirect=True)


@pytest.fixture
def house(request, tmp_path):
    """house(SEALING_KEYS=...) -> the same installation started anew with other keys."""
    database = request.getfixturevalue(getattr(request, "param", "app"))
    where = {"DATABASE_URL": database.extensions["loket"].database_url}
    made = []

    def start(**changed):
        app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), **where, **changed})
        made.append(app)
        with app.app_context():
            proof.prove_at_start()
            db.session.remove()
        return app

    yield start
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_a_wrong_a_missing_and_a_swapped_key_refuse_the_start_and_are_named(house):
    app = house()
    with app.app_context():
        an_application(app)
    for changed, named in (
        ({"SEALING_KEYS": f"uji1:{OTHER}"}, "'uji1'"),
        ({"SEALING_KEYS": f"baru2:{NEW}"}, "lacks key 'uji1'"),
        ({"INDEX_KEY": OTHER}, "INDEX_KEY"),
        ({"SEALING_KEYS": f"uji1:{OLD_INDEX}", "INDEX_KEY": OLD_SEALING.partition(":")[2]}, "'uji1'"),
    ):
        with pytest.raises(proof.KeysRefused, match=named):
            house(**changed)
    house()


def test_a_database_from_before_the_first_proof_is_compared_with_what_it_holds(house, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(proof, "prove_at_start", lambda: None)
        app = house()
        an_application(app)
    for changed in ({"SEALING_KEYS": f"uji1:{OTHER}"}, {"INDEX_KEY": OTHER}):
        with pytest.raises(proof.KeysRefused):
            house(**changed)
    with house().app_context():
        assert check() == []


@BOTH
def test_both_keys_are_replaced_while_people_register_and_the_old_ones_can_go(house, monkeypatch):
    monkeypatch.setattr(rotation, "GRACE_SECONDS", 0)
    house()
    both = {"SEALING_KEYS": f"baru2:{NEW},{OLD_SEALING}", "INDEX_KEY": f"{OTHER},{OLD_INDEX}"}
    before = house()
    an_account(before)
    for number in range(2, 6):
        an_application(before, **a_nik(number))
    app = house(**both)
    stop, failures = threading.Event(), []
    thread = threading.Thread(target=register_until, args=(app, stop, failures))
    thread.start()
    ran = app.test_cli_runner().invoke(args=["keys", "rotate"])
    stop.set()
    thread.join()
    assert ran.exit_code == 0 and "key uji1 is unused" in ran.output and not failures, (ran.output, failures)
    after = house(SEALING_KEYS=f"baru2:{NEW}", INDEX_KEY=OTHER)
    with after.app_context():
        assert check() == []
        assert db.session.scalar(select(func.count()).select_from(ReplacedObject)) == 0
        assert db.session.scalar(select(func.count()).select_from(Application)) > 5
        row = db.session.scalars(select(Application).order_by(Application.created_at)).first()
        assert row.nik_index == sealer().index("nik", RESIDENT["nik"])
    assert sign_in(after.test_client()).status_code == 303
    told = after.test_cli_runner().invoke(args=["keys", "check"])
    assert told.exit_code == 0 and "uji1: not configured, unused" in told.output
    with pytest.raises(proof.KeysRefused, match="INDEX_KEY"):
        house(SEALING_KEYS=f"baru2:{NEW}")


def a_nik(number: int) -> dict[str, str]:
    """The data of another person."""
    return {"nik": f"357401450590{number:04}", "whatsapp_number": f"0812-0000-{2000 + number}",
            "kk_number": f"357401010110{number:04}"}


def register_until(app, stop: threading.Event, failures: list) -> None:
    number = 100
    while not stop.wait(0.05) or number < 103:
        number += 1
        try:
            an_application(app, **a_nik(number))
        except Exception as error:  # noqa: BLE001  whatever it was, the test tells it
            failures.append(repr(error))
            return


def test_a_second_index_key_lies_over_the_first_and_a_third_over_both(house, monkeypatch):
    monkeypatch.setattr(rotation, "GRACE_SECONDS", 0)
    an_application(house())
    keys = [OLD_INDEX, OTHER, NEW]
    for old, new in itertools.pairwise(keys):
        ran = house(INDEX_KEY=f"{new},{old}").test_cli_runner().invoke(args=["keys", "rotate"])
        assert ran.exit_code == 0, ran.output
    with house(INDEX_KEY=NEW).app_context():
        assert check() == []
        assert db.session.scalar(select(OwnKey.name).where(OwnKey.name == "wrap:1"))


def test_a_rotation_that_was_killed_goes_on_where_it_was(house, monkeypatch):
    monkeypatch.setattr(rotation, "GRACE_SECONDS", 0)
    monkeypatch.setattr(rotation, "OBJECT_BATCH", 1)
    monkeypatch.setattr(rotation, "BATCH", 1)
    app = house()
    for number in range(1, 4):
        an_application(app, **a_nik(number))
    app = house(SEALING_KEYS=f"baru2:{NEW},{OLD_SEALING}")
    calls = []

    def dies(place, row):
        calls.append(row.id)
        if len(calls) > 4:
            raise SystemExit("killed")
        return genuine(place, row)

    genuine = rotation._object
    with monkeypatch.context() as patch, app.app_context():
        patch.setattr(rotation, "_object", dies)
        with pytest.raises(SystemExit):
            rotation.rotate(lambda line: None)
        db.session.rollback()
        assert check() == []
    calls.clear()
    with monkeypatch.context() as patch:
        patch.setattr(rotation, "_object", lambda place, row: calls.append(row.id) or genuine(place, row))
        ran = app.test_cli_runner().invoke(args=["keys", "rotate"])
    assert ran.exit_code == 0 and len(calls) == 3 * 3 * 2 - 4, ran.output
    with house(SEALING_KEYS=f"baru2:{NEW}").app_context():
        assert check() == []
        newest = settings().sealing_keys[0][0]
        for photo in db.session.scalars(select(Photo)):
            assert sealer().key_id(photo_store().get(photo.storage_key)) == newest


def test_what_does_not_open_keeps_its_key_in_use_and_is_named(house, monkeypatch):
    monkeypatch.setattr(rotation, "GRACE_SECONDS", 0)
    app = house()
    application_id = an_application(app)
    with app.app_context(), transaction() as session:
        row = session.get(Application, application_id)
        row.pin_sealed = row.pin_sealed[:-1] + bytes([row.pin_sealed[-1] ^ 1])
    ran = house(SEALING_KEYS=f"baru2:{NEW},{OLD_SEALING}").test_cli_runner().invoke(args=["keys", "rotate"])
    assert ran.exit_code == 1 and "application.pin_sealed" in ran.output and "uji1" in ran.output
    with house(SEALING_KEYS=f"baru2:{NEW},{OLD_SEALING}").app_context():
        canary = db.session.get(KeyCanary, ("sealing", "uji1"))
        assert canary.retired_at is None


def test_fsck_names_the_key_it_lacks(house):
    app = house()
    an_application(app)
    lacking = create_app({
        **TEST_SETTINGS, "LOKET_INSTANCE": app.instance_path, "SEALING_KEYS": f"baru2:{NEW}",
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
    })
    with lacking.app_context():
        found = " ".join(check())
        db.engine.dispose()
    assert found.startswith("keys: ") and "lacks key 'uji1'" in found


def test_keys_come_from_a_file_or_a_program_as_well(tmp_path, house):
    source = tmp_path / "kunci"
    names = ("SEALING_KEYS", "INDEX_KEY", "SECRET_KEY")
    source.write_text("\n".join(f"{name}={TEST_SETTINGS[name]}" for name in names))
    without = {"LOKET_ENV": "demo", "LOKET_INSTANCE": str(tmp_path)}
    for given in (f"file:{source}", f"command:cat {source}"):
        app = create_app({**without, "KEYS_FROM": given})
        with app.app_context():
            assert settings().sealing_keys[0][0] == "uji1"
    with pytest.raises(SystemExit, match="KEYS_FROM gives no keys"):
        create_app({**without, "KEYS_FROM": "file:/nowhere"})
    assert commands.keys_cli.name == "keys"


@BOTH
def test_a_whole_pool_of_connections_reads_the_keys_for_the_first_time_at_once(house):
    """Each holds one by then: were a second one asked for, all would wait for one another."""
    app = house()
    with app.app_context():
        at_once = 10 if db.engine.dialect.name == "postgresql" else 1  # SQLite has one writer
    together = threading.Barrier(at_once)

    def write(_number):
        with app.app_context(), transaction():
            together.wait(10)
            kept_keys.forget_cache()
            return len(kept_keys.kept().subkeys)

    with ThreadPoolExecutor(at_once) as pool:
        assert min(pool.map(write, range(at_once))) > 0
