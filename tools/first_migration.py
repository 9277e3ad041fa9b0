"""Write one clean first migration from the models, in place of all there are: before the first release only.

    python -m tools.first_migration

Needs no database but a new one in a temporary folder. Afterwards tests/test_migrations.py must be green:
it compares what the migration makes with the models, on SQLite and PostgreSQL.
"""

import tempfile
import warnings
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
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
        with app.app_context(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
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
    with tempfile.TemporaryDirectory() as folder:
        empty = create_app({"LOKET_INSTANCE": folder})
        with empty.app_context(), db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
            made = produce_migrations(context, db.metadata)
            for step in made.upgrade_ops.ops:
                if isinstance(step, ops.ModifyTableOps):
                    step.ops.sort(key=lambda one: order.get(getattr(one, "index_name", ""), len(order)))
            parts = {
                name: render_python_code(steps, render_as_batch=True, render_item=_render, migration_context=context)
                for name, steps in (("_make_tables", made.upgrade_ops), ("_drop_tables", made.downgrade_ops))
            }
    return HEAD + "".join(f"\n\ndef {name}():\n    {body.strip()}\n" for name, body in parts.items())


def _render(kind: str, item: object, _context: object) -> str | bool:
    """False leaves it to Alembic, which would write true and false as SQLite spells them, 1 and 0."""
    said = getattr(item, "arg", item)
    if kind == "server_default" and isinstance(said, False_ | True_):
        return "sa.true()" if isinstance(said, True_) else "sa.false()"
    return False


if __name__ == "__main__":
    main()
