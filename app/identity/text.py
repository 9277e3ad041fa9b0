"""Cleaning of typed text: one spelling in, nothing invisible or unprintable left.

Source: docs/security.md, trap 7 (NUL, U+FFFD and lone surrogates reach the database as errors) and
section 3 "Form values".
"""

import re
import unicodedata

from app.identity.findings import FieldError

# they turn the reading order around, so that a reader sees another text than the one stored
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = re.compile("\r\n|[\r\n\u2028\u2029]")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff\ud800-\udfff]")
# marks after NFC: what is left is not a letter of any living spelling
_PILED_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3}")
_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# no field is longer; stops work on megabytes before any of it is done
_MOST_CHARACTERS = 20_000


def refuse_unreadable(raw: str) -> None:
    """Raises FieldError on NUL, control characters (blank ones excepted), U+FFFD and lone surrogates."""
    if len(raw) > _MOST_CHARACTERS:
        raise FieldError("Isian ini terlalu panjang. Tulis lebih singkat.")
    if _UNREADABLE.search(raw):
        raise FieldError("Ada tanda yang tidak dapat dibaca. Hapus isian ini, lalu ketik ulang.")


def strip_invisible(text: str) -> str:
    """Without format characters (category Cf): zero-width ones, byte order marks, bidi controls."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def without_controls(text: str) -> str:
    """For one line shown to people: no control, no line break, and nothing that turns the reading order."""
    return "".join(char for char in text if char.isprintable() and char not in BIDI_CONTROLS)


def marked(text: str) -> str:
    """Text from outside as staff see it: controls as their pictures, and what turns the reading order by its name;
    what is merely invisible is left out, but for the joiners that emoji and some scripts need."""
    return text if text.isprintable() else "".join(map(_mark, text))


def _mark(char: str) -> str:
    if char in BIDI_CONTROLS:
        return f"\u27e8{unicodedata.name(char).replace('-', ' ').lower()}\u27e9"
    if char < " " and char not in "\t\n\r":
        return chr(0x2400 + ord(char))
    if char == "\x7f" or "\x80" <= char <= "\x9f":
        return "\u2421"
    return "" if unicodedata.category(char) == "Cf" and char not in "\u200c\u200d" and char < "\U000e0000" else char


def half_width(text: str) -> str:
    """Full-width ASCII of East Asian keyboards as plain ASCII; nothing else changes (unlike NFKC)."""
    return text.translate(_FULL_WIDTH)


def clean_text(raw: str | None, form: str = "NFC") -> str:
    """One line: normalised to `form`, without invisible characters, runs of blanks as one blank.

    Bidi controls, which come along with what is copied from WhatsApp or a PDF, go with the invisible ones. Raises
    FieldError on unreadable characters and piled-up accents.
    """
    return " ".join(_clean(raw, form).split())


def clean_multiline(raw: str | None, form: str = "NFC") -> str:
    """Like `clean_text`, but keeps lines, separated by one line feed; at most one empty line between."""
    lines = [" ".join(line.split()) for line in _BREAKS.split(_clean(raw, form))]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _clean(raw: str | None, form: str) -> str:
    raw = raw or ""
    refuse_unreadable(raw)
    text = unicodedata.normalize(form, strip_invisible(raw))
    if _PILED_MARKS.search(text):
        raise FieldError("Ada huruf dengan terlalu banyak tanda. Ketik ulang isian ini.")
    return text


# E-mail addresses, as far as we check them: the rest shows when a letter arrives.

EMAIL = re.compile(
    r"[^@\s<>\"'(),:;\\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250})"
    r"\.(?:[A-Za-z]{2,24}|[Xx][Nn]--[A-Za-z0-9-]{2,59})"
)
