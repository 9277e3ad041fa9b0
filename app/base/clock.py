"""The one clock. Everything that asks for the time asks here, so that tests can move it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
# how far the demo runs ahead of the machine, so that anybody can see what happens when a promise is late; one item
_ahead = [timedelta()]
_combine = datetime.combine  # what is the same whatever time it is told to be
_told: ContextVar[datetime | None] = ContextVar("told_moment", default=None)


def now() -> datetime:
    """Current moment, aware, in UTC."""
    return _told.get() or machine_time() + _ahead[0]


def run_ahead(of_machine: timedelta) -> None:
    """Move the clock of this process; the setting DEMO_CLOCK, in a demo only."""
    _ahead[:] = [of_machine]


def runs_ahead() -> bool:
    return _ahead[0] != timedelta()


@contextmanager
def told_as(moment: datetime) -> Iterator[None]:
    """Inside, it is `moment`: the demo writes its invented past through the services of the present."""
    token = _told.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)


def machine_time() -> datetime:
    """What this machine's own clock says, for whoever asks whether it runs right."""
    return datetime.now(UTC)


def today() -> date:
    """Calendar date in Probolinggo (WIB), which differs from the UTC date for seven hours a day."""
    return now().astimezone(WIB).date()


def midnight(day: date) -> datetime:
    """When a day of Probolinggo begins."""
    return _combine(day, time(), WIB)
