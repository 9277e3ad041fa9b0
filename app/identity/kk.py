"""Nomor Kartu Keluarga. Source: docs/facts.md 2.

Region of issue, date of recording (not of birth), serial. A family shares it, and it changes with every
move, so the region in it says where people live now better than the NIK does.
"""

from datetime import date

from app.identity import flags
from app.identity.errors import FieldError
from app.identity.parsed import Parsed, chosen
from app.identity.regions import HOME_REGION, region_of
from app.identity.sixteen import date_of, parse_sixteen


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
        flags.KK_REGION_UNKNOWN: region is None,
        flags.KK_REGION_OTHER: not kk.startswith(home),
        flags.KK_DATE: recorded is None or recorded > today,
    }))
