"""Words out of an e-mail: headers and bodies in any character set, HTML and flowed lines made into plain text.

Nothing here raises on bad input but HtmlTooHeavy. Every step is bounded, because the sender chooses the input
(figures measured on two cores: the slowest input takes about three seconds).
"""

import codecs
import html
import re
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

import nh3

LONGEST_HEADER, LONGEST_FIELD = 2000, 20_000
# everything email.message is known to raise on hostile parts
FAULTS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, OSError)
LONGEST_HTML, MOST_TAGS = 1_000_000, 15_000
# text encodings that are none of a mail, or cost quadratic time
NO_CHARSETS = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"))
# names Python does not know (WHATWG Encoding, and what mail programs write)
OTHER_NAMES = {
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "iso-8859-6-i": "iso8859-6", "x-gbk": "gb18030",
    "x-sjis": "cp932", "windows-31j": "cp932", "x-euc-jp": "euc_jp", "x-mac-roman": "mac_roman", "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "unicode-1-1-utf-7": "utf-7", "windows-949": "cp949", "x-windows-949": "cp949",
    "x-unknown": "utf-8", "unknown-8bit": "utf-8", "default": "utf-8", "_iso-2022-jp": "iso2022_jp",
}
# what programs that declare the smaller set really write: Python's name -> the larger set (as browsers read it)
LARGER_SETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "big5": "big5hkscs",
}
_NO_BYTES_OF_TEXT = ("utf-16", "utf-32", "utf-7", "iso2022", "hz")
DETECTED = ("gb18030", "cp932", "euc_jp", "big5", "cp949", "cp1251", "koi8_r", "cp1250", "cp1252", "cp1253", "cp1255",
            "cp1256", "cp874")
FEWEST_FOREIGN, MOST_LOOKED_AT, MOST_BROKEN = 12, 20_000, 0.05
_CUT_LETTER = re.compile(rb"(?:[\xe1-\xec\xee\xef][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]?)\s{0,10}$")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

KEPT_TAGS = {
    "p", "br", "div", "li", "ul", "ol", "tr", "td", "th", "table", "thead", "tbody", "tfoot", "h1", "h2", "h3", "h4",
    "h5", "h6", "blockquote", "hr", "a", "dl",
}
DROPPED_WITH_CONTENT = {"script", "style", "title", "head", "template", "noscript"}
# they carry no words, and overlapping ones make every HTML parser slow
_FORMATTING = re.compile(
    r"</?(?:b|big|code|em|font|i|nobr|s|small|span|strike|strong|tt|u)(?:\s[^<>]{0,2000})?/?>", re.IGNORECASE,
)
_TAG = re.compile(r"<[a-zA-Z]")
_HTML_BEGINS = re.compile(r"\s{0,200}<(?:!doctype html|html|head|body|meta|div|table|p|style)\b", re.IGNORECASE)
_PREFORMATTED = re.compile(r"(</?pre\b[^<>]{0,2000}>)", re.IGNORECASE)
_DEFINITION = re.compile(r"<(/?)d[dt]\b[^<>]{0,2000}>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|hr|/p|/div|/li|/tr|/h[1-6]|/blockquote)[^>]*>")
_ANY_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r'<a href="([^"]{1,2000})"[^>]*>(.*?)</a>', re.DOTALL)
# quotations keep their depth through the conversion under two signs no letter may bring along
_DEEPER, _LESS_DEEP = "\ue000", "\ue001"
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class HtmlTooHeavy(ValueError):
    """More tags or text than a letter has; it is not converted."""


def headers_of(raw: bytes) -> Message:
    """The headers alone: nothing in them makes the parser fail or take long."""
    head = re.split(rb"\r?\n\r?\n", raw[:1_000_000], maxsplit=1)[0]
    return message_from_bytes(head + b"\r\n\r\n", policy=policy.compat32)


