"""How much may be sent: the city's share of recipients in 24 hours, divided by class; the pace; and what strangers can
cause to one number.

Meta counts different people written to outside their own 24-hour window, in the last 24 hours
(`WHATSAPP_DAILY_LIMIT`; 0 for an account without one). Everything is counted on rows: a try counts from
the moment it is claimed, so that any number of workers share one quota and one pace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil

from sqlalchemy import BindParameter, Row, Select, String, bindparam, exists, func, select, true

from app.base import clock
from app.base.database import UtcDateTime, db
from app.base.services import settings
from app.messages import contacts, states
from app.messages.addresses import WHATSAPP
from app.messages.catalogue import ANSWER, CODE, RECEIPT, RESULT, SHARES, UNPROVEN, WARNING
from app.messages.choose_gateway import gateway
from app.messages.models import OutboxAttempt, OutboxMessage

DAY, MINUTE = timedelta(hours=24), timedelta(minutes=1)
DAYS_LOOKED_AT = 7
# places one registration takes: its receipt, and its result, which comes a day later as a rule
A_REGISTRATION = 2
# the forecast reaches this part of the limit: supervisors hear of it on their first page
NEAR = 0.8
FIRST = (RESULT, ANSWER)


def _ago(name: str, span: timedelta) -> BindParameter[datetime]:
    """Worked out when it is asked, so that a statement can be built once."""
    return bindparam(name, callable_=lambda: clock.now() - span, type_=UtcDateTime)


_A_DAY_AGO, _WEEK_AGO = _ago("a_day_ago", DAY), _ago("week_ago", DAY * DAYS_LOOKED_AT)
_IN_A_DAY, _TO = _ago("in_a_day", -DAY), bindparam("to", type_=String)
# the limit is Meta's: letters take no place
_OURS = OutboxMessage.channel == WHATSAPP


@dataclass(frozen=True)
class Forecast:
    """Different people: reached in the last 24 hours, waiting to be written to, and still expected within
    a day because results and answers went to so many on an average day of the last week."""

    used: int
    waiting: int
    expected: int
    limit: int

    @property
    def total(self) -> int:
        return self.used + self.waiting + self.expected

    @property
    def is_near(self) -> bool:
        return bool(self.limit) and self.total >= self.limit * NEAR


@dataclass(frozen=True)
class ShareUse:
    """One class as the desk sees it; `most` is where it stops, None without a limit."""

    title: str
    used: int
    waiting: int
    most: int | None


def used(*shares: int) -> int:
    """Different people written to in the last 24 hours, by these classes or by all."""
    return _together(_used(*shares))[0]


def counts_for(to_index: str) -> bool:
    """Whether a message to this person now is one that Meta counts: they did not write to us lately."""
    return _counts(contacts.heard_at(to_index))


def _counts(heard: datetime | None) -> bool:
    window = gateway().capabilities.window
    return window is None or not contacts.is_open_since(heard, window)


def has_room(share: int, to_index: str) -> bool:
    """Whether one more message of this class may go now. Who was written to today costs nothing more."""
    limit = settings().whatsapp_daily_limit
    return not limit or _is_free(to_index) or _leaves_room(share, limit, *_together(_used(), _used(share)))


def _fits_ahead(share: int, to_index: str, limit: int) -> bool:
    was_reached, *found, own_used, own_waiting = db.session.execute(_looking_ahead(share), {"to": to_index}).one()
    if was_reached:
        return True
    seen = _forecast(found)
    return seen.total < limit and _leaves_room(share, limit, seen.used + seen.waiting, own_used + own_waiting)


@cache
def _looking_ahead(share: int) -> Select:
    """Built once, because building it takes longer than asking."""
    return _in_one(_reached_today(_TO), *_of_all(), _used(share), _waiting(share))


def forecast() -> Forecast:
    return _forecast(_together(*_of_all()))


def _forecast(found: Sequence[int]) -> Forecast:
    """Expected are an average day's results and answers, less those of the last 24 hours."""
    people, waiting, week, today = found
    expected = max(0, ceil(week / DAYS_LOOKED_AT) - today)
    return Forecast(people, waiting, expected, settings().whatsapp_daily_limit)


