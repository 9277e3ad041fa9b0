"""Network addresses as they are kept."""

import ipaddress
from contextvars import ContextVar

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
