"""How many messages strangers can cause to one number, and why a message stays on the page.

Anybody may type anybody's number. The table is nested so that what the owner needs is never used up by
what strangers ask for: of the three an hour (six a day), receipts leave two (four), receipts and codes
leave one to a warning, warnings leave two (five). A number whose holder never wrote to us, nor ever typed
a code we sent there, gets one receipt for as long as we remember it (`retention.messages_days`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.base import clock
from app.base.database import db
from app.messages import contacts, quota, states
from app.messages.catalogue import CODE, RECEIPT, SHARES, UNPROVEN, WARNING
from app.messages.models import OutboxMessage

BY_STRANGERS = tuple(share for share, entry in enumerate(SHARES) if entry.by_strangers)
MOST_LOOKED_AT = 50
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
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
LIMITS: tuple[NumberLimit, ...] = (
    NumberLimit(RECEIPTS, an_hour=1, a_day=2),
    NumberLimit((*RECEIPTS, CODE), an_hour=2, a_day=3),
    NumberLimit((WARNING,), an_hour=1, a_day=1, each=True),
    NumberLimit((*RECEIPTS, CODE, WARNING), an_hour=3, a_day=6),
)
CODES_AN_HOUR, CODES_A_DAY = LIMITS[1].an_hour, LIMITS[1].a_day


@dataclass(frozen=True)
class Verdict:
    """The class a message goes as, and the reason why it does not go at all, or ""."""

    share: int
    withheld: str = ""


def judge(template: str, share: int, to_index: str, on_record: bool) -> Verdict:
    """Whether a message of this class may go to this number now, inside the caller's transaction.

    `on_record`: the number stands in an account the office approved, so it is no typed number. The row of
    the number is held until the transaction ends: of any number of processes the counting one is alone.
    """
    if not SHARES[share].by_strangers:
        return Verdict(share)
    contacts.hold(to_index)
    before = _messages_before(to_index)
    if share == RECEIPT and not on_record and not contacts.is_proven(to_index):
        share = UNPROVEN
        if any(one in RECEIPTS for _, one, _ in before):
            return Verdict(share, ONE_RECEIPT)
    if any(_is_full(limit, template, before) for limit in LIMITS if share in limit.shares):
        return Verdict(share, NUMBER_FULL)
    return Verdict(share, "" if not SHARES[share].dropped or quota.will_fit(share, to_index) else DAY_FULL)


def _is_full(limit: NumberLimit, template: str, before: list[tuple[str, int, datetime]]) -> bool:
    now = clock.now()
    counted = [at for other, share, at in before if share in limit.shares and (other == template or not limit.each)]
    spans = ((HOUR, limit.an_hour), (DAY, limit.a_day))
    return any(sum(at > now - span for at in counted) >= most for span, most in spans)


def _messages_before(to_index: str) -> list[tuple[str, int, datetime]]:
    """(template, class, moment) of what strangers caused and went or will go to this number, the newest first; what
    was not sent on purpose does not count."""
    query = select(OutboxMessage.template, OutboxMessage.share, OutboxMessage.created_at).where(
        OutboxMessage.to_index == to_index, OutboxMessage.share.in_(BY_STRANGERS),
        OutboxMessage.state != states.CANCELLED,
    )
    rows = db.session.execute(query.order_by(OutboxMessage.created_at.desc()).limit(MOST_LOOKED_AT))
    return [tuple(row) for row in rows]
