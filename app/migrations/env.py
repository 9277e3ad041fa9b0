"""Alembic environment: online only, one engine, the app's own metadata.

A database that does not fit is told before a migration stumbles over it, and when the last one has run.
"""

from alembic import context
from flask import current_app

from app.base import schema
from app.base.database import db
from app.base.schema import Kind


def run() -> None:
    with db.engine.connect() as plain:
        connection = plain.execution_options(loket_write=True)
        if connection.dialect.name == "postgresql":
            from app.base.postgres import let_it_take_long  # loads psycopg

            let_it_take_long(connection.connection.driver_connection)
            connection.commit()
        # SQLite rebuilds tables to alter them; foreign keys would see that as deletions
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection, target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        _refuse(schema.marked_otherwise(connection), Kind.NEWER, Kind.UNMARKED)
        connection.commit()
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        asked_for_all = "destination_rev" in context.get_context().opts
    # a comparison takes seconds, and a connection that may write would hold everybody else off meanwhile
    if asked_for_all:
        with db.engine.connect() as reading:
            if not schema.marked_otherwise(reading):
                _refuse(schema.differs(reading), Kind.OTHER)


def _refuse(misfit: schema.Misfit | None, *kinds: Kind) -> None:
    if misfit and misfit.kind in kinds:
        raise SystemExit(misfit.sentence)


run()
