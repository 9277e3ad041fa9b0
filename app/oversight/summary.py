"""The screen of the Kepala Dinas: five figures with last month beside them and six months behind, what is late and who
owns it, what residents say, what waits for the reader."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import or_, select

from app.base import clock
from app.base.database import db
from app.casework.figures import Period
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.words import CATEGORIES
from app.evaluation import evaluating
from app.guarantee import figures as guarantees
from app.office import duty
from app.office.late import Late, late_now
from app.oversight import figures
from app.oversight.charts import Bar, Chart, Series, Spark, bars, said, spark
from app.oversight.figures import Months, percent
from app.review import promises
from app.review.models import SiakOutage
from app.review.promises import Kept
from app.survey import figures as survey
from app.survey.answering import Quote, quote_of_today

BETTER, WORSE, SAME = "membaik", "memburuk", "sama"
COMPLAINTS_SHOWN, LOWEST = 4, 3
# how the nine elements of the survey are called where there is little room
SHORT = {"u1": "Persyaratan", "u2": "Prosedur", "u3": "Waktu", "u4": "Biaya", "u5": "Produk", "u6": "Kompetensi",
         "u7": "Perilaku", "sarpras": "Sarana", "aduan": "Pengaduan"}


@dataclass(frozen=True)
class Figure:
    """`before` is last month in words, `verdict` what became of it since, "" when nothing can be compared."""

    title: str
    value: str
    unit: str
    before: str
    verdict: str
    note: str
    line: Spark | None


@dataclass(frozen=True)
class Waiting:
    """Something for the reader to do or to know, and the endpoint where it is dealt with."""

    title: str
    words: str
    page: str
    button: str


@dataclass(frozen=True)
class Summary:
    months: Months
    figures: list[Figure]
    flow: Chart
    share: Chart
    late: list[Late] = field(repr=False)
    said: list[Bar] = field(default_factory=list)
    elements: list[Bar] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    quote: Quote | None = None


def of_now() -> Summary:
    months = figures.months()
    past = figures.kept("past", lambda: _past(months))
    [now], (half, half_before) = promises.in_periods([months.now]), figures.kept("halves", figures.halves)
    return Summary(
        months,
        [_waiting(months, past), _in_time(months, past, now), _broken(months, past, now), _complaints(months, past),
         _satisfaction(half, half_before)],
        figures.kept("flow", flow_chart), figures.kept("share", share_chart), late_now(), _said(months),
        elements(half, half_before), _for_the_reader(), quote_of_today(half.first, half.last),
    )


@dataclass(frozen=True)
class Past:
    """At the end of each shown month but this one, and on this day of last month. `slow` are the working minutes that
    nine of ten decided this month did not exceed."""

    waiting: list[int]
    waiting_before: int
    promises: list[Kept]
    promises_before: Kept
    complaints: list[int]
    complaints_before: int
    slow: int | None


def _past(months: Months) -> Past:
    closed, ends = months.whole[:-1], [month.last for month in months.whole[:-1]]
    *ended, before = promises.in_periods([*closed, months.before])
    *late, late_before, _ = figures.late_complaints(*ends, months.before.last)
    return Past(
        figures.backlog(*ends)[:-1], figures.backlog(months.before.last)[0], ended, before, late, late_before,
        figures.durations([months.now])[0].until_decided.slow,
    )


def _waiting(months: Months, past: Past) -> Figure:
    [now], before = figures.backlog(), past.waiting_before
    line = _since(figures.first_sent(), months, [*past.waiting, now])
    note = "belum ada yang selesai"
    if past.slow is not None:
        note = f"9 dari 10 selesai dalam {hours(past.slow)} jam kerja"
    return Figure("Menunggu sekarang", str(now), "berkas", f"{months.name_before} {before}",
                  verdict(before, now, fewer_is_better=True), note, spark(line))


def _in_time(months: Months, past: Past, now: Kept) -> Figure:
    before = past.promises_before
    shares = [percent(kept.kept, kept.of) for kept in (*past.promises, now)]
    share, share_before = percent(now.kept, now.of), percent(before.kept, before.of)
    return Figure(
        "Selesai tepat janji", said(share), "%" if share is not None else "",
        f"{months.name_before} {said(share_before, '%')}", verdict(share_before, share),
        f"{now.kept} dari {now.of} janji yang berakhir", spark(shares),
    )


def _broken(months: Months, past: Past, now: Kept) -> Figure:
    before = past.promises_before
    line = [kept.broken if kept.of else None for kept in (*past.promises, now)]
    owed = guarantees.of_missed(months.now.first, months.now.last)
    note = f"{now.open} masih menunggu keputusan" if now.open else "semua sudah diputus"
    if owed.opened:
        parts = ((owed.delivered, "diantar"), (owed.declined, "tidak perlu"), (owed.apologised, "maaf"),
                 (owed.running, "berjalan"))
        note = ", ".join(f"{number} {words}" for number, words in parts if number)
    return Figure("Janji terlambat", str(now.broken), "", f"{months.name_before} {before.broken}",
                  verdict(before.broken, now.broken, fewer_is_better=True), note, spark(line))


def _complaints(months: Months, past: Past) -> Figure:
    [number], before = figures.late_complaints(), past.complaints_before
    line = _since(figures.first_complaint(), months, [*past.complaints, number])
    return Figure("Pengaduan terlambat", str(number), "", f"{months.name_before} {before}",
                  verdict(before, number, fewer_is_better=True),
                  f"dari {figures.open_complaints()} yang belum dijawab", spark(line))


def _satisfaction(half: survey.Result, before: survey.Result) -> Figure:
    index, index_before = (one.index.value if one.index else None for one in (half, before))
    monthly = [score.value if score else None for _, _, score in half.months]
    remark = f"indikatif di bawah {half.wanted}" if half.is_indicative else f"paling sedikit {half.wanted}"
    return Figure(
        "Kepuasan (IKM)", decimal(index), half.index.grade.letter if half.index else "",
        f"Semester lalu {decimal(index_before)}", verdict(index_before, index), f"{half.answers} jawaban, {remark}",
        spark([None if value is None else float(value) for value in monthly]),
    )


def _for_the_reader() -> list[Waiting]:
    """Fewer people than the standard names (H), and the evaluation of the year (N)."""
    roster, found = duty.roster(), []
    if roster.short:
        words = " dan ".join(f"{one.present} {one.words.lower()}" for one in roster.strength)
        wanted = " dan ".join(str(one.wanted) for one in roster.strength)
        found.append(Waiting(f"Bertugas hari ini: {words}", f"Menurut standar {wanted}.", "duty.roster", "Lihat"))
    if due := evaluating.due_words(clock.today()):
        found.append(Waiting("Evaluasi tahunan", due, "evaluation.everything", "Buka"))
    return found


def elements(half: survey.Result, before: survey.Result) -> list[Bar]:
    """The lowest first; the three lowest stand out. The mark is the half year before."""
    known = {one.element.code: one.score.mean for one in before.elements}
    return [
        Bar(SHORT[one.element.code], decimal(one.score.mean), on_scale(one.score.mean),
            on_scale(known.get(one.element.code)), place < LOWEST)
        for place, one in enumerate(half.lowest_first)
    ]


def on_scale(mean: Decimal | None) -> float | None:
    """Percent of the way from 1 to 4."""
    return None if mean is None else round(float(mean - 1) / 3 * 100, 1)


def decimal(value: Decimal | None) -> str:
    """85,00."""
    return "-" if value is None else f"{value:.2f}".replace(".", ",")


def _since(begun: datetime | None, months: Months, values: list) -> list:
    """Nothing is said of months before there was anything."""
    return [value if begun is not None and month.last > begun else None
            for value, month in zip(values, months.whole, strict=True)]


def flow_chart() -> Chart:
    days = figures.shown_days()
    spans = [Period(clock.midnight(day), clock.midnight(after))
             for day, after in zip(days, [*days[1:], _tomorrow()], strict=True)]
    return Chart(
        "Pendaftaran per hari", [figures.short(day) for day in days],
        bars=[Series("Masuk", figures.sent_in(spans), "hatched"),
              Series("Selesai", figures.decided_in(spans), "solid")],
        lines=[Series("Menunggu", figures.backlog(*(span.last for span in spans[:-1])), "line")],
        spans=_outages(spans),
    )


def _outages(days: list[Period]) -> list[tuple[int, int, str]]:
    """Days on which SIAK was away: what explains a rise, and hides none of it."""
    query = select(SiakOutage.began_at, SiakOutage.ended_at).where(
        SiakOutage.began_at < days[-1].last, or_(SiakOutage.ended_at.is_(None), SiakOutage.ended_at > days[0].first)
    )
    found = []
    for began, over in db.session.execute(query.order_by(SiakOutage.began_at)):
        met = [place for place, day in enumerate(days) if began < day.last and (over is None or over > day.first)]
        if met:
            found.append((met[0], met[-1], f"SIAK mati {figures.short(began)}"))
    return found


def share_chart() -> Chart:
    weeks = figures.shown_weeks()
    shares = [percent(kept.kept, kept.of) for kept in promises.in_periods(weeks)]
    known = [share for share in shares if share is not None]
    low = max(0, int(min(known, default=100) // 5 * 5) - 5)
    return Chart("Tepat janji per minggu", [figures.short(week.first) for week in weeks],
                 lines=[Series("Tepat janji", shares, "line")], unit="%", low=low, wall=100)


def _said(months: Months) -> list[Bar]:
    found = figures.received_by(Ticket.category, months.now)[:COMPLAINTS_SHOWN]
    return bars([(CATEGORIES.get(category, category), number) for category, number in found])


def _tomorrow():
    return figures.shown_days()[-1] + figures.ONE_DAY


def hours(minutes: int | None) -> str:
    """Working hours with one decimal where it says something: 3,7."""
    return "-" if minutes is None else said(round(minutes / 60, 1))


def verdict(before: float | None, now: float | None, fewer_is_better: bool = False) -> str:
    if before is None or now is None:
        return ""
    if before == now:
        return SAME
    return BETTER if (now < before) == fewer_is_better else WORSE
