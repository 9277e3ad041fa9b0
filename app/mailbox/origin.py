"""Whether the address a letter names is the one it came from: what our own mail provider found (DMARC).

The provider writes its finding into a header Authentication-Results (RFC 8601) above everything the sender
wrote, and names itself in it; that name is the setting MAIL_AUTHSERV_ID. Anybody can write such a header, so
none but the topmost ones of that name count, and nothing that is not written by the rules counts as a pass.
Python's own parser does not read this header, and the one library that does was last released in 2019.
"""

import re
from collections.abc import Iterator
from email.message import Message
from email.utils import getaddresses

from app.mailbox.text import FAULTS, LONGEST_HEADER

HEADER = "authentication-results"
PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
MOST_HEADERS = 20
_RESULT = re.compile(r"dmarc\s*(?:/\s*\d{1,3}\s*)?=\s*([a-z]{1,20})(?=\s|$)", re.IGNORECASE)
_FROM = re.compile(r"\sheader\s*\.\s*from\s*=\s*(\S{1,320})", re.IGNORECASE)
_NAME = re.compile(r"([!-~]{1,255})(?:\s+\d{1,3})?")


class Malformed(ValueError):
    """Not written by the rules of RFC 8601."""


def verdict_of(head: Message, authserv_id: str, sender: str) -> str:
    """PASS when our provider says that the letter is from the domain of `sender`, FAIL when it says the
    contrary, UNKNOWN when it says nothing, or nothing that is certain. `authserv_id` "" is never certain."""
    if not authserv_id:
        return UNKNOWN
    found = next(filter(None, (_dmarc_of(line) for line in _own_lines(head, authserv_id))), None)
    if found is None:
        return UNKNOWN
    result, about = found
    if result == FAIL:
        return FAIL
    return PASS if result == PASS and _is_about(head, about, sender) else UNKNOWN


def _own_lines(head: Message, authserv_id: str) -> Iterator[list[str]]:
    """The parts of the topmost headers of our provider: one, or several without any other header between.

    Headers of other names among them are passed over. A malformed one of unknown name ends the reading.
    """
    begun = False
    for count, (name, value) in enumerate(head.raw_items()):
        if name.lower() != HEADER:
            if begun:
                return
            continue
        try:
            parts = _parts(str(value))
        except Malformed:
            return
        if _NAME.fullmatch(parts[0]) and parts[0].split()[0].lower() == authserv_id.lower():
            begun = True
            yield parts[1:]
        if begun and count > MOST_HEADERS * 10:
            return


def _dmarc_of(parts: list[str]) -> tuple[str, str] | None:
    """(result, the domain it is about or "") of one header; two that differ are no pass."""
    found = [(part, match) for part in parts if (match := _RESULT.match(part))]
    if not found:
        return None
    results = {match[1].lower() for _, match in found}
    about = [_FROM.search(part[match.end():]) for part, match in found]
    domains = {match[1].strip('"').rpartition("@")[2].lower().rstrip(".") for match in about if match}
    if len(results) > 1 or len(domains) > 1:
        return (FAIL if FAIL in results else UNKNOWN), ""
    return results.pop(), domains.pop() if domains else ""


def _is_about(head: Message, domain: str, sender: str) -> bool:
    """DMARC judges the address in From; with two of them nobody knows which was meant."""
    lines = [str(value)[:LONGEST_HEADER] for name, value in head.raw_items() if name.lower() == "from"]
    try:
        found = [address for _, address in getaddresses(lines)]
    except FAULTS:
        return False
    return len(lines) == 1 and found == [sender] and domain in ("", sender.rpartition("@")[2].lower())


def _parts(value: str) -> list[str]:
    """The header cut at its semicolons, without comments, each part with its blanks outside quotes made one.

    Raises Malformed for what is not ASCII, too long, or has a comment or a quotation without an end.
    """
    if len(value) > LONGEST_HEADER or not value.isascii():
        raise Malformed
    parts, depth, quoted, escaped = [""], 0, False, False
    for char in value:
        if escaped:
            escaped = False
            parts[-1] += "" if depth else "_"
        elif char == "\\":
            if not depth and not quoted:
                raise Malformed
            escaped = True
        elif quoted:
            quoted = char != '"'
            # what stands in quotes is a value and never a name, a sign or a second result
            parts[-1] += char if char.isalnum() or char in '.@-_"' else "_"
        elif char == "(":
            depth += 1
        elif char == ")":
            if not depth:
                raise Malformed
            depth -= 1
            parts[-1] += " "
        elif depth:
            continue
        elif char == '"':
            quoted = True
            parts[-1] += char
        elif char == ";":
            parts.append("")
        else:
            parts[-1] += char
    if depth or quoted or escaped:
        raise Malformed
    return [" ".join(part.split()) for part in parts]
