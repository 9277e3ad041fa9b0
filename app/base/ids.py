"""Identifiers the server makes: unguessable row ids, and codes people read aloud."""

import ipaddress
import secrets
import uuid
from contextvars import ContextVar

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


# Network addresses as they are kept.

# the address that pays for what this request has us store; "" pays nothing (photos/disk_space.py)
payer: ContextVar[str] = ContextVar("storage_payer", default="")

LONGEST = 45  # an IPv6 address with an embedded IPv4 one
# what is left of an address after its days: a neighbourhood, no longer a subscriber
SHORT_BITS = {4: 24, 6: 56}


def plain(address: str | None) -> str:
    """The address in its usual writing; "" for what is none."""
    try:
        known = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(known, "ipv4_mapped", None) or known)


def shortened(address: str) -> str:
    """203.0.113.7 -> 203.0.113.0/24, 2001:db8:1:2ff::9 -> 2001:db8:1:200::/56. Expects what `plain` returns."""
    known = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((known, SHORT_BITS[known.version]), strict=False))
