"""The WhatsApp number. Source: docs/facts.md 3; numbering plan by the library `phonenumbers`.

The library drops letters, extensions and channel prefixes in silence and reads digits of any script, so
what may stand in the field is checked before it sees anything.
"""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from app.identity import findings
from app.identity.findings import FieldError, Parsed, chosen
from app.identity.text import half_width, refuse_unreadable, strip_invisible

_REGION = "ID"
_COUNTRY = 62
_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?(?:[^#\s]{0,60}&)?phone=)(?:\+|%2B)?"
    r"([0-9 ().-]{0,30})(?:[/?&#].*)?$|whatsapp://send/?\?phone=(?:\+|%2B)?([0-9]{0,20})(?:&.*)?$",
    re.IGNORECASE | re.DOTALL,
)
_ALPHABET = re.compile(r"[(+]{0,2}[0-9 ().\-/]*")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_MOST_RAW, _MOST_LINK = 100, 2000
_MOST_DIGITS = 17  # E.164 has 15; two more for a leading 00
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
# prefixes some carrier uses, after +62; the others are satellite or not given out
_CARRIER = re.compile("81[1-9]|82[1-3]|83[1-38]|85[1-35-9]|87[7-9]|88[1-37-9]|89[5-9]")


def parse_whatsapp(raw: str | None) -> Parsed:
    """The number as E.164 (+6281234567890) and its flags.

    Raises FieldError: not one single mobile number of Indonesia, or of abroad when written with +.
    """
    number = _number(_dialled(raw or ""))
    return Parsed(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), _flags(number))


def parse_telephone(raw: str | None) -> Parsed:
    """A number to be phoned, of a house too, as E.164. Raises FieldError."""
    if not (raw or "").strip():
        raise FieldError("Nomor telepon wajib diisi. Contoh: 0335-421234.")
    number = _parsed(_dialled(raw))
    return Parsed(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), ())


def _dialled(raw: str) -> str:
    """Digits with an optional leading +, from any of the usual spellings."""
    if len(raw) > (_MOST_LINK if "whatsapp" in raw[:60].lower() or "wa.me" in raw[:60].lower() else _MOST_RAW):
        raise FieldError("Nomor WhatsApp terlalu panjang. Isi satu nomor saja.")
    refuse_unreadable(raw)
    text = " ".join(half_width(strip_invisible(raw)).translate(_DASHES).split())
    if not text:
        raise FieldError("Nomor WhatsApp wajib diisi. Contoh: 0812-3456-7890.")
    text = _without_link(text)
    if not _ALPHABET.fullmatch(text) or text.count("+") > 1:
        raise FieldError("Isi satu nomor WhatsApp dengan angka saja. Contoh: 0812-3456-7890.")
    return _with_plus(re.sub("[^0-9+]", "", text))


def _without_link(text: str) -> str:
    link = _LINK.match(text)
    if not link:
        return text
    number = (link[1] or link[2] or "").strip()
    # such a link holds the country code, whatever the country
    return number if number.startswith("0") else "+" + number


def _with_plus(number: str) -> str:
    digits = number.lstrip("+")
    if len(digits) > _MOST_DIGITS:
        raise FieldError("Angkanya terlalu banyak. Isi satu nomor WhatsApp saja.")
    # the habit of dialling 00 before a country code; Indonesia's own exit codes are 001, 007 and so on
    return "+" + digits[2:] if number.startswith("00") else number


def _parsed(dialled: str) -> PhoneNumber:
    try:
        number = phonenumbers.parse(dialled, _REGION)
    except phonenumbers.NumberParseException:
        number = None
    # is_possible_number would let 0812345678901234 through
    if number is None or not phonenumbers.is_valid_number(number):
        raise FieldError("Nomor ini tidak lengkap atau salah. Periksa lagi angkanya.")
    return number


def _number(dialled: str) -> PhoneNumber:
    number = _parsed(dialled)
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.FIXED_LINE:
        raise FieldError("Ini nomor telepon rumah. Isi nomor HP yang aktif di WhatsApp.")
    if kind not in _MOBILE:
        raise FieldError("Nomor ini bukan nomor HP. Isi nomor yang aktif di WhatsApp.")
    return number


def _flags(number: PhoneNumber) -> tuple[str, ...]:
    national = str(number.national_number)
    home = number.country_code == _COUNTRY
    return chosen({
        findings.PHONE_ABROAD: not home,
        findings.PHONE_PREFIX_UNKNOWN: home and not _CARRIER.match(national),
        findings.PHONE_PATTERN: len(set(national)) <= 2,
    })
