"""What NIK and Nomor KK share: sixteen digits, a region in front, a date behind it.

Source: docs/facts.md 1 and 2. The number is kept as text; it is never turned into an int.
"""

import re
import unicodedata
from datetime import date

from app.identity.errors import FieldError
from app.identity.text import refuse_unreadable, strip_invisible

LENGTH = 16
_MINUS = "\u2212"
_FILLERS = frozenset({"1234567890123456", *(digit * LENGTH for digit in "0123456789")})
# far beyond any grouping a person types; stops work on megabytes
_MOST_RAW = 200


def parse_sixteen(raw: str | None, label: str) -> str:
    """The sixteen ASCII digits of `raw` without blanks, dots, dashes and zero-width characters.

    Raises FieldError. Digits of other scripts are refused, so that a number has one spelling only
    (docs/security.md, trap 6.
    """
    digits = _without_separators(raw or "", label)
    if not digits:
        raise FieldError(f"{label} wajib diisi dengan 16 angka.")
    if not re.fullmatch("[0-9]+", digits):
        raise FieldError(f"{label} hanya berisi angka 0 sampai 9. Hapus huruf atau tanda lain.")
    if len(digits) != LENGTH:
        raise FieldError(f"{label} harus {LENGTH} angka. Anda mengisi {len(digits)} angka.")
    if digits in _FILLERS:
        raise FieldError(f"{label} ini tidak mungkin benar. Salin dari {_source(label)} Anda.")
    return digits


def date_of(day: int, month: int, short_year: int, today: date) -> date | None:
    """The date, or None when there is no such day. Years up to the present one are 20YY, others 19YY."""
    century = 2000 if short_year <= today.year % 100 else 1900
    try:
        return date(century + short_year, month, day)
    except ValueError:
        return None


def _without_separators(raw: str, label: str) -> str:
    if len(raw) > _MOST_RAW:
        raise FieldError(f"{label} harus {LENGTH} angka. Isian Anda terlalu panjang.")
    refuse_unreadable(raw)
    text = strip_invisible(raw).strip()
    if text and _is_dash(text[0]):
        raise FieldError(f"{label} tidak diawali tanda kurang. Isi {LENGTH} angka saja.")
    return "".join(char for char in text if not (char.isspace() or char == "." or _is_dash(char)))


def _is_dash(char: str) -> bool:
    return char == _MINUS or unicodedata.category(char) == "Pd"


def _source(label: str) -> str:
    return "KTP" if label == "NIK" else "Kartu Keluarga"