def _of_all() -> tuple[Select, ...]:
    return _used(), _waiting(), _first_since(_WEEK_AGO), _first_since(_A_DAY_AGO)


def _together(*counts: Select) -> Sequence[int]:
    return db.session.execute(_in_one(*counts)).one()


def _in_one(*counts: Select) -> Select:
    """Several counts in one query."""
    return select(*(count.scalar_subquery() for count in counts))


def by_share() -> list[ShareUse]:
    """How the classes share the last 24 hours; somebody reached by two classes stands in both."""
    limit = settings().whatsapp_daily_limit
    people = func.count(func.distinct(OutboxMessage.to_index))
    reached = dict(db.session.execute(
        select(OutboxMessage.share, people).where(*_reached()).group_by(OutboxMessage.share)
    ).all())
    waiting = dict(db.session.execute(
        select(OutboxMessage.share, people).where(*_due_within_a_day()).group_by(OutboxMessage.share)
    ).all())
    return [
        ShareUse(entry.title, reached.get(share, 0), waiting.get(share, 0),
                 int(limit * min(entry.fills, entry.own)) if limit else None)
        for share, entry in enumerate(SHARES)
    ]


def withheld_today(codes: tuple[str, ...]) -> dict[str, int]:
    """How many messages of the last 24 hours were left to the page, by reason."""
    query = select(OutboxMessage.error_code, func.count()).where(
        OutboxMessage.state == states.CANCELLED, OutboxMessage.error_code.in_(codes),
        OutboxMessage.created_at > clock.now() - DAY, _OURS,
    )
    return dict(db.session.execute(query.group_by(OutboxMessage.error_code)).all())


def pace_is_used_up() -> bool:
    """Whether as many tries as `WHATSAPP_PER_MINUTE` allows began within the last minute."""
    query = select(func.count()).select_from(OutboxAttempt).where(
        OutboxAttempt.started_at > clock.now() - MINUTE, OutboxMessage.id == OutboxAttempt.message_id, _OURS,
    )
    return db.session.scalar(query) >= settings().whatsapp_per_minute


def _leaves_room(share: int, limit: int, people: int, own_people: int) -> bool:
    return people < int(limit * SHARES[share].fills) and own_people < int(limit * SHARES[share].own)


def _is_free(to_index: str) -> bool:
    return not counts_for(to_index) or bool(db.session.scalar(_reached_today(to_index)))


def _reached_today(to_index: str | BindParameter[str]) -> Select:
    return select(exists().where(OutboxMessage.to_index == to_index, *_reached()))


def _reached() -> tuple:
    """Tries that Meta counts, or may count: all but those it certainly refused."""
    return (
        OutboxMessage.id == OutboxAttempt.message_id, OutboxAttempt.started_at > _A_DAY_AGO,
        OutboxAttempt.counted, OutboxAttempt.outcome != "refused", _OURS,
    )


def _due_within_a_day() -> tuple:
    return _OURS, OutboxMessage.state.in_(states.WAITING), OutboxMessage.next_try_at <= _IN_A_DAY


def _used(*shares: int) -> Select:
    query = select(func.count(func.distinct(OutboxMessage.to_index))).where(*_reached())
    return query.where(OutboxMessage.share.in_(shares)) if shares else query


def _waiting(*shares: int) -> Select:
    reached = select(OutboxMessage.to_index).where(*_reached())
    query = select(func.count(func.distinct(OutboxMessage.to_index))).where(*_due_within_a_day())
    query = query.where(OutboxMessage.to_index.not_in(reached))
    return query.where(OutboxMessage.share.in_(shares)) if shares else query


def _first_since(moment: BindParameter[datetime]) -> Select:
    query = select(func.count()).select_from(OutboxMessage)
    return query.where(_OURS, OutboxMessage.share.in_(FIRST), OutboxMessage.created_at > moment)


# How many messages strangers can cause to one number, and why a message stays on the page.
#
# Anybody may type anybody's number. The table is nested so that what the owner needs is never used up by what
# strangers ask for: of the three an hour (six a day), receipts leave two (four), receipts and codes leave one to a
# warning, warnings leave two (five). A number whose holder never wrote to us, nor ever typed a code we sent there,
# gets one receipt for as long as we remember it (`retention.messages_days`).

