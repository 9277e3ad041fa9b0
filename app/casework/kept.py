"""Statements that are built once and asked again: SQLAlchemy needs ten times as long to put a list into words as a
database to answer it.

A statement that is kept knows the role and jabatan of who asks and how the list is sorted, and nothing else: who, when
and from which place on stay open until it is asked (`ME`, `NOW`). So nothing kept goes stale, and nothing of one person
is there for the next; a test looks into every statement that is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, String, TextualSelect, bindparam

from app.base import clock
from app.base.database import UtcDateTime, db
from app.base.written import in_words

ME = bindparam("me", type_=String(32))
NOW = bindparam("now", callable_=clock.now, type_=UtcDateTime)
TODAY = bindparam("today", callable_=clock.today, type_=Date)
KEPT: dict[tuple, Any] = {}
MOST_KEPT = 300  # beyond that all are built anew


@dataclass(frozen=True)
class Anyone:
    """Whoever has this role and jabatan; stands for a member of staff in conditions."""

    role: str
    jabatan: str
    id: Any = ME


def anyone_like(staff: Any) -> Anyone:
    return Anyone(staff.role, staff.jabatan)


def kept(build: Callable[..., Any], *shape: Any) -> Any:
    """The statement that `build(*shape)` makes, built the first time."""
    key = (build, *shape)
    known = KEPT.get(key)
    if known is None:
        if len(KEPT) >= MOST_KEPT:
            KEPT.clear()
        known = KEPT[key] = build(*shape)
    return known


def written(build: Callable[..., Any], *shape: Any) -> TextualSelect:
    """The same in the words of the database (app/base/written.py), for a statement that gives columns."""
    return kept(_in_words, db.engine.dialect.name, build, *shape)


def _in_words(_dialect: str, build: Callable[..., Any], *shape: Any) -> TextualSelect:
    return in_words(build(*shape), db.engine.dialect)
