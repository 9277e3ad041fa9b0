"""When to try again. Only what was certainly not sent is ever tried again by itself.

First again at once, then after 1, 5, 15 and 30 minutes and every 30 minutes, until four hours after
the first try (reference/security.md 2.1, outbox).
"""

import random
from datetime import datetime, timedelta

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (0, 1, 5, 15, 30))
GIVE_UP_AFTER = timedelta(hours=4)
JITTER = 0.1


def next_try(first_try_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """The moment of the next try after `attempts` (1 or more) failed; None when it is time to stop."""
    delay = DELAYS[min(attempts, len(DELAYS)) - 1]
    moment = now + delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, no secret
    return moment if moment - first_try_at <= GIVE_UP_AFTER else None
