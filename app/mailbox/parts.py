"""What mail programs pack whole letters into (Outlook's winmail.dat, signed S/MIME), and which of several versions of
one letter says everything."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

import tnefparse
from tnefparse.mapi import TNEFMAPI_Attribute

from app.mailbox.text import decoded, header_words

# What mail programs pack whole letters into: Outlook's winmail.dat (MS-OXTNEF), and signed S/MIME (RFC 5652).

# whatever its type and name
TNEF_BEGINS = re.compile(rb"\x78\x9f\x3e\x22")


@dataclass(frozen=True)
class Packed:
    """`texts` are (words, whether they are HTML), the best first; `files` (bytes, name). `complete` is whether all
    of it could be read."""

    texts: list[tuple[str, bool]] = field(default_factory=list, repr=False)
    files: list[tuple[bytes, str]] = field(default_factory=list, repr=False)
    complete: bool = False


def unpacked_tnef(data: bytes) -> Packed:
    """Raises nothing."""
    try:
        packed = tnefparse.TNEF(data)
        texts = list(_tnef_texts(packed))
        files = [(bytes(one.data), header_words(one.long_filename() or one.name or "")) for one in packed.attachments]
        has_rich = any(one.name == TNEFMAPI_Attribute.MAPI_RTF_COMPRESSED for one in packed.mapiprops)
    except Exception:  # noqa: BLE001  the library promises nothing about hostile files
        return Packed()
    files = [(inner, name) for inner, name in files if inner]
    return Packed(texts, files, bool(texts) or (bool(files) and not has_rich))


def _tnef_texts(packed: tnefparse.TNEF) -> Iterator[tuple[str, bool]]:
    for body, is_html in ((packed.body, False), (packed.htmlbody, True)):
        if body:
            text = body if isinstance(body, str) else decoded(bytes(body).rstrip(b"\0"), packed.codepage or "cp1252")
            if text.strip("\0 \r\n"):
                yield text.strip("\0 \r\n"), is_html


_SIGNED_DATA, _PLAIN_DATA = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010701")
_OBJECT_ID, _OCTETS, _OCTETS_IN_PIECES, _END = 0x06, 0x04, 0x24, 0x00
MOST_ELEMENTS = 200_000


def signed_content(data: bytes) -> bytes:
    """The letter inside a CMS SignedData (RFC 5652), its signature unasked; b"" for anything else, sealed ones too."""
    if data[:1] == b"M":  # base64 once more
        try:
            data = base64.b64decode(data)
        except ValueError:
            return b""
    pieces: list[bytes] = []
    state = 0  # 1: signed data, 2: its content follows
    try:
        for tag, value in _elements(data, 0, len(data)):
            if tag == _OBJECT_ID:
                if state == 2 or (state == 0 and value != _SIGNED_DATA):
                    break
                state = 2 if value == _PLAIN_DATA else 1
            elif tag == _OCTETS and state == 2:
                pieces.append(value)
            elif pieces and tag != _OCTETS:
                break
    except (IndexError, ValueError):
        return b""
    return b"".join(pieces)


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The plain elements of BER in their order, of definite and indefinite length; a flat walk, so nothing nests."""
    at = start
    for _ in range(MOST_ELEMENTS):
        if at >= end:
            return
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80 and length != 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if tag & 0x20 or length == 0x80:
            yield tag, b""
            continue  # go on inside
        if tag != _END:
            yield tag, data[at : at + length]
        at += length
    raise ValueError("endless")


# Which of several versions of one letter says everything (multipart/alternative): plain, HTML, and what is neither.
#
# Mail programs put placeholders, shortened texts and things of their own among them, in any order.

SAME_WORDS, MOST_WORDS, MUCH_LONGER, LONGEST_PLACEHOLDER = 0.8, 20_000, 4, 500
REACTION = "text/vnd.google.email-reaction+json"
LONGEST_EMOJI = 40
_WORD = re.compile(r"\w{2,}")
_WEB = re.compile(r"https?://[^\s<>\"]{4,2000}")
_PLACEHOLDER = re.compile(
    r"\bmulti-?part message in mime\b|\bin (?:a|your|the) (?:web )?browser\b|\bdi browser\b|"
    r"\bhtml\b.{0,120}\b(?:support|display|view|mendukung|menampilkan|melihat)|"
    r"\b(?:support|display|view|mendukung|menampilkan|format)\w{0,4}\b.{0,60}\bhtml\b", re.IGNORECASE | re.DOTALL,
)


def fullest(texts: list[str]) -> int:
    """Place of the first version with everything the others say. Where they say different things one is a placeholder:
    one that says so itself least of all, then the last is meant as the best, unless another is much longer."""
    for place, text in enumerate(texts):
        if text and all(says(text, other) for other in texts if other is not text):
            return place
    real = [place for place, text in enumerate(texts) if text and not _is_placeholder(text)]
    among = real or list(range(len(texts)))
    longest = max(among, key=lambda place: len(texts[place]))
    last = max((place for place in among if texts[place]), default=longest)
    return longest if len(texts[longest]) > MUCH_LONGER * len(texts[last]) else last


def says(text: str, other: str) -> bool:
    """Whether nearly every word and every link of `other` stands in `text`."""
    wanted = set(_WORD.findall(_WEB.sub(" ", other.lower()))[:MOST_WORDS])
    there = set(_WORD.findall(text.lower()))
    links = {link.rstrip(".,;)]>") for link in _WEB.findall(other)}
    return len(wanted & there) >= SAME_WORDS * len(wanted) and all(link in text for link in links)


def reaction_in(parts: list[Message]) -> str:
    """The emoji with which somebody reacted in Gmail, whose other versions only say that they did; "" for none."""
    for part in parts:
        if part.get_content_type() == REACTION:
            try:
                emoji = json.loads(part.get_payload(decode=True) or b"").get("emoji", "")
            except (ValueError, AttributeError, RecursionError):
                continue
            return emoji.strip() if isinstance(emoji, str) and len(emoji) <= LONGEST_EMOJI else ""
    return ""


def _is_placeholder(text: str) -> bool:
    return len(text) <= LONGEST_PLACEHOLDER and _PLACEHOLDER.search(text) is not None
