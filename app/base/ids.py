"""Identifiers the server makes: unguessable row ids, and codes people read aloud."""

import secrets
import uuid

# Letters and digits that cannot be confused: no 0 1 I O.
READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
# Digits of everything people type as digits; docs/limits.md computes chances from them. Ticket numbers
# can be counted through, so their PIN is longer; what was given out before keeps its own length.
REGISTRATION_PIN, OLD_REGISTRATION_PINS = 6, (6,)
TICKET_PIN, OLD_TICKET_PIN = 8, 6
CODE, LONG_CODE = 6, 8  # one-time codes, whatever a PIN has


def new_id() -> str:
    """122 random bits: ids stand in URLs and must not be guessable."""
    return uuid.uuid4().hex


def new_token() -> str:
    """256 random bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def readable_code(length: int = 8) -> str:
    """A code like `7KMP-3QXR`: groups of four, 5 random bits a character."""
    text = "".join(secrets.choice(READABLE) for _ in range(length))
    return "-".join(text[i:i + 4] for i in range(0, length, 4))


def new_pin(digits: int = REGISTRATION_PIN) -> str:
    """That many random digits."""
    return f"{secrets.randbelow(10 ** digits):0{digits}d}"


def new_code(digits: int = CODE) -> str:
    """A one-time code, to be typed from a message."""
    return new_pin(digits)


def normalise_code(typed: str) -> str:
    """What a person typed for a code, as it is stored: upper case, grouped by four."""
    plain = "".join(c for c in typed.upper() if c in READABLE)
    return "-".join(plain[i:i + 4] for i in range(0, len(plain), 4))
