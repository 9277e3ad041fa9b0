"""The pieces of a person's own data that turn up in passwords, and what is left without them."""

import re
from datetime import date

from app.identity.name import fold, name_words
from app.identity.nik import WOMAN

_LEAST_WORD = 3
_SHORT_WORD = 3
_LEAST_RUN = 6
_SEPARATORS = re.compile(r"[\s._,'/\\:+\-]+")
_TAKEN = "\0"
_MONTHS = (
    ("januari", "january", "jan"), ("februari", "february", "pebruari", "feb"), ("maret", "march", "mar"),
    ("april", "apr"), ("mei", "may"), ("juni", "june", "jun"), ("juli", "july", "jul"),
    ("agustus", "august", "agust", "agu", "agt", "aug"), ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"), ("november", "nopember", "nov", "nop"),
    ("desember", "december", "des", "dec"),
)


def name_parts(name: str) -> list[str]:
    """Words of a name of three letters and more, small letters; shorter ones stand in any word."""
    return [word.lower() for word in name_words(name) if len(word) >= _LEAST_WORD]


def number_parts(nik: str, phone: str) -> list[str]:
    """Every run of six and more digits of the NIK and the phone number (E.164), and the birth date."""
    local = "0" + phone[3:] if phone.startswith("+62") else ""
    sources = [source for source in (nik, phone.lstrip("+"), local) if source]
    runs = [
        source[start:end]
        for source in sources
        for start in range(len(source))
        for end in range(start + _LEAST_RUN, len(source) + 1)
    ]
    return runs + _date_spellings(nik)


def without(password: str, parts: list[str]) -> str | None:
    """What is left, in small letters without separators, when all `parts` are taken away; None if none is in it.

    A part of three letters counts only where no letter stands beside it: Adi is not in 'tradisi'.
    """
    text = whole = _SEPARATORS.sub("", fold(password).lower())
    for part in sorted(set(parts), key=len, reverse=True):
        if len(part) <= _SHORT_WORD:
            text = re.sub(rf"(?<![a-z]){re.escape(part)}(?![a-z])", _TAKEN, text)
        else:
            text = text.replace(part, _TAKEN)
    return None if text == whole else text.replace(_TAKEN, "")


def _date_spellings(nik: str) -> list[str]:
    """The birth date in the usual orders, with both centuries, month as number or word; day+month; year."""
    born = _day_month_year(nik)
    if born is None:
        return []
    day, month, short = born
    spellings = set()
    for year in (f"19{short:02}", f"20{short:02}", f"{short:02}"):
        for d, m in ((f"{day:02}", f"{month:02}"), (str(day), str(month))):
            spellings |= {d + m + year, year + m + d, m + d + year, year + d + m, d + m, m + d}
        for word in _MONTHS[month - 1]:
            spellings |= {f"{day}{word}{year}", f"{day:02}{word}{year}", f"{word}{year}", f"{day}{word}"}
        spellings.add(year)
    return [spelling for spelling in spellings if len(spelling) > _SHORT_WORD]


def _day_month_year(nik: str) -> tuple[int, int, int] | None:
    if not re.fullmatch("[0-9]{16}", nik):
        return None
    day, month, year = (int(nik[start:start + 2]) for start in (6, 8, 10))
    day -= WOMAN if day > WOMAN else 0
    try:
        date(2000, month, day)  # a leap year: 29 February is a date here
    except ValueError:
        return None
    return day, month, year
