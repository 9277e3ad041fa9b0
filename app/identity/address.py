"""The address as the citizen writes it: free text of a few lines.

It is compared with the KTP by a person, so nothing in it is judged but that it can be read.
"""

import re

from app.identity import flags
from app.identity.errors import FieldError
from app.identity.flags import Parsed, chosen
from app.identity.text import clean_multiline

MIN_LENGTH, MAX_LENGTH = 8, 300
_RT = re.compile(r"\bR\.?\s?T\b\.?[\s.:/\-]*[0-9]|\bRT[0-9]|\bRT\s*/\s*RW\b", re.IGNORECASE)


def parse_address(raw: str | None) -> Parsed:
    """The address with lines separated by one line feed, 8-300 characters. Raises FieldError."""
    address = clean_multiline(raw)
    if not address:
        raise FieldError("Alamat wajib diisi: jalan, RT/RW, kelurahan, dan kecamatan.")
    if len(address) > MAX_LENGTH:
        raise FieldError(f"Alamat terlalu panjang. Paling banyak {MAX_LENGTH} huruf.")
    if len(address) < MIN_LENGTH or not any(char.isalpha() for char in address):
        raise FieldError("Alamat terlalu pendek. Tulis jalan, RT/RW, kelurahan, dan kecamatan.")
    return Parsed(address, chosen({flags.ADDRESS_WITHOUT_RT: not _RT.search(address)}))
