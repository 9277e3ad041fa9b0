"""Counts of a period: per channel, class and category, how fast, how often in time, how satisfied.

Only counts leave this module, never words. For the public, secret tickets stand in the totals alone and
small counts are not told, so that nobody is recognised (docs/facts.md 6).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from sqlalchemy import select

from app.base import clock
from app.base.database import db
from app.casework.figures import days_of
from app.city.office_calendar import calendar_for
from app.city.worktime import due_after_working_days
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import CLOSED, MERGED, days_to_resolve
from app.complaints.ticket.words import CATEGORIES, KINDS, channel_names

FEWEST_TOLD = 3
NOT_A_CASE = "not_a_case"
DAY_SECONDS = 86400


@dataclass(frozen=True)
class Figures:
    """Of one group. Shares are percent, `days` calendar days to the first answer; None: nothing to count. `in_time` is
    the share `kept` of `judged`: those that were answered, or whose answer is overdue."""

    name: str
    received: int
    answered: int
    closed: int
    late_open: int
    reopened: int
    days: float | None
    kept: int
    judged: int
    in_time: int | None
    satisfaction: float | None
    ratings: int

    @property
    def shown_days(self) -> str:
        return _shown(self.days)

    @property
    def shown_satisfaction(self) -> str:
        return f"{_shown(self.satisfaction)} dari 5" if self.ratings else "-"


@dataclass(frozen=True)
class Summary:
    start: date
    end: date
    total: Figures
    by_kind: list[Figures]
    by_channel: list[Figures]
    by_category: list[Figures]


def of_period(start: date, end: date, public: bool = False) -> Summary:
    """Tickets received from `start` to `end` (WIB dates, both inside); dismissed and merged ones are none."""
    rows = [row for row in _rows(start, end) if row.status != MERGED and row.outcome != NOT_A_CASE]
    told = [row for row in rows if not (public and row.secret)]
    def by(key: Callable, names: dict[str, str]) -> list[Figures]:
        return _groups(told, key, names, public)

    return Summary(
        start, end, _figures("Semua", rows), by(lambda row: row.kind, KINDS),
        by(lambda row: row.channel, channel_names()), by(lambda row: row.category, CATEGORIES),
    )


def _rows(start: date, end: date) -> list:
    period = days_of(start, end)
    columns = (
        Ticket.kind, Ticket.channel, Ticket.category, Ticket.status, Ticket.secret, Ticket.received_at,
        Ticket.first_answered_at, Ticket.resolve_due_at, Ticket.reopened, Ticket.rating, Ticket.is_open,
        Ticket.needs_examination, Ticket.lateness, Ticket.outcome,
    )
    return list(db.session.execute(select(*columns).where(period.holds(Ticket.received_at))))


def _groups(rows: Iterable, key: Callable, names: dict[str, str], public: bool) -> list[Figures]:
    groups: dict[str, list] = {name: [] for name in names}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [
        _figures(names.get(name, name), members) for name, members in groups.items()
        if len(members) >= (FEWEST_TOLD if public else 1)
    ]


def _figures(name: str, rows: list) -> Figures:
    answered = [row for row in rows if row.first_answered_at is not None]
    days = [(row.first_answered_at - row.received_at).total_seconds() / DAY_SECONDS for row in answered]
    overdue = [row for row in rows if row.is_open and row.resolve_due_at <= clock.now()]
    ratings = [row.rating for row in rows if row.rating is not None]
    kept = sum(map(was_in_time, answered))
    judged = len(answered) + sum(row.first_answered_at is None for row in overdue)
    return Figures(
        name, len(rows), len(answered), sum(row.status == CLOSED for row in rows), len(overdue),
        sum(row.reopened > 0 for row in rows), _tenth(median(days)) if days else None,
        kept, judged, 100 * kept // judged if judged else None,  # never 100 while one was late
        _tenth(sum(ratings) / len(ratings)) if ratings else None, len(ratings),
    )


def was_in_time(row) -> bool:
    """Whether the first answer came within the promise. After a reopening the row holds the new end, so
    the first one is counted again."""
    if not row.reopened:
        return row.first_answered_at <= row.resolve_due_at
    return row.first_answered_at <= due_after_working_days(calendar_for(), row.received_at, days_to_resolve(row))


def _tenth(value: float) -> float:
    """Rounded half up, as a reader with a calculator does it."""
    return float(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _shown(value: float | None) -> str:
    """4,5 and 4; "-" for nothing to count."""
    return "-" if value is None else f"{value:g}".replace(".", ",")
