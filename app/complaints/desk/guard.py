"""Stops an answer for a public channel that holds a NIK, a Nomor KK or a phone number.

Better one question too many than a number on the radio: everything that could be one is named, apart
from the office's own numbers and the national ones. Ways to write digits are undone first.
"""

import re
import unicodedata
from collections.abc import Iterable

from app.identity.text import strip_invisible

NIK, PHONE, EMAIL = "NIK atau nomor KK", "nomor telepon", "alamat e-mail"
LONG_NUMBER = 14  # one or two digits of a NIK may be missing: it is still a NIK
_DATE = re.compile(r"(?<!\d)\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d(?!\d)")
_TIME = re.compile(r"(?<!\d)[0-2]?\d[.:][0-5]\d(?!\d)")
_TICKET = re.compile(r"\bADU-\d{4}-\d+", re.IGNORECASE)
_MONEY = re.compile(r"\bRp\.?\s?\d[\d.]*(?:,\d+)?", re.IGNORECASE)
_DIGITS = re.compile(r"\+?\(?\d(?:[\s().,/_*\u2013-]{0,3}\d){5,}")
_PHONE = re.compile(r"(?:\+?62|0)\d{7,12}|8[1-9]\d{7,10}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)


def found_in(text: str, allowed: Iterable[str] = ()) -> list[str]:
    """What kinds of personal numbers the text seems to hold, each once. `allowed` are the office's own
    numbers and addresses, in any spelling."""
    plain = _plain(text)
    own = {_bare(number) for number in allowed if "@" not in number}
    own_mail = {address.lower() for address in allowed if "@" in address}
    found: list[str] = []
    for run in _DIGITS.findall(_without_harmless(plain)):
        digits = _bare(run)
        if digits in own:
            continue
        if len(digits) >= LONG_NUMBER:
            found.append(NIK)
        elif _PHONE.fullmatch(digits):
            found.append(PHONE)
    if any(address.lower().strip(".,;") not in own_mail for address in _EMAIL.findall(plain)):
        found.append(EMAIL)
    return list(dict.fromkeys(found))


def _plain(text: str) -> str:
    """Digits of every script and width as 0-9, O and l between digits as 0 and 1."""
    digits = "".join(str(unicodedata.digit(c)) if unicodedata.digit(c, None) is not None and c.isdigit() else c
                     for c in strip_invisible(text))
    return re.sub(r"(?<=\d)[oO](?=[\doO])", "0", re.sub(r"(?<=\d)[lI](?=[\dlI])", "1", digits))


def _without_harmless(text: str) -> str:
    for pattern in (_TICKET, _MONEY, _DATE, _TIME):
        text = pattern.sub(" ; ", text)
    return text


def _bare(number: str) -> str:
    """+62 812, 62812 and 0812 are one."""
    digits = re.sub(r"\D", "", number)
    return "0" + digits[2:] if digits.startswith("62") else digits
