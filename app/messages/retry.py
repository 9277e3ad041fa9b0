"""When to try again. Only what was certainly not sent is ever tried again by itself.

The usual plan: at once, then after 1, 5, 15 and 30 minutes and every 30 minutes, until four hours
after the first try (docs/limits.md). Limits counted over 24 hours outlast that
(docs/whatsapp.md, facts 3, codes 63018, 63038 and 63049).
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.messages.whatsapp.errors import Retry

JITTER = 0.1


@dataclass(frozen=True)
class Plan:
    """`delays` after the first, second, ... failure; the last one repeats until `gives_up_after`."""

    delays: tuple[timedelta, ...]
    gives_up_after: timedelta


def _minutes(*each: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=minutes) for minutes in each)


PLANS: dict[Retry, Plan] = {
    Retry.BACKOFF: Plan(_minutes(0, 1, 5, 15, 30), timedelta(hours=4)),
    # an hour more than the 24 in which the limit is counted
    Retry.DAY: Plan(_minutes(1, 5, 15, 60), timedelta(hours=25)),
    Retry.SPARSELY: Plan(_minutes(60, 240, 720), timedelta(hours=25)),
}


def next_try(kind: Retry, first_try_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """The moment of the next try after `attempts` (1 or more) failed; None when it is time to stop."""
    plan = PLANS[kind]
    delay = plan.delays[min(attempts, len(plan.delays)) - 1]
    moment = now + delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, no secret
    return moment if moment - first_try_at <= plan.gives_up_after else None
