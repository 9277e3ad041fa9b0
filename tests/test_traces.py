"""Traces that hold: where a line came from, a cut tail that is found, logs without personal data, much reading."""

import json
import re

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Staff
from app.base import journal
from app.base.database import db, transaction
from app.base.ids import plain, shortened
from app.base.journal_line import JournalAddress
from app.base.logs import redact
from app.web.access import public
from tests.accounts import staff_sign_in
from tests.aging import runs
from tests.browser import Page
from tests.builders import RESIDENT, add_staff, an_application

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


def test_a_line_says_from_where_and_the_supervisor_reads_it(app):
    signs_in(app)
    page = Page(signs_in(app, "supervisor", "2001:db8:1:2ff::9").get("/petugas/jurnal"))
    page.audit(fragment=False)
    assert VISITOR in page.text and "2001:db8:1:2ff::9" in page.text and "Firefox di Linux" in page.text
    assert verify(app).exit_code == 0


def test_after_thirty_days_an_address_is_shortened_and_the_chain_still_verifies(app, time):
    signs_in(app)
    time.moves(days=30)
    assert runs(app) == {} and addresses(app)[0].full == VISITOR
    time.moves(seconds=1)
    assert runs(app)["addresses"] == 1
    (row,) = addresses(app)
    assert (row.full, row.salt, row.short) == ("", "", SHORT)
    assert verify(app).exit_code == 0
    page = Page(signs_in(app, "supervisor", "198.51.100.1").get("/petugas/jurnal"))
    assert SHORT in page.text and VISITOR not in page.text


@pytest.mark.parametrize("sql", [
    "UPDATE journal_address SET \"full\" = '198.51.100.9'", "UPDATE journal_address SET short = '198.51.100.0/24'",
    "DELETE FROM journal_address", "UPDATE journal_line_of_another_seq",
])
def test_an_address_altered_swapped_or_removed_by_hand_is_found(app, sql):
    signs_in(app)
    if sql.startswith("UPDATE journal_line"):
        with app.app_context(), transaction():
            line = journal.record("case_viewed", actor=journal.SYSTEM, about=("application", "1"))
            seq = line.seq
        sql = f"UPDATE journal_address SET seq = {seq}"
    assert verify(app).exit_code == 0
    run_sql(app, sql)
    assert verify(app).exit_code == 1


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


def test_each_request_has_its_own_address_inside_one_context_of_the_app_too(app_context, capfd):
    client = app_context.test_client()
    for address in (VISITOR, "192.0.2.7"):
        client.get("/", environ_base={"REMOTE_ADDR": address})
    assert [row["ip"] for row in logged(capfd, "request")] == [VISITOR, "192.0.2.7"]


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
