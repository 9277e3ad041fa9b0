"""Time left, in the words of a list."""

from datetime import datetime

from app.base.clock import WIB

HOUR = 3600


def time_left(due_at: datetime, now: datetime) -> str:
    """hari ini 16.00, besok 16.00, 5 hari lagi; terlambat 3 jam, terlambat 2 hari. Calendar days (WIB)."""
    due, here = due_at.astimezone(WIB), now.astimezone(WIB)
    days = (due.date() - here.date()).days
    if due < here:
        hours = max(1, int((here - due).total_seconds() // HOUR))
        return f"terlambat {-days} hari" if days < 0 else f"terlambat {hours} jam"
    if days == 0:
        return f"hari ini {due:%H.%M}"
    return f"besok {due:%H.%M}" if days == 1 else f"{days} hari lagi"
