"""Each figure and each table of the evaluation, recomputed from the tables of the database by questions of its own."""

import sqlite3
from collections import Counter
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from app.base import clock
from app.base.database import db
from app.city.dates import MONTHS
from app.city.office_calendar import calendar_for
from app.city.worktime import working_minutes_between
from app.evaluation import figures, tables
from app.survey.elements import CODES
from tests.builders import add_staff
from tests.year import a_year, registers_of

YEAR = 2025
NOW = datetime(2026, 1, 20, 3, 0, tzinfo=UTC)
STANDING = "g.status <> 'void'"
BREACH = "guarantee_breach b JOIN guarantee g ON g.id = b.guarantee_id AND b.void_at IS NULL"


class Asked:
    """The database file, asked in SQL; `inside` says of a column that it lies in the year as Probolinggo counts it."""

    def __init__(self, path: Path, year: int, now: datetime):
        self.base, self.year, self.now = sqlite3.connect(path), year, f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"

    def inside(self, column: str) -> str:
        return f"{column} >= '{self.year - 1}-12-31 17:00:00.000000' AND {column} < '{self.year}-12-31 17:00:00.000000'"

    def rows(self, question: str) -> list[tuple]:
        return self.base.execute(question).fetchall()

    def count(self, of: str) -> int:
        return self.rows(f"SELECT count(*) FROM {of}")[0][0]

    def grouped(self, key: str, of: str) -> dict:
        return dict(self.rows(f"SELECT {key}, count(*) FROM {of} GROUP BY 1"))


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


