"""Does this database fit this program? Asked when the schema was changed, when serving begins, and by /readyz.

Cheap is the mark that migrations leave; the tables themselves are compared with the models once more,
because a database of a trial carries a mark that was later given to something else.

A newer database fits as long as it only has more: so the old processes serve on while an upgrade is under way, one of
them may be started again, and a downgrade leaves the database alone. What must go, goes a version later.
"""

import warnings
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy import Connection, inspect, text

from app.base.database import db

MARK = "alembic_version"
COMPARED = "loket_schema_compared"
MOST_NAMED = 5


class Kind(StrEnum):
    EMPTY, OLDER, NEWER, UNMARKED, OTHER = "empty", "older", "newer", "unmarked", "other"


@dataclass(frozen=True)
class Misfit:
    """`at` is the mark of the database, `wanted` that of this program; `differences` are names of tables
    and columns, of Kind.OTHER only."""

    kind: Kind
    at: str
    wanted: str
    differences: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        return ", ".join(self.differences[:MOST_NAMED])

    @property
    def sentence(self) -> str:
        """For whoever starts Loket in a terminal."""
        upgrade = "Make a backup, then run flask --app wsgi db upgrade."
        return "The database does not fit this program: " + {
            Kind.EMPTY: f"it has no tables yet. {upgrade}",
            Kind.OLDER: f"it is at {self.at}, the program needs {self.wanted}. {upgrade}",
            Kind.NEWER: f"it is at {self.at}, which this program does not know. Install the newest Loket, or "
                        "start with a new database when a trial version made this one.",
            Kind.UNMARKED: "it holds tables that no migration made. Give Loket a database of its own.",
            Kind.OTHER: f"it says {self.at}, but differs in {self.named}. It was made by a trial version; "
                        "start with a new database, or bring the old data over by hand.",
        }[self.kind]


class Migrations:
    """What flask_migrate keeps of an app, made when somebody asks: it loads Alembic, a sixth of a start."""

    def __init__(self, app: Flask):
        self._app = app

    def __getattr__(self, name: str):
        from flask_migrate import Migrate

        Migrate().init_app(self._app, db, directory=f"{self._app.root_path}/migrations", render_as_batch=True)
        return getattr(self._app.extensions["migrate"], name)


class MigrationCommands(click.Group):
    """`flask db ...`, as flask_migrate has it."""

    def make_context(self, info_name, args, parent=None, **extra) -> click.Context:
        from flask_migrate.cli import db as commands

        return commands.make_context(info_name, args, parent, **extra)


def init_migrations(app: Flask) -> None:
    app.extensions["migrate"] = Migrations(app)
    app.cli.add_command(MigrationCommands("db", help="Perform database migrations."))


def is_current() -> bool:
    """Whether this program's last migration was the last to be here; asked without Alembic, a tenth of a start."""
    newest = max(path.stem[:4] for path in Path(current_app.root_path, "migrations/versions").glob("[0-9]*.py"))
    with db.engine.connect() as connection:
        known = inspect(connection).has_table(MARK)
        return known and list(connection.scalars(text(f"SELECT version_num FROM {MARK}"))) == [newest]  # noqa: S608


def find_misfit() -> Misfit | None:
    """None when the database has every table as the models want it."""
    with db.engine.connect() as connection:
        return _compare(connection)


def still_fits() -> bool:
    """As cheap as a probe must be: the tables are compared once for each mark, seconds on a slow machine."""
    with db.engine.connect() as connection:
        return _mark(connection) == current_app.extensions.get(COMPARED) or _compare(connection) is None


def is_newer() -> bool:
    """Whether a migration has been here that this program does not know."""
    with db.engine.connect() as connection:
        misfit = marked_otherwise(connection)
        return misfit is not None and misfit.kind is Kind.NEWER


def _compare(connection: Connection) -> Misfit | None:
    misfit = marked_otherwise(connection)
    if misfit is None:
        misfit = differs(connection)
    elif misfit.kind is Kind.NEWER:
        changes = _changes(connection)
        misfit = None if all(_is_only_more(one, changes) for one in changes) else misfit
    if misfit is None:
        current_app.extensions[COMPARED] = _mark(connection)
    return misfit


def _mark(connection: Connection) -> frozenset[str]:
    from alembic.runtime.migration import MigrationContext

    return frozenset(MigrationContext.configure(connection).get_current_heads())


def marked_otherwise(connection: Connection) -> Misfit | None:
    """The cheap half: one row is read."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(f"{current_app.root_path}/migrations")
    at, wanted = _mark(connection), set(scripts.get_heads())
    if at == wanted:
        return None
    if not at:
        kind = Kind.UNMARKED if _own_tables(connection) else Kind.EMPTY
    else:
        kind = Kind.NEWER if at - {script.revision for script in scripts.walk_revisions()} else Kind.OLDER
    return Misfit(kind, ", ".join(sorted(at)), ", ".join(sorted(wanted)))


def differs(connection: Connection) -> Misfit | None:
    """The thorough half: reads every table's description."""
    names = tuple(dict.fromkeys(map(_named, _changes(connection))))
    mark = ", ".join(_mark(connection))
    return Misfit(Kind.OTHER, mark, mark, names) if names else None


def _changes(connection: Connection) -> list:
    """What Alembic would do to the database so that it is as the models want it."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression-based index")  # SQLite's cannot be read back
        return compare_metadata(context, db.metadata)


def _is_only_more(change: tuple | list, changes: list) -> bool:
    """Whether the difference is something the database has beyond the models and that a row may do without. `changes`
    are all of them: what a new table or column demands of itself, no row of ours has to meet."""
    if isinstance(change, list):
        return False
    what, thing = change[0], change[-1]
    if what == "remove_column":
        return thing.nullable or thing.server_default is not None
    whole = [one for one in changes if isinstance(one, tuple)]
    tables = {one[1].name for one in whole if one[0] == "remove_table"}
    if what == "remove_fk":
        columns = {(one[2], one[3].name) for one in whole if one[0] == "remove_column"}
        return all((thing.table.name, key) in columns for key in thing.column_keys)
    return what == "remove_table" or (what == "remove_index" and (not thing.unique or thing.table.name in tables))


def _own_tables(connection: Connection) -> set[str]:
    return (set(inspect(connection).get_table_names()) - {MARK}) & set(db.metadata.tables)


def _named(change: tuple | list) -> str:
    """What a difference is about: table, or table.column. Alembic's first word says the kind of change."""
    if isinstance(change, list):  # of one column, several
        change = change[0]
    what = change[0]
    if what.endswith("_table"):
        return change[1].name
    if what.endswith("_column"):
        return f"{change[2]}.{change[3].name}"
    if what.startswith("modify_"):
        return f"{change[2]}.{change[3]}"
    return f"{change[1].table.name} ({change[1].name})"
