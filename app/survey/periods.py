"""The halves of a year an office reports its survey by."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.base import clock

WHOLE, FIRST, SECOND = "semua", "1", "2"
PARTS: dict[str, tuple[str, int, int]] = {
    WHOLE: ("Setahun", 1, 12), FIRST: ("Januari sampai Juni", 1, 6), SECOND: ("Juli sampai Desember", 7, 12),
}


@dataclass(frozen=True)
class Period:
    """`first` and `last` are first days of months, both inside; `part` is a key of PARTS."""

    year: int
    part: str

    @property
    def first(self) -> date:
        return date(self.year, PARTS[self.part][1], 1)

    @property
    def last(self) -> date:
        return date(self.year, PARTS[self.part][2], 1)

    @property
    def words(self) -> str:
        return f"{PARTS[self.part][0]} {self.year}" if self.part != WHOLE else f"tahun {self.year}"


def wanted(year: str, part: str) -> Period:
    """What was asked for; nonsense counts as the present year."""
    this_year = clock.today().year
    known = int(year) if year.isdecimal() and year.isascii() and this_year - 20 < int(year) <= this_year else this_year
    return Period(known, part if part in PARTS else WHOLE)


def newest_published() -> Period:
    """The present year, until its first quarter is over the year before."""
    return Period((clock.today() - timedelta(days=90)).year, WHOLE)
