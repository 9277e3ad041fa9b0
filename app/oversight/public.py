"""The figures everybody may read, on the front page and at /kinerja: the same numbers and words as inside. What rests
on fewer than ten cases is not told. Counted at most every ten minutes by each process."""

import time
from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.base import clock
from app.base.database import db
from app.casework.clocks import length_of
from app.oversight import figures, summary
from app.oversight.charts import Chart, said
from app.oversight.figures import KEPT_SECONDS, Months, percent
from app.review import promises

FEWEST_TOLD = 10
_CACHE = "loket_public_figures"


@dataclass(frozen=True)
class Told:
    """One figure in words, `value` "" while there are too few cases; `part` is percent of a bar, or None."""

    title: str
    value: str
    note: str
    part: float | None = None


@dataclass(frozen=True)
class Public:
    month: str
    month_before: str
    until: int
    figures: list[Told]
    charts: list[Chart]
    counted_on: date

    @property
    def known(self) -> list[Told]:
        return [figure for figure in self.figures if figure.value]


def of_now() -> Public:
    kept, moment = current_app.extensions.get(_CACHE), time.monotonic()
    if kept is None or moment - kept[0] >= KEPT_SECONDS or kept[1].counted_on != clock.today():
        kept = current_app.extensions[_CACHE] = (moment, _counted_if_possible(kept[1] if kept else None))
    return kept[1]


def _counted_if_possible(before: Public | None) -> Public:
    """The front page stands without the database, too: with the figures of before, or with none."""
    try:
        return _counted()
    except (DBAPIError, PoolTimeout):
        db.session.rollback()
        months = figures.months()
        return before or Public(months.name, months.name_before, months.until, [], [], clock.today())


def forget() -> None:
    current_app.extensions.pop(_CACHE, None)


def _counted() -> Public:
    months = figures.months()
    return Public(
        months.name, months.name_before, months.until,
        [_done(months), _in_time(months), _length(months), _satisfaction(), _complaints(months)], _charts(months),
        clock.today(),
    )


def _done(months: Months) -> Told:
    number, before = figures.approved_in([months.now, months.before])
    return Told("Akun selesai", _enough(number, str(number)), _before(before, str(before)))


def _in_time(months: Months) -> Told:
    now, before = promises.in_periods([months.now, months.before])
    share = percent(now.kept, now.of)
    note = f"{now.kept} dari {now.of}. {_before(before.of, said(percent(before.kept, before.of), '%'))}"
    if now.broken:
        note += f" Untuk {now.broken} yang terlambat, kami mohon maaf."
    return Told("Selesai tepat janji", _enough(now.of, said(share, "%")), note, share)


def _length(months: Months) -> Told:
    both = [months.now, months.before]
    number, number_before = figures.decided_in(both)
    middle, middle_before = (took.until_decided.middle for took in figures.durations(both))
    value = "" if middle is None else length_of(middle)
    note = _before(number_before, "" if middle_before is None else length_of(middle_before))
    return Told("Setengahnya selesai dalam", _enough(number, value), f"Jam kerja sejak data lengkap. {note}")


def _satisfaction() -> Told:
    half, before = figures.halves()
    if half.index is None or not half.may_be_published:
        return Told("Kepuasan masyarakat (IKM)", "", "")
    grade, note = half.index.grade, f"{half.answers} jawaban."
    if half.is_indicative:
        note += f" Masih indikatif, paling sedikit {half.wanted}."
    if before.index is not None and before.may_be_published:
        note += f" Semester lalu {summary.decimal(before.index.value)}."
    return Told("Kepuasan masyarakat (IKM)", f"{summary.decimal(half.index.value)} {grade.letter}, {grade.words}", note)


def _complaints(months: Months) -> Told:
    now, before = figures.answered_in_time(months.now), figures.answered_in_time(months.before)
    return Told("Pengaduan dijawab tepat waktu", _enough(now.of, f"{now.kept} dari {now.of}"),
                _before(before.of, f"{before.kept} dari {before.of}"))


def _charts(months: Months) -> list[Chart]:
    """Only while the months they show rest on enough cases."""
    if figures.approved_in([months.all])[0] < FEWEST_TOLD * figures.SHOWN_MONTHS:
        return []
    return [summary.share_chart()]


def _enough(number: int, words: str) -> str:
    return words if number >= FEWEST_TOLD else ""


def _before(number: int, words: str) -> str:
    return f"Bulan lalu {words}." if number >= FEWEST_TOLD else ""
