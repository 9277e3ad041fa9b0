"""What lists of every kind offer alike: filters by time left, the day it came, who has it and marks; whose names hold
what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import String, and_, exists, false, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.base import clock
from app.base.clock import WIB
from app.base.database import db
from app.casework.lists import Condition, Filter, Look, capped_count, staff_names
from app.casework.models import STAFF

LATE, NEAR, FAR = "lewat", "hampir", "cukup"
TIMES = {LATE: "Terlambat", NEAR: "Hampir terlambat", FAR: "Masih cukup"}
DAYS = {"1": "Hari ini", "7": "7 hari terakhir", "30": "30 hari terakhir", "lama": "Lebih lama"}
ME, NOBODY = "saya", "bebas"


def by_time(model: Any) -> Filter:
    conditions = {
        LATE: lambda now: model.due_at <= now, NEAR: lambda now: and_(model.due_at > now, model.warn_at <= now),
        FAR: lambda now: and_(model.due_at > now, or_(model.warn_at.is_(None), model.warn_at > now)),
    }
    return Filter("Sisa waktu", lambda: TIMES, lambda value, look: conditions[value](look.now)
                  if value in conditions else false())


def by_date(label: str, column: Any) -> Filter:
    """Days of Probolinggo, today among them."""
    def where(value: str, look: Look) -> Condition:
        if value not in DAYS:
            return false()
        midnight = clock.midnight(look.now.astimezone(WIB).date())
        if value == "lama":
            return column < midnight - timedelta(days=29)
        return column >= midnight - timedelta(days=int(value) - 1)

    return Filter(label, lambda: DAYS, where)


def by_holder(label: str, model: Any) -> Filter:
    """Whose it is, or who works on it now."""
    def where(value: str, look: Look) -> Condition:
        held = and_(model.claimed_by.is_not(None), model.claim_until > look.now)
        if value == NOBODY:
            return and_(model.assigned_to.is_(None), or_(model.claimed_by.is_(None), model.claim_until <= look.now))
        person = look.staff.id if value == ME else value
        return or_(model.assigned_to == person, and_(held, model.claimed_by == person))

    return Filter(label, lambda: {ME: "Saya", NOBODY: "Belum ada", **staff_names()}, where)


def one_of(label: str, marks: Mapping[str, tuple[str, Condition]]) -> Filter:
    """`marks`: value -> (words, condition)."""
    return Filter(label, lambda: {value: words for value, (words, _) in marks.items()},
                  lambda value, look: marks[value][1] if value in marks else false())


def name_of(staff_id: Any) -> Any:
    """The name behind a column that holds the id of somebody of the staff, "" for nobody; to sort by."""
    named = select(STAFF.c.name).where(STAFF.c.id == staff_id).correlate_except(STAFF).scalar_subquery()
    return func.coalesce(named, literal(""), type_=String)


@dataclass(frozen=True)
class NameIndex:
    """The words of the names of one kind of case, as keyed indexes: a row a word, with the moment its case came."""

    case_id: InstrumentedAttribute
    word: InstrumentedAttribute
    at: InstrumentedAttribute


def newest_named(names: NameIndex, case: Any, words: Sequence[str], most: int, *open_to: Condition) -> list[str]:
    """Ids of the newest cases in whose name every one of these words (at least one) stands: along the rarest, newest
    first. `open_to` are conditions on `case`."""
    rarest, *others = _rarest_first(names, words)
    query = select(names.case_id).join(case, case.id == names.case_id).where(
        names.word == rarest, *(_has_word(names, word) for word in others), *open_to,
    )
    return list(db.session.scalars(query.order_by(names.at.desc()).limit(most)))


def _rarest_first(names: NameIndex, words: Sequence[str]) -> list[str]:
    """Counted no further than lists.COUNT_CAP: what is commoner is walked from its newest end anyway."""
    counts = (
        capped_count([select(names.word).where(names.word == word)], f"word_{place}")
        for place, word in enumerate(words)
    )
    found = db.session.execute(select(*counts)).one()
    return [word for _, word in sorted(zip(found, words, strict=True))]


def _has_word(names: NameIndex, word: str) -> Condition:
    other = aliased(names.word.class_)
    same_case = getattr(other, names.case_id.key) == names.case_id
    return exists().where(same_case, getattr(other, names.word.key) == word)
