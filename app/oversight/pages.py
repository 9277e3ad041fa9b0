"""What the pages of Sekretaris, Kepala Bidang, Analis and Operator GO Online show beside the summary: counts, times and
whose turn it is. Load stands by name, unranked; of residents there is nothing but case numbers."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.accounts.models import SignIn, Staff
from app.base import clock, jobs
from app.base.database import db
from app.base.jobs import WorkerBeat, WorkerJob
from app.casework.figures import Period
from app.casework.models import CaseAct
from app.city.dates import DAYS
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.words import channel_names
from app.evaluation import registers
from app.guarantee.models import Guarantee
from app.guarantee.status import LIVE
from app.messages import channel, states
from app.messages.models import OutboxMessage, StatusEvent
from app.office import duty
from app.oversight import figures
from app.oversight.charts import Bar, Chart, Series, bars, said
from app.oversight.figures import Durations, percent
from app.photos.disk_space import free_share
from app.registration import steps
from app.registration.models import Application, Reason, StatusChange
from app.registration.reasons import ITEMS, reason_of
from app.registration.status import WAITING
from app.review.desk import in_hand
from app.web import faults
from app.web.access import place_words
from app.web.faults import ServerFault

LONG_AWAY = timedelta(days=14)
AGES = ((0, 3, "0-3 hari"), (3, 8, "3-7 hari"), (8, 15, "8-14 hari"), (15, None, "15 hari lebih"))


# -- Sekretaris --

@dataclass(frozen=True)
class Load:
    """What one person has in hand now. `seen_at` is the last activity we know of."""

    name: str
    place: str
    registrations: int
    complaints: int
    seen_at: datetime | None
    is_away: bool


def load_now() -> list[Load]:
    """By name, so that nobody stands first or last."""
    now = clock.now()
    held, tickets = in_hand(), duty.tickets_in_hand()
    seen = dict(db.session.execute(
        select(SignIn.staff_id, func.max(SignIn.seen_at)).where(SignIn.staff_id.is_not(None)).group_by(SignIn.staff_id)
    ).all())
    people = db.session.scalars(select(Staff).where(Staff.disabled_at.is_(None)).order_by(Staff.name))
    return [
        Load(one.name, place_words(one), held[one.id], tickets[one.id], seen.get(one.id),
             seen.get(one.id) is None or seen[one.id] < now - LONG_AWAY)
        for one in people
    ]


@dataclass(frozen=True)
class Absence:
    """Of those who work at desk and counter: how many are there, the names of who is not, and what is missing of the
    numbers the standard names (H)."""

    present: int
    off: list[str]
    short: list[str]


def absence() -> Absence:
    roster = duty.roster()
    off = [one.name for one in roster.people if one.off_since is not None]
    return Absence(len(roster.people) - len(off), off, roster.short)


@dataclass(frozen=True)
class Registers:
    """Of standard K and J: members of staff of whom something is missing, among how many; things broken, among how
    many; and what runs out, in sentences."""

    gaps: int
    people: int
    broken: int
    things: int
    warnings: list[str]


def registers_now() -> Registers:
    people = registers.people()
    things = [row for row in registers.facilities() if row.retired_on is None]
    return Registers(
        sum(bool(one.missing) for one in people), len(people),
        sum(registers.open_fault(row) is not None for row in things), len(things), registers.warnings(),
    )


# -- Kepala Bidang and Analis --

def times_charts() -> tuple[Chart, Chart]:
    """Of the promise and of the office's target: middle and nine of ten by week, in working hours."""
    weeks = figures.shown_weeks()
    found = figures.durations(weeks)
    return (
        _times("Janji, jam kerja", weeks, [one.until_decided for one in found]),
        _times("Target kantor, jam kerja", weeks, [one.until_declared for one in found]),
    )


def _times(title: str, weeks: list[Period], found: list[Durations]) -> Chart:
    return Chart(
        title, [figures.short(week.first) for week in weeks],
        lines=[Series("9 dari 10", [_hours(one.slow) for one in found], "dashed"),
               Series("Nilai tengah", [_hours(one.middle) for one in found], "line")],
    )


def _hours(minutes: int | None) -> float | None:
    return None if minutes is None else round(minutes / 60, 1)


def disputed() -> list[tuple[str, int]]:
    """Cases over which there is more than one word, beside what the queue counts."""
    reopened = select(func.count()).select_from(Ticket).where(Ticket.is_open.is_(True), Ticket.reopened > 0)
    doubtful = select(func.count()).select_from(Application).where(
        Application.status.in_(WAITING), Application.doubtful.is_(True)
    )
    about_staff = select(func.count()).select_from(Ticket).where(Ticket.is_open.is_(True), Ticket.about_staff.is_(True))
    return [("Pengaduan dibuka lagi", db.session.scalar(reopened)),
            ("Pengaduan tentang petugas", db.session.scalar(about_staff)),
            ("Pendaftaran mungkin ganda", db.session.scalar(doubtful))]


