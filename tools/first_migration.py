"""Write one clean first migration from the models, in place of all there are: before the first release only.

    python -m tools.first_migration

Needs no database but a new one in a temporary folder. Afterwards tests/test_migrations.py must be green:
it compares what the migration makes with the models, on SQLite and PostgreSQL.
"""

import tempfile
from pathlib import Path

from alembic.autogenerate import render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.sql.elements import False_, True_

from app import create_app
from app.base.database import db
from tools import landed

HEAD = '''"""first tables"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0001"
down_revision = None

# what no model says: lines of the journal are added and read, nothing else
SQLITE = {
    "journal_line_no_update": (
        "BEFORE UPDATE ON journal_line BEGIN SELECT RAISE(ABORT, 'journal lines are never changed'); END"
    ),
    "journal_line_no_delete": (
        "BEFORE DELETE ON journal_line BEGIN SELECT RAISE(ABORT, 'journal lines are never removed'); END"
    ),
    # INSERT OR REPLACE removes the old row without calling the trigger above
    "journal_line_no_replace": (
        "BEFORE INSERT ON journal_line WHEN EXISTS (SELECT 1 FROM journal_line WHERE seq = NEW.seq OR hash = NEW.hash) "
        "BEGIN SELECT RAISE(ABORT, 'journal lines are never replaced'); END"
    ),
}
POSTGRES = {
    "journal_line_no_change": "BEFORE UPDATE OR DELETE ON journal_line FOR EACH ROW",
    "journal_line_no_truncate": "BEFORE TRUNCATE ON journal_line FOR EACH STATEMENT",
}


def upgrade():
    _make_tables()
    op.execute("INSERT INTO journal_head (id, seq, hash) VALUES (1, 0, '" + "0" * 64 + "')")
    if op.get_bind().dialect.name == "sqlite":
        for name, rule in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {rule}")
        return
    op.execute(
        "CREATE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'journal lines are never changed'; END $$"
    )
    for name, rule in POSTGRES.items():
        op.execute(f"CREATE TRIGGER {name} {rule} EXECUTE FUNCTION refuse_journal_change()")


def downgrade():
    _drop_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_journal_change()")
'''


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"LOKET_INSTANCE": folder})
        with app.app_context():
            written = _script(_index_order())
            db.session.remove()
            db.engine.dispose()
    for old in landed.VERSIONS.glob("*.py"):
        old.unlink()
    target = landed.VERSIONS / "0001_first_tables.py"
    target.write_text(written)
    landed.LIST.unlink(missing_ok=True)
    landed.main()
    print(f"{target.relative_to(Path.cwd())}: {len(written.splitlines())} lines")


def _index_order() -> dict[str, int]:
    """As the present migrations make them: without statistics SQLite takes, of two indexes that fit alike,
    the one made last."""
    upgrade()
    with db.engine.connect() as connection:
        names = list(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY rowid")))
    return {name: place for place, name in enumerate(names)}


def _script(order: dict[str, int]) -> str:
    """Every table of the models, not what differs from an empty database: Alembic passes over the indexes on
    expressions when the database is SQLite."""
    tables = db.metadata.sorted_tables
    context = MigrationContext.configure(dialect_name="sqlite")
    steps: list[ops.MigrateOperation] = []
    for table in tables:
        indexes = sorted(table.indexes, key=lambda index: order.get(index.name, len(order)))
        steps += [ops.CreateTableOp.from_table(table), *(ops.CreateIndexOp.from_index(index) for index in indexes)]
    made = render_python_code(ops.UpgradeOps(steps), render_item=_render, migration_context=context)
    dropped = "\n    ".join(f'op.drop_table("{table.name}")' for table in reversed(tables))
    return f"{HEAD}\n\ndef _make_tables():\n    {made.strip()}\n\n\ndef _drop_tables():\n    {dropped}\n"


def _render(kind: str, item: object, _context: object) -> str | bool:
    """False leaves it to Alembic, which would write true and false as SQLite spells them, 1 and 0."""
    said = getattr(item, "arg", item)
    if kind == "server_default" and isinstance(said, False_ | True_):
        return "sa.true()" if isinstance(said, True_) else "sa.false()"
    return False


if __name__ == "__main__":
    main()
