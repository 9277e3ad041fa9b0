"""The index of satisfaction: exact ninths, rounding, grades, sample size, and the official form."""

from decimal import Decimal
from fractions import Fraction

import pytest

from app.survey.elements import CODES, ELEMENTS, grade_of, half_up, index_of, sample_size

# ten sheets of paper, columns in the order of the form: U1 to U7, SARPRAS, ADUAN
SHEETS = """
4 3 4 4 4 3 4 3 4
3 3 3 4 3 3 3 3 3
4 4 4 4 4 4 4 4 4
3 3 2 4 3 3 4 3 3
4 3 3 4 4 3 4 3 4
3 2 2 4 3 3 3 2 2
4 4 3 4 4 4 4 3 4
3 3 3 4 3 3 3 3 3
4 3 4 4 3 4 4 4 3
3 3 3 4 4 3 3 3 4
"""


def sheets() -> list[dict[str, int]]:
    return [dict(zip(CODES, map(int, line.split()), strict=True)) for line in SHEETS.strip().splitlines()]


def sums() -> dict[str, int]:
    return {code: sum(sheet[code] for sheet in sheets()) for code in CODES}


def test_the_worked_example_is_85_and_b():
    assert list(sums().values()) == [35, 31, 31, 40, 35, 33, 36, 31, 34]
    score = index_of(sums(), 10)
    assert (score.mean, score.value, score.grade.letter, score.grade.words) == (
        Decimal("3.40"), Decimal("85.00"), "B", "Baik",
    )


@pytest.mark.parametrize(("index", "letter"), [
    ("88.30", "B"), ("88.3049", "B"), ("88.305", "A"), ("88.31", "A"), ("76.60", "C"), ("76.605", "B"), ("76.61", "B"),
    ("64.99", "D"), ("64.9949", "D"), ("64.995", "C"), ("65.00", "C"), ("100", "A"), ("25", "D"),
])
def test_an_index_is_rounded_half_up_and_then_graded(index, letter):
    assert grade_of(Fraction(index)).letter == letter


def test_half_a_cent_goes_up_and_never_to_the_even_neighbour():
    assert [half_up(Fraction(text)) for text in ("88.305", "64.995", "0.005", "2.675")] == [
        Decimal("88.31"), Decimal("65.00"), Decimal("0.01"), Decimal("2.68"),
    ]


def test_a_ninth_is_a_ninth_and_not_eleven_hundredths():
    all_fours = dict.fromkeys(CODES, 4)
    assert index_of(all_fours, 1).value == Decimal("100.00")
    assert index_of(dict.fromkeys(CODES, 1), 1).value == Decimal("25.00")


def test_no_answer_is_no_zero():
    assert index_of(dict.fromkeys(CODES, 0), 0) is None


@pytest.mark.parametrize(("served", "wanted"), [
    (0, 0), (10, 10), (20, 19), (50, 44), (100, 80), (150, 108), (200, 132), (250, 152), (300, 169), (400, 196),
    (500, 217), (700, 248), (1000, 278), (1500, 306), (2000, 322), (3000, 341), (5000, 357), (10000, 370),
])
def test_the_sample_is_that_of_krejcie_and_morgan(served, wanted):
    assert sample_size(served) == wanted


def test_the_form_asks_for_facilities_before_complaints_and_free_is_the_best_fee():
    assert [one.code for one in ELEMENTS][-2:] == ["sarpras", "aduan"]
    assert all(len(one.answers) == 4 for one in ELEMENTS) and ELEMENTS[3].answers[3] == "Gratis"
