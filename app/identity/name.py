"""The name as printed on the KTP. Source: docs/facts.md 4 (Permendagri 73/2022 art. 4, 5, 8).

Names recorded before the rule of 2022 stay valid, so one word, one letter, titles and digits are accepted.
"""

import re
import unicodedata

from app.identity import findings
from app.identity.findings import FieldError, Parsed, chosen
from app.identity.text import clean_text, strip_invisible

MAX_LENGTH = 100
CARD_LENGTH = 60
_SHORTEST_CALL = 3  # letters
_MOST_RAW = 400
# Nothing but Latin letters, so that no Cyrillic or Greek look-alike makes a second person of one name.
# \u01c0-\u01c3 are click letters that look like punctuation, \u0259 is the small form of \u018f.
_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01bf\u01c4-\u024f\u0259\u1e00-\u1eff"
_CARD_SIGNS = "'.,\\-/ "
# on no card, but harmless: kept as typed and flagged, so that nobody is stopped by a slip of the finger
_UNUSUAL_SIGNS = '();"&'
_ALLOWED = re.compile(f"[{_LETTER}0-9\u0300-\u036f{_CARD_SIGNS}{_UNUSUAL_SIGNS}]*")
_LOOSE_MARK = re.compile(f"(?<![{_LETTER}\u0300-\u036f])[\u0300-\u036f]")
_ADDRESS = re.compile(
    r"https?|www\.|//|\b(?:wa\.me|bit\.ly)\b|[a-z0-9-]{2,}\.(?:com|net|org|info|xyz|site)\b", re.IGNORECASE
)
_SIGNS = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u00b4`\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
# letters that no decomposition turns into plain ones
_PLAIN = str.maketrans({
    "\u00d8": "O", "\u0141": "L", "\u0110": "D", "\u00d0": "D", "\u00c6": "AE", "\u0152": "OE", "\u00de": "TH",
    "\u0126": "H", "\u018f": "E",
})


def parse_name(raw: str | None) -> Parsed:
    """The name as typed, in NFC, with plain apostrophes and dashes; 1-100 characters. Raises FieldError."""
    raw = raw or ""
    if len(raw) > _MOST_RAW:
        raise FieldError(_too_long())
    # before NFKC, which tears an acute accent used as apostrophe into a blank and a mark
    name = clean_text(raw.translate(_SIGNS), "NFKC")
    if not name:
        raise FieldError("Nama wajib diisi seperti di KTP.")
    _check(name)
    return Parsed(name, chosen({
        findings.NAME_LONG: len(name) > CARD_LENGTH,
        findings.NAME_DIGITS: re.search("[0-9]", name) is not None,
        findings.NAME_TITLE: without_titles(_atoms(name)) != _atoms(name),
        findings.NAME_UNUSUAL: re.search(f"[{_UNUSUAL_SIGNS}]", name) is not None,
    }))


def greeting_name(name: str) -> str:
    """How somebody is greeted: SITI AMINAH as "Siti A.", "H. ACHMAD, S.PD." as "Achmad". Tells the people of one
    family apart and shows that we know them, and gives a stranger no whole name. The same greeted again stays.

    Titles and words under three letters are passed over while another word is left.
    """
    words = [word.strip(".") for word in re.split(r"[\s,]+", name)]
    plain = [word for word in words if re.search(f"[{_LETTER}]", word)]
    own = _without_titles_around(plain) or [name]
    place = next((place for place, word in enumerate(own) if len(word) >= _SHORTEST_CALL), 0)
    first, rest = own[place], own[place + 1:]
    then = next((word for word in rest if len(word) >= _SHORTEST_CALL), next(iter(rest), ""))
    called = first.capitalize() if first.isupper() and len(first) >= _SHORTEST_CALL else first
    initial = re.search(f"[{_LETTER}]", then)
    return f"{called} {initial[0].upper()}." if initial else called


def _without_titles_around(words: list[str]) -> list[str]:
    bare = [fold(word).replace(".", "") for word in words]
    start, end = 0, len(words)
    while start < end - 1 and bare[start] in _BEFORE:
        start += 1
    while start < end - 1 and bare[end - 1] in _AFTER:
        end -= 1
    return words[start:end]


def name_words(name: str) -> tuple[str, ...]:
    """Words to compare names by: upper-case A-Z and digits, no titles, signs or accents, each once.

    Takes any text, also what staff type into a search; may be empty.
    """
    return tuple(dict.fromkeys(without_titles(_atoms(name))))


def fold(text: str) -> str:
    """Upper-case without accents: 'Jos\u00e9' and 'JOSE' are one."""
    visible = strip_invisible(text.translate(_SIGNS))
    letters = unicodedata.normalize("NFKD", visible).upper().translate(_PLAIN)
    return "".join(char for char in letters if not unicodedata.combining(char))


def _check(name: str) -> None:
    if len(name) > MAX_LENGTH:
        raise FieldError(_too_long())
    if _ADDRESS.search(name):
        raise FieldError("Nama tidak boleh berisi alamat situs. Tulis seperti di KTP.")
    if not _ALLOWED.fullmatch(name) or _LOOSE_MARK.search(name):
        raise FieldError("Ada huruf atau tanda yang tidak dipakai pada nama. Tulis seperti di KTP.")
    if not re.search(f"[{_LETTER}]", name):
        raise FieldError("Nama harus berisi huruf. Tulis seperti di KTP.")


def _atoms(name: str) -> list[str]:
    return [atom for atom in re.split("[^A-Z0-9]+", fold(name).replace("'", "")) if atom]


def _too_long() -> str:
    return f"Nama terlalu panjang. Paling banyak {MAX_LENGTH} huruf."


# Academic and religious titles, which stand on a KTP but are no part of a name. Source: docs/facts.md 4.

_LEADING = "H HJ KH DR DRG DRH DRS DRA IR PROF APT NS"
_TRAILING = (
    "SPD SPDI SPDSD MPD MPDI SKOM MKOM ST MT SE MM SH MH MHUM MKN SSOS SSI MSI MSC SKM MKES SKEP SP SPI SPT "
    "SAG MAG SSN SIP MAP SAP STP SSTP SPSI MPSI SIKOM MIKOM SHUM SFARM SHI SEI SKG SKED SST STR STRKEB STRKES "
    "AMD AMDKEB AMDKEP AMDKOM MBA PHD LC BSC"
)
_BEFORE, _AFTER = frozenset(_LEADING.split()), frozenset(_TRAILING.split())
# the longest title, "A.Md.Keb", falls apart into three pieces; "S.Tr.Keb" likewise
_MOST_PIECES = 3


def without_titles(atoms: list[str]) -> list[str]:
    """Upper-case pieces of a name ('S.PD' is two) without the titles around it; one piece always stays.

    Titles count only where they are written: ST behind a name is a degree, before it a short 'Siti'.
    """
    while size := _matching(_BEFORE, [atoms[:count] for count in _sizes(atoms)]):
        atoms = atoms[size:]
    while size := _matching(_AFTER, [atoms[-count:] for count in _sizes(atoms)]):
        atoms = atoms[:-size]
    return atoms


def _sizes(atoms: list[str]) -> range:
    return range(min(_MOST_PIECES, len(atoms) - 1), 0, -1)


def _matching(titles: frozenset[str], candidates: list[list[str]]) -> int:
    """Number of pieces of the first candidate that is a title, or 0."""
    return next((len(pieces) for pieces in candidates if "".join(pieces) in titles), 0)
