"""Statements put into the words of the database once.

SQLAlchemy gives each constant of a statement along whenever it is asked, looks the statement up by all its parts, and
reads its rows by way of the mapped classes: for the counts of a list two thirds of what asking costs. Written once, its
constants stand in it, and what was left open (a bindparam that needs a value, or calls for one) is all that is given.
For statements that give columns; rows of a mapped class are asked for as ever.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, Result, Select, TextualSelect, column, literal_column, text
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import visitors

from app.base.database import db


def in_words(statement: Any, dialect: Dialect) -> TextualSelect:
    """The same statement; columns keep their names and types."""
    left_open: dict[str, BindParameter] = {}

    def leave_open(part: Any, **_: Any) -> Any:
        if not isinstance(part, BindParameter) or not (part.required or part.callable):
            return None
        left_open[part.key] = part
        return literal_column(f":{part.key}", part.type)

    found = visitors.replacement_traverse(statement, {}, leave_open)
    # named, so that no % is doubled before text() reads it
    words = found.compile(dialect=type(dialect)(paramstyle="named"), compile_kwargs={"literal_binds": True})
    columns = (column(_name(one, at), one.type) for at, one in enumerate(statement.selected_columns))
    return text(str(words)).bindparams(*left_open.values()).columns(*columns)


def _name(one: Any, at: int) -> str:
    name = getattr(one, "name", None)
    return name if isinstance(name, str) and name.isidentifier() else f"column_{at}"


class Written:
    """A statement that is the same for everybody: `Written(select(...)).ask({"me": ...})`."""

    def __init__(self, statement: Select):
        self._statement = statement
        self._words: dict[str, TextualSelect] = {}

    def ask(self, given: Mapping[str, Any] | None = None) -> Result:
        dialect = db.engine.dialect
        if dialect.name not in self._words:
            self._words[dialect.name] = in_words(self._statement, dialect)
        return db.session.execute(self._words[dialect.name], given)
