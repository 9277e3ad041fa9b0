"""The one clock. Everything that asks for the time asks here, so that tests can move it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """Current moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Calendar date in Probolinggo (WIB), which differs from the UTC date for seven hours a day."""
    return now().astimezone(WIB).date()
