"""Guarantees in figures: each is counted once, in the period it was opened, whatever else joined it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.base.database import db
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
    return _counted(Guarantee.opened_at >= first, Guarantee.opened_at < last)


def of_missed(first: datetime, last: datetime) -> Guarantees:
    """Those of promises that ended in the period and were broken, whenever it was found."""
    return _counted(Guarantee.id.in_(select(Breach.guarantee_id).where(
        Breach.source == PROMISE, Breach.void_at.is_(None), Breach.promised_at >= first, Breach.promised_at < last,
    )))


def _counted(*conditions) -> Guarantees:
    inside = (*conditions, Guarantee.status != VOID)
    rows = list(db.session.execute(select(Guarantee.status, Guarantee.delivered_at, Guarantee.due_at).where(*inside)))
    states = Counter(row.status for row in rows)
    found = set(map(tuple, db.session.execute(
        select(Breach.guarantee_id, Breach.breach).join(Guarantee, Guarantee.id == Breach.guarantee_id)
        .where(*inside, Breach.void_at.is_(None))
    )))
    each = Counter(breach for _, breach in found)
    return Guarantees(
        len(rows), sum(states[state] for state in LIVE), states[DELIVERED], states[DECLINED], states[APOLOGISED],
        sum(row.status == DELIVERED and row.delivered_at <= row.due_at for row in rows),
        tuple((words, each[key]) for key, words in BREACHES.items()),
    )
