"""Nomor Induk Kependudukan. Source: docs/facts.md 1 (PP 40/2019 art. 30, 33: a NIK is never replaced).

PPKKCC DDMMYY SSSS: region of first registration, birth date with 40 added to a woman's day, serial.
There is no check digit, and wrong dates and vanished regions exist on real cards: they are flags.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from app.identity import findings
from app.identity.findings import FieldError, NeedsRecheck, Parsed, chosen
from app.identity.text import refuse_unreadable, strip_invisible

# Codes of provinces, kabupaten/kota and kecamatan, old ones included, because a NIK outlives its region.

HOME_REGION = "3574"  # Kota Probolinggo, unless the caller names another city
OLD = "lama"
_TABLE = Path(__file__).parent / "data" / "regions.csv"


@dataclass(frozen=True, slots=True)
class Region:
    """`code` has 2, 4 or 6 digits; `status` is `berlaku` or `lama` (no longer in the decree)."""

    code: str
    name: str
    status: str


def region_of(code: str) -> Region | None:
    """The region with exactly this code, or None."""
    return _regions().get(code)


def region_path(code: str) -> str:
    """Names from the smallest known region upwards: 'Kademangan, Kota Probolinggo, Jawa Timur'; may be ''."""
    regions = (region_of(code[:size]) for size in (6, 4, 2) if len(code) >= size)
    return ", ".join(region.name for region in regions if region)


def districts_of(code: str) -> list[Region]:
    """The kecamatan in force of a kabupaten/kota, by code."""
    found = (region for key, region in _regions().items() if len(key) == len(code) + 2 and key.startswith(code))
    return sorted((region for region in found if region.status != OLD), key=lambda region: region.code)


@lru_cache(maxsize=1)
def _regions() -> dict[str, Region]:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines if not line.startswith("#")][1:]
    return {code: Region(code, name, status) for code, name, status in rows}


__all__ = ["NeedsRecheck", "birth_date_and_sex", "parse_nik"]

WOMAN = 40
ADULT_YEARS = 17


def parse_nik(
    raw: str | None, today: date, *, rechecked: str | None = None, home: str = HOME_REGION,
) -> Parsed:
    """Sixteen digits and their flags. `home` is the four-digit code of the city.

    Raises FieldError; NeedsRecheck when the day cannot be one, unless `rechecked` is that same NIK. An
    odd month alone is a flag only: it passes at once in the form values of docs/security.md.
    """
    nik = parse_sixteen(raw, "NIK")
    if _sex(nik) is None and rechecked != nik:
        raise NeedsRecheck(
            "Periksa lagi angka ke-7 sampai ke-12 NIK Anda. Jika sudah sama dengan KTP, tekan Lanjut.", nik,
        )
    born, _ = birth_date_and_sex(nik, today)
    return Parsed(nik, _region_flags(nik, home) + chosen({
        findings.NIK_DATE: born is None,
        findings.NIK_UNDER_17: born is not None and _years(born, today) < ADULT_YEARS,
        findings.NIK_SERIAL_ZERO: nik.endswith("0000"),
        findings.NIK_PATTERN: len(set(nik)) == 2,  # one digit only is refused before
    }))


def birth_date_and_sex(nik: str, today: date) -> tuple[date | None, str | None]:
    """Birth date and 'L' (man) or 'P' (woman) as a normalised NIK says; None for what it cannot say.

    A person of over 100 years reads as a child: the NIK has two digits for the year.
    """
    sex = _sex(nik)
    day = int(nik[6:8]) - (WOMAN if sex == "P" else 0)
    return date_of(day, int(nik[8:10]), int(nik[10:12]), today), sex


def _sex(nik: str) -> str | None:
    day = int(nik[6:8])
    if 1 <= day <= 31:
        return "L"
    return "P" if 1 <= day - WOMAN <= 31 else None


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _region_flags(nik: str, home: str) -> tuple[str, ...]:
    region = region_of(nik[:6])
    return chosen({
        findings.NIK_REGION_UNKNOWN: region is None,
        findings.NIK_REGION_OLD: region is not None and region.status == OLD,
        findings.NIK_REGION_OTHER: region is not None and not nik.startswith(home),
    })


# What NIK and Nomor KK share: sixteen digits, a region in front, a date behind it.
#
# Source: docs/facts.md 1 and 2. The number is kept as text; it is never turned into an int.

LENGTH = 16
_MINUS = "\u2212"
_FILLERS = frozenset({"1234567890123456", *(digit * LENGTH for digit in "0123456789")})
# copied along with the number from a card or a chat
_NAMED = re.compile(r"\s*(?:no\.?|nomor)?\s*(?:nik|kk|ktp|kartu keluarga)?\s*[:=]\s*", re.IGNORECASE)
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
        raise FieldError(f"Angka ini belum benar. Salin {LENGTH} angka dari {_source(label)} Anda.")
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
    if named := _NAMED.match(text):
        text = text[named.end():]
    if text and _is_dash(text[0]):
        raise FieldError(f"Isi {LENGTH} angka saja, tanpa tanda.")
    return "".join(char for char in text if not (char.isspace() or char == "." or _is_dash(char)))


def _is_dash(char: str) -> bool:
    return char == _MINUS or unicodedata.category(char) == "Pd"


def _source(label: str) -> str:
    return "KTP" if label == "NIK" else "Kartu Keluarga"


# Nomor Kartu Keluarga. Source: docs/facts.md 2.
#
# Region of issue, date of recording (not of birth), serial. A family shares it, and it changes with every
# move, so the region in it says where people live now better than the NIK does.

def parse_kk(raw: str | None, nik: str | None, today: date, *, home: str = HOME_REGION) -> Parsed:
    """Sixteen digits other than the normalised `nik` (empty when that field is wrong), and their flags.

    Raises FieldError. `home` is the four-digit code of the city.
    """
    kk = parse_sixteen(raw, "Nomor KK")
    if kk == nik:
        raise FieldError("NIK dan Nomor KK tidak boleh sama. Lihat Kartu Keluarga Anda.")
    region = region_of(kk[:6])
    recorded = date_of(int(kk[6:8]), int(kk[8:10]), int(kk[10:12]), today)
    return Parsed(kk, chosen({
        findings.KK_REGION_UNKNOWN: region is None,
        findings.KK_REGION_OTHER: not kk.startswith(home),
        findings.KK_DATE: recorded is None or recorded > today,
    }))
