"""What a yearly evaluation has to say, recomputed from the tables of the database by SQL of its own: its figures here,
every cell of its tables in year_tables.py. Words come from the lists of the product, numbers and moments never.
"""

import sqlite3
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from app.base.clock import WIB
from app.base.services import city
from app.city.dates import DAYS, MONTHS
from app.city.office_calendar import calendar_for
from app.city.worktime import due_after_working_days, working_minutes_between
from app.survey.elements import CODES

STANDING = "g.status <> 'void'"
BREACH = "guarantee_breach b JOIN guarantee g ON g.id = b.guarantee_id AND b.void_at IS NULL"
# acts that stood: one taken back within its minute is followed by that
STOOD = """(SELECT * FROM (
    SELECT *, coalesce(lead(act) OVER (PARTITION BY application_id ORDER BY id), '') AS after FROM status_change
    WHERE act IN ('declare_complete', 'approve', 'return', 'reject', 'take_back', 'take_back_early')
) WHERE after NOT LIKE 'take_back%')"""


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

    def cell(self, question: str):
        [(found,)] = self.rows(question)
        return found

    def grouped(self, key: str, of: str) -> dict:
        return dict(self.rows(f"SELECT {key}, count(*) FROM {of} GROUP BY 1"))


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


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(WIB)


def in_full(text: str) -> str:
    local = moment(text)
    return (f"{DAYS[local.weekday()]}, {local.day} {MONTHS[local.month - 1]} {local.year} pukul "
            f"{local.hour:02d}.{local.minute:02d} WIB")


def day(text: str | None) -> str:
    return f"{date.fromisoformat(text):%d-%m-%Y}" if text else "-"


def short(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.1"), ROUND_HALF_UP)).replace(".", ",")


def plain(value: Decimal) -> str:
    return short(value).removesuffix(",0")


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
    pure = f"AND id NOT IN (SELECT application_id FROM {STOOD} WHERE act = 'return')"
    first = ask.count(f"{decided} AND status = 'active' {pure}")
    with app.app_context():
        minutes = sorted(
            working_minutes_between(calendar_for(), *(datetime.fromisoformat(one).replace(tzinfo=UTC) for one in row))
            for row in ask.rows(f"SELECT declared_complete_at, decided_at FROM {decided}")
        )
    ends = ask.grouped("status", f"guarantee g WHERE {STANDING} AND {ask.inside('opened_at')}")
    running = sum(ends.get(one, 0) for one in ("opened", "ready", "carried"))
    told = complaint_row(app, ask, "")
    things, faults = (ask.count(f"facility f WHERE retired_on IS NULL {so}") for so in ("", "AND EXISTS (SELECT 1 FROM "
                      "facility_fault x WHERE x.facility_id = f.id AND x.mended_on IS NULL)"))
    staff = ask.count("staff WHERE disabled_at IS NULL")
    able = ask.count("staff s JOIN staff_competence c ON c.staff_id = s.id WHERE s.disabled_at IS NULL AND education "
                     "<> '' AND computer AND procedure AND communication")
    breaches = f"data_breach WHERE {ask.inside('found_at')}"
    in_time = ask.count(f"{breaches} AND julianday(told_at) - julianday(found_at) <= 3.0000001")
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
        "complaints": (dotted(told["received"]), f"{dotted(told['answered'])} sudah dijawab"),
        "complaints_in_time": (tenth(told["kept"], told["of"]),
                               f"{dotted(told['kept'])} dari {dotted(told['of'])}, {told['late']} belum dijawab"),
        "ikm": expected_index(ask),
        "competence": (tenth(able, staff), f"{able} dari {staff} pegawai"),
        "facilities": (tenth(things - faults, things), f"{things - faults} dari {things} sarana"),
        "breaches": (str(ask.count(breaches)), f"{in_time} diberitahukan dalam 3 x 24 jam"),
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


def complaint_row(app, ask: Asked, condition: str) -> dict:
    """Of complaints in the year that are some: the counts in SQL, working days by the calendar."""
    where = (f"FROM ticket WHERE status <> 'merged' AND outcome <> 'not_a_case' AND {ask.inside('received_at')}"
             f" {condition}")
    received, answered, late, unanswered, reopened, ratings, rated = ask.rows(f"""
        SELECT count(*), count(first_answered_at), total(is_open AND resolve_due_at <= '{ask.now}'),
        total(is_open AND resolve_due_at <= '{ask.now}' AND first_answered_at IS NULL), total(reopened > 0),
        count(rating), total(rating) {where}""")[0]
    days = [one for one, in ask.rows(f"SELECT julianday(first_answered_at) - julianday(received_at) {where} "
                                     "AND first_answered_at IS NOT NULL ORDER BY 1")]
    kept = ask.cell(f"SELECT count(*) {where} AND reopened = 0 AND first_answered_at <= resolve_due_at")
    with app.app_context():
        for kind, begun, said in ask.rows(f"SELECT kind, received_at, first_answered_at {where} AND reopened > 0"):
            allowed = city().complaint_days.information if kind == "information" else city().complaint_days.ordinary
            kept += moment(said) <= due_after_working_days(calendar_for(), moment(begun), allowed)
    return {
        "received": received, "answered": answered, "late": int(late), "reopened": int(reopened), "kept": kept,
        "of": answered + int(unanswered), "days": plain(Decimal(str(round(at(0.5, days), 6)))) if days else "-",
        "rating": short(Decimal(int(rated)) / ratings) if ratings else "-",
    }
