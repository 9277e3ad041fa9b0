"""Alembic environment: online only, one engine, the app's own metadata."""

from alembic import context
from flask import current_app

from app.base.database import db


def run() -> None:
    with db.engine.connect() as plain:
        connection = plain.execution_options(loket_write=True)
        # SQLite rebuilds tables to alter them; foreign keys would see that as deletions
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection, target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
