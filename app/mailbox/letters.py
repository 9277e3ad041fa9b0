"""From the bytes of an e-mail to a letter: who, what thread, which words, which files.

Python's parser is patient but not bounded: nesting and part counts are checked before it sees the
message. What cannot be taken apart comes out as a letter with its raw bytes as the only file.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses

from app.identity.text import EMAIL
from app.mailbox.text import LONGEST_HEADER, HtmlTooHeavy, decoded, from_html, header_words, without_quotes

LONGEST_NAME, LONGEST_TEXT, LONGEST_FIELD = 100, 100_000, 20_000
MOST_CONTAINERS, MOST_PARTS, DEEPEST = 50, 500, 10
MOST_REFERENCES = 30
RAW_NAME = "surat-asli.eml"
UNREADABLE = "(Isi surat ini tidak dapat dibaca otomatis. Surat aslinya terlampir.)"
CUT = "(Surat ini terlalu panjang. Surat aslinya terlampir.)"
_BOUNDARY = re.compile(rb'boundary\s{0,10}=\s{0,10}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_NESTED = re.compile(rb"^content-type:\s{0,20}message/", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")  # printable ASCII without < and >
# everything email.message is known to raise on hostile parts
FAULTS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, OSError)


class Unparseable(ValueError):
    """More parts or nesting than any letter has."""


@dataclass(frozen=True)
class Attached:
    """A file as it came. `is_letter`: the raw bytes of the letter itself, none when it is too large to fetch."""

    data: bytes = field(repr=False)
    name: str = field(repr=False)
    is_letter: bool = False


@dataclass(frozen=True)
class Letter:
    """`identity` is equal for copies of one letter only, in hex; `references` are the Message-IDs it answers,
    the nearest first."""

    identity: str
    message_id: str = ""
    references: tuple[str, ...] = ()
    sender: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    files: tuple[Attached, ...] = ()


@dataclass
class _Found:
    texts: list[str] = field(default_factory=list)
    files: list[Attached] = field(default_factory=list)
    cut: bool = False


def open_message(raw: bytes) -> Message:
    """Raises Unparseable."""
    boundaries = {(quoted or bare).strip() for quoted, bare in _BOUNDARY.findall(raw)}
    if len(boundaries) > MOST_CONTAINERS or len(_NESTED.findall(raw)) > MOST_CONTAINERS:
        raise Unparseable
    if sum(raw.count(b"--" + boundary) for boundary in boundaries) > MOST_PARTS:
        raise Unparseable
    try:
        return message_from_bytes(raw, policy=policy.compat32)
    except FAULTS:
        raise Unparseable from None


def headers_of(raw: bytes) -> Message:
    """The headers alone: nothing in them makes the parser fail or take long."""
    head = re.split(rb"\r?\n\r?\n", raw[:1_000_000], maxsplit=1)[0]
    return message_from_bytes(head + b"\r\n\r\n", policy=policy.compat32)


def read_letter(raw: bytes) -> Letter:
    """What cannot be read comes with its raw bytes as a file. Raises nothing."""
    head = headers_of(raw)
    found = _read(raw)
    text = without_quotes("\n\n".join(filter(None, found.texts)))
    if found.cut or len(text) > LONGEST_TEXT:
        text = f"{CUT}\n\n{text[:LONGEST_TEXT - len(CUT) - 2]}"
        found.files.append(_raw_file(raw))
    return _letter(head, raw, text, found.files)


def raw_letter(raw: bytes) -> Letter:
    """The letter with its raw bytes alone, for one that other code of ours failed on."""
    return _letter(headers_of(raw), raw, UNREADABLE, [_raw_file(raw)])


def too_big(head: bytes, size: int) -> Letter:
    """A message that is not fetched: who and what about, and where to find the rest."""
    words = f"(Surat ini {size // 1_000_000} MB, terlalu besar untuk diambil. Buka surat aslinya di kotak surat.)"
    return _letter(headers_of(head), head, words, [Attached(b"", RAW_NAME, is_letter=True)])


def field_of(message: Message, name: str) -> str:
    """The first header of that name as it came, undecoded bytes as surrogates; "" for none."""
    wanted = name.lower()
    return next((str(value)[:LONGEST_FIELD] for key, value in message.raw_items() if key.lower() == wanted), "")


def _letter(head: Message, raw: bytes, text: str, files: list[Attached]) -> Letter:
    name, sender = _sender(head)
    message_id = next(iter(_ids(head, "Message-ID")), "")
    # some programs use one Message-ID twice; without any, only the very same bytes are a copy
    same = f"{message_id}\n{sender}\n".encode() + _body(raw) if message_id else raw
    return Letter(
        identity=hashlib.sha256(same).hexdigest(), message_id=message_id, references=_references(head),
        sender=sender, name=name, subject=header_words(field_of(head, "Subject")), text=text, files=tuple(files),
    )


def _read(raw: bytes) -> _Found:
    try:
        found = _contents(open_message(raw))
    except (Unparseable, *FAULTS):
        return _Found([UNREADABLE], [_raw_file(raw)])
    if not any(found.texts) and not found.files and _body(raw).strip():
        return _Found([UNREADABLE], [_raw_file(raw)])  # it says something, and not in a way we know
    return found


def _contents(message: Message) -> _Found:
    found = _Found()
    for part in _leaves(message, 0):
        if _is_words(part):
            _add_words(found, part)
        else:
            found.files.append(_file(part))
    return found


def _leaves(part: Message, depth: int) -> Iterator[Message]:
    """The parts that hold something, in order; of alternatives the one that is easiest to read."""
    if depth > DEEPEST:
        raise Unparseable
    inner = part.get_payload()
    if not isinstance(inner, list):
        yield part
    elif part.get_content_subtype() == "alternative" and inner:
        yield from _leaves(_best(inner), depth + 1)
        yield from (leaf for other in inner for leaf in _files_of(other, depth + 1))
    else:
        for child in inner:
            yield from _leaves(child, depth + 1)


def _best(alternatives: list[Message]) -> Message:
    """Plain text that says something; else the last one, which senders mean as the best."""
    plain = (part for part in alternatives if part.get_content_type() == "text/plain" and _words_of(part).strip())
    return next(plain, alternatives[-1])


def _files_of(part: Message, depth: int) -> Iterator[Message]:
    """Photos and files that hang on an alternative which is not read."""
    if part.is_multipart() and part.get_content_subtype() != "alternative":
        yield from (leaf for leaf in _leaves(part, depth) if not _is_words(leaf))


def _is_words(part: Message) -> bool:
    if part.get_content_maintype() == "multipart":
        return True  # its boundary is missing: all in one piece
    named = part.get_content_disposition() == "attachment" or part.get_filename()
    return part.get_content_type() in ("text/plain", "text/html") and not named


def _add_words(found: _Found, part: Message) -> None:
    text = _words_of(part)
    if part.get_content_type() == "text/html":
        try:
            text = from_html(text)
        except HtmlTooHeavy:
            text, found.cut = "", True
    found.texts.append(text.strip())


def _words_of(part: Message) -> str:
    return decoded(part.get_payload(decode=True) or b"", part.get_content_charset() or "utf-8")


def _file(part: Message) -> Attached:
    name = header_words(part.get_filename() or "") or part.get_content_type()
    return Attached(part.get_payload(decode=True) or b"", name)


def _raw_file(raw: bytes) -> Attached:
    return Attached(raw, RAW_NAME, is_letter=True)



def _sender(head: Message) -> tuple[str, str]:
    """(name, address) of the first usable From; the address "" when nobody could be answered."""
    line = " ".join(field_of(head, "From")[:LONGEST_HEADER].split())
    try:
        found = getaddresses([line])
    except FAULTS:  # brackets within brackets, a thousand deep
        found = []
    for name, address in found:
        if EMAIL.fullmatch(address) and address.isascii() and ".." not in address:
            return header_words(name)[:LONGEST_NAME], address
    return "", ""


def _references(head: Message) -> tuple[str, ...]:
    nearest = [*_ids(head, "In-Reply-To"), *reversed(_ids(head, "References"))]
    return tuple(dict.fromkeys(nearest))[:MOST_REFERENCES]


def _ids(head: Message, name: str) -> list[str]:
    return _MESSAGE_ID.findall(field_of(head, name))


def _body(raw: bytes) -> bytes:
    """Everything below the headers; all of it when there are none."""
    parts = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)
    return parts[1] if len(parts) > 1 else raw