def guarantees_running() -> int:
    return db.session.scalar(select(func.count()).select_from(Guarantee).where(Guarantee.status.in_(LIVE)))


def open_by_age() -> list[Bar]:
    now = clock.now()
    received = list(db.session.scalars(select(Ticket.received_at).where(Ticket.is_open.is_(True))))
    ages = [(now - moment).days for moment in received]
    return bars([(words, sum(a <= age and (b is None or age < b) for age in ages)) for a, b, words in AGES])


def received_by_channel() -> list[Bar]:
    names = channel_names()
    found = figures.received_by(Ticket.channel, figures.months().now)
    return bars([(names.get(key, key), number) for key, number in found])


# -- Analis --

def return_reasons() -> list[Bar]:
    """Of the last three months, most frequent first; what was taken back does not count."""
    since = figures.months().whole[-3].first
    query = (
        select(Reason.item, Reason.code, StatusChange.application_id, StatusChange.id)
        .join(StatusChange, StatusChange.id == Reason.change_id)
        .where(StatusChange.act == "return", StatusChange.at >= since)
    )
    undone = set(db.session.scalars(select(CaseAct.event_id).where(
        CaseAct.about_kind == "application", CaseAct.act == "return", CaseAct.undone_at.is_not(None)
    )))
    found = Counter((row.item, row.code) for row in db.session.execute(query) if row.id not in undone)
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return bars([(f"{ITEMS.get(item, item)}: {reason_of(code).office}", number) for (item, code), number in ranked])


def steps_reached() -> list[Bar]:
    """Of the forms begun in the last 90 days, how many reached each step."""
    last = clock.today()
    found = steps.reached(last - timedelta(days=89), last)
    begun = found[0][1]
    return [Bar(words, f"{number} ({said(percent(number, begun), '%')})" if begun else str(number),
                min(100, 100 * number / begun) if begun else 0) for words, number in found]


def first_time_right() -> Chart:
    """Of what was approved each week, the share that was never returned."""
    weeks = figures.shown_weeks()
    approved, first_time = figures.approved_in(weeks), figures.approved_in(weeks, Application.mended.is_(False))
    shares = [percent(part, of) for part, of in zip(first_time, approved, strict=True)]
    known = [share for share in shares if share is not None]
    return Chart("Benar sejak pertama, per minggu", [figures.short(week.first) for week in weeks],
                 lines=[Series("Tanpa dikembalikan", shares, "line")], unit="%",
                 low=max(0, int(min(known, default=100) // 20 * 20)), wall=100)


def sent_by_hour_and_day() -> tuple[Chart, Chart]:
    """When registrations are sent, of the last 90 days."""
    now, by_day, by_hour = clock.now(), Counter(), Counter()
    for day, hour, number in figures.sent_by_day_and_hour(Period(now - timedelta(days=90), now)):
        by_day[day] += number
        by_hour[hour] += number
    return (
        Chart("Jam pengiriman pendaftaran", [f"{hour:02d}.00" for hour in range(24)],
              bars=[Series("Pendaftaran", [by_hour[hour] for hour in range(24)], "solid")]),
        Chart("Hari pengiriman pendaftaran", [day[:3] for day in DAYS],
              bars=[Series("Pendaftaran", [by_day[day] for day in range(7)], "solid")]),
    )


# -- Operator GO Online --

@dataclass(frozen=True)
class Machine:
    """`free` is the free share of the disk in percent; `last_beat` and `last_report` may be None."""

    last_beat: datetime | None
    workers: int
    jobs: list[WorkerJob]
    waiting: int
    failed_today: int
    is_stopped: bool
    last_report: datetime | None
    free: int
    faults: list[ServerFault]


def machine() -> Machine:
    midnight = clock.midnight(clock.today())
    return Machine(
        jobs.last_beat(),
        db.session.scalar(select(func.count()).select_from(WorkerBeat).where(
            WorkerBeat.seen_at > clock.now() - timedelta(minutes=2)
        )),
        list(db.session.scalars(select(WorkerJob).order_by(WorkerJob.failures.desc(), WorkerJob.name))),
        _count_messages(OutboxMessage.state.in_(states.WAITING)),
        _count_messages(OutboxMessage.state == states.FAILED, OutboxMessage.state_at >= midnight),
        channel.is_stopped(), db.session.scalar(select(func.max(StatusEvent.received_at))),
        round(100 * free_share()), faults.newest(),
    )


def failed_chart() -> Chart:
    weeks = figures.shown_weeks()
    return Chart("Pesan yang gagal, per minggu", [figures.short(week.first) for week in weeks],
                 bars=[Series("Gagal", figures.failed_messages(weeks), "solid")])


def _count_messages(*conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(OutboxMessage).where(*conditions))
