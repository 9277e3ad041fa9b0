"""Migrations: in one line, ending at the models, and kind to the rows of an office already at work."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, MetaData, Table, inspect, select, text

from app import create_app
from app.base import clock, schema
from app.base.database import db, transaction
from app.base.ids import new_id
from app.casework import notes
from app.complaints.ticket.models import INTERNAL, TicketMessage
from app.complaints.ticket.personal import seal_body
from app.registration.models import Application
from app.registration.personal import open_personal
from app.registration.photo_kinds import KINDS
from tests.accounts import an_account
from tests.builders import RESIDENT, TEST_SETTINGS, add_staff, an_application
from tests.complaints import a_ticket
from tests.picture_parts import card, encoded
from tools import landed

PHOTO = encoded(card(640, 410))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request, tmp_path):
    """An app beside `app`, with its photos, on a database without a single table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    else:
        url = request.getfixturevalue("fresh_database")()
    made = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), "DATABASE_URL": url})
    with made.app_context():
        if request.param == "postgresql":
            with db.engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
        yield made
        db.session.remove()
        db.engine.dispose()


def rows_of_an_office_at_work(app) -> dict[str, list[dict]]:
    """Table -> rows, made by the product itself."""
    add_staff(app, "petugas1", "petugas")
    an_account(app)
    for send in (True, False):
        an_application(app, dict.fromkeys(KINDS, PHOTO), send=send)
    return rows_of(app)


def rows_of(app) -> dict[str, list[dict]]:
    with app.app_context(), db.engine.connect() as connection:
        found = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in db.metadata.sorted_tables
        }
        db.session.remove()
    return found


def write_old(engine: Engine, rows: dict[str, list[dict]]) -> int:
    """Write what the tables of the old schema can hold; returns how many rows."""
    written = 0
    names = set(inspect(engine).get_table_names())
    with engine.connect().execution_options(loket_write=True) as connection, connection.begin():
        for table in db.metadata.sorted_tables:
            if table.name not in names:
                continue
            old = Table(table.name, MetaData(), *_typed_columns(table, engine))
            connection.execute(old.delete())
            if rows[table.name]:
                kept = [{column.name: row[column.name] for column in old.columns} for row in rows[table.name]]
                connection.execute(old.insert(), kept)
                written += len(kept)
    return written


def _typed_columns(table: Table, engine: Engine):
    """Today's columns that the old table had, with our own types for moments and JSON."""
    there = {column["name"] for column in inspect(engine).get_columns(table.name)}
    return [db.Column(column.name, column.type) for column in table.columns if column.name in there]


@pytest.mark.usefixtures("on_sqlite")
def test_an_office_at_work_on_the_first_release_keeps_everything(app, empty_app):
    rows = rows_of_an_office_at_work(app)
    upgrade(revision="0001")
    assert write_old(db.engine, rows) > 15
    upgrade()

    people = {row["id"]: row for row in rows["application"]}
    found = db.session.scalars(select(Application)).all()
    assert {one.id: (one.status, one.number) for one in found} == {
        id: (row["status"], row["number"]) for id, row in people.items()
    }
    assert {open_personal(one).nik for one in found} == {RESIDENT["nik"]}
    fsck = empty_app.test_cli_runner().invoke(args=["fsck"])
    assert (fsck.exit_code, fsck.output) == (0, "consistent\n")


@pytest.mark.parametrize("empty_app", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True)
def test_what_colleagues_noted_about_a_complaint_before_is_read_among_the_notes(app, empty_app):
    ticket_id, words = a_ticket(app), "Orang ini sudah menelepon dua kali."
    author = add_staff(app, "petugas1", "petugas")
    with app.app_context(), transaction() as session:
        old = TicketMessage(id=new_id(), ticket_id=ticket_id, position=2, direction="note", channel="note",
                            author_kind="staff", author_id=author, at=clock.now())
        old.body_sealed = seal_body(old.id, words)
        session.add(old)
    upgrade(revision="0023")
    write_old(db.engine, rows_of(app))
    for _ in range(2):
        upgrade()
        [note] = notes.notes_of(("ticket", ticket_id), INTERNAL)
        assert (notes.read_note(note), note.staff_id) == (words, author)
        assert [row.direction for row in db.session.scalars(select(TicketMessage))] == ["in"]
        db.session.remove()
        downgrade(revision="0023")
        with db.engine.connect() as connection:
            found = connection.execute(text("SELECT direction, position FROM ticket_message ORDER BY position")).all()
        assert [tuple(row) for row in found] == [("in", 1), ("note", 2)]
    upgrade()
    with transaction():
        notes.add_note(("ticket", ticket_id), INTERNAL, "Ditulis sesudahnya.", author)
    with pytest.raises(SystemExit):
        downgrade(revision="0023")


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite's cannot be read back
def test_migrations_end_at_the_models_a_second_run_changes_nothing_and_a_start_sees_that_without_alembic(empty_app):
    assert not schema.is_current(), "without a table"
    upgrade()  # refuses by itself, too, what it leaves unlike the models
    assert schema.is_current()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, db.metadata) == []
    before = sorted(inspect(db.engine).get_table_names())
    upgrade()
    assert sorted(inspect(db.engine).get_table_names()) == before
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert not schema.is_current(), "an older one"


def test_the_migrations_form_one_line(app):
    scripts = ScriptDirectory(f"{app.root_path}/migrations")
    steps = [(script.down_revision, script.revision) for script in scripts.walk_revisions()][::-1]
    assert steps == [(f"{n - 1:04d}" if n > 1 else None, f"{n:04d}") for n in range(1, len(steps) + 1)]


def test_a_landed_migration_is_never_edited():
    assert landed.edited() == [], "a city's database has run it already: write a new migration instead"
    assert landed.present() == landed.landed(), "run `make landed` for the new one"


def test_the_list_of_landed_migrations_grows_and_is_not_rewritten(tmp_path, monkeypatch):
    monkeypatch.setattr(landed, "VERSIONS", tmp_path)
    monkeypatch.setattr(landed, "LIST", tmp_path / "migrations.sha256")
    (tmp_path / "0001_first.py").write_text("pass\n")
    landed.main()
    (tmp_path / "0002_next.py").write_text("pass\n")
    landed.main()
    assert list(landed.landed()) == ["0001_first.py", "0002_next.py"]
    (tmp_path / "0001_first.py").write_text("pass  # better\n")
    with pytest.raises(SystemExit, match=r"0001_first\.py"):
        landed.main()
    assert landed.edited() == ["0001_first.py"]
