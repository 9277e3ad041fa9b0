"""Traces that hold: where a line came from, a cut tail that is found, logs without personal data, much reading."""

import json
import random
import re

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import anchors, create_app, journal, reading_watch, worker
from app.access import public
from app.accounts.models import Staff
from app.anchors import Anchor
from app.config import BadSetting, read_settings
from app.extensions import db, transaction
from app.journal import JournalAddress, JournalLine
from app.logs import redact
from app.network import plain, shortened
from tests.accounts import staff_sign_in
from tests.aging import runs
from tests.browser import Page
from tests.builders import RESIDENT, TEST_SETTINGS, add_staff, an_application

BOTH = pytest.mark.parametrize("which", ["app", "pg_app"])
VISITOR, SHORT = "203.0.113.77", "203.0.113.0/24"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def chosen(request, which):
    """The app on the database named by the test's parameter."""
    return request.getfixturevalue(which)


def verify(app, *arguments):
    return app.test_cli_runner().invoke(args=["journal", "verify", *arguments])


def signs_in(app, role: str = "operator", address: str = VISITOR, name: str = ""):
    username = name or f"{role}1"
    add_staff(app, username, role)
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    staff_sign_in(client, username)
    return client


def run_sql(app, *statements: str) -> None:
    with app.app_context(), transaction() as session:
        for statement in statements:
            session.execute(text(statement))


def addresses(app) -> list[JournalAddress]:
    with app.app_context():
        return list(db.session.scalars(select(JournalAddress).order_by(JournalAddress.seq)))


# --- where a line came from


@BOTH
def test_a_line_says_from_where_and_the_supervisor_reads_it(chosen):
    signs_in(chosen)
    page = Page(signs_in(chosen, "supervisor", "2001:db8:1:2ff::9").get("/petugas/jurnal"))
    page.audit(fragment=False)
    assert VISITOR in page.text and "2001:db8:1:2ff::9" in page.text and "Firefox di Linux" in page.text
    assert verify(chosen).exit_code == 0


@BOTH
def test_after_thirty_days_an_address_is_shortened_and_the_chain_still_verifies(chosen, time):
    signs_in(chosen)
    time.moves(days=30)
    assert runs(chosen) == {} and addresses(chosen)[0].full == VISITOR
    time.moves(seconds=1)
    assert runs(chosen)["addresses"] == 1
    (row,) = addresses(chosen)
    assert (row.full, row.salt, row.short) == ("", "", SHORT)
    assert verify(chosen).exit_code == 0
    page = Page(signs_in(chosen, "supervisor", "198.51.100.1").get("/petugas/jurnal"))
    assert SHORT in page.text and VISITOR not in page.text


@BOTH
@pytest.mark.parametrize("sql", [
    "UPDATE journal_address SET \"full\" = '198.51.100.9'", "UPDATE journal_address SET short = '198.51.100.0/24'",
    "DELETE FROM journal_address", "UPDATE journal_line_of_another_seq",
])
def test_an_address_altered_swapped_or_removed_by_hand_is_found(chosen, sql):
    signs_in(chosen)
    if sql.startswith("UPDATE journal_line"):
        with chosen.app_context(), transaction():
            line = journal.record("case_viewed", actor=journal.SYSTEM, about=("application", "1"))
            seq = line.seq
        sql = f"UPDATE journal_address SET seq = {seq}"
    assert verify(chosen).exit_code == 0
    run_sql(chosen, sql)
    assert verify(chosen).exit_code == 1


def test_a_short_address_altered_after_its_days_is_found_too(app, time):
    signs_in(app)
    time.moves(days=31)
    runs(app)
    run_sql(app, "UPDATE journal_address SET short = '198.51.100.0/24'")
    assert verify(app).exit_code == 1


def test_the_worker_and_commands_come_from_nowhere(app):
    an_application(app)
    assert addresses(app) == []


