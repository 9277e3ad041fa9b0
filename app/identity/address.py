"""The address as the citizen writes it, free text of a few lines, and the kelurahan chosen beside it.

It is compared with the KTP by a person, and a guarantee brings the result there (standard I); so nothing in it
is judged but that it can be read, and whether somebody could find the house.
"""

import re
from collections.abc import Mapping

from app.identity import findings
from app.identity.findings import FieldError, Parsed, chosen
from app.identity.text import clean_multiline

MIN_LENGTH, MAX_LENGTH = 8, 300
OUTSIDE = "luar kota"
_RT = re.compile(r"\bR\.?\s?T\b\.?[\s.:/\-]*[0-9]|\bRT[0-9]|\bRT\s*/\s*RW\b", re.IGNORECASE)


def parse_address(raw: str | None) -> Parsed:
    """The address with lines separated by one line feed, 8-300 characters. Raises FieldError."""
    address = clean_multiline(raw)
    if not address:
        raise FieldError("Alamat wajib diisi: jalan atau gang, nomor, dan RT/RW.")
    if len(address) > MAX_LENGTH:
        raise FieldError(f"Alamat terlalu panjang. Paling banyak {MAX_LENGTH} huruf.")
    if len(address) < MIN_LENGTH or not any(char.isalpha() for char in address):
        raise FieldError("Alamat terlalu pendek. Tulis jalan atau gang, nomor, dan RT/RW.")
    return Parsed(address, chosen({findings.ADDRESS_WITHOUT_RT: not _RT.search(address)}))


def parse_village(raw: str | None, address: str, villages: Mapping[str, str]) -> Parsed:
    """The kelurahan of the address: chosen from `villages` (name -> its kecamatan) or OUTSIDE; when nothing was
    chosen, the one that the address itself names, else "". Raises FieldError for a name that is not offered."""
    village = (raw or "").strip()
    if village and village != OUTSIDE and village not in villages:
        raise FieldError("Pilih kelurahan dari daftar.")
    village = village or village_named_in(address, villages)
    findable = village in villages and any(char.isdigit() for char in address)
    return Parsed(village, chosen({findings.ADDRESS_UNREACHED: not findable}))


def village_named_in(address: str, villages: Mapping[str, str]) -> str:
    """The only kelurahan (`villages`: name -> its kecamatan) named in these words, else ""; one that shares its name
    with the kecamatan of another is that kecamatan."""
    named = [village for village in villages if _word(village).search(address)]
    districts = {villages[village] for village in named if villages[village] != village}
    found = [village for village in named if village not in districts]
    return found[0] if len(found) == 1 else ""


def _word(name: str) -> re.Pattern[str]:
    return re.compile(r"\b" + r"\s*".join(map(re.escape, name.split())) + r"\b", re.IGNORECASE)