def field_of(message: Message, name: str) -> str:
    """The first header of that name as it came, undecoded bytes as surrogates; "" for none."""
    wanted = name.lower()
    return next((str(value)[:LONGEST_FIELD] for key, value in message.raw_items() if key.lower() == wanted), "")


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
    """The text in the declared character set as far as the bytes agree with it, else in the one they look like:
    UTF-8, UTF-8 with a few broken bytes, what a detector finds. Windows' Western set at last, which always works."""
    if bom := next((name for mark, name in _BOMS if data.startswith(mark)), ""):
        return data.decode(bom, "replace")
    declared = _known(charset)
    is_bytes_of_text = not declared.startswith(_NO_BYTES_OF_TEXT)
    foreign = 0 if data.isascii() else sum(byte > 0x7F for byte in data[:MOST_LOOKED_AT])
    # text in a set of one byte a letter is hardly ever UTF-8 by chance; in larger sets it may be
    if is_bytes_of_text and not _is_wide(declared) and (text := _strictly(data, "utf-8")) is not None:
        return text
    if declared and declared != "utf-8" and (text := _in_set(data, declared)) is not None:
        return text
    for guess in (_strictly(data, "utf-8"), _mostly_utf8(data), _mostly(data, declared), _detected(data, foreign)):
        if guess is not None:
            return guess
    return data.decode("cp1252", "replace")


def _known(charset: str) -> str:
    """Python's name of the set; "" for none that is one of text."""
    asked = charset.strip().strip("\"'").lower()
    try:
        name = codecs.lookup(OTHER_NAMES.get(asked, asked)).name
        b"abcd".decode(name, "replace")
    except (LookupError, ValueError):  # unknown, no text at all (zlib), a NUL in the name
        return ""
    return "" if name in NO_CHARSETS else LARGER_SETS.get(name, name)


def _is_wide(name: str) -> bool:
    return name in ("gb18030", "cp949", "cp932", "big5hkscs", "euc_jp", "johab")


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except ValueError:
        return None


def _in_set(data: bytes, name: str) -> str | None:
    if (text := _strictly(data, name)) is not None:
        return text
    if name.startswith("iso2022_jp"):  # row 13 (①, №) is in no standard but in every mail program
        return _strictly(data.replace(b"\x1b$B", b"\x1b$(Q"), "iso2022_jp_2004")
    # five bytes are nothing in cp1252; browsers show them as controls
    return data.decode(name, "ignore") if name in ("cp1252", "cp1254") else None


