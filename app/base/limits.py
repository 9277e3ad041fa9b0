"""Limits on how often something may be tried, counted in our own database.

`memory://` counters multiply with every process, so a small storage for the `limits` library counts in a table: exact
over any number of processes. Each hit is a short transaction of its own, so that a request which is rolled back still
counts; therefore call it before transaction(), never inside. `hit_here` is for what costs us only once it is stored.
Counters stand under a keyed index and do not tell whose they are. When the database does not answer, the error passes
on: no limit, no try.
"""

import ipaddress
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Connection, Float, String, bindparam, delete, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, Look, db, sqlite_write_lock
from app.base.problems import TooManyRequests
from app.base.services import sealer

# Every number stands in docs/limits.md with its reason; a test keeps both alike.
LIMITS: dict[str, str] = {
    # guesses at a secret (app/guessing/budgets.py)
    "guess-known": "10 per hour",
    "guess-known-day": "40 per day",
    "guess-strangers": "10 per hour",
    "guess-strangers-day": "48 per day",
    "guess-office": "30 per hour",
    "guess-office-day": "48 per day",
    "office-network": "1 per 30 days",
    "guess-city": "3 per day",
    "guess-city-demo": "1000 per day",
    "guess-address": "60 per 10 minutes",
    "guess-browser": "15 per 10 minutes",
    "ticket-strangers": "10 per day",
    "ticket-city": "200 per day",
    "old-ticket-strangers": "3 per day",
    "old-ticket-city": "10 per day",
    "second-factor": "10 per hour",
    "second-factor-day": "20 per day",
    # one step more (app/guessing/step_codes.py)
    "step-tries": "5 per 15 minutes",
    "step-used": "1 per hour",
    "step-sent": "5 per day",
    # a new password
    "letter-code": "10 per day",
    "letter-code-address": "30 per hour",
    "reset-strangers": "3 per day",
    "reset-known": "3 per day",
    "reset-address": "30 per hour",
    "reset-city": "5 per day",
    "reset-city-demo": "1000 per day",
    "reset-stopped": "1 per day",
    "reset-told": "1 per day",
    "number-codes": "3 per hour",
    "request-account": "3 per day",
    "request-known": "3 per day",
    "request-address": "20 per hour",
    # telling an owner
    "told-after": "5 per day",
    "told-city": "20 per day",
    # what is sent, however right it is
    "upload-draft": "400 per hour",
    "typed-draft": "1200 per hour",
    "typed-complaint": "3000 per hour",
    "drafts-address": "1000 per day",
    "complaint-address": "60 per hour",
    "complaint-contact": "10 per day",
    "mail-sender": "10 per hour",
    "mail-sender-flood": "100 per hour",
    "survey-address": "60 per hour",
    "survey-tap": "1 per 30 days",
    "webhook-refused": "300 per minute",
    "check-message": "30 per 10 minutes",
}
# One household or office has a whole IPv6 network of this size: it counts as one address.
PER_ADDRESS = frozenset((
    "drafts-address", "webhook-refused", "check-message", "complaint-address", "typed-complaint", "reset-address",
    "request-address", "survey-address", "letter-code-address",
))
IPV6_NETWORK_BITS = 56
FORGET_AT_ONCE = 5000

log = structlog.get_logger()


class TooManyTries(TooManyRequests):
    """The named limit is used up."""


class _UsedUp(Exception):
    """Takes back what was counted so far."""


class RateLimitCounter(Base):
    """`key` is a keyed index, `expires_at` seconds since 1970 at which the window ends."""

    __tablename__ = "rate_limit_counter"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[float] = mapped_column(Float, index=True)


# when the window ends, of a limit that is used up; of one that has room, nothing
FULL_UNTIL = select(RateLimitCounter.expires_at).where(
    RateLimitCounter.key == bindparam("limit_key"), RateLimitCounter.count >= bindparam("limit_most"),
).scalar_subquery()
WINDOW = select(RateLimitCounter.count, RateLimitCounter.expires_at).where(RateLimitCounter.key == bindparam("key"))
UPSERT = text("""
    INSERT INTO rate_limit_counter (key, count, expires_at) VALUES (:key, :amount, :expires_at)
    ON CONFLICT (key) DO UPDATE SET
        count = excluded.count + CASE WHEN rate_limit_counter.expires_at <= :now THEN 0
                                      ELSE rate_limit_counter.count END,
        expires_at = CASE WHEN rate_limit_counter.expires_at <= :now THEN excluded.expires_at
                          ELSE rate_limit_counter.expires_at END
    RETURNING count
""")


