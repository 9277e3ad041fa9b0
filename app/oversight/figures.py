"""Figures over months for those who oversee and for the public, from the definitions of the rooms they are about:
promises from `review/promises.py`, registrations from their recorded moves, complaints from their moments.

Only counts and times leave this module.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, or_, select

from app.base import clock
from app.base.clock import WIB
from app.base.database import UtcDateTime, db, once_a_page
from app.casework.figures import ANY, Period, middle_and_slow
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
from app.registration.status import ACTIVE, WAITING
from app.review import promises
from app.review.promises import Ended, Kept
from app.survey import figures as survey

SHOWN_MONTHS, SHOWN_DAYS, SHOWN_WEEKS = 6, 20, 12
COMPLAINTS = (Ticket.status != MERGED, Ticket.outcome != NOT_A_CASE)  # as complaints/reports/figures.py counts them
ONE_DAY = timedelta(days=1)


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


def kept_in(ended: Iterable[Ended], period: Period) -> Kept:
    return promises.count(one for one in ended if period.first <= one.at < period.last)


def percent(part: int, of: int) -> float | None:
    """With one decimal, cut and not rounded, so that 100 % is said of nothing less."""
    return part * 1000 // of / 10 if of else None


class Backlog:
    """How many registrations waited for the office at any moment since `since`: counted back from now."""

    def __init__(self, since: datetime):
        found = db.session.execute(written(_comings_and_goings), {"since": since})
        self._steps = sorted((at, 1 if to in WAITING else -1) for at, to in found)
        self.now = _standing().waiting

    def at(self, moment: datetime) -> int:
        return self.now - sum(step for at, step in self._steps if at >= moment)


def _comings_and_goings() -> Select:
    return select(StatusChange.at, StatusChange.to_status).where(
        StatusChange.at >= bindparam("since", type_=UtcDateTime),
        StatusChange.from_status.in_(WAITING) != StatusChange.to_status.in_(WAITING),
    )


@once_a_page
def _standing() -> Row:
    return db.session.execute(written(_stands_now)).one()


def _stands_now() -> Select:
    """What is said of this moment."""
    return select(
        select(func.count()).select_from(Application).where(Application.status.in_(WAITING)).scalar_subquery()
        .label("waiting"),
        select(func.min(Application.submitted_at)).scalar_subquery().label("first_sent"),
        select(func.min(Ticket.received_at)).scalar_subquery().label("first_complaint"),
        _counted_tickets().where(Ticket.is_open.is_(True)).scalar_subquery().label("open_complaints"),
        select(func.count()).select_from(Application).where(promises.is_late(NOW)).scalar_subquery()
        .label("late_registrations"),
    )


def sent_between(period: Period) -> list[datetime]:
    return list(db.session.scalars(written(_sent), period.given))


def _sent() -> Select:
    return select(StatusChange.at).where(StatusChange.act == "submit", ANY.holds(StatusChange.at))


def first_sent() -> datetime | None:
    return _standing().first_sent


def first_complaint() -> datetime | None:
    return _standing().first_complaint


@once_a_page
def decided_between(period: Period) -> list:
    """(status, what minutes.took() reads) of what was decided."""
    return db.session.execute(written(_decided), period.given).all()


def _decided() -> Select:
    return select(Application.status, *minutes.READ).where(*minutes.DECIDED)


def approved_in(period: Period) -> int:
    return db.session.scalar(written(_number_approved), period.given)


def _number_approved() -> Select:
    approved = Application.status == ACTIVE, ANY.holds(Application.decided_at)
    return select(func.count()).select_from(Application).where(*approved)


def promised_times(rows: Iterable) -> Durations:
    return spread(took.until_decided for _, took in minutes.took(rows))


def promised_minutes(period: Period) -> list[tuple[datetime, int]]:
    """(when it was decided, working minutes from the declaration to the decision) of what was decided in it."""
    return [(row.decided_at, took.until_decided) for row, took in minutes.took(decided_between(period))]


def target_minutes(period: Period) -> list[tuple[datetime, int]]:
    """The same from sending to the declaration, without the time it lay with the resident to be mended."""
    return [(row.decided_at, took.until_declared) for row, took in minutes.took(decided_between(period))]


def spread(working_minutes: Iterable[int]) -> Durations:
    found = middle_and_slow(working_minutes)
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
    given = {f"moment_{at}": moment for at, moment in enumerate(past)}
    return list(db.session.execute(written(_late, len(past)), given).one())


def _late(number: int) -> Select:
    moments = (bindparam(f"moment_{at}", type_=UtcDateTime) for at in range(number))
    now = _counted_tickets().where(timekeeping.is_late(NOW)).scalar_subquery()
    return select(*map(_late_at, moments), now)


def _late_at(moment: Any):
    return _counted_tickets().where(
        Ticket.resolve_due_at <= moment, Ticket.received_at <= moment,
        or_(Ticket.first_answered_at.is_(None), Ticket.first_answered_at > moment),
        or_(Ticket.closed_at.is_(None), Ticket.closed_at > moment),
    ).scalar_subquery()


def open_complaints() -> int:
    return _standing().open_complaints


def answered_in_time(period: Period) -> Kept:
    """Of the complaints whose answer was due or came in the period: as with promises, the late ones count when they
    became late."""
    in_time, late = db.session.execute(written(_answered), period.given).one()
    return Kept(in_time, in_time + late, 0, 0)


def _answered() -> Select:
    in_time = Ticket.first_answered_at <= Ticket.resolve_due_at, ANY.holds(Ticket.first_answered_at)
    late = ANY.holds(Ticket.resolve_due_at), Ticket.resolve_due_at <= NOW, or_(
        Ticket.first_answered_at > Ticket.resolve_due_at,
        Ticket.first_answered_at.is_(None) & Ticket.is_open.is_(True),
    )
    return select(*(_counted_tickets().where(*so).scalar_subquery() for so in (in_time, late)))


def received_by(column, period: Period) -> list[tuple[str, int]]:
    """(value, how many), most frequent first."""
    found = db.session.execute(written(_received, column.key), period.given)
    return sorted(((value, number) for value, number in found), key=lambda pair: (-pair[1], pair[0]))


def _counted_tickets() -> Select:
    return select(func.count()).select_from(Ticket).where(*COMPLAINTS)


def _received(name: str) -> Select:
    column = getattr(Ticket, name)
    return select(column, func.count()).where(ANY.holds(Ticket.received_at), *COMPLAINTS).group_by(column)


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


def within(moments: Iterable[datetime], period: Period) -> int:
    return sum(period.first <= moment < period.last for moment in moments)


def failed_messages(period: Period) -> list[datetime]:
    return list(db.session.scalars(written(_failed), period.given))


def _failed() -> Select:
    return select(OutboxMessage.created_at).where(
        OutboxMessage.state == states.FAILED, ANY.holds(OutboxMessage.created_at)
    )


def per_week(function: Callable[[Period], object]) -> list:
    return [function(week) for week in shown_weeks()]


def late_registrations() -> int:
    return _standing().late_registrations
