"""Each figure and each cell of each table of the evaluation, recomputed by questions of their own (year_asked.py)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.base import clock
from app.base.database import db
from app.evaluation import figures, tables
from app.registration.minutes import count_old
from app.review import figures as review_figures
from tests.builders import add_staff
from tests.year import a_year, registers_of
from tests.year_asked import Asked, expected_figures
from tests.year_tables import expected_tables

YEAR = 2025
NOW = datetime(2026, 1, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def year(app, time, tmp_path):
    """(what is collected, the question put to the database)"""
    time.moment = NOW
    filled(app)
    return collected(app, tmp_path, YEAR)


def filled(app) -> None:
    a_year(app, YEAR)
    for username, role in (("rina", "petugas"), ("bayu", "operator"), ("sri", "supervisor")):
        add_staff(app, username, role)
    registers_of(app, YEAR)


def collected(app, folder: Path, year: int) -> tuple[figures.Collected, Asked]:
    with app.app_context():
        found, now = figures.collect(year), clock.now()
        db.session.remove()
    return found, Asked(folder / "loket.sqlite3", year, now)


def check_tables(app, found: list[tables.Table], ask: Asked) -> None:
    wanted = expected_tables(app, ask)
    assert [one.key for one in found] == list(wanted)
    for one in found:
        rows, note = wanted[one.key]
        assert one.rows == rows, one.title
        assert note is None or one.note == note, one.title


@pytest.mark.usefixtures("on_sqlite")
def test_every_figure_is_what_a_question_of_its_own_finds(app, year):
    found, ask = year
    wanted = expected_figures(app, ask)
    assert {one.key: (one.value, one.counted) for one in found.figures} == wanted
    assert all(one.definition for one in found.figures)
    for key in ("promise_broken", "decided", "guarantees", "complaints", "breaches"):
        assert int(wanted[key][0]) > 1, f"the year holds some {key}"
    assert wanted["first_time"][0] not in ("0,0%", "100,0%") and wanted["competence"][0] == "33,3%"


@pytest.mark.usefixtures("on_sqlite")
def test_every_cell_of_every_table_is_what_a_question_of_its_own_finds(app, year):
    found, ask = year
    check_tables(app, found.tables, ask)
    assert all(one.rows for one in found.tables), "the year holds something for each table"


def test_both_databases_collect_the_same_from_moments_and_from_stored_minutes(app, year, pg_app):
    filled(pg_app)
    offices = []
    for which in (app, pg_app):
        with which.app_context():
            counted = review_figures.of_period(date(YEAR, 1, 1), date(YEAR, 12, 31))
            assert figures.collect(YEAR) == year[0] and counted.decided.mending.slow != "-"
            assert count_old() > 50 and count_old() == 0
            stored = review_figures.of_period(date(YEAR, 1, 1), date(YEAR, 12, 31))
            assert figures.collect(YEAR) == year[0] and stored == counted
            offices.append(stored.decided)
            db.session.remove()
    assert offices[0] == offices[1]


def test_never_100_percent_while_one_was_late():
    assert [tables.percent(9999, 10000), tables.percent(10, 10), tables.percent(0, 0), tables.percent(1, 3)] == [
        "99,9%", "100,0%", "-", "33,3%",
    ]


@pytest.mark.long
def test_the_pack_of_the_invented_year_is_what_questions_of_their_own_find(app, tmp_path):
    """2,000 registrations, 300 complaints, 400 answers, as `flask demo year` writes them."""
    assert app.test_cli_runner().invoke(args=["demo", "--few", "year"]).exit_code == 0
    found, ask = collected(app, tmp_path, clock.today().year)
    assert {one.key: (one.value, one.counted) for one in found.figures} == expected_figures(app, ask)
    check_tables(app, found.tables, ask)
    with app.app_context():
        wide = figures.collect_span(tables.Span(clock.today().replace(year=clock.today().year - 1), clock.today()))
        numbers = {one.key: one.value for one in wide.figures}
    assert int(numbers["decided"].replace(".", "")) >= 2000 and int(numbers["complaints"]) >= 300
