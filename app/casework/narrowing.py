"""Filters and orders that lists of every kind offer alike: time left, the day it came, who has it, marks."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import String, and_, false, func, literal, or_, select

from app.base import clock
from app.base.clock import WIB
from app.casework.lists import Condition, Filter, Look, staff_names
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
