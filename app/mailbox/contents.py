"""What a letter holds: its words and its files, chosen by what the parts contain and not by where they stand.

Python's parser is patient but not bounded: nesting and part counts are checked before it sees the message.
"""

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message

from app.mailbox.parts import REACTION, TNEF_BEGINS, fullest, reaction_in, says, signed_content, unpacked_tnef
from app.mailbox.text import (
    FAULTS,
    HtmlTooHeavy,
    decoded,
    field_of,
    from_html,
    has_tags,
    header_words,
    looks_like_html,
    unflowed,
)

MOST_CONTAINERS, MOST_PARTS, DEEPEST = 50, 500, 10
LARGEST_GUESS, LARGEST_SHOWN = 1_000_000, 20_000
# why something of a letter could not be read, as it is kept; `UNREAD` in app/complaints/ticket/words.py says it
ENCRYPTED, TNEF, HEAVY, SHAPE, TOO_LONG, TOO_LARGE = "encrypted", "tnef", "heavy", "shape", "too-long", "too-large"
_BOUNDARY = re.compile(rb'boundary\s{0,10}=\s{0,10}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_NESTED = re.compile(rb"^content-type:\s{0,20}message/", re.IGNORECASE | re.MULTILINE)
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_SEALED = ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_PGP = re.compile(rb"\s{0,200}-----BEGIN PGP MESSAGE-----")
_CALENDAR_FIELDS = {"SUMMARY": "Acara", "DTSTART": "Mulai", "LOCATION": "Tempat", "DESCRIPTION": "Keterangan"}
_UNNAMED = {"text/calendar": "undangan.ics", "text/html": "halaman.html", "text/plain": "teks.txt"}
_HEADER = re.compile(rb"[A-Za-z][A-Za-z-]{1,60}:[ \t]")
_FORMATS_OF_WORDS = ("text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-amp-html")


class Unparseable(ValueError):
    """More parts or nesting than any letter has."""


@dataclass(frozen=True)
class Attached:
    """A file as it came."""

    data: bytes = field(repr=False)
    name: str = field(repr=False)


# a part that may be words after all, with the file it is otherwise
Spare = tuple[Message, Attached]


@dataclass
class Contents:
    """`folded` are words that say the same again, or another version of the letter; `unread` codes of above."""

    texts: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    files: list[Attached] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


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


def contents_of(message: Message) -> Contents:
    """Raises Unparseable, and whatever of FAULTS a hostile part makes the parser raise."""
    found, spare = Contents(), []
    _walk(message, found, spare, 0)
    if not any(text.strip() for text in found.texts):
        _words_elsewhere(found, spare)
    return found


def _walk(part: Message, found: Contents, spare: list[Spare], depth: int) -> None:
    if depth > DEEPEST:
        raise Unparseable
    inner, kind = part.get_payload(), part.get_content_type()
    if kind == "message/rfc822" and isinstance(inner, list):
        for letter in inner:
            _walk_letter(_uncoded(part, letter), found, spare, depth + 1)
    elif kind == "multipart/encrypted" or (_may_be_sealed(part) and not _opened(part, found, spare, depth)):
        found.unread.append(ENCRYPTED)
    elif kind == "multipart/alternative" and isinstance(inner, list) and inner:
        _walk_alternatives(inner, found, spare, depth + 1)
    elif isinstance(inner, list):
        for child in inner:
            _walk(child, found, spare, depth + 1)
    elif kind == "application/ms-tnef" or _name(part).lower() == "winmail.dat" or _begins(part, TNEF_BEGINS):
        _take_tnef(part, found)
    elif _name(part).lower().endswith(".eml") and _begins(part, _HEADER):
        _walk_letter(open_message(part.get_payload(decode=True) or b""), found, spare, depth + 1)
    elif kind not in _SIGNATURES and not _may_be_sealed(part):
        _take_leaf(part, found, spare)


def _may_be_sealed(part: Message) -> bool:
    return part.get_content_type() in _SEALED or _name(part).lower().endswith(".p7m")


def _begins(part: Message, wanted: re.Pattern[bytes]) -> bool:
    return wanted.match(part.get_payload(decode=True) or b"") is not None


def _uncoded(part: Message, letter: Message) -> Message:
    """The letter within, where it was put into base64 against the standard (RFC 2046 5.2.1)."""
    coding = str(part.get("Content-Transfer-Encoding") or "").strip().lower()
    if coding not in ("base64", "quoted-printable") or letter.is_multipart():
        return letter
    letter["Content-Transfer-Encoding"] = coding
    return open_message(letter.get_payload(decode=True) or b"")


def _walk_letter(letter: Message, found: Contents, spare: list[Spare], depth: int) -> None:
    """A letter within the letter: its heading, its words, its files; it is often the complaint itself."""
    named = (("Dari", "From"), ("Tanggal", "Date"), ("Perihal", "Subject"))
    heading = [f"{word}: {value}" for word, name in named if (value := header_words(field_of(letter, name)))]
    found.texts.append("\n".join(["--- Surat terlampir ---", *heading]))
    _walk(letter, found, spare, depth)


def _walk_alternatives(parts: list[Message], found: Contents, spare: list[Spare], depth: int) -> None:
    """The version that says everything, another one that says something else folded below it."""
    versions = []
    if reaction := reaction_in(parts):
        versions.append((reaction, Contents([reaction]), []))
        parts = [part for part in parts if part.get_content_type() != REACTION]
    for part in parts:
        one, others = Contents(), []
        _walk(part, one, others, depth)
        versions.append(("\n\n".join(filter(None, (text.strip() for text in one.texts))), one, others))
    chosen = 0 if reaction else fullest([text for text, _, _ in versions])
    for place, (text, one, others) in enumerate(versions):
        if place == chosen:
            found.texts += one.texts
        elif text and not says(versions[chosen][0], text):
            found.folded.append(text)
        found.folded += one.folded
        found.unread += [code for code in one.unread if place == chosen or not versions[chosen][0]]
        dropped = set() if place == chosen or not versions[chosen][0] else {
            id(file) for part, file in others if not _name(part) and part.get_content_maintype() == "text"
        }
        found.files += [file for file in one.files if id(file) not in dropped]
        spare += [(part, file) for part, file in others if id(file) not in dropped]


def _take_leaf(part: Message, found: Contents, spare: list[Spare]) -> None:
    kind, is_words = part.get_content_type(), part.get_content_type() in _FORMATS_OF_WORDS
    is_unsaid = kind == "application/octet-stream" or not _name(part)
    if _begins(part, _PGP):
        found.unread.append(ENCRYPTED)
    if part.get_content_maintype() == "multipart":
        found.texts.append(_words_of(part, found))  # its boundary is missing: all in one piece
    elif is_words and part.get_content_disposition() != "attachment" and (not _name(part) or _is_shown(part)):
        found.texts.append(_words_of(part, found))
    elif is_words or kind.startswith("text/") or is_unsaid:
        # a file, unless the letter has no other words
        found.files.append(_file(part))
        spare.append((part, found.files[-1]))
    else:
        found.files.append(_file(part))


def _is_shown(part: Message) -> bool:
    """Meant to be read in its place although it has a name."""
    is_inline = part.get_content_disposition() == "inline" and part.get_content_type() == "text/plain"
    return is_inline and len(part.get_payload(decode=True) or b"") <= LARGEST_SHOWN


def _words_elsewhere(found: Contents, spare: list[Spare]) -> None:
    """A letter without words in the usual places may have them in a named part, in a calendar, in one of a wrong
    type. Files that were given as such stay files as well."""
    for part, file in sorted(spare, key=lambda one: one[0].get_content_disposition() == "attachment"):
        text = _guessed_words(part, found)
        if not text:
            continue
        found.texts.append(text)
        if part.get_content_disposition() != "attachment" and part.get_content_type() != "text/calendar":
            found.files = [other for other in found.files if other is not file]
        return
    if any(part.get_content_maintype() == "text" and file.data.strip() for part, file in spare):
        found.unread.append(SHAPE)  # words in a form nobody here reads, such as RTF


def _guessed_words(part: Message, found: Contents) -> str:
    data = part.get_payload(decode=True) or b""
    if part.get_content_type() == "text/calendar":
        return _calendar_words(_decoded(part))
    if part.get_content_type() in _FORMATS_OF_WORDS:
        return _words_of(part, found)
    is_text = part.get_content_maintype() in ("text", "application") and b"\0" not in data[:LARGEST_GUESS]
    if not is_text or data.startswith((b"%PDF", b"{\\rtf", b"PK")) or len(data) > LARGEST_GUESS:
        return ""
    text = _decoded(part)
    printable = sum(char.isprintable() or char in "\r\n\t" for char in text)
    return _plain_or_html(text, found) if text and printable >= 0.97 * len(text) and "\ufffd" not in text else ""


def _calendar_words(text: str) -> str:
    """Of an invitation: what, when, where (RFC 5545)."""
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    said = []
    for line in lines:
        name, _, value = line.partition(":")
        if word := _CALENDAR_FIELDS.get(name.partition(";")[0].upper()):
            clean = value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").strip()
            said += [f"{word}: {clean}"] if clean else []
    return "\n".join(said)


def _words_of(part: Message, found: Contents) -> str:
    text = _decoded(part)
    kind = part.get_content_type()
    if kind in ("text/html", "text/x-amp-html"):
        return _html_words(text, found) if has_tags(text) else text.strip()
    if kind in ("text/enriched", "text/richtext"):
        return re.sub(r"<[^<>]{1,100}>", "", text.replace("<nl>", "\n")).strip()
    if kind == "text/plain" and str(part.get_param("format") or "").lower() == "flowed":
        return unflowed(text, str(part.get_param("delsp") or "").lower() == "yes").strip()
    return _plain_or_html(text, found)


def _plain_or_html(text: str, found: Contents) -> str:
    return _html_words(text, found) if looks_like_html(text) else text.strip()


def _html_words(markup: str, found: Contents) -> str:
    try:
        return from_html(markup).strip()
    except HtmlTooHeavy:
        found.unread.append(HEAVY)
        return ""


def _decoded(part: Message) -> str:
    """The charset a page names for itself counts where the part names none."""
    data = part.get_payload(decode=True) or b""
    charset = part.get_content_charset()
    if not charset and part.get_content_type() == "text/html":
        said = re.search(rb"charset\s{0,3}=\s{0,3}[\"']?([\w-]{2,40})", data[:4000])
        charset = said[1].decode() if said else None
    return decoded(data, charset or "utf-8")


def _name(part: Message) -> str:
    return header_words(part.get_filename() or "")


def _file(part: Message) -> Attached:
    kind = part.get_content_type()
    return Attached(part.get_payload(decode=True) or b"", _name(part) or _UNNAMED.get(kind, kind))


def _take_tnef(part: Message, found: Contents) -> None:
    data = part.get_payload(decode=True) or b""
    packed = unpacked_tnef(data)
    words = [_html_words(text, found) if is_html else _plain_or_html(text, found) for text, is_html in packed.texts]
    found.texts += words[:1]
    found.files += [Attached(inner, name) for inner, name in packed.files]
    if not packed.complete:
        found.unread.append(TNEF)
        found.files.append(_file(part))


def _opened(part: Message, found: Contents, spare: list[Spare], depth: int) -> bool:
    """Whether an S/MIME part was only signed, with its letter inside: then that is read."""
    if "encrypted" in part.get_content_type():
        return False
    inner = signed_content(part.get_payload(decode=True) or b"")
    if not inner:
        return False
    _walk(open_message(inner), found, spare, depth + 1)
    return True
