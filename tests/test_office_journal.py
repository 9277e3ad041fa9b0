"""The journal: nobody changes a line, a changed one is named, supervisors read it in words (docs/security.md L3)."""

import ast
import json
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app import create_app
from app.base import journal, journal_proof
from app.base.database import db, transaction
from app.base.journal_line import JournalLine
from app.complaints.ticket.status import TICKET
from app.journal.words import SENTENCES, detail_text
from app.registration.status import REGISTRATION
from tests.browser import Page
from tests.builders import TEST_SETTINGS, an_application

CHANGES = (
    "UPDATE journal_line SET action = 'lain' WHERE seq = 2",
    "DELETE FROM journal_line WHERE seq = 3",
    "DELETE FROM journal_line",
)
REPLACE = (
    "INSERT OR REPLACE INTO journal_line (seq, at, actor_kind, actor_id, action, about_kind, about_id, detail, "
    "device, address_mark, previous_hash, hash) SELECT seq, at, actor_kind, actor_id, 'lain', about_kind, about_id, "
    "detail, device, address_mark, previous_hash, hash FROM journal_line WHERE seq = 2"
)


def write_lines(app, count: int = 3) -> None:
    with app.app_context(), transaction():
        for number in range(count):
            journal.record("case_viewed", actor=journal.SYSTEM, about=("application", f"{number:032}"))


def run_sql(app, sql: str) -> None:
    with app.app_context(), transaction() as session:
        session.execute(text(sql))


def verify(app):
    return app.test_cli_runner().invoke(args=["journal", "verify"])


def why_refused(app, sql: str) -> str:
    try:
        run_sql(app, sql)
    except DatabaseError as error:
        return str(error.orig)
    return ""


@pytest.mark.usefixtures("on_sqlite")
def test_sqlite_refuses_to_change_remove_or_replace_a_line(app):
    write_lines(app)
    for sql in (*CHANGES, REPLACE):
        assert "journal lines are never" in why_refused(app, sql), sql
        assert verify(app).exit_code == 0, sql


def test_postgresql_refuses_even_the_owner_of_the_table(pg_app):
    write_lines(pg_app)
    for sql in (*CHANGES, "TRUNCATE journal_line"):
        assert "journal lines are never" in why_refused(pg_app, sql), sql
        assert verify(pg_app).exit_code == 0, sql


def test_the_role_of_the_app_on_postgresql_may_append_and_read_and_nothing_else(pg_app, tmp_path):
    write_lines(pg_app)
    owner_url = pg_app.config["SQLALCHEMY_DATABASE_URI"]
    grants = pg_app.test_cli_runner().invoke(args=["journal", "grants", "loket_app"]).output
    with psycopg.connect(owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        if not owner.execute("SELECT 1 FROM pg_roles WHERE rolname = 'loket_app'").fetchone():
            owner.execute("CREATE ROLE loket_app LOGIN")
        owner.execute(grants)
    restricted_url = owner_url.replace("loket@", "loket_app@")
    app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), "DATABASE_URL": restricted_url})
    write_lines(app)
    assert "6 lines, unbroken" in verify(app).output
    forbidden = (*CHANGES, "TRUNCATE journal_line", "DROP TABLE journal_line",
                 "ALTER TABLE journal_line DISABLE TRIGGER ALL", "DROP TRIGGER journal_line_no_change ON journal_line")
    for sql in forbidden:
        refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
        with psycopg.connect(restricted_url.replace("+psycopg", "")) as connection, refused:
            connection.execute(sql)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("name", ["loket; DROP TABLE staff", "Loket", "", "x" * 64])
def test_a_role_that_is_no_plain_name_gets_no_grants(app, name):
    assert app.test_cli_runner().invoke(args=["journal", "grants", name]).exit_code != 0


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize("sql, broken", [
    ("UPDATE journal_line SET detail = '{\"kind\": \"ktp\"}' WHERE seq = 2", 2),
    ("UPDATE journal_line SET at = '2020-01-01 00:00:00' WHERE seq = 1", 1),
    ("DELETE FROM journal_line WHERE seq = 2", 2),
    ("DELETE FROM journal_line WHERE seq = 4", 4),
])
def test_a_line_altered_by_hand_is_named(app, sql, broken):
    write_lines(app, 4)
    for trigger in ("journal_line_no_update", "journal_line_no_delete"):
        run_sql(app, f"DROP TRIGGER {trigger}")
    run_sql(app, sql)
    answer = verify(app)
    assert answer.exit_code == 1 and answer.output.startswith(f"line {broken} ")


def test_a_whole_journal_is_said_to_be_whole(app):
    write_lines(app)
    answer = verify(app)
    assert answer.exit_code == 0 and answer.output.startswith("3 lines, unbroken")


