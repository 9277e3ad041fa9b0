"""Codes of provinces, kabupaten/kota and kecamatan, old ones included, because a NIK outlives its region.

Kemendagri codes, not those of BPS. Source, licence and coverage: `data/README.md`; docs/facts.md 1.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

HOME_REGION = "3574"  # Kota Probolinggo, unless the caller names another city
OLD = "lama"
_TABLE = Path(__file__).parent / "data" / "regions.csv"


@dataclass(frozen=True, slots=True)
class Region:
    """`code` has 2, 4 or 6 digits; `status` is `berlaku` or `lama` (no longer in the decree)."""

    code: str
    name: str
    status: str


def region_of(code: str) -> Region | None:
    """The region with exactly this code, or None."""
    return _regions().get(code)


def region_path(code: str) -> str:
    """Names from the smallest known region upwards: 'Kademangan, Kota Probolinggo, Jawa Timur'; may be ''."""
    regions = (region_of(code[:size]) for size in (6, 4, 2) if len(code) >= size)
    return ", ".join(region.name for region in regions if region)


def districts_of(code: str) -> list[Region]:
    """The kecamatan in force of a kabupaten/kota, by code."""
    found = (region for key, region in _regions().items() if len(key) == len(code) + 2 and key.startswith(code))
    return sorted((region for region in found if region.status != OLD), key=lambda region: region.code)


@lru_cache(maxsize=1)
def _regions() -> dict[str, Region]:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines if not line.startswith("#")][1:]
    return {code: Region(code, name, status) for code, name, status in rows}
