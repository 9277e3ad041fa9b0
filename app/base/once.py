"""Insert a row unless one like it is there: the same on SQLite and PostgreSQL, without an error that
would end the transaction."""

from sqlalchemy.dialects import postgresql, sqlite

from app.base.database import Base, db

INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_once(model: type[Base], **values) -> bool:
    """True when the row is new. Runs inside the caller's transaction."""
    insert = INSERTS[db.engine.dialect.name](model).values(**values).on_conflict_do_nothing()
    # asked for its key because PostgreSQL's driver does not count such inserts reliably
    return db.session.execute(insert.returning(model.__table__.primary_key.columns[0])).first() is not None
