"""Each figure of the evaluation, recomputed from the tables by a question of its own."""

import sqlite3
from datetime import UTC, datetime

import pytest

from app.base.database import db
from app.evaluation import figures
from app.survey.elements import CODES
from tests.year import a_year

YEAR = 2025
BEGIN, END = "2024-12-31 17:00:00.000000", "2025-12-31 17:00:00.000000"  # the year in Probolinggo, in UTC
INSIDE = f"BETWEEN '{BEGIN}' AND '{END}'"


@pytest.fixture
def year(app, time, tmp_path):
    """(figures by key, tables by key, ask): `ask` puts one SQL question to the database file itself."""
    time.moment = datetime(2026, 1, 20, 3, 0, tzinfo=UTC)
    a_year(app, YEAR)
    with app.app_context():
        collected = figures.collect(YEAR)
        db.session.remove()
    base = sqlite3.connect(tmp_path / "loket.sqlite3")
    return (
        {one.key: one for one in collected.figures}, {one.key: one for one in collected.tables},
        lambda question: base.execute(question).fetchone()[0],
    )


def test_promises_kept_and_broken(year):
    found, _, ask = year
    kept = ask(f"SELECT count(*) FROM application WHERE decided_at <= due_at AND decided_at {INSIDE}")
    late = ask(f"SELECT count(*) FROM application WHERE decided_at > due_at AND due_at {INSIDE}")
    waiting = ask(f"SELECT count(*) FROM application WHERE status = 'complete' AND due_at {INSIDE}")
    assert kept > 20 and late > 5 and waiting > 2, "the year holds all three"
    assert found["promise_kept"].counted == f"{kept} dari {kept + late + waiting} janji yang berakhir"
    share = round(1000 * kept / (kept + late + waiting) + 1e-9) / 10
    assert found["promise_kept"].value == f"{share:.1f}%".replace(".", ",")
    assert found["promise_broken"].value == str(late + waiting)
    assert found["promise_broken"].counted.startswith(f"{waiting} masih menunggu")


def test_guarantees_are_counted_once_by_how_they_ended(year):
    found, _, ask = year
    opened, declined = (ask(f"SELECT count(*) FROM guarantee WHERE opened_at {INSIDE} {more}")
                        for more in ("", "AND status = 'declined'"))
    assert found["guarantees"].value == str(opened) and declined > 2
    assert f"{declined} tidak perlu diantar" in found["guarantees"].counted
    assert f"{opened - declined} berjalan" in found["guarantees"].counted


def test_decisions_and_their_months(year):
    found, tables, ask = year
    for status, words in (("active", "disetujui"), ("rejected", "ditolak")):
        number = ask(f"SELECT count(*) FROM application WHERE status = '{status}' AND decided_at {INSIDE}")
        assert f"{number} {words}" in found["decided"].counted
    rows = tables["months"].rows
    sent = ask(f"SELECT count(*) FROM application WHERE submitted_at {INSIDE}")
    assert sum(row[1] for row in rows) == sent < 120, "those around New Year lie outside"
    march = ask("SELECT count(*) FROM application WHERE submitted_at BETWEEN '2025-02-28 17' AND '2025-03-31 17'")
    assert rows[2][:2] == ["Maret 2025", march]
    assert sum(row[5] for row in rows) == int(found["promise_kept"].counted.split()[2])


def test_complaints_and_what_became_of_them(year):
    found, tables, ask = year
    received = ask(f"SELECT count(*) FROM ticket WHERE received_at {INSIDE}")
    answered = ask(f"SELECT count(*) FROM ticket WHERE received_at {INSIDE} AND first_answered_at IS NOT NULL")
    in_time = ask(f"SELECT count(*) FROM ticket WHERE received_at {INSIDE} AND first_answered_at <= resolve_due_at")
    late = ask(f"SELECT count(*) FROM ticket WHERE received_at {INSIDE} AND first_answered_at IS NULL "
               "AND resolve_due_at < '2026-01-20 03'")
    assert found["complaints"].value == str(received) and found["complaints"].counted.startswith(f"{answered} ")
    assert found["complaints_in_time"].value == f"{round(100 * in_time / (answered + late))}%"
    proven = ask(f"SELECT count(*) FROM ticket WHERE outcome = 'proven' AND received_at {INSIDE}")
    assert tables["outcomes"].rows[0] == ["Terbukti dan diperbaiki", proven]
    assert sum(row[1] for row in tables["complaints_channel"].rows) == received


def test_the_index_and_its_sample(year):
    found, tables, ask = year
    answers = ask("SELECT count(*) FROM survey_answer WHERE month LIKE '2025%'")
    total = ask(f"SELECT sum({'+'.join(CODES)}) FROM survey_answer WHERE month LIKE '2025%'")
    value = int(100 * 25 * total / (9 * answers) + 0.5) / 100
    assert found["ikm"].value.startswith(f"{value:.2f}".replace(".", ","))
    served = ask(f"SELECT (SELECT count(*) FROM application WHERE decided_at {INSIDE}) + "
                 f"(SELECT count(*) FROM ticket WHERE closed_at {INSIDE})")
    sample = 3.841 * served * 0.25 / (0.0025 * (served - 1) + 3.841 * 0.25)
    assert found["ikm"].counted == f"{answers} jawaban, paling sedikit {int(sample + 0.5)}, indikatif"
    paid = ask("SELECT sum(u4) * 1.0 / count(*) FROM survey_answer WHERE month LIKE '2025%'")
    fee = next(row for row in tables["elements"].rows if row[0] == "Biaya/tarif")
    assert abs(float(fee[1].replace(",", ".")) - paid) <= 0.005


def test_every_figure_says_what_it_counts_and_how(year):
    found, _, _ = year
    assert all(one.counted and one.definition and one.value for one in found.values())


def test_never_100_percent_while_one_was_late():
    from app.evaluation.tables import percent

    assert [percent(9999, 10000), percent(10, 10), percent(0, 0), percent(1, 3)] == ["99,9%", "100,0%", "-", "33,3%"]
