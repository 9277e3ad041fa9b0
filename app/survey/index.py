"""The index of satisfaction (IKM) from sums and a count, with exact fractions (docs/facts.md 7).

Each of nine elements weighs exactly 1/9: offices that type 0.11 or 0.111 print a lower index for the same answers.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.survey.elements import CODES

TO_HUNDRED = 25  # from 1..4 to 25..100
# chi square of one degree of freedom at 95 %, and the margin of 5 % (Krejcie and Morgan, 1970)
CHI_SQUARE, SHARE, MARGIN = Fraction("3.841"), Fraction(1, 2), Fraction(1, 20)


@dataclass(frozen=True)
class Grade:
    letter: str
    words: str


# the lowest index of each grade, best first; an index is rounded before it is looked up
GRADES: tuple[tuple[Decimal, Grade], ...] = (
    (Decimal("88.31"), Grade("A", "Sangat baik")), (Decimal("76.61"), Grade("B", "Baik")),
    (Decimal("65.00"), Grade("C", "Kurang baik")), (Decimal(0), Grade("D", "Tidak baik")),
)


@dataclass(frozen=True)
class Score:
    """`mean` is NRR, 1.00 to 4.00; `value` the same on 25.00 to 100.00; both rounded half up to two places."""

    mean: Decimal
    value: Decimal

    @property
    def grade(self) -> Grade:
        return grade_of(self.value)


def index_of(sums: Mapping[str, int], answers: int) -> Score | None:
    """The index of `answers` answers whose marks add up to `sums` by element; None without answers: that is no zero."""
    if not answers:
        return None
    return _score(sum(Fraction(sums[code], answers) for code in CODES) / len(CODES))


def element_score(total: int, answers: int) -> Score | None:
    return _score(Fraction(total, answers)) if answers else None


def grade_of(value: Fraction | Decimal) -> Grade:
    """By the index as it is printed, rounded half up: 88.305 is 88.31 and therefore A."""
    rounded = half_up(Fraction(value))
    return next(grade for lowest, grade in GRADES if rounded >= lowest)


def half_up(value: Fraction, places: int = 2) -> Decimal:
    """Of a number that is not negative. Python's own rounding goes to the even neighbour."""
    whole = math.floor(value * 10**places + Fraction(1, 2))
    return Decimal(whole).scaleb(-places)


def sample_size(served: int) -> int:
    """How many of `served` people have to answer so that the index speaks for all (Krejcie and Morgan)."""
    if served < 1:
        return 0
    spread = CHI_SQUARE * SHARE * (1 - SHARE)
    return int(half_up(spread * served / (MARGIN**2 * (served - 1) + spread), places=0))


def _score(mean: Fraction) -> Score:
    return Score(half_up(mean), half_up(mean * TO_HUNDRED))
