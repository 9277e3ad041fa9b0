"""What a request asks of the database: its statements as they go out, and its commits. No timing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import event

from app.base.database import db


@dataclass
class Asked:
    """`statements` are all that reached the database but the opening of a transaction."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    @property
    def count(self) -> int:
        return len(self.statements)


@contextmanager
def counted(app) -> Iterator[Asked]:
    asked = Asked()

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            asked.statements.append(statement)

    def commit(_connection) -> None:
        asked.commits += 1

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", commit)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", commit)