def _mostly_utf8(data: bytes) -> str | None:
    """A few broken bytes do not make it another set: the rest stays as it is."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = sum(char > "\x7f" for char in text) - broken
    # cut off in the middle of its only foreign letter
    is_cut = broken == 1 and good == 0 and _CUT_LETTER.search(data) is not None
    return text if good > broken or is_cut else None


def _mostly(data: bytes, name: str) -> str | None:
    if not _is_wide(name):
        return None
    text = data.decode(name, "replace")
    return text if text.count("\ufffd") <= max(1, MOST_BROKEN * len(text)) else None


def _detected(data: bytes, foreign: int) -> str | None:
    """What a detector says of enough letters outside ASCII; of a few of them it only guesses."""
    if foreign < FEWEST_FOREIGN:
        return None
    from charset_normalizer import from_bytes

    found = from_bytes(data[:MOST_LOOKED_AT], cp_isolation=list(DETECTED), preemptive_behaviour=False).best()
    return data.decode(found.encoding, "replace") if found is not None else None


def unflowed(text: str, joins_blanks: bool) -> str:
    """format=flowed (RFC 3676): lines broken on the way are whole again. `joins_blanks` is its delsp=yes."""
    lines: list[str] = []
    open_depth = None
    for raw in text.splitlines():
        depth = len(raw) - len(raw.lstrip(">"))
        line = raw[depth:].removeprefix(" ")
        is_soft = line.endswith(" ") and line != "-- "
        kept = line[:-1] if is_soft and joins_blanks else line
        if open_depth == depth and line != "-- ":
            lines[-1] += kept
        else:
            lines.append(f"{'>' * depth}{' ' if depth else ''}{kept}")
        open_depth = depth if is_soft else None
    return "\n".join(lines)


def looks_like_html(text: str) -> bool:
    return _HTML_BEGINS.match(text) is not None


def has_tags(markup: str) -> bool:
    return "<!" in markup or _TAG.search(markup) is not None


def from_html(markup: str) -> str:
    """The words of an HTML letter with links, cells and lines; quotations begin with "> ". Scripts, styles and
    everything remote are gone. Raises HtmlTooHeavy.
    """
    if len(markup) > LONGEST_HTML:
        raise HtmlTooHeavy
    plain = _FORMATTING.sub("", markup.replace(_DEEPER, "").replace(_LESS_DEEP, ""))
    if len(_TAG.findall(plain)) > MOST_TAGS:
        raise HtmlTooHeavy
    # a kept line of its own is a break; the laying out knows no definitions
    plain = _DEFINITION.sub(r"<\1div>", _with_breaks(plain))
    clean = nh3.clean(
        " ".join(plain.split()), tags=KEPT_TAGS, clean_content_tags=DROPPED_WITH_CONTENT, attributes={"a": {"href"}},
        link_rel=None, url_schemes={"http", "https", "mailto", "tel", "geo"},
    )
    clean = _LINK.sub(_named_link, clean)
    marked = clean.replace("<blockquote>", f"<div>{_DEEPER}</div><div>").replace(
        "</blockquote>", f"</div><div>{_LESS_DEEP}</div>")
    text = _laid_out(marked)
    lines = "\n".join(line.rstrip() for line in _quoted_lines(text.replace("\xa0", " ")))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _with_breaks(markup: str) -> str:
    """What is laid out beforehand keeps its lines."""
    kept, inside = [], False
    for piece in _PREFORMATTED.split(markup):
        if _PREFORMATTED.fullmatch(piece):
            inside = piece[1] != "/"
            kept.append("<div>" if inside else "</div>")
        else:
            kept.append("<br>".join(piece.strip().splitlines()) if inside else piece)
    return "".join(kept)


def _named_link(found: re.Match) -> str:
    """The address beside its words, once: a link that shows its own address needs no second."""
    address, words = html.unescape(found[1]).strip(), found[2]
    shown = " ".join(html.unescape(_ANY_TAG.sub(" ", words)).split())
    bare = re.sub(r"^(?:https?://|mailto:|tel:)", "", address).rstrip("/")
    if not shown:
        return html.escape(address)
    if bare and bare in shown.replace(" ", ""):
        return words
    return f"{words} &lt;{html.escape(address)}&gt;"


def _laid_out(clean: str) -> str:
    """By inscriptis; by bare stripping where its parser dropped what was nested too deep."""
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig

    stripped = html.unescape(_ANY_TAG.sub("", _BREAK.sub("\n", clean)))
    try:
        text = get_text(clean, ParserConfig(table_cell_separator="  "))
    except FAULTS:
        return stripped
    wanted = sum(not char.isspace() for char in stripped)
    return text if sum(not char.isspace() for char in text) >= wanted else stripped


def _quoted_lines(text: str) -> list[str]:
    depth, lines = 0, []
    for line in text.splitlines():
        depth += line.count(_DEEPER)
        depth -= line.count(_LESS_DEEP)
        bare = line.replace(_DEEPER, "").replace(_LESS_DEEP, "")
        if bare.strip() or bare == line:
            # cells stand apart by two blanks; what only fills a column is no word
            words = re.sub(r" {3,}", "  ", bare.strip())
            lines.append(f"{'>' * min(depth, 10)} {words}" if depth > 0 else words)
    return lines
