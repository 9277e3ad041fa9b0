"""A database that does not fit the program is told in a sentence, before anybody's page answers 500."""

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import upgrade
from sqlalchemy import text

from app.base.database import db
from app.doctor import GOOD, NOTE, WRONG, report
from app.process import serve as serve_module
from tests.builders import an_application
from tests.doctoring import says
from tests.test_migrations import empty_app  # noqa: F401  (fixture)

# what is done, what takes it back, and what is named
OTHERWISE = {
    "an index is missing": (
        "DROP INDEX ix_picture_try_began_at", "CREATE INDEX ix_picture_try_began_at ON picture_try (began_at)",
        "picture_try (ix_picture_try_began_at)",
    ),
    "a column is there that the program does not fill": (
        "ALTER TABLE picture_try ADD COLUMN more VARCHAR(3)", "ALTER TABLE picture_try DROP COLUMN more",
        "picture_try.more",
    ),
    "a column is missing": (
        "ALTER TABLE picture_try RENAME COLUMN began_at TO started_at",
        "ALTER TABLE picture_try RENAME COLUMN started_at TO began_at", "picture_try.began_at",
    ),
    "a table is missing": ("DROP TABLE picture_try", "", "picture_try"),
}
MARKED_NEWER = "UPDATE alembic_version SET version_num = '9999'"
NEWER = {
    "what this program needs is gone": (
        "ALTER TABLE picture_try RENAME COLUMN began_at TO started_at",
        "ALTER TABLE picture_try RENAME COLUMN started_at TO began_at",
    ),
    "rows of this program may be alike where it forbids it": (
        "CREATE UNIQUE INDEX uq_more ON picture_try (began_at)", "DROP INDEX uq_more",
    ),
    "every row must have what this program does not write": (
        "ALTER TABLE picture_try ADD COLUMN more VARCHAR(3) NOT NULL", "",
    ),
}


def change(statement: str) -> None:
    with db.engine.connect().execution_options(loket_write=True) as connection, connection.begin():
        connection.execute(text(statement))


@pytest.fixture(params=["app", "pg_app"])
def fitting(request):
    made = request.getfixturevalue(request.param)
    with made.app_context():
        yield made


@pytest.fixture
def listening(monkeypatch):
    """Where `serve` would have listened."""
    found = []
    monkeypatch.setattr(serve_module, "serve", lambda _app, host, port, **_more: found.append(host))
    return found


def run(app, *args: str):
    return app.test_cli_runner().invoke(args=args)


EVERYBODY = ("serve", "/readyz", "doctor")


def told_by(app, listening, part: str) -> tuple[str, ...]:
    """Which of EVERYBODY says so."""
    refused, probe = run(app, "serve"), app.test_client().get("/readyz")
    said = "The database does not fit this program" in refused.output and part in refused.output
    told = (
        said and (refused.exit_code, listening) == (1, []) and "Traceback" not in refused.output,
        (probe.status_code, probe.json["database"]) == (503, False), says(app, report.TABLES)[0] == WRONG,
    )
    return tuple(name for name, is_told in zip(EVERYBODY, told, strict=True) if is_told)


def test_a_database_that_fits_is_served(fitting, listening):
    assert run(fitting, "serve").exit_code == 0 and listening == ["127.0.0.1"]
    assert fitting.test_client().get("/readyz").json["database"]
    assert says(fitting, report.TABLES)[0] == GOOD


def test_a_database_with_the_right_mark_and_other_tables_is_refused(fitting, listening):
    for how, (done, undone, part) in OTHERWISE.items():
        change(done)
        level, sentence = says(fitting, report.TABLES)
        assert level == WRONG and part in sentence, how
        if undone:
            change(undone)
    assert told_by(fitting, listening, part) == EVERYBODY
    with pytest.raises(SystemExit, match="does not fit this program"):
        upgrade()


@pytest.mark.parametrize("fitting", ["app", pytest.param("pg_app", marks=pytest.mark.long)], indirect=True)
def test_a_newer_database_that_no_step_of_ours_leads_from_is_refused(fitting, listening):
    change(MARKED_NEWER)
    for how, (done, undone) in NEWER.items():
        change(done)
        assert says(fitting, report.TABLES)[0] == WRONG, how
        if undone:
            change(undone)
    part = "which this program does not know"
    assert told_by(fitting, listening, part) == EVERYBODY
    with pytest.raises(SystemExit, match=part):
        upgrade()


@pytest.mark.parametrize("fitting", ["app", pytest.param("pg_app", marks=pytest.mark.long)], indirect=True)
def test_a_database_that_something_else_made_is_refused(fitting, listening):
    change("DELETE FROM alembic_version")
    assert told_by(fitting, listening, "tables that no migration made") == EVERYBODY
    with pytest.raises(SystemExit, match="tables that no migration made"):
        upgrade()


def test_a_newer_database_that_only_has_more_is_served_as_after_a_downgrade(fitting, listening):
    for statement in ("ALTER TABLE application ADD COLUMN more VARCHAR(3)",
                      "CREATE TABLE added (id INTEGER PRIMARY KEY, name VARCHAR(3) UNIQUE, at INTEGER)",
                      "CREATE UNIQUE INDEX uq_added ON added (at)", "CREATE INDEX ix_more ON application (more)",
                      "ALTER TABLE application ADD COLUMN added_id INTEGER REFERENCES added (id)", MARKED_NEWER):
        change(statement)
    assert fitting.test_client().get("/readyz").json["database"]
    assert run(fitting, "serve").exit_code == 0 and listening == ["127.0.0.1"]
    assert says(fitting, report.TABLES)[0] == NOTE and an_application(fitting)
    with pytest.raises(SystemExit, match="which this program does not know"):
        upgrade()


@pytest.mark.parametrize("empty_app", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True)
def test_a_database_without_tables_is_sent_to_the_upgrade(empty_app, listening):  # noqa: F811
    assert told_by(empty_app, listening, "flask --app wsgi db upgrade") == EVERYBODY
    upgrade()
    assert empty_app.test_client().get("/readyz").json["database"], "a probe may ask before the upgrade"


def test_an_older_database_is_told_with_both_steps(fitting, listening):
    newest = ScriptDirectory(f"{fitting.root_path}/migrations").get_current_head()
    change("UPDATE alembic_version SET version_num = '0001'")
    if newest == "0001":
        pytest.skip("there is one migration only")
    assert told_by(fitting, listening, f"it is at 0001, the program needs {newest}") == EVERYBODY