@pytest.mark.parametrize(("given", "whole", "short"), [
    ("203.0.113.77", "203.0.113.77", "203.0.113.0/24"), ("::ffff:203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
    ("2001:DB8:1:2FF::9", "2001:db8:1:2ff::9", "2001:db8:1:200::/56"), ("fe80::1%eth0", "fe80::1", "fe80::/56"),
])
def test_addresses_are_written_one_way_and_shortened_to_a_neighbourhood(given, whole, short):
    assert plain(given) == whole and shortened(whole) == short


@pytest.mark.parametrize("given", [None, "", "unknown", "1.2.3", "<script>"])
def test_what_is_no_address_is_kept_as_nothing(given):
    assert plain(given) == ""


# --- anchors


@pytest.fixture
def anchored(tmp_path_factory):
    """(make, file): make() builds an app of this database with its anchors in `file`, elsewhere."""
    return tmp_path_factory.mktemp("elsewhere") / "anchors.txt"


def with_anchors(app, file, **more):
    """A second app on the same database, as after a change of settings."""
    return create_app({
        **TEST_SETTINGS, "LOKET_INSTANCE": str(app.extensions["loket"].instance),
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "JOURNAL_ANCHORS": str(file), **more,
    })


def cut_tail(app, lines: int) -> None:
    """What a database administrator can do who holds no key: guards down, newest lines away, head back."""
    with app.app_context():
        last = db.session.scalar(select(JournalLine.seq).order_by(JournalLine.seq.desc()).limit(1)) - lines
        kept = db.session.scalar(select(JournalLine.hash).where(JournalLine.seq == last))
        db.session.remove()
        postgres = db.engine.dialect.name == "postgresql"
    guards = (["ALTER TABLE journal_line DISABLE TRIGGER ALL"] if postgres else
              [f"DROP TRIGGER journal_line_no_{act}" for act in ("update", "delete", "replace")])
    run_sql(app, *guards, f"DELETE FROM journal_line WHERE seq > {last}",
            f"DELETE FROM journal_address WHERE seq > {last}", f"UPDATE journal_head SET seq = {last}, hash = '{kept}'")


@BOTH
def test_a_cut_tail_looks_whole_and_is_found_by_the_anchors(chosen, anchored):
    app = with_anchors(chosen, anchored)
    signs_in(app)
    for _ in range(3):
        an_application(app, send=False)
    worker.run_once(app)
    assert verify(app, "--anchors", str(anchored)).exit_code == 0
    cut_tail(app, 2)
    assert verify(app).exit_code == 0 and "unbroken" in verify(app).output
    found = verify(app, "--anchors", str(anchored))
    assert found.exit_code == 1 and "was the last at" in found.output
    for _ in range(3):
        an_application(app, send=False)  # the numbers are taken again, the hashes are not the same
    assert verify(app).exit_code == 0 and verify(app, "--anchors", str(anchored)).exit_code == 1
    dispose(app)


def test_the_head_goes_out_once_a_day_and_a_place_that_was_away_gets_it_next(app, anchored, time, capfd):
    app = with_anchors(app, anchored)
    signs_in(app)
    anchored.mkdir()  # no file can be written there
    worker.run_once(app)
    anchored.rmdir()
    assert anchored_in(app) is None
    for hours in (1, 1, 1):
        time.moves(hours=hours)
        worker.run_once(app)
    assert len(anchored.read_text().splitlines()) == 1 and anchored.stat().st_mode & 0o077 == 0
    time.moves(hours=24)
    worker.run_once(app)
    assert len(anchored.read_text().splitlines()) == 2
    logged = [line for line in capfd.readouterr().err.splitlines() if '"journal_anchor"' in line]
    assert len(logged) == 2
    log = anchored.with_name("log")
    log.write_text("\n".join(logged))
    assert "2 anchors agree" in verify(app, "--anchors", str(log)).output
    with app.app_context():
        assert anchors.latest_anchor().at == list(anchors.read(anchored.read_text().splitlines()))[-1].at.replace(
            microsecond=anchors.latest_anchor().at.microsecond)
    dispose(app)


def test_a_file_without_an_anchor_proves_nothing(app, tmp_path):
    (tmp_path / "empty").write_text("bukan jangkar\n")
    signs_in(app)
    assert verify(app, "--anchors", str(tmp_path / "empty")).exit_code == 1


def test_an_anchor_survives_the_redaction_of_logs():
    numbers = random.Random(7)
    for _ in range(2000):
        hash_ = "".join(numbers.choices("0123456789" * 3 + "ab", k=64))
        line = str(Anchor(journal.clock.now(), numbers.randrange(10**9), hash_))
        assert redact(line) == line and [anchor.hash for anchor in anchors.read([line])] == [hash_]


@pytest.mark.parametrize(("name", "value"), [
    ("JOURNAL_ANCHORS", "anchors.txt"), ("JOURNAL_ANCHORS", "{instance}/anchors.txt"),
    ("JOURNAL_ANCHORS_MAIL", "arsip"),
])
def test_a_place_that_is_none_is_refused_at_the_start(tmp_path, name, value):
    with pytest.raises(BadSetting, match=name):
        read_settings({"LOKET_INSTANCE": str(tmp_path), name: value.format(instance=tmp_path)})


def anchored_in(app) -> Anchor | None:
    with app.app_context():
        return anchors.latest_anchor(anchors.FILE)


def dispose(app) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


# --- logs


def logged(capfd, event: str) -> list[dict]:
    rows = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    return [row for row in rows if row["event"] == event]


def test_every_request_is_one_line_without_what_was_typed(app, client, capfd):
    client.environ_base["REMOTE_ADDR"] = VISITOR
    for address in ("/", f"/lacak/t/{'a' * 43}", f"/{RESIDENT['nik']}?q=siti", "/healthz"):
        client.get(address)
    client.open("/daftar", method="SITI")
    rows = logged(capfd, "request")
    assert [(row["method"], row["route"], row["status"]) for row in rows] == [
        ("GET", "/", 200), ("GET", "/lacak/t/<token>", 404), ("GET", "-", 404), ("GET", "/healthz", 200),
        ("OTHER", "-", 405),
    ]
    assert {row["ip"] for row in rows} == {VISITOR} and all(row["ms"] >= 0 and row["incident"] for row in rows)
    assert not re.search(r"3574|siti", str(rows), re.IGNORECASE)


@BOTH
def test_no_value_of_a_refused_row_reaches_the_log(chosen, capfd):
    """A duplicate and a broken rule, met in a request: PostgreSQL quotes the row, SQLAlchemy the parameters."""
    secrets = ("3574014505900001", "RAHASIA CONTOH", "081200001001")

    @chosen.get("/uji-langgar/<which>")
    @public
    def breaks(which):
        role = "raja" if which == "rule" else "operator"
        with transaction() as session:
            for number in (1, 2):
                nik, name, phone = secrets
                session.add(Staff(id=str(number), username=nik, name=name, role=role, password_hash=phone))

    for which in ("rule", "duplicate"):
        assert chosen.test_client().get(f"/uji-langgar/{which}").status_code == 500
    err = capfd.readouterr().err
    assert err.count("IntegrityError") >= 2 and not any(secret in err for secret in secrets)


@BOTH
def test_the_text_of_a_database_error_holds_no_parameters(chosen):
    with chosen.app_context(), pytest.raises(IntegrityError) as caught, transaction() as session:
        session.add(Staff(id="1", username="x", name="RAHASIA CONTOH", role="raja", password_hash=RESIDENT["nik"]))
        session.flush()
    assert "[parameters" not in str(caught.value)  # not even before the redaction
    said = redact(str(caught.value))
    assert RESIDENT["nik"] not in said and "RAHASIA" not in said and "staff" in said


# --- much reading


def reads(app, staff_id: str, cases: int, photos: int) -> None:
    with app.app_context(), transaction():
        for action, count in (("case_viewed", cases), ("photo_viewed", photos)):
            for number in range(count):
                journal.record(action, actor=journal.Actor("staff", staff_id), about=("application", f"{number:032}"))


def notices(client) -> str:
    return " ".join(box.get_text(" ", strip=True) for box in Page(client.get("/petugas/")).soup.select(".box"))


def alarms(app) -> list[dict]:
    with app.app_context():
        found = db.session.scalars(select(JournalLine.detail).where(JournalLine.action == reading_watch.ALARM))
        return [json.loads(detail) for detail in found]


@BOTH
@pytest.mark.parametrize(("cases", "photos", "told"), [(60, 150, 0), (61, 0, 1), (0, 151, 1)])
def test_more_than_sixty_cases_or_150_photos_in_an_hour_are_told(chosen, time, cases, photos, told):
    reads(chosen, add_staff(chosen, "rina", "petugas"), cases, photos)
    worker.run_once(chosen)
    assert len(alarms(chosen)) == told
    supervisor = signs_in(chosen, "supervisor")
    assert (f"membuka {cases} berkas dan {photos} foto dalam satu jam" in notices(supervisor)) is bool(told)
    assert "dalam satu jam" not in notices(signs_in(chosen, "operator"))


def test_cases_and_photos_really_opened_are_what_is_counted(app, time, monkeypatch):
    monkeypatch.setattr(reading_watch, "MOST_CASES", 1)
    first, second = an_application(app), an_application(app, nik="3574031212850002", whatsapp_number="0812-0000-1002")
    operator = signs_in(app)
    for _ in range(3):
        operator.get(f"/petugas/pendaftaran/{first}")  # the same case again is no second one
    worker.run_once(app)
    assert alarms(app) == []
    time.moves(minutes=2)
    operator.get(f"/petugas/pendaftaran/{second}")
    operator.get(f"/petugas/pendaftaran/{second}/foto/ktp")
    worker.run_once(app)
    assert alarms(app) == [{"cases": 2, "photos": 1}]


def test_one_person_is_told_about_once_an_hour_and_never_to_themselves(app, time):
    for name in ("supervisor1", "supervisor2", "admin1"):
        add_staff(app, name, name[:-1])
    with app.app_context():
        staff_id = db.session.scalar(select(Staff.id).where(Staff.username == "supervisor1"))
    for minutes in (0, 20, 20):
        time.moves(minutes=minutes)
        reads(app, staff_id, 70, 0)
        worker.run_once(app)
    assert len(alarms(app)) == 1
    for username, told in (("supervisor2", True), ("supervisor1", False), ("admin1", True)):
        client = app.test_client()
        staff_sign_in(client, username)
        assert ("dalam satu jam" in notices(client)) is told
    time.moves(minutes=21)
    reads(app, staff_id, 70, 0)
    worker.run_once(app)
    assert len(alarms(app)) == 2


def test_what_was_read_in_another_hour_does_not_count(app, time):
    staff_id = add_staff(app, "rina", "petugas")
    reads(app, staff_id, 0, 100)
    time.moves(hours=1)
    reads(app, staff_id, 0, 100)
    worker.run_once(app)
    assert alarms(app) == []


def test_the_count_is_of_rows_and_survives_every_process(app, tmp_path, time):
    staff_id = add_staff(app, "rina", "petugas")
    for _ in range(4):  # four web processes, each with a share of the hour
        other = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path)})
        reads(other, staff_id, 0, 40)
        dispose(other)
    worker.run_once(app)
    assert alarms(app) == [{"cases": 0, "photos": 160}]
