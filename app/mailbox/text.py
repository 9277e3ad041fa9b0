"""Words out of an e-mail: headers and bodies in any character set, HTML made into plain text.

Nothing here raises on bad input. Every step is bounded, because the sender chooses the input
(figures measured on two cores: the slowest input takes about three seconds).
"""

import codecs
import html
import re
from email.errors import HeaderParseError
from email.header import decode_header

import nh3

from app.base.ids import OLD_TICKET_PIN, TICKET_PIN

LONGEST_HEADER = 2000
LONGEST_HTML, MOST_TAGS = 1_000_000, 15_000
# text encodings that are none of a mail, or cost quadratic time
NO_CHARSETS = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"))
KEPT_TAGS = {"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr"}
DROPPED_WITH_CONTENT = {"script", "style", "title", "head", "template", "noscript"}
# they carry no words, and overlapping ones make every HTML parser slow
_FORMATTING = re.compile(
    r"</?(?:a|b|big|code|em|font|i|nobr|s|small|span|strike|strong|tt|u)(?:\s[^<>]{0,2000})?/?>", re.IGNORECASE,
)
_TAG = re.compile(r"<[a-zA-Z]")
_BREAK = re.compile(r"<(?:br|hr|/p|/div|/li|/tr|/h[1-6]|/blockquote)[^>]*>")
_ANY_TAG = re.compile(r"<[^>]*>")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_WROTE = re.compile(r"\b(?:wrote|menulis|schrieb|a écrit)\s*:\s*$", re.IGNORECASE)
_QUOTED_PIN = re.compile(rf"(PIN Anda:[\s>]{{0,20}})\d{{{OLD_TICKET_PIN},{TICKET_PIN}}}")


class HtmlTooHeavy(ValueError):
    """More tags or text than a letter has; it is not converted."""


def header_words(raw: str) -> str:
    """A header as one printable line. `raw` may hold encoded words and undecoded bytes (surrogates)."""
    text = decoded(raw[:LONGEST_HEADER].encode("utf-8", "surrogateescape"), "utf-8")
    try:
        parts = decode_header(" ".join(text.split()))
    except (HeaderParseError, ValueError):  # binascii.Error is a ValueError
        parts = [(text, None)]
    joined = "".join(part if isinstance(part, str) else decoded(part, charset or "utf-8") for part, charset in parts)
    return " ".join(_UNPRINTABLE.sub(" ", joined).split())


def decoded(data: bytes, charset: str) -> str:
    """The text in the declared character set, else UTF-8, else Windows' Western one: the last always works."""
    for name in (charset, "utf-8"):
        try:
            known = codecs.lookup(name).name
            if known not in NO_CHARSETS:
                return data.decode(known)
        except (LookupError, ValueError):  # unknown, no text at all (zlib), a NUL in the name, wrong bytes
            continue
    return data.decode("cp1252", "replace")


def from_html(markup: str) -> str:
    """The words of an HTML letter, with line breaks; scripts, styles and everything remote are gone.

    Raises HtmlTooHeavy.
    """
    if len(markup) > LONGEST_HTML:
        raise HtmlTooHeavy
    plain = _FORMATTING.sub("", markup)
    if len(_TAG.findall(plain)) > MOST_TAGS:
        raise HtmlTooHeavy
    clean = nh3.clean(
        " ".join(plain.split()), tags=KEPT_TAGS, clean_content_tags=DROPPED_WITH_CONTENT, attributes={},
        link_rel=None,
    )
    text = html.unescape(_ANY_TAG.sub("", _BREAK.sub("\n", clean)))
    lines = "\n".join(line.strip() for line in text.replace("\xa0", " ").splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def without_quotes(text: str) -> str:
    """What the person wrote, without the earlier letter below it; words between quotes stay.

    The PIN of our receipt is blanked where it is quoted.
    """
    safe = _QUOTED_PIN.sub(r"\1••••••", text)
    lines = safe.rstrip().splitlines()
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    if end == len(lines):
        return safe
    # the line above a quote may be broken in two: "Pada Sen, 23 Nov ... <a@b.id>\nmenulis:"
    if end and _WROTE.search(lines[end - 1]):
        end -= 2 if end > 1 and re.match(r"(?:Pada|On|Am|Le)\b", lines[end - 2].strip()) else 1
    kept = "\n".join(lines[:end]).strip()
    return kept or safe
