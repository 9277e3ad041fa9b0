"""How much time is left, in office hours, as it is said on the desk."""

from dataclasses import dataclass
from datetime import datetime

from app.base import clock
from app.base.clock import WIB
from app.city.dates import DAYS
from app.city.worktime import Calendar, working_minutes_between

HOUR = 60
FAR = 40 * HOUR  # beyond a week of work nobody counts hours


@dataclass(frozen=True)
class TimeLeft:
    """`words` such as "sisa 3 jam 20 menit", `until` such as "Sel 24/11 16.00"; `tone` is '', 'soon'
    or 'late', which the words say too."""

    words: str
    until: str
    tone: str


def time_left(calendar: Calendar, due_at: datetime | None, warn_at: datetime | None) -> TimeLeft | None:
    """None for a case that no clock runs for."""
    if due_at is None:
        return None
    now = clock.now()
    minutes = working_minutes_between(calendar, now, due_at)
    if due_at <= now:
        return TimeLeft(f"lewat {_left(-minutes)}", _short(due_at), "late")
    soon = warn_at is not None and warn_at <= now
    return TimeLeft(f"sisa {_left(minutes)}", _short(due_at), "soon" if soon else "")


def length(minutes: int) -> str:
    """Such as "3 jam 20 menit"."""
    hours, rest = divmod(minutes, HOUR)
    parts = [f"{hours} jam" if hours else "", f"{rest} menit" if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def _left(minutes: int) -> str:
    return length(minutes) if minutes < FAR else f"lebih dari {FAR // HOUR} jam kerja"


def _short(moment: datetime) -> str:
    local = moment.astimezone(WIB)
    return f"{DAYS[local.weekday()][:3]} {local:%d/%m %H.%M}"
