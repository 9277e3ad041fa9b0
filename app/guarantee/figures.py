"""Guarantees in figures: each is counted once, in the period it was opened, whatever else joined it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select

from app.base.database import db
from app.casework.figures import ANY, Period
from app.casework.kept import written
from app.complaints.ticket.words import BREACHES
from app.guarantee.models import Breach, Guarantee
from app.guarantee.status import APOLOGISED, DECLINED, DELIVERED, LIVE, PROMISE, VOID


@dataclass(frozen=True)
class Guarantees:
    """Of those `opened` in the period: how each ended by now, and how many still run. `breaches` are (words, how
    many guarantees have it)."""

    opened: int
    running: int
    delivered: int
    declined: int
    apologised: int
    delivered_in_time: int
    breaches: tuple[tuple[str, int], ...]


def of_period(first: datetime, last: datetime) -> Guarantees:
    """From `first`, before `last`."""
    return _counted(_opened, Period(first, last))


def of_missed(first: datetime, last: datetime) -> Guarantees:
    """Those of promises that ended in the period and were broken, whenever it was found."""
    return _counted(_missed, Period(first, last))


def _opened() -> ColumnElement[bool]:
    return ANY.holds(Guarantee.opened_at)


def _missed() -> ColumnElement[bool]:
    return Guarantee.id.in_(select(Breach.guarantee_id).where(
        Breach.source == PROMISE, Breach.void_at.is_(None), ANY.holds(Breach.promised_at),
    ))


def _counted(inside: Callable[[], ColumnElement[bool]], period: Period) -> Guarantees:
    rows = db.session.execute(written(_those, inside), period.given).all()
    states = Counter(row.status for row in rows)
    found = set(map(tuple, db.session.execute(written(_breaches, inside), period.given))) if rows else ()
    each = Counter(breach for _, breach in found)
    return Guarantees(
        len(rows), sum(states[state] for state in LIVE), states[DELIVERED], states[DECLINED], states[APOLOGISED],
        sum(row.status == DELIVERED and row.delivered_at <= row.due_at for row in rows),
        tuple((words, each[key]) for key, words in BREACHES.items()),
    )


def _those(inside: Callable[[], ColumnElement[bool]]) -> Select:
    asked = select(Guarantee.status, Guarantee.delivered_at, Guarantee.due_at)
    return asked.where(inside(), Guarantee.status != VOID)


def _breaches(inside: Callable[[], ColumnElement[bool]]) -> Select:
    asked = select(Breach.guarantee_id, Breach.breach).join(Guarantee, Guarantee.id == Breach.guarantee_id)
    return asked.where(inside(), Guarantee.status != VOID, Breach.void_at.is_(None))
