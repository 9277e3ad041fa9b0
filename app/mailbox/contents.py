"""What a letter holds: its words and its files, chosen by what the parts contain and not by where they stand.

Python's parser is patient but not bounded: nesting and part counts are checked before it sees the message.
"""

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message

from app.mailbox.packed import signed_content, unpacked_tnef
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
LARGEST_GUESS, SAME_WORDS, MOST_WORDS, MUCH_LONGER = 1_000_000, 0.8, 20_000, 4
# why something of a letter could not be read, as it is kept; `UNREAD` in app/complaints/ticket/words.py says it
ENCRYPTED, TNEF, HEAVY, SHAPE, TOO_LONG, TOO_LARGE = "encrypted", "tnef", "heavy", "shape", "too-long", "too-large"
_BOUNDARY = re.compile(rb'boundary\s{0,10}=\s{0,10}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_NESTED = re.compile(rb"^content-type:\s{0,20}message/", re.IGNORECASE | re.MULTILINE)
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_SEALED = ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_PGP = "-----BEGIN PGP MESSAGE-----"
_CALENDAR_FIELDS = {"SUMMARY": "Acara", "DTSTART": "Mulai", "LOCATION": "Tempat", "DESCRIPTION": "Keterangan"}
_UNNAMED = {"text/calendar": "undangan.ics", "text/html": "halaman.html", "text/plain": "teks.txt"}
_WORD = re.compile(r"\w{2,}")
_WEB = re.compile(r"https?://[^\s<>\"]{4,2000}")
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
            _walk_letter(letter, found, spare, depth + 1)
    elif kind == "multipart/encrypted" or (kind in _SEALED and not _opened(part, found, spare, depth)):
        found.unread.append(ENCRYPTED)
    elif kind == "multipart/alternative" and isinstance(inner, list) and inner:
        _walk_alternatives(inner, found, spare, depth + 1)
    elif isinstance(inner, list):
        for child in inner:
            _walk(child, found, spare, depth + 1)
    elif kind == "application/ms-tnef" or _name(part).lower() == "winmail.dat":
        _take_tnef(part, found)
    elif kind not in _SIGNATURES and kind not in _SEALED:
        _take_leaf(part, found, spare)


def _walk_letter(letter: Message, found: Contents, spare: list[Spare], depth: int) -> None:
    """A letter within the letter: its heading, its words, its files; it is often the complaint itself."""
    named = (("Dari", "From"), ("Tanggal", "Date"), ("Perihal", "Subject"))
    heading = [f"{word}: {value}" for word, name in named if (value := header_words(field_of(letter, name)))]
    found.texts.append("\n".join(["--- Surat terlampir ---", *heading]))
    _walk(letter, found, spare, depth)


def _walk_alternatives(parts: list[Message], found: Contents, spare: list[Spare], depth: int) -> None:
    """The version that says everything; where two say different things, the longer and the other one folded."""
    versions = []
    for part in parts:
        one, others = Contents(), []
        _walk(part, one, others, depth)
        versions.append(("\n\n".join(filter(None, (text.strip() for text in one.texts))), one, others))
    chosen = _fullest([text for text, _, _ in versions])
    for place, (text, one, others) in enumerate(versions):
        if place == chosen:
            found.texts += one.texts
        elif text and not _says(versions[chosen][0], text):
            found.folded.append(text)
        found.folded += one.folded
        found.unread += [code for code in one.unread if place == chosen or not versions[chosen][0]]
        dropped = set() if place == chosen or not versions[chosen][0] else {
            id(file) for part, file in others if not _name(part) and part.get_content_maintype() == "text"
        }
        found.files += [file for file in one.files if id(file) not in dropped]
        spare += [(part, file) for part, file in others if id(file) not in dropped]


def _fullest(texts: list[str]) -> int:
    """The first version with everything the others say. Where they say different things one is a placeholder: the last
    is meant as the best, unless another is much longer."""
    for place, text in enumerate(texts):
        if text and all(_says(text, other) for other in texts if other is not text):
            return place
    longest = max(range(len(texts)), key=lambda place: len(texts[place]))
    last = max((place for place, text in enumerate(texts) if text), default=longest)
    return longest if len(texts[longest]) > MUCH_LONGER * len(texts[last]) else last


def _says(text: str, other: str) -> bool:
    """Whether nearly every word and every link of `other` stands in `text`."""
    wanted = set(_WORD.findall(_WEB.sub(" ", other.lower()))[:MOST_WORDS])
    there = set(_WORD.findall(text.lower()))
    links = {link.rstrip(".,;)]>") for link in _WEB.findall(other)}
    return len(wanted & there) >= SAME_WORDS * len(wanted) and all(link in text for link in links)


def _take_leaf(part: Message, found: Contents, spare: list[Spare]) -> None:
    kind, is_words = part.get_content_type(), part.get_content_type() in _FORMATS_OF_WORDS
    if part.get_content_maintype() == "multipart":
        found.texts.append(_words_of(part, found))  # its boundary is missing: all in one piece
    elif is_words and part.get_content_disposition() != "attachment" and not _name(part):
        text = _words_of(part, found)
        found.texts.append(text)
        if _PGP in text:
            found.unread.append(ENCRYPTED)
    elif is_words or kind.startswith("text/") or not _name(part):
        # a file, unless the letter has no other words
        found.files.append(_file(part))
        spare.append((part, found.files[-1]))
    else:
        found.files.append(_file(part))


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
