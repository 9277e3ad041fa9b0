"""Who wrote a letter and whom to answer, and whether the address it names is the one it came from.

About the address our own mail provider decides (DMARC).

The provider writes its finding into a header Authentication-Results (RFC 8601) above everything the sender
wrote, and names itself in it; that name is the setting MAIL_AUTHSERV_ID. Anybody can write such a header, so
none but the topmost ones of that name count, and nothing that is not written by the rules counts as a pass.
Python's own parser does not read this header, and the one library that does was last released in 2019.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import getaddresses

import idna

from app.identity.text import EMAIL, without_controls
from app.mailbox.text import FAULTS, LONGEST_HEADER, decoded, field_of, header_words

HEADER = "authentication-results"
PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
MOST_HEADERS = 20
_RESULT = re.compile(r"dmarc\s*(?:/\s*\d{1,3}\s*)?=\s*([a-z]{1,20})(?=\s|$)", re.IGNORECASE)
_FROM = re.compile(r"\sheader\s*\.\s*from\s*=\s*(\S{1,320})", re.IGNORECASE)
_NAME = re.compile(r"([!-~]{1,255})(?:\s+\d{1,3})?")
# a group that writes in the sender's place says "'Rina Uji' via Pengaduan"
_VIA = re.compile(r"^['\"]?(.{1,100}?)['\"]?\s+(?:via|melalui|lewat)\s+.{1,100}$", re.IGNORECASE)
_ONE_ADDRESS = re.compile(r"^\s*(.*?)\s*<\s*([^<>\s@]{1,64}@[^<>\s@]{1,253})\s*>\s*$")
# one of several: the name of the first may have commas
_FIRST_ADDRESS = re.compile(r"^\s*([^<>@]{0,200}?)\s*<\s*([^<>\s@]{1,64}@[^<>\s@]{1,253})\s*>\s*[,;]")
# programs that write for somebody; they may be answered, but are nobody's name
_PROGRAM = re.compile(
    r"^(?:wordpress|www-data|apache|nginx|root|nobody|mailer|notif(?:ikasi|ications?)?|form(?:ulir|s)?|website|webform|"
    r"system|sistem|cms|server)(?=[@._+\d-])", re.IGNORECASE,
)
_NOBODY = re.compile(
    r"^(?:no-?_?\.?reply|do-?_?not-?_?reply|donotreply|noresponse|tidak-?dibalas|mailer-daemon|bounces?)\b",
    re.IGNORECASE,
)
LONGEST_NAME = 100


@dataclass(frozen=True)
class Writer:
    """`sender` is the address it came from, `answer_to` the one to answer; "" when there is none that can be
    answered. Then `name` holds the address as it was written, for people to read."""

    name: str = field(default="", repr=False)
    sender: str = field(default="", repr=False)
    answer_to: str = field(default="", repr=False)


def writer_of(head: Message, ours: frozenset[str] = frozenset()) -> Writer:
    """`ours` are addresses of the office and its groups: nobody is answered there, and what a group wrote over is
    read from where it keeps it."""
    name, sender = _person(field_of(head, "From"))
    if sender.lower() in ours or _VIA.match(name):
        name, sender = _before_the_group(head, name, sender, ours)
    asked_name, asked = _asked(field_of(head, "Reply-To"), ours)
    if asked_name and (_is_nobody(sender) or _PROGRAM.match(sender)):
        name = asked_name
    name = without_controls(name)[:LONGEST_NAME].strip()
    return Writer(name, sender, asked or ("" if _is_nobody(sender) else sender))


def _asked(line: str, ours: frozenset[str]) -> tuple[str, str]:
    """Name and address of the first who can be answered there, besides ourselves."""
    others = [(header_words(name), usable_address(address)) for name, address in _addresses(line[:LONGEST_HEADER])]
    return next((
        (name, address) for name, address in [_person(line), *others]
        if address and address.lower() not in ours and not _is_nobody(address)
    ), ("", ""))


def _before_the_group(head: Message, name: str, sender: str, ours: frozenset[str]) -> tuple[str, str]:
    """Who wrote a letter whose From a group has put its own address into."""
    shown = _VIA.match(name)
    shown_name = shown[1].strip() if shown else name
    for field_name in ("X-Original-From", "X-Original-Sender", "Reply-To"):
        found_name, found = _person(field_of(head, field_name))
        if found and found.lower() not in ours:
            return found_name or shown_name, found
    return name, sender


def _person(line: str) -> tuple[str, str]:
    """(name, address) of one header; the address "" when nobody could be answered there."""
    line = " ".join(line[:LONGEST_HEADER].split())
    whole = _ONE_ADDRESS.match(line)
    is_one = whole and (line.count("@") == 1 or (line.count("<") == 1 and "," not in whole[1]))
    whole = whole if is_one else _FIRST_ADDRESS.match(line)
    if whole:  # titles with commas stand unquoted before the address: one person
        named = whole[1].replace('\\"', "").strip().strip('"').strip()
        return _named(named, whole[2])
    found = _addresses(line)
    for name, address in found:
        if usable := usable_address(address):
            return header_words(name), usable
    return (_named(*found[0])[0], "") if len(found) == 1 and "@" in found[0][1] else ("", "")


def _addresses(line: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([line])
    except FAULTS:  # brackets within brackets, a thousand deep
        return []


def _named(name: str, address: str) -> tuple[str, str]:
    words, usable = header_words(name), usable_address(address)
    return (words, usable) if usable else (f"{words} <{header_words(address)}>".strip(), "")


def usable_address(address: str) -> str:
    """The address as our mail server takes it, a name of other letters in its ASCII form; "" for one that is none."""
    local, _, domain = decoded(address.encode("utf-8", "surrogateescape"), "utf-8").rpartition("@")
    try:
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, ValueError):
        return ""
    whole = f"{local}@{domain}"
    return whole if EMAIL.fullmatch(whole) and whole.isascii() and ".." not in whole else ""


def _is_nobody(address: str) -> bool:
    return bool(_NOBODY.match(address))


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
    if len(lines) == 1 and lines[0].count("@") == 1:
        found = [_person(lines[0])[1]]
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