class CounterStorage(Storage):
    """Fixed windows as rows, on one open transaction: several counts in it are one step for all others."""

    STORAGE_SCHEME = None

    def __init__(self, connection: Connection):
        super().__init__()
        self._connection = connection

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = _now()
        values = {"key": _row_key(key), "amount": amount, "expires_at": now + expiry, "now": now}
        return self._connection.execute(UPSERT, values).scalar_one()

    def get(self, key: str) -> int:
        count, expires_at = self.window(key)
        return count if expires_at > _now() else 0

    def get_expiry(self, key: str) -> float:
        return max(self.window(key)[1], _now())

    def check(self) -> bool:
        return bool(self._connection.execute(select(1)).scalar())

    def reset(self) -> int:
        return self._connection.execute(delete(RateLimitCounter)).rowcount

    def clear(self, key: str) -> None:
        self._connection.execute(delete(RateLimitCounter).where(RateLimitCounter.key == _row_key(key)))

    def lower(self, key: str) -> None:
        row = RateLimitCounter.__table__
        own = (row.c.key == _row_key(key), row.c.count > 0)
        self._connection.execute(update(row).where(*own).values(count=row.c.count - 1))

    def window(self, key: str) -> tuple[int, float]:
        """Tries counted, and when the window ends or ended."""
        row = self._connection.execute(WINDOW, {"key": _row_key(key)}).first()
        return tuple(row) if row else (0, 0.0)


def hit(name: str, key: str) -> None:
    """Count one try of `key`. Raises TooManyTries, with the seconds to wait, when the limit is used up."""
    if not take((name, key)):
        # the window may end between the two questions: then it says one second
        raise TooManyTries(seconds_to_wait(name, key))


def hit_here(name: str, key: str) -> None:
    """The same inside the caller's transaction(), which ends when this raises: what is not stored is not counted."""
    limiter = FixedWindowRateLimiter(CounterStorage(db.session.connection()))
    if not limiter.hit(_item(name), name, _normal(name, key)):
        _log_used_up(name, key)
        raise TooManyTries(seconds_to_wait(name, key))


def room(name: str, key: str) -> Look:
    """Whether the limit has room; raises TooManyTries when it is used up already. Counts nothing."""
    item = _item(name)

    def judge(ends: float | None) -> None:
        if ends is not None and ends > _now():
            _log_used_up(name, key)
            raise TooManyTries(math.ceil(ends - _now()))

    row_key = _row_key(item.key_for(name, _normal(name, key)))
    return Look(FULL_UNTIL, {"limit_key": row_key, "limit_most": item.amount}, judge)


def take(*wanted: tuple[str, str]) -> bool:
    """Count one try on every (limit, key) in one step for all others, or on none when one is used up.

    Name the limits in the same order everywhere, so that two processes never wait for each other.
    """
    try:
        with _writing() as connection:
            limiter = FixedWindowRateLimiter(CounterStorage(connection))
            for name, key in wanted:
                if not limiter.hit(_item(name), name, _normal(name, key)):
                    raise _UsedUp(name, key)
    except _UsedUp as full:
        _log_used_up(*full.args)
        return False
    return True


def _log_used_up(name: str, key: str) -> None:
    log.warning("limit_reached", limit=name, subject=_row_key(_normal(name, key))[:12])


def give_back(*taken: tuple[str, str]) -> None:
    """Forgive one try each: the secret was right."""
    with _writing() as connection:
        storage = CounterStorage(connection)
        for name, key in taken:
            storage.lower(_item(name).key_for(name, _normal(name, key)))


def count(name: str, key: str, amount: int = 1) -> int:
    """Count without refusing; returns how many there are now in this window."""
    with _writing() as connection:
        item = _item(name)
        return CounterStorage(connection).incr(item.key_for(name, _normal(name, key)), item.get_expiry(), amount)


def amount_of(name: str) -> int:
    return _item(name).amount


def is_blocked(name: str, key: str) -> bool:
    """Whether the next hit would be refused. Counts nothing."""
    return seconds_to_wait(name, key) > 0


def seconds_to_wait(name: str, key: str) -> int:
    """Whole seconds until the next hit has a chance; 0 when there is room now. Counts nothing."""
    item = _item(name)
    with db.engine.connect() as connection:
        tries, ends = CounterStorage(connection).window(item.key_for(name, _normal(name, key)))
    return 0 if tries < item.amount or ends <= _now() else max(1, math.ceil(ends - _now()))


def clear(name: str, key: str) -> None:
    """Forgive all tries of `key`."""
    with _writing() as connection:
        CounterStorage(connection).clear(_item(name).key_for(name, _normal(name, key)))


def forget_expired() -> int:
    """Remove counters whose window is over, a bounded number at once; returns how many."""
    with _writing() as connection:
        over = select(RateLimitCounter.key).where(RateLimitCounter.expires_at <= _now()).limit(FORGET_AT_ONCE)
        return connection.execute(delete(RateLimitCounter).where(RateLimitCounter.key.in_(over))).rowcount


@contextmanager
def _writing() -> Iterator[Connection]:
    with sqlite_write_lock(db.engine), db.engine.connect() as connection:
        writing = connection.execution_options(loket_write=True)
        with writing.begin():
            yield writing


def _item(name: str) -> RateLimitItem:
    """Raises KeyError on an unknown name."""
    return parse(LIMITS[name])


def network(address: str) -> str:
    """What counts as one address: an IPv4 address, an IPv6 network."""
    with suppress(ValueError):  # not an address at all: counts under what it says
        known = ipaddress.ip_address(address)
        if known.version == 4:
            return str(known)
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, IPV6_NETWORK_BITS), strict=False))
    return address


def _normal(name: str, key: str) -> str:
    return network(key) if name in PER_ADDRESS else key


def _row_key(key: str) -> str:
    return sealer().index("rate-limit", key)


def _now() -> float:
    return clock.now().timestamp()