def tenth(part: int, whole: int) -> str:
    if not whole:
        return "-"
    share = (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{min(share, Decimal('99.9')) if part < whole else share}%".replace(".", ",")


def dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def hundredth(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.01"), ROUND_HALF_UP)).replace(".", ",")


def grade(index: str) -> str:
    value = Decimal(index.replace(",", "."))
    return next(letter for least, letter in (("88.31", "A"), ("76.61", "B"), ("65", "C"), ("0", "D"))
                if value >= Decimal(least))


def in_words(minutes: float) -> str:
    hours, rest = divmod(round(minutes), 60)
    return " ".join([*([f"{hours} jam"] if hours else []), *([f"{rest} menit"] if rest or not hours else [])])


def at(share: float, numbers: list[int]) -> float:
    """Of sorted numbers, between two of them in a straight line."""
    place = share * (len(numbers) - 1)
    low = int(place)
    return numbers[low] + (place - low) * (numbers[min(low + 1, len(numbers) - 1)] - numbers[low])


def expected_figures(app, ask: Asked) -> dict[str, tuple[str, str]]:
    """Value and what is counted of every figure."""
    decided = f"application a WHERE status IN ('active', 'rejected') AND {ask.inside('decided_at')}"
    approved = ask.count(f"{decided} AND status = 'active'")
    kept = ask.count(f"{decided} AND decided_at <= due_at")
    late = f"application a WHERE status IN ('active', 'rejected') AND decided_at > due_at AND {ask.inside('due_at')}"
    waiting = f"application a WHERE status = 'complete' AND due_at <= '{ask.now}' AND {ask.inside('due_at')}"
    away = (" AND EXISTS (SELECT 1 FROM siak_outage o WHERE o.began_at < a.due_at"
            " AND (o.ended_at IS NULL OR o.ended_at > a.declared_complete_at))")
    broken, out = ask.count(late) + ask.count(waiting), ask.count(late + away) + ask.count(waiting + away)
    pure = "AND NOT EXISTS (SELECT 1 FROM status_change c WHERE c.application_id = a.id AND c.act = 'return')"
    first = ask.count(f"{decided} AND status = 'active' {pure}")
    with app.app_context():
        minutes = sorted(
            working_minutes_between(calendar_for(), *(datetime.fromisoformat(one).replace(tzinfo=UTC) for one in row))
            for row in ask.rows(f"SELECT declared_complete_at, decided_at FROM {decided}")
        )
    ends = ask.grouped("status", f"guarantee g WHERE {STANDING} AND {ask.inside('opened_at')}")
    running = sum(ends.get(one, 0) for one in ("opened", "ready", "carried"))
    tickets = f"ticket WHERE status <> 'merged' AND outcome <> 'not_a_case' AND {ask.inside('received_at')}"
    answered, in_time = (ask.count(f"{tickets} AND first_answered_at {so}") for so in
                         ("IS NOT NULL", "<= resolve_due_at"))
    overdue = ask.count(f"{tickets} AND first_answered_at IS NULL AND is_open AND resolve_due_at <= '{ask.now}'")
    things, faults = (ask.count(f"facility f WHERE retired_on IS NULL {so}") for so in ("", "AND EXISTS (SELECT 1 FROM "
                      "facility_fault x WHERE x.facility_id = f.id AND x.mended_on IS NULL)"))
    staff = ask.count("staff WHERE disabled_at IS NULL")
    able = ask.count("staff s JOIN staff_competence c ON c.staff_id = s.id WHERE s.disabled_at IS NULL AND education "
                     "<> '' AND computer AND procedure AND communication")
    breaches = f"data_breach WHERE {ask.inside('found_at')}"
    told = ask.count(f"{breaches} AND julianday(told_at) - julianday(found_at) <= 3.0000001")
    rejected = ask.count(decided) - approved
    return {
        "promise_kept": (tenth(kept, kept + broken),
                         f"{dotted(kept)} dari {dotted(kept + broken)} janji yang berakhir"),
        "promise_broken": (dotted(broken), f"{ask.count(waiting)} masih menunggu, {out} saat SIAK mati"),
        "decided": (dotted(approved + rejected), f"{dotted(approved)} disetujui, {dotted(rejected)} ditolak"),
        "until_decided": (in_words(at(0.5, minutes)), f"sejak data lengkap; 9 dari 10: {in_words(at(0.9, minutes))}"),
        "first_time": (tenth(first, approved), f"{dotted(first)} dari {dotted(approved)} yang disetujui"),
        "guarantees": (dotted(sum(ends.values())),
                       f"{ends.get('delivered', 0)} diantar, {ends.get('declined', 0)} tidak perlu, "
                       f"{ends.get('apologised', 0)} maaf, {running} berjalan"),
        "complaints": (dotted(ask.count(tickets)), f"{dotted(answered)} sudah dijawab"),
        "complaints_in_time": (tenth(in_time, answered + overdue),
                               f"{dotted(in_time)} dari {dotted(answered + overdue)}, {overdue} belum dijawab"),
        "ikm": expected_index(ask),
        "competence": (tenth(able, staff), f"{able} dari {staff} pegawai"),
        "facilities": (tenth(things - faults, things), f"{things - faults} dari {things} sarana"),
        "breaches": (str(ask.count(breaches)), f"{told} diberitahukan dalam 3 x 24 jam"),
    }


def expected_index(ask: Asked) -> tuple[str, str]:
    of_year = f"survey_answer WHERE month LIKE '{ask.year}%'"
    answers, [(total,)] = ask.count(of_year), ask.rows(f"SELECT sum({'+'.join(CODES)}) FROM {of_year}")
    index = hundredth(Decimal(25 * total) / (9 * answers))
    served = ask.count(f"application WHERE status IN ('active', 'rejected') AND {ask.inside('decided_at')}")
    served += ask.count(f"ticket WHERE status = 'closed' AND {ask.inside('closed_at')}")
    sample = int(3.841 * served * 0.25 / (0.0025 * (served - 1) + 3.841 * 0.25) + 0.5)
    return f"{index} {grade(index)}", (
        f"{answers} jawaban, paling sedikit {sample}{', indikatif' if answers < sample else ''}"
    )


def counted(rows: list, of: dict, words: int = 0, number: int = 1) -> None:
    """The numbers of a table are those of a question, whatever their order and words."""
    assert Counter(row[number] for row in rows if row[number]) == Counter(of.values()), [row[words] for row in rows]


def check_tables(found: dict[str, tables.Table], ask: Asked) -> None:
    local = "strftime('%m', {}, '+7 hours')".format
    columns = (("sent", "submitted_at", ""), ("yes", "decided_at", "AND status = 'active'"),
               ("no", "decided_at", "AND status = 'rejected'"))
    months = {key: ask.grouped(local(column), f"application WHERE {ask.inside(column)} {more}")
              for key, column, more in columns}
    for place, row in enumerate(found["months"].rows, 1):
        assert row[0] == f"{MONTHS[place - 1]} {ask.year}"
        assert row[1:4] == [months[key].get(f"{place:02d}", 0) for key in ("sent", "yes", "no")], row[0]
        assert row[6] == tenth(row[4], row[5])
    kept = ask.grouped(local("decided_at"), "application WHERE status IN ('active', 'rejected') AND "
                       f"decided_at <= due_at AND {ask.inside('decided_at')}")
    assert [row[4] for row in found["months"].rows] == [
        kept.get(f"{place:02d}", 0) for place in range(1, len(found["months"].rows) + 1)
    ]
    counted(found["reasons"].rows, ask.grouped("r.item || r.code", "status_reason r JOIN status_change c ON c.id = "
                                               f"r.change_id WHERE {ask.inside('c.at')}"))
    tickets = f"ticket WHERE status <> 'merged' AND outcome <> 'not_a_case' AND {ask.inside('received_at')}"
    for key in ("kind", "channel", "category"):
        rows = found[f"complaints_{key}"].rows
        for column, more in ((1, ""), (2, "AND first_answered_at IS NOT NULL")):
            counted(rows, ask.grouped(key, f"{tickets} {more}"), number=column)
    counted(found["outcomes"].rows, ask.grouped("outcome", tickets))
    check_survey(found, ask)
    opened = f"{BREACH} WHERE {STANDING} AND {ask.inside('opened_at')}"
    counted(found["guarantees"].rows, ask.grouped("b.breach", opened))
    brought = f"guarantee g WHERE status = 'delivered' AND {ask.inside('opened_at')}"
    assert found["guarantees"].note.startswith(
        f"{ask.count(f'{brought} AND delivered_at <= due_at')} dari {ask.count(brought)} yang diantar"
    )
    for key, of in (
        ("outages", f"siak_outage WHERE {ask.inside('began_at')}"), ("competence", "staff WHERE disabled_at IS NULL"),
        ("trainings", f"staff_training WHERE held_on LIKE '{ask.year}%'"),
        ("facilities", "facility WHERE retired_on IS NULL"),
        ("breaches", f"data_breach WHERE {ask.inside('found_at')}"),
        ("versions", f"standard_version WHERE valid_from LIKE '{ask.year}%'"),
    ):
        assert len(found[key].rows) == ask.count(of), key
    [(people,)] = ask.rows(f"SELECT coalesce(sum(people), 0) FROM data_breach WHERE {ask.inside('found_at')}")
    assert sum(row[2] for row in found["breaches"].rows) == people


def check_survey(found: dict[str, tables.Table], ask: Asked) -> None:
    of_year = f"survey_answer WHERE month LIKE '{ask.year}%'"
    answers = ask.count(of_year)
    for code, row in zip(CODES, found["elements"].rows, strict=True):
        [(total,)] = ask.rows(f"SELECT sum({code}) FROM {of_year}")
        index = hundredth(Decimal(25 * total) / answers)
        assert row[1:] == [hundredth(Decimal(total) / answers), index, grade(index)], code
    for row in found["survey_months"].rows:
        month = f"{ask.year}-{MONTHS.index(row[0].split()[0]) + 1:02d}-01"
        [(number, total)] = ask.rows(f"SELECT count(*), sum({'+'.join(CODES)}) FROM survey_answer WHERE month = "
                                     f"'{month}'")
        assert row[1:] == [number, hundredth(Decimal(25 * total) / (9 * number)) if number else "-"], row[0]
    for column, title in (("sex", "Jenis kelamin"), ("age", "Usia"), ("education", "Pendidikan terakhir"),
                          ("work", "Pekerjaan")):
        counted([row for row in found["respondents"].rows if row[0] == title], ask.grouped(column, of_year), number=2)


def test_every_figure_is_what_a_question_of_its_own_finds(app, year):
    found, ask = year
    wanted = expected_figures(app, ask)
    assert {one.key: (one.value, one.counted) for one in found.figures} == wanted
    assert all(one.definition for one in found.figures)
    for key in ("promise_broken", "decided", "guarantees", "complaints", "breaches"):
        assert int(wanted[key][0]) > 1, f"the year holds some {key}"
    assert wanted["first_time"][0] not in ("0,0%", "100,0%") and wanted["competence"][0] == "33,3%"


def test_every_table_is_what_a_question_of_its_own_finds(year):
    found, ask = year
    check_tables({one.key: one for one in found.tables}, ask)
    assert all(one.rows for one in found.tables), "the year holds something for each table"


def test_both_databases_collect_the_same(year, pg_app):
    filled(pg_app)
    with pg_app.app_context():
        assert figures.collect(YEAR) == year[0]


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
    check_tables({one.key: one for one in found.tables}, ask)
    with app.app_context():
        wide = figures.collect_span(tables.Span(clock.today().replace(year=clock.today().year - 1), clock.today()))
        numbers = {one.key: one.value for one in wide.figures}
    assert int(numbers["decided"].replace(".", "")) >= 2000 and int(numbers["complaints"]) >= 300
