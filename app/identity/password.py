"""Which passwords are refused: short, common, or made of what others know of their owner. No other rules.

Source: docs/security.md A4, A5 (ASVS 6.2.1, 6.2.4, 6.2.5, 6.2.11); no composition rules, no expiry.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from app.identity.errors import FieldError
from app.identity.own_data import name_parts, number_parts, without
from app.identity.parsed import Parsed
from app.identity.text import refuse_unreadable

MIN_LENGTH, MIN_STAFF_LENGTH, MAX_LENGTH = 8, 14, 128
# what must be left beside own data, else the password is made of own data
_ENOUGH_BESIDE = 6
_SHORT_UNIT = 4
_UP = ("0123456789" * (MAX_LENGTH // 10 + 2), "abcdefghijklmnopqrstuvwxyz")
_RUNS = _UP + tuple(run[::-1] for run in _UP)
_LIST = Path(__file__).parent / "data" / "common_passwords.txt"
# what is hung on a common word to reach the length
_ENDINGS = "0123456789!.@#$%&*_-"
# words everybody tries first at this counter
_OFFICE_WORDS = (
    "disdukcapil dukcapil kependudukan catatansipil probolinggo kotaprobolinggo pemkot loket petugas operator "
    "supervisor administrator admin password katasandi rahasia pelayanan"
)


def normal_password(raw: str | None) -> str:
    """The password as typed, in NFC: the form that is hashed and compared, blanks included.

    Raises FieldError when it is longer than 128 characters (it must not reach the hash) or unreadable.
    """
    raw = raw or ""
    if len(raw) > MAX_LENGTH * 4:
        raise FieldError(_too_long())
    refuse_unreadable(raw)
    password = unicodedata.normalize("NFC", raw)
    if len(password) > MAX_LENGTH:
        raise FieldError(_too_long())
    return password


def check_password(raw: str | None, *, nik: str = "", name: str = "", phone: str = "") -> Parsed:
    """A resident's new password; `nik`, `name`, `phone` are normalised values, empty when unknown.

    Raises FieldError. The value is to be hashed as it is.
    """
    password = _long_enough(raw, MIN_LENGTH)
    _refuse_common(password)
    if _is_made_of(password, name_parts(name) + number_parts(nik, phone)):
        raise FieldError("Kata sandi terlalu mudah ditebak. Jangan pakai NIK, tanggal lahir, nama, atau nomor HP.")
    return Parsed(password)


def check_staff_password(raw: str | None, *, username: str = "", name: str = "") -> Parsed:
    """A staff password: at least 14 characters, and not made of words of the office. Raises FieldError."""
    password = _long_enough(raw, MIN_STAFF_LENGTH)
    _refuse_common(password)
    _refuse_common(password.rstrip(_ENDINGS) or password)
    if _is_made_of(password, name_parts(name) + name_parts(username) + _OFFICE_WORDS.split()):
        raise FieldError("Kata sandi terlalu mudah ditebak. Jangan pakai nama Anda atau nama kantor.")
    return Parsed(password)


def _long_enough(raw: str | None, least: int) -> str:
    password = normal_password(raw)
    if not password:
        raise FieldError(f"Kata sandi wajib diisi, minimal {least} karakter.")
    if len(password) < least:
        raise FieldError(f"Kata sandi minimal {least} karakter. Anda mengisi {len(password)} karakter.")
    return password


def _refuse_common(password: str) -> None:
    if _is_weak(password.casefold()):
        raise FieldError("Kata sandi terlalu mudah ditebak. Pilih yang lain, misalnya beberapa kata.")


def _is_made_of(password: str, parts: list[str]) -> bool:
    """Holds some of `parts` and, beside them, too little or something weak."""
    left = without(password, parts)
    return left is not None and (len(left) < _ENOUGH_BESIDE or _is_weak(left))


def _is_weak(text: str) -> bool:
    """In the list, one piece over and over, or a straight run such as 12345678 or hgfedcba."""
    plain = re.sub(r"[\W_]", "", text)
    repeated = re.fullmatch(r"(.+?)\1+", text)
    return (
        bool({text, plain} & _common())
        or len(set(text)) <= 2  # two characters, however mixed
        or (repeated is not None and (len(repeated[1]) <= _SHORT_UNIT or repeated[1] in _common()))
        or any(text in run for run in _RUNS)
    )


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))


def _too_long() -> str:
    return f"Kata sandi terlalu panjang. Paling banyak {MAX_LENGTH} karakter."
