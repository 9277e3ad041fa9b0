"""The table of limits as it is written down, and the chance that is computed from it (docs/limits.md)."""

import re
from pathlib import Path

import pytest
from limits import parse

from app.base.limits import LIMITS
from app.guessing.budgets import LOCKS
from bench import chances

TEXT = (Path(__file__).resolve().parent.parent / "docs" / "limits.md").read_text()


def test_the_written_table_is_the_one_in_force():
    assert dict(re.findall(r"^\| `([a-z-]+)` \| ([^|]+?) \|", TEXT, re.MULTILINE)) == LIMITS


def test_one_account_in_a_year_is_less_likely_than_one_in_a_hundred():
    assert chances.KNOWN_NIKS == 100_000
    assert chances.expected(chances.take_overs()) < 0.01


@pytest.mark.parametrize("way", [*chances.take_overs(), *chances.openings()], ids=lambda way: way.name)
def test_the_written_chances_are_the_computed_ones(way):
    share = f"{way.expected:.2%}".replace("%", " %")
    if way in chances.take_overs():
        assert f"| {way.name} | {share} |" in TEXT
    else:
        assert share in TEXT


def test_the_written_total_is_the_computed_one():
    total = f"{chances.expected(chances.take_overs()):.2%}".replace("%", " %")
    assert f"| **one account taken over** | **{total}** |" in TEXT


def test_a_larger_budget_would_show_in_the_chance(monkeypatch):
    monkeypatch.setitem(LIMITS, "guess-city", "20 per day")
    assert chances.expected(chances.take_overs()) > 0.01


@pytest.mark.parametrize("lock", LOCKS)
def test_strangers_have_less_than_one_guess_a_minute_and_a_hundred_in_any_day(lock):
    items = [parse(LIMITS[name]) for name in LOCKS[lock].strangers]
    a_day = min(item.amount * 24 * 3600 // item.get_expiry() for item in items)
    an_hour = min(item.amount for item in items if item.get_expiry() >= 3600)
    assert 2 * a_day < 100 and 2 * an_hour < 60  # two windows may meet
