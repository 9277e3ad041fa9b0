"""The one clock. Everything that asks for the time asks here, so that tests can move it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """Current moment, aware, in UTC."""
    return machine_time()


def machine_time() -> datetime:
    """What this machine's own clock says, for whoever asks whether it runs right."""
    return datetime.now(UTC)


def today() -> date:
    """Calendar date in Probolinggo (WIB), which differs from the UTC date for seven hours a day."""
    return now().astimezone(WIB).date()
