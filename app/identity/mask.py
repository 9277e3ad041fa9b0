"""How personal data is shown where it must not be read whole. Source: docs/facts.md 9 "Masking".

All take normalised values; what is too short to be one is hidden altogether.
"""

import phonenumbers

DOT = "\u2022"
_LEAST_HIDDEN = 4


def mask_nik_tail(nik: str) -> str:
    """Last four digits only: for messages, receipts and public pages. Also for Nomor KK."""
    return DOT * 12 + nik[-4:] if len(nik) == 16 else DOT * 16


def mask_nik_staff(nik: str) -> str:
    """First six and last four digits: for lists of the staff. Hides only birth date; also for Nomor KK."""
    return nik[:6] + DOT * 6 + nik[-4:] if len(nik) == 16 else DOT * 16


def show_phone(e164: str) -> str:
    """+6281234567890 as its owner writes it: 0812-3456-7890; foreign numbers the international way."""
    if e164.startswith("+62"):
        local = "0" + e164[3:]
        return "-".join(part for part in (local[:4], local[4:8], local[8:]) if part)
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def mask_phone(e164: str) -> str:
    """0812-••••-7890. Short numbers show fewer digits at the end, so that four stay hidden."""
    if e164.startswith("+62"):
        front, rest = "0" + e164[3:6], e164[6:]
    else:
        front = show_phone(e164).split(" ")[0] if e164.startswith("+") else ""
        rest = e164[len(front):]
    return "-".join(part for part in (front, DOT * _LEAST_HIDDEN, rest[_LEAST_HIDDEN:][-4:]) if part)


def mask_email(address: str) -> str:
    """budi@contoh.id as b••••@contoh.id: always four dots, so that the length stays hidden too."""
    box, at, domain = address.rpartition("@")
    return f"{box[:1] if len(box) > 1 else ''}{DOT * _LEAST_HIDDEN}{at}{domain}" if at else DOT * _LEAST_HIDDEN


def mask_name(name: str) -> str:
    """Budi Santoso as B*** S******. A word of one letter is hidden whole."""
    return " ".join(word[0] + "*" * (len(word) - 1) if len(word) > 1 else "*" for word in name.split())
