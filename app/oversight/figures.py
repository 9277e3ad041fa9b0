"""Figures over months for those who oversee and for the public, from the definitions of the rooms they are about:
promises from `review/promises.py`, registrations from their recorded moves, complaints from their moments.

Only counts and times leave this module.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import TypeVar

from sqlalchemy import ColumnElement, Row, Select, case, extract, func, or_, select

from app.base import clock
from app.base.clock import WIB
from app.base.database import db, is_postgres, once_a_page
from app.base.services import kept_answer
from app.casework.figures import ANY, Period, counts_in, middle_and_slow_of, place_in
from app.casework.kept import NOW, written
from app.city.dates import MONTHS
from app.city.office_calendar import calendar_for
from app.city.worktime import is_working_day
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import MERGED
from app.complaints.ticket.words import NOT_A_CASE
from app.messages import states
from app.messages.models import OutboxMessage
from app.registration import minutes
from app.registration.models import Application, StatusChange
from app.registration.status import ACTIVE, REJECTED, WAITING
from app.review import promises
from app.review.promises import Kept
from app.survey import figures as survey

SHOWN_MONTHS, SHOWN_DAYS, SHOWN_WEEKS = 6, 20, 12
KEPT_SECONDS = 600
T = TypeVar("T")
DECIDED = (ACTIVE, REJECTED)
COMPLAINTS = (Ticket.status != MERGED, Ticket.outcome != NOT_A_CASE)  # as complaints/reports/figures.py counts them
# as ix_ticket_late has it: whatever was late at some moment is one of these few
WAS_LATE = or_(Ticket.first_answered_at.is_(None), Ticket.first_answered_at > Ticket.resolve_due_at)
ONE_DAY = timedelta(days=1)
END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Months:
    """`whole` are the shown months, oldest first, the newest until now; `now` and `before` are this month and the
    last one up to the same day of the month, so that both are alike."""

    whole: list[Period]
    now: Period
    before: Period
    name: str
    name_before: str
    until: int

    @property
    def all(self) -> Period:
        return Period(self.whole[0].first, self.whole[-1].last)


@dataclass(frozen=True)
class Durations:
    """Working minutes, None without a case: the middle, and what nine of ten did not exceed."""

    middle: int | None
    slow: int | None


def kept(name: str, count: Callable[[], T]) -> T:
    """What `count` finds of past weeks and months, at most ten minutes old, which the page says: a year of them costs
    the same whenever it is asked."""
    return kept_answer(f"oversight_{name}", KEPT_SECONDS, count, of=clock.today())


def months() -> Months:
    today, now = clock.today(), clock.now()
    firsts = [_month_back(today, back) for back in range(SHOWN_MONTHS - 1, -1, -1)]
    whole = [Period(clock.midnight(first), clock.midnight(month_after(first))) for first in firsts[:-1]]
    whole.append(Period(clock.midnight(firsts[-1]), now))
    length = now - whole[-1].first
    before = Period(whole[-2].first, min(whole[-2].last, whole[-2].first + length))
    return Months(whole, whole[-1], before, MONTHS[today.month - 1], MONTHS[firsts[-2].month - 1], today.day)


def month_after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _month_back(day: date, back: int) -> date:
    number = day.year * 12 + day.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)


def percent(part: int, of: int) -> float | None:
    """With one decimal, cut and not rounded, so that 100 % is said of nothing less."""
    return part * 1000 // of / 10 if of else None


def backlog(*past: datetime) -> list[int]:
    """How many registrations waited for the office at each past moment, the oldest first, and now: counted back from
    now by what came and went since."""
    waiting = _standing().waiting
    if not past:
        return [waiting]
    spans = [Period(first, last) for first, last in zip(past, [*past[1:], END], strict=True)]
    came, went = StatusChange.to_status.in_(WAITING), StatusChange.from_status.in_(WAITING)
    place = place_in(spans, StatusChange.at)
    query = select(place, func.sum(case((came, 1), else_=-1))).where(StatusChange.at >= past[0], came != went)
    more = dict(db.session.execute(query.group_by(place)).all())
    since = list(accumulate(more.get(one, 0) for one in reversed(range(len(spans)))))
    return [*(waiting - number for number in reversed(since)), waiting]


@once_a_page
def _standing() -> Row:
    return db.session.execute(written(_stands_now)).one()


def _stands_now() -> Select:
    """What is said of this moment, in one question."""
    said = {
        "waiting": select(func.count()).select_from(Application).where(Application.status.in_(WAITING)),
        "first_sent": select(func.min(StatusChange.at)).where(StatusChange.act == "submit"),
        "first_complaint": select(func.min(Ticket.received_at)),
        "open_complaints": _counted_tickets().where(Ticket.is_open.is_(True)),
        "late_complaints": _counted_tickets().where(timekeeping.is_late(NOW)),
    }
    return select(*(asked.scalar_subquery().label(name) for name, asked in said.items()))


def first_sent() -> datetime | None:
    return _standing().first_sent


def first_complaint() -> datetime | None:
    return _standing().first_complaint


def decided_in(periods: Sequence[Period], *so: ColumnElement[bool]) -> list[int]:
    """How many were decided in each."""
    return counts_in(periods, Application.decided_at, Application.status.in_(DECIDED), *so)


def approved_in(periods: Sequence[Period], *so: ColumnElement[bool]) -> list[int]:
    return counts_in(periods, Application.decided_at, Application.status == ACTIVE, *so)


def sent_in(periods: Sequence[Period]) -> list[int]:
    return counts_in(periods, StatusChange.at, StatusChange.act == "submit")


def sent_by_day_and_hour(period: Period) -> list[tuple[int, int, int]]:
    """(day of the week, Monday 0; hour; how many), both WIB."""
    if is_postgres():
        local = func.timezone(str(WIB), StatusChange.at)
        day, hour = extract("dow", local), extract("hour", local)
    else:
        day, hour = (func.strftime(part, StatusChange.at, "+7 hours") for part in ("%w", "%H"))  # WIB knows no summer
    query = select(day, hour, func.count()).where(StatusChange.act == "submit", period.holds(StatusChange.at))
    found = db.session.execute(query.group_by(day, hour))
    return [((int(day) - 1) % 7, int(hour), number) for day, hour, number in found]  # a database begins on Sunday


def durations(periods: Sequence[Period]) -> list[minutes.Took[Durations]]:
    """Of what was decided in each; none of them overlap."""
    return [minutes.Took(*map(spread, often)) for often in minutes.how_often(periods)]


def spread(often: Mapping[int, int]) -> Durations:
    """Of numbers of minutes and how often each is there."""
    found = middle_and_slow_of(often)
    return Durations(*map(round, found)) if found else Durations(None, None)


# -- the survey --

def halves() -> tuple[survey.Result, survey.Result]:
    """This half of the year so far, and the one before."""
    today = clock.today()
    first = date(today.year, 1 if today.month <= 6 else 7, 1)
    before = date(first.year - (first.month == 1), 7 if first.month == 1 else 1, 1)
    return survey.result_of(first, today), survey.result_of(before, first - ONE_DAY)


# -- complaints --

def late_complaints(*past: datetime) -> list[int]:
    """How many at each past moment, and now, were not answered although their answer was due. Of a past moment: one
    that was opened again since counts by its first answer."""
    then = db.session.execute(select(*map(_late_at, past))).one() if past else ()
    return [*then, _standing().late_complaints]


def _late_at(moment: datetime):
    return _counted_tickets().where(
        WAS_LATE, Ticket.resolve_due_at <= moment, Ticket.received_at <= moment,
        or_(Ticket.first_answered_at.is_(None), Ticket.first_answered_at > moment),
        or_(Ticket.closed_at.is_(None), Ticket.closed_at > moment),
    ).scalar_subquery()


def open_complaints() -> int:
    return _standing().open_complaints


def answered_in_time(period: Period) -> Kept:
    """Of the complaints whose answer was due or came in the period: as with promises, the late ones count when they
    became late."""
    in_time = _count_tickets(
        Ticket.first_answered_at <= Ticket.resolve_due_at, period.holds(Ticket.first_answered_at),
    )
    late = _count_tickets(
        WAS_LATE, period.holds(Ticket.resolve_due_at), Ticket.resolve_due_at <= clock.now(),
        or_(Ticket.first_answered_at > Ticket.resolve_due_at,
            Ticket.first_answered_at.is_(None) & Ticket.is_open.is_(True)),
    )
    return Kept(in_time, in_time + late, 0, 0)


def received_by(column, period: Period) -> list[tuple[str, int]]:
    """(value, how many), most frequent first."""
    found = db.session.execute(written(_received, column.key), period.given)
    return sorted(((value, number) for value, number in found), key=lambda pair: (-pair[1], pair[0]))


def _received(name: str) -> Select:
    column = getattr(Ticket, name)
    return select(column, func.count()).where(ANY.holds(Ticket.received_at), *COMPLAINTS).group_by(column)


def _counted_tickets() -> Select:
    return select(func.count()).select_from(Ticket).where(*COMPLAINTS)


def _count_tickets(*conditions) -> int:
    return db.session.scalar(_counted_tickets().where(*conditions))


# -- days and weeks --

def shown_days() -> list[date]:
    """The last days of work up to today."""
    calendar, day, found = calendar_for(), clock.today(), []
    while len(found) < SHOWN_DAYS:
        if is_working_day(calendar, day):
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


def shown_weeks() -> list[Period]:
    """From Monday to Monday, the newest until now."""
    monday = clock.today() - timedelta(days=clock.today().weekday())
    firsts = [monday - timedelta(weeks=back) for back in range(SHOWN_WEEKS - 1, -1, -1)]
    return [Period(clock.midnight(first), clock.midnight(first + timedelta(weeks=1))) for first in firsts]


def short(moment: datetime | date) -> str:
    """2 Nov."""
    day = moment.astimezone(WIB).date() if isinstance(moment, datetime) else moment
    return f"{day.day} {MONTHS[day.month - 1][:3]}"


def failed_messages(periods: Sequence[Period]) -> list[int]:
    return counts_in(periods, OutboxMessage.created_at, OutboxMessage.state == states.FAILED)


def late_registrations() -> int:
    return db.session.scalar(select(func.count()).select_from(Application).where(promises.is_late(clock.now())))
