"""Academic and religious titles, which stand on a KTP but are no part of a name. Source: docs/facts.md 4."""

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