BY_STRANGERS = tuple(share for share, entry in enumerate(SHARES) if entry.by_strangers)
MOST_LOOKED_AT = 50
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
# reasons of a message that is shown on the page instead; their words stand in errors.TABLE
NUMBER_FULL, ONE_RECEIPT, DAY_FULL = "number_full", "one_receipt", "day_full"
WITHHELD = (NUMBER_FULL, ONE_RECEIPT, DAY_FULL)


@dataclass(frozen=True)
class NumberLimit:
    """Messages of these classes to one number, together or `each` by itself."""

    shares: tuple[int, ...]
    an_hour: int
    a_day: int
    each: bool = False


RECEIPTS = (RECEIPT, UNPROVEN)
NUMBER_LIMITS: tuple[NumberLimit, ...] = (
    NumberLimit(RECEIPTS, an_hour=1, a_day=2),
    NumberLimit((*RECEIPTS, CODE), an_hour=2, a_day=3),
    NumberLimit((WARNING,), an_hour=1, a_day=1, each=True),
    NumberLimit((*RECEIPTS, CODE, WARNING), an_hour=3, a_day=6),
)
CODES_AN_HOUR, CODES_A_DAY = NUMBER_LIMITS[1].an_hour, NUMBER_LIMITS[1].a_day


@dataclass(frozen=True)
class Verdict:
    """The class a message goes as, and the reason why it does not go at all, or ""."""

    share: int
    withheld: str = ""


def judge_number(template: str, share: int, to_index: str, on_record: bool) -> Verdict:
    """Whether a message of this class may go to this number now, inside the caller's transaction.

    `on_record`: the number stands in an account the office approved, so it is no typed number. The row of
    the number is held until the transaction ends: of any number of processes the counting one is alone.
    """
    if not SHARES[share].by_strangers:
        return Verdict(share)
    contacts.hold(to_index)
    before, holder = _to_number_before(to_index)
    if share == RECEIPT and not on_record and not holder.proven:
        share = UNPROVEN
        if any(one in RECEIPTS for _, one, _ in before):
            return Verdict(share, ONE_RECEIPT)
    if any(_number_is_full(limit, template, before) for limit in NUMBER_LIMITS if share in limit.shares):
        return Verdict(share, NUMBER_FULL)
    limit = settings().whatsapp_daily_limit if SHARES[share].dropped else 0
    is_free = not limit or not _counts(holder.heard)
    return Verdict(share, "" if is_free or _fits_ahead(share, to_index, limit) else DAY_FULL)


def _number_is_full(limit: NumberLimit, template: str, before: list[tuple[str, int, datetime]]) -> bool:
    now = clock.now()
    counted = [at for other, share, at in before if share in limit.shares and (other == template or not limit.each)]
    spans = ((AN_HOUR, limit.an_hour), (A_DAY, limit.a_day))
    return any(sum(at > now - span for at in counted) >= most for span, most in spans)


def _to_number_before(to_index: str) -> tuple[list[tuple[str, int, datetime]], Row]:
    """(template, class, moment) of what strangers caused and went or will go to this number, not what was held back on
    purpose; and its holder: `proven` by a message or a code typed, and when we `heard` from them last."""
    found = db.session.execute(_to_number(), {"to": to_index}).all()
    return [(row.template, row.share, row.created_at) for row in found if row.template], found[0]


@cache
def _to_number() -> Select:
    """Built once, because building it takes longer than asking."""
    before = select(OutboxMessage.template, OutboxMessage.share, OutboxMessage.created_at).where(
        OutboxMessage.to_index == _TO, OutboxMessage.share.in_(BY_STRANGERS), OutboxMessage.state != states.CANCELLED,
    ).order_by(OutboxMessage.created_at.desc()).limit(MOST_LOOKED_AT).subquery()
    holder = select(contacts.proven(_TO).label("proven"), contacts.last_heard(_TO).label("heard")).subquery()
    return select(holder, before).select_from(holder.outerjoin(before, true()))
