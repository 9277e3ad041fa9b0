"""Limits on how often something may be tried, counted in our own database.

`memory://` counters multiply with every process (reference/security.md 0, trap 12), so a small
storage for the `limits` library counts in a table: exact over any number of processes. Each hit is
a short transaction of its own, so that a request which is rolled back still counts; therefore call
it before extensions.transaction(), never inside. Counters stand under a keyed index and do not tell
whose they are. When the database does not answer, the error passes on: no limit, no try.
"""

import ipaddress
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Connection, Float, String, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.extensions import Base, db, sqlite_write_lock
from app.problems import TooManyRequests
from app.services import sealer

# reference/security.md 2.1; addresses are generous because a mobile network hides thousands of
# people behind one address
LIMITS: dict[str, str] = {
    "login-account": "5 per minute",
    "login-account-day": "10 per day",
    "login-address": "30 per minute",
    "tracking-miss": "10 per 10 minutes",
    "tracking-number": "10 per hour",
    "reset-account": "3 per hour",
    "reset-address": "30 per hour",
    "request-account": "3 per day",
    "request-address": "20 per hour",
    "upload-draft": "400 per hour",
    "drafts-address": "1000 per day",
    "complaint-address": "60 per hour",
    "complaint-contact": "10 per day",
    "complaint-pin-miss": "10 per day",
    "mail-sender": "10 per hour",
    "mail-sender-flood": "100 per hour",
    "webhook-refused": "300 per minute",
    "check-message": "30 per 10 minutes",
}
# The pace past a used-up limit. Shut for the whole day, an account could be closed to its owner by
# anybody who knows the NIK or the user name; slowed down, it is safe enough (security.md A2).
PACE_AFTERWARDS: dict[str, str] = {
    "login-account-day": "1 per 10 minutes", "complaint-pin-miss": "1 per 10 minutes",
}
# One household or office has a whole IPv6 network of this size: it counts as one address (F5).
PER_ADDRESS = frozenset(
    ("login-address", "tracking-miss", "drafts-address", "webhook-refused", "check-message", "complaint-address",
     "reset-address", "request-address")
)
IPV6_NETWORK_BITS = 64
FORGET_AT_ONCE = 5000

log = structlog.get_logger()


class TooManyTries(TooManyRequests):
    """The named limit is used up."""


class RateLimitCounter(Base):
    """`key` is a keyed index, `expires_at` seconds since 1970 at which the window ends."""

    __tablename__ = "rate_limit_counter"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[float] = mapped_column(Float, index=True)


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
        count, expires_at = self._row(key)
        return count if expires_at > _now() else 0

    def get_expiry(self, key: str) -> float:
        return max(self._row(key)[1], _now())

    def check(self) -> bool:
        return bool(self._connection.execute(select(1)).scalar())

    def reset(self) -> int:
        return self._connection.execute(delete(RateLimitCounter)).rowcount

    def clear(self, key: str) -> None:
        self._connection.execute(delete(RateLimitCounter).where(RateLimitCounter.key == _row_key(key)))

    def _row(self, key: str) -> tuple[int, float]:
        query = select(RateLimitCounter.count, RateLimitCounter.expires_at)
        row = self._connection.execute(query.where(RateLimitCounter.key == _row_key(key))).first()
        return tuple(row) if row else (0, 0.0)


def hit(name: str, key: str) -> None:
    """Count one try of `key`. Raises TooManyTries, with the seconds to wait, when the limit is used up."""
    key = _normal(name, key)
    with _counting() as limiter:
        # the window may end between the two questions; refused is refused
        seconds = 0 if _take(limiter, name, key) else max(1, _seconds_to_wait(limiter, name, key))
    if seconds:
        log.warning("limit_reached", limit=name, subject=_row_key(key)[:12])
        raise TooManyTries(seconds)


def is_blocked(name: str, key: str) -> bool:
    """Whether the next hit would be refused. Counts nothing."""
    return seconds_to_wait(name, key) > 0


def seconds_to_wait(name: str, key: str) -> int:
    """Whole seconds until the next hit has a chance; 0 when there is room now. Counts nothing."""
    with db.engine.connect() as connection:
        limiter = FixedWindowRateLimiter(CounterStorage(connection))
        return _seconds_to_wait(limiter, name, _normal(name, key))


def clear(name: str, key: str) -> None:
    """Forgive all tries of `key`."""
    with _counting() as limiter:
        for item in _items(name):
            limiter.clear(item, name, _normal(name, key))


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


@contextmanager
def _counting() -> Iterator[FixedWindowRateLimiter]:
    with _writing() as connection:
        yield FixedWindowRateLimiter(CounterStorage(connection))


def _take(limiter: FixedWindowRateLimiter, name: str, key: str) -> bool:
    """Count one try; whether there was room for it."""
    limit, *paces = _items(name)
    room = limiter.hit(limit, name, key)
    for pace in paces:
        if limiter.get_window_stats(limit, name, key).remaining == 0:
            # the try that uses up the limit starts the pace, too
            room = limiter.hit(pace, name, key) or room
    return room


def _seconds_to_wait(limiter: FixedWindowRateLimiter, name: str, key: str) -> int:
    """Blocked is who has used up the limit and, if there is one, the pace after it."""
    ends = []
    for item in _items(name):
        window = limiter.get_window_stats(item, name, key)
        if window.remaining > 0:
            return 0
        ends.append(window.reset_time)
    return max(1, math.ceil(min(ends) - _now()))


def _items(name: str) -> list[RateLimitItem]:
    """The limit, and the pace afterwards if it has one. Raises KeyError on an unknown name."""
    pace = PACE_AFTERWARDS.get(name)
    return [parse(LIMITS[name]), *([parse(pace)] if pace else [])]


def _normal(name: str, key: str) -> str:
    if name not in PER_ADDRESS:
        return key
    with suppress(ValueError):  # not an address at all: counts under what it says
        address = ipaddress.ip_address(key)
        if address.version == 4:
            return str(address)
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, IPV6_NETWORK_BITS), strict=False))
    return key


def _row_key(key: str) -> str:
    return sealer().index("rate-limit", key)


def _now() -> float:
    return clock.now().timestamp()
