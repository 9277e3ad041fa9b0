"""Dates and times as people in Probolinggo read them: WIB, Indonesian names, 16.00 with a dot."""

from datetime import date, datetime, timedelta

from app.base.clock import WIB

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
          "Oktober", "November", "Desember")


def show_date(value: date | datetime) -> str:
    """Senin, 30 November 2026 (of a moment: its date in WIB)."""
    day = value.astimezone(WIB).date() if isinstance(value, datetime) else value
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def show_plain(value: date | datetime) -> str:
    """30 November 2026, without the day of the week: on paper."""
    return show_date(value).partition(", ")[2]


def show_month(value: date) -> str:
    """November 2026."""
    return f"{MONTHS[value.month - 1]} {value.year}"


def show_day(value: datetime) -> str:
    """30 Nov 2026, for lists."""
    day = value.astimezone(WIB)
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def show_time(value: datetime) -> str:
    """16.00 WIB."""
    return f"{value.astimezone(WIB):%H.%M} WIB"


def show_short(value: datetime) -> str:
    """Sen, 30 Nov 2026 16.00: for lists, where every line has one."""
    local = value.astimezone(WIB)
    return f"{DAYS[local.weekday()][:3]}, {local.day} {MONTHS[local.month - 1][:3]} {local:%Y %H.%M}"


def show_length(length: timedelta) -> str:
    """How long something lasts so far, in its two largest units: 2 hari 3 jam."""
    minutes = max(0, int(length.total_seconds() // 60))
    amounts = ((minutes // 1440, "hari"), (minutes // 60 % 24, "jam"), (minutes % 60, "menit"))
    largest = next((index for index, (amount, _) in enumerate(amounts) if amount), None)
    if largest is None:
        return "kurang dari 1 menit"
    return " ".join(f"{amount} {unit}" for amount, unit in amounts[largest:largest + 2] if amount)


def show_moment(value: datetime) -> str:
    """Senin, 30 November 2026 pukul 16.00 WIB."""
    return f"{show_date(value)} pukul {show_time(value)}"
