"""Nomor Induk Kependudukan. Source: docs/facts.md 1 (PP 40/2019 art. 30, 33: a NIK is never replaced).

PPKKCC DDMMYY SSSS: region of first registration, birth date with 40 added to a woman's day, serial.
There is no check digit, and wrong dates and vanished regions exist on real cards: they are flags.
"""

from datetime import date

from app.identity import flags
from app.identity.errors import NeedsRecheck
from app.identity.parsed import Parsed, chosen
from app.identity.regions import HOME_REGION, OLD, region_of
from app.identity.sixteen import date_of, parse_sixteen

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
        raise NeedsRecheck("Tanggal lahir dalam NIK ini tidak lazim. Kalau sama dengan KTP, kirim lagi.", nik)
    born, _ = birth_date_and_sex(nik, today)
    return Parsed(nik, _region_flags(nik, home) + chosen({
        flags.NIK_DATE: born is None,
        flags.NIK_UNDER_17: born is not None and _years(born, today) < ADULT_YEARS,
        flags.NIK_SERIAL_ZERO: nik.endswith("0000"),
        flags.NIK_PATTERN: len(set(nik)) == 2,  # one digit only is refused before
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
        flags.NIK_REGION_UNKNOWN: region is None,
        flags.NIK_REGION_OLD: region is not None and region.status == OLD,
        flags.NIK_REGION_OTHER: region is not None and not nik.startswith(home),
    })