def recorded_actions() -> set[str]:
    """Every action written out in the code as the first argument of `record` or `_record`."""
    found = set()
    for path in (Path(__file__).resolve().parent.parent / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", ""))
            if name in ("record", "_record") and node.args and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    return found


def test_every_action_has_a_sentence():
    acts = {f"{kind.about}_{act.name}" for kind in (REGISTRATION, TICKET) for act in kind.acts}
    missing = sorted((recorded_actions() | acts) - set(SENTENCES))
    assert missing == [], f"write a sentence for {missing} in app/journal/words.py"


@pytest.mark.parametrize(("detail", "said"), [
    ({"kind": "ktp"}, "foto KTP"), ({"kind": "complaint"}, "Pengaduan"), ({"kind": "deletion"}, "Penghapusan data"),
    ({"outcome": "granted"}, "hasil Informasi atau saran ditanggapi"),
    ({"outcome": "no_answer"}, "hasil Tidak diangkat, dicoba lagi nanti"), ({"role": "supervisor"}, "peran Pengawas"),
    ({"kind": "not_a_word_yet"}, ""), ({"reason": "salah orang"}, "alasan: salah orang"),
    ({"unsaid": {"a": 1}}, ""),
])
def test_what_a_line_adds_is_said_in_indonesian_or_not_at_all(detail, said):
    assert detail_text(JournalLine(action="x", detail=json.dumps(detail))) == said


def page_of(client, address: str = "/petugas/jurnal") -> Page:
    page = Page(client.get(address))
    assert page.status == 200
    page.audit(fragment=False)
    return page


def numbers(page: Page) -> list[int]:
    return [int(cell.get_text()) for cell in page.soup.select("tbody td.number")]


def test_a_supervisor_reads_the_journal_in_words_and_reading_is_a_line(app, staff_client):
    application_id = an_application(app)
    operator = staff_client("operator")
    operator.get(f"/petugas/pendaftaran/{application_id}")
    supervisor = staff_client("supervisor")
    page = page_of(supervisor)
    assert "Berkas dibuka" in page.text and "Operator Contoh" in page.text
    assert "Jurnal dibuka" not in page.soup.tbody.get_text()
    assert "Jurnal dibuka" in page_of(supervisor).soup.tbody.get_text()
    with app.app_context():
        assert journal_proof.first_broken_line() is None


def test_a_line_says_with_what_somebody_acted_and_the_worker_has_no_device(app, staff_client):
    application_id = an_application(app)
    windows = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"}
    staff_client("operator").get(f"/petugas/pendaftaran/{application_id}", headers=windows)
    with app.app_context():
        devices = {line.action: line.device for line in db.session.scalars(select(JournalLine))}
    assert devices["case_viewed"] == "Chrome di Windows" and devices["application_submit"] == ""
    assert "Chrome di Windows" in page_of(staff_client("supervisor")).text


@pytest.mark.parametrize("role", ["petugas", "operator", "admin"])
def test_the_journal_is_for_supervisors(staff_client, role):
    assert staff_client(role).get("/petugas/jurnal").status_code == 403


def test_who_viewed_one_case_is_answered_by_its_number(app, staff_client):
    application_id = an_application(app)
    other_id = an_application(app, nik="3574031212850002", whatsapp_number="0812-0000-1002")
    operator = staff_client("operator")
    for viewed in (application_id, other_id):
        operator.get(f"/petugas/pendaftaran/{viewed}")
    with app.app_context():
        number = db.session.execute(text("SELECT number FROM application WHERE id = :id"), {"id": application_id})
        number = number.scalar_one()
    page = page_of(staff_client("supervisor"), f"/petugas/jurnal?tindakan=case_viewed&tentang={number.lower()}")
    assert len(numbers(page)) == 1 and number in page.text


def test_filters_by_person_action_and_day_narrow_the_list(app, staff_client, time):
    with app.app_context():
        start = time.moment
    operator, supervisor = staff_client("operator"), staff_client("supervisor")
    operator.get("/petugas/pesan/masuk")
    with app.app_context():
        operator_id = db.session.scalar(select(JournalLine.actor_id).where(JournalLine.action == "inbound_viewed"))
    of_operator = page_of(supervisor, f"/petugas/jurnal?siapa={operator_id}")
    people = {row.select("td")[2].contents[0].strip() for row in of_operator.soup.select("tbody tr")}
    assert people == {"Operator Contoh"}
    today, tomorrow = start.date(), (start + timedelta(days=1)).date()
    assert numbers(page_of(supervisor, f"/petugas/jurnal?dari={today}&sampai={today}"))
    assert not numbers(page_of(supervisor, f"/petugas/jurnal?dari={tomorrow}"))
    assert not numbers(page_of(supervisor, "/petugas/jurnal?tentang=tidak-ada"))


def test_nonsense_in_the_address_breaks_nothing(staff_client):
    supervisor = staff_client("supervisor")
    for query in ("dari=besok", "sebelum=-1", "sebelum=99999999999999999999", "siapa=%00", "tentang=%00",
                  "tindakan='--", "sebelum=٣"):
        assert supervisor.get(f"/petugas/jurnal?{query}").status_code == 200, query


def test_older_lines_follow_page_by_page_without_a_gap(app, staff_client):
    write_lines(app, 120)
    supervisor = staff_client("supervisor")
    seen, address = [], "/petugas/jurnal?tindakan=case_viewed"
    while address:
        page = page_of(supervisor, address)
        seen += numbers(page)
        older = page.soup.find("a", string="Yang lebih lama")
        address = older and older["href"]
    assert seen == list(range(120, 0, -1))
