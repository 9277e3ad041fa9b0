"""The survey in figures: of whole months, because an answer knows no more, and by the halves of a year."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, literal, select, union_all

from app.base import clock
from app.base.database import db
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import CLOSED
from app.registration.models import Application
from app.registration.status import ACTIVE, REJECTED
from app.survey.elements import CODES, ELEMENTS, PROFILE, WAYS, Element, Score, element_score, index_of, sample_size
from app.survey.models import SurveyAnswer, SurveyTap

FEWEST_TOLD = 10  # fewer answers are not published
FEWEST_IN_A_GROUP = 5
SATISFIED = 4  # of the five taps


@dataclass(frozen=True)
class ElementFigure:
    element: Element
    score: Score


@dataclass(frozen=True)
class Taps:
    """The one question with five faces; `satisfied` is the share of 4 and 5 in percent, None without a tap."""

    count: int
    mean: Decimal | None
    satisfied: int | None


@dataclass(frozen=True)
class Figures:
    """`served` is the number of people a result was given to in these months, `wanted` how many of them have to
    answer. `months` are (first day, answers, index or None). `profile` is title -> [(words, how many)]."""

    first: date
    last: date
    answers: int
    index: Score | None
    elements: list[ElementFigure]
    served: int
    wanted: int
    taps: Taps
    ways: list[tuple[str, int]]
    profile: dict[str, list[tuple[str, int]]]
    months: list[tuple[date, int, Score | None]]

    @property
    def is_indicative(self) -> bool:
        """Fewer answers than the sample needs: the index is a hint, no finding."""
        return self.answers < self.wanted

    @property
    def lowest_first(self) -> list[ElementFigure]:
        return sorted(self.elements, key=lambda one: one.score.value)

    @property
    def may_be_published(self) -> bool:
        return self.answers >= FEWEST_TOLD


def of_months(first: date, last: date) -> Figures:
    """Of all months from that of `first` to that of `last`, both inside."""
    first, last = first.replace(day=1), last.replace(day=1)
    inside = SurveyAnswer.month.between(first, last)
    months, counted = _sums_by_month(inside), _counts(("way", *PROFILE), inside)
    answers = sum(number for number, _ in months.values())
    sums = {code: sum(totals[code] for _, totals in months.values()) for code in CODES}
    served = served_between(first, month_after(last))
    return Figures(
        first, last, answers, index_of(sums, answers),
        [ElementFigure(one, element_score(sums[one.code], answers)) for one in ELEMENTS] if answers else [],
        served, sample_size(served), _taps(first, last), _said("way", WAYS, counted),
        {title: _said(key, choices, counted) for key, (title, choices) in PROFILE.items()},
        [(month, number, index_of(totals, number)) for month, (number, totals) in _all_months(first, last, months)],
    )


def served_between(first: date, last: date) -> int:
    """Registrations decided and complaints closed from `first` to before `last`."""
    begin, end = (clock.midnight(day) for day in (first, last))
    decided = select(func.count()).select_from(Application).where(
        Application.status.in_((ACTIVE, REJECTED)), Application.decided_at >= begin, Application.decided_at < end,
    )
    closed = select(func.count()).select_from(Ticket).where(
        Ticket.status == CLOSED, Ticket.closed_at >= begin, Ticket.closed_at < end,
    )
    return db.session.scalar(decided) + db.session.scalar(closed)


def month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _sums_by_month(inside) -> dict[date, tuple[int, dict[str, int]]]:
    columns = [func.sum(getattr(SurveyAnswer, code)) for code in CODES]
    query = select(SurveyAnswer.month, func.count(), *columns).where(inside).group_by(SurveyAnswer.month)
    return {row[0]: (row[1], dict(zip(CODES, map(int, row[2:]), strict=True))) for row in db.session.execute(query)}


def _all_months(first: date, last: date, known: dict) -> list:
    found, month = [], first
    while month <= last:
        found.append((month, known.get(month, (0, dict.fromkeys(CODES, 0)))))
        month = month_after(month)
    return found


def _counts(keys: tuple[str, ...], inside) -> dict[str, dict[str, int]]:
    """Column -> value -> how many answers, in one query."""
    parts = []
    for key in keys:
        column = getattr(SurveyAnswer, key)
        parts.append(select(literal(key), column, func.count()).where(inside).group_by(column))
    found: dict[str, dict[str, int]] = {key: {} for key in keys}
    for key, value, number in db.session.execute(union_all(*parts)):
        found[key][value] = number
    return found


def _said(key: str, words: dict[str, str], counted: dict[str, dict[str, int]]) -> list[tuple[str, int]]:
    found = counted[key]
    said = [(text, found.get(key, 0)) for key, text in words.items()]
    return [*said, ("Tidak diisi", found[""])] if found.get("") else said


def _taps(first: date, last: date) -> Taps:
    query = select(SurveyTap.value, func.sum(SurveyTap.count)).where(SurveyTap.month.between(first, last))
    counts = Counter({value: int(number) for value, number in db.session.execute(query.group_by(SurveyTap.value))})
    total = counts.total()
    if not total:
        return Taps(0, None, None)
    mean = element_score(sum(value * number for value, number in counts.items()), total).mean
    satisfied = sum(number for value, number in counts.items() if value >= SATISFIED)
    return Taps(total, mean, round(100 * satisfied / total))


WHOLE, FIRST, SECOND = "semua", "1", "2"
PARTS: dict[str, tuple[str, int, int]] = {
    WHOLE: ("Setahun", 1, 12), FIRST: ("Januari sampai Juni", 1, 6), SECOND: ("Juli sampai Desember", 7, 12),
}


@dataclass(frozen=True)
class Period:
    """`first` and `last` are first days of months, both inside; `part` is a key of PARTS."""

    year: int
    part: str

    @property
    def first(self) -> date:
        return date(self.year, PARTS[self.part][1], 1)

    @property
    def last(self) -> date:
        return date(self.year, PARTS[self.part][2], 1)

    @property
    def words(self) -> str:
        return f"{PARTS[self.part][0]} {self.year}" if self.part != WHOLE else f"tahun {self.year}"


def wanted_period(year: str, part: str) -> Period:
    """What was asked for; nonsense counts as the present year."""
    this_year = clock.today().year
    known = int(year) if year.isdecimal() and year.isascii() and this_year - 20 < int(year) <= this_year else this_year
    return Period(known, part if part in PARTS else WHOLE)


def newest_published() -> Period:
    """The present year, until its first quarter is over the year before."""
    return Period((clock.today() - timedelta(days=90)).year, WHOLE)
