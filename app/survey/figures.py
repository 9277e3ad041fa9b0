"""The survey in figures: of whole months, because an answer knows no more, and by the halves of a year."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import CompoundSelect, Date, Select, bindparam, func, literal, select, union_all

from app.base import clock
from app.base.database import db
from app.casework.figures import ANY
from app.casework.kept import written
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import CLOSED
from app.registration.models import Application
from app.registration.status import ACTIVE, REJECTED
from app.survey.elements import CODES, ELEMENTS, PROFILE, WAYS, Element, Score, element_score, index_of, sample_size
from app.survey.models import SurveyAnswer, SurveyTap

FEWEST_TOLD = 10  # fewer answers are not published
FEWEST_IN_A_GROUP = 5
SATISFIED = 4  # of the five taps
COUNTED = ("way", *PROFILE)


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
class Result:
    """`served` is the number of people a result was given to in these months, `wanted` how many of them have to
    answer. `months` are (first day, answers, index or None)."""

    first: date
    last: date
    answers: int
    index: Score | None
    elements: list[ElementFigure]
    served: int
    wanted: int
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


@dataclass(frozen=True)
class Figures(Result):
    """With the tap, and who answered and how: `profile` is title -> [(words, how many)]."""

    taps: Taps
    ways: list[tuple[str, int]]
    profile: dict[str, list[tuple[str, int]]]


def of_months(first: date, last: date) -> Figures:
    """Of all months from that of `first` to that of `last`, both inside."""
    result = result_of(first, last)
    counted = _counts(result.first, result.last)
    return Figures(
        **vars(result), taps=_taps(result.first, result.last), ways=_said("way", WAYS, counted),
        profile={title: _said(key, choices, counted) for key, (title, choices) in PROFILE.items()},
    )


def result_of(first: date, last: date) -> Result:
    """The same without the tap, and without who answered and how."""
    first, last = first.replace(day=1), last.replace(day=1)
    months = _sums_by_month(first, last)
    answers = sum(number for number, _ in months.values())
    sums = {code: sum(totals[code] for _, totals in months.values()) for code in CODES}
    served = served_between(first, month_after(last))
    return Result(
        first, last, answers, index_of(sums, answers),
        [ElementFigure(one, element_score(sums[one.code], answers)) for one in ELEMENTS] if answers else [],
        served, sample_size(served),
        [(month, number, index_of(totals, number)) for month, (number, totals) in _all_months(first, last, months)],
    )


def served_between(first: date, last: date) -> int:
    """Registrations decided and complaints closed from `first` to before `last`."""
    given = {"first": clock.midnight(first), "last": clock.midnight(last)}
    return sum(db.session.execute(written(_served), given).one())


def _served() -> Select:
    decided = select(func.count()).select_from(Application).where(
        Application.status.in_((ACTIVE, REJECTED)), ANY.holds(Application.decided_at)
    )
    closed = select(func.count()).select_from(Ticket).where(Ticket.status == CLOSED, ANY.holds(Ticket.closed_at))
    return select(decided.scalar_subquery(), closed.scalar_subquery())


def month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


# in statements that are kept, told when they are asked
MONTHS = bindparam("first", type_=Date), bindparam("last", type_=Date)


def _sums_by_month(first: date, last: date) -> dict[date, tuple[int, dict[str, int]]]:
    rows = db.session.execute(written(_sums), {"first": first, "last": last})
    return {row[0]: (row[1], dict(zip(CODES, map(int, row[2:]), strict=True))) for row in rows}


def _sums() -> Select:
    columns = [func.sum(getattr(SurveyAnswer, code)) for code in CODES]
    asked = select(SurveyAnswer.month, func.count(), *columns).where(SurveyAnswer.month.between(*MONTHS))
    return asked.group_by(SurveyAnswer.month)


def _all_months(first: date, last: date, known: dict) -> list:
    found, month = [], first
    while month <= last:
        found.append((month, known.get(month, (0, dict.fromkeys(CODES, 0)))))
        month = month_after(month)
    return found


def _counts(first: date, last: date) -> dict[str, dict[str, int]]:
    """Column -> value -> how many answers, in one query."""
    found: dict[str, dict[str, int]] = {key: {} for key in COUNTED}
    for key, value, number in db.session.execute(written(_counted), {"first": first, "last": last}):
        found[key][value] = number
    return found


def _counted() -> CompoundSelect:
    columns = {key: getattr(SurveyAnswer, key) for key in COUNTED}
    return union_all(*(
        select(literal(key), column, func.count()).where(SurveyAnswer.month.between(*MONTHS)).group_by(column)
        for key, column in columns.items()
    ))


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
