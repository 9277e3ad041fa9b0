"""Which passwords are refused: short, common, or made of what others know of their owner. No other rules.

Source: docs/security.md A4, A5 (ASVS 6.2.1, 6.2.4, 6.2.5, 6.2.11); no composition rules, no expiry.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache
from pathlib import Path

from app.identity.findings import FieldError, Parsed
from app.identity.name import fold, name_words
from app.identity.nik import WOMAN
from app.identity.text import refuse_unreadable

MIN_LENGTH, MIN_STAFF_LENGTH, MAX_LENGTH = 8, 14, 128
# what must be left beside own data, else the password is made of own data
_ENOUGH_BESIDE = 6
_SHORT_UNIT = 4
_UP = ("0123456789" * (MAX_LENGTH // 10 + 2), "abcdefghijklmnopqrstuvwxyz")
_RUNS = _UP + tuple(run[::-1] for run in _UP)
_LIST = Path(__file__).parent / "data" / "common_passwords.txt"
# what is hung on a common word to reach the length
_ENDINGS = "0123456789!.@#$%&*_-"
# words everybody tries first at this counter
_OFFICE_WORDS = (
    "disdukcapil dukcapil kependudukan catatansipil probolinggo kotaprobolinggo pemkot loket petugas operator "
    "supervisor administrator admin password katasandi rahasia pelayanan"
)


def normal_password(raw: str | None) -> str:
    """The password as typed, in NFC: the form that is hashed and compared, blanks included.

    Raises FieldError when it is longer than 128 characters (it must not reach the hash) or unreadable.
    """
    raw = raw or ""
    if len(raw) > MAX_LENGTH * 4:
        raise FieldError(_too_long())
    refuse_unreadable(raw)
    password = unicodedata.normalize("NFC", raw)
    if len(password) > MAX_LENGTH:
        raise FieldError(_too_long())
    return password


def check_password(raw: str | None, *, nik: str = "", name: str = "", phone: str = "") -> Parsed:
    """A resident's new password; `nik`, `name`, `phone` are normalised values, empty when unknown.

    Raises FieldError. The value is to be hashed as it is.
    """
    password = _long_enough(raw, MIN_LENGTH)
    _refuse_common(password)
    if _is_made_of(password, name_parts(name) + number_parts(nik, phone)):
        raise FieldError("Kata sandi terlalu mudah ditebak. Jangan pakai NIK, tanggal lahir, nama, atau nomor HP.")
    return Parsed(password)


def check_staff_password(raw: str | None, *, username: str = "", name: str = "") -> Parsed:
    """A staff password: at least 14 characters, and not made of words of the office. Raises FieldError."""
    password = _long_enough(raw, MIN_STAFF_LENGTH)
    _refuse_common(password)
    _refuse_common(password.rstrip(_ENDINGS) or password)
    if _is_made_of(password, name_parts(name) + name_parts(username) + _OFFICE_WORDS.split()):
        raise FieldError("Kata sandi terlalu mudah ditebak. Jangan pakai nama Anda atau nama kantor.")
    return Parsed(password)


def _long_enough(raw: str | None, least: int) -> str:
    password = normal_password(raw)
    if not password:
        raise FieldError(f"Kata sandi wajib diisi, paling sedikit {least} huruf atau angka.")
    if len(password) < least:
        raise FieldError(f"Kata sandi paling sedikit {least} huruf atau angka. Anda baru mengisi {len(password)}.")
    return password


def _refuse_common(password: str) -> None:
    if _is_weak(password.casefold()):
        raise FieldError("Kata sandi terlalu mudah ditebak. Pilih yang lain, misalnya beberapa kata.")


def _is_made_of(password: str, parts: list[str]) -> bool:
    """Holds some of `parts` and, beside them, too little or something weak."""
    left = without(password, parts)
    return left is not None and (len(left) < _ENOUGH_BESIDE or _is_weak(left))


def _is_weak(text: str) -> bool:
    """In the list, one piece over and over, or a straight run such as 12345678 or hgfedcba."""
    plain = re.sub(r"[\W_]", "", text)
    repeated = re.fullmatch(r"(.+?)\1+", text)
    return (
        bool({text, plain} & _common())
        or len(set(text)) <= 2  # two characters, however mixed
        or (repeated is not None and (len(repeated[1]) <= _SHORT_UNIT or repeated[1] in _common()))
        or any(text in run for run in _RUNS)
    )


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))


def _too_long() -> str:
    return f"Kata sandi terlalu panjang. Paling banyak {MAX_LENGTH} huruf atau angka."


# The pieces of a person's own data that turn up in passwords, and what is left without them.

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
