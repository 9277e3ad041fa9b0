"""security.txt (RFC 9116): whom to tell of a security hole."""

from datetime import date

LASTS_MONTHS = 6  # the RFC recommends less than a year, so that a forgotten address is not believed for ever
FIELDS = """\
# Menemukan celah keamanan? Tolong beri tahu kami dulu, sebelum orang lain.
# Kami menjawab paling lama dua hari kerja. Jangan membuka data warga lebih dari yang perlu untuk membuktikannya.
Contact: {contact}
Expires: {expires:%Y-%m-%d}T00:00:00Z
Preferred-Languages: id, en
Canonical: {base}/.well-known/security.txt
"""


def security_txt(contact: str, base: str, today: date) -> str:
    """`contact` is a mailto: address. The date of expiry moves once a month, so that copies stay alike."""
    months = today.year * 12 + today.month - 1 + LASTS_MONTHS
    return FIELDS.format(contact=contact, base=base, expires=date(months // 12, months % 12 + 1, 1))
