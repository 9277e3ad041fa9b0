"""What Loket is made of: Python, packages, the C libraries inside them, and the box pictures are opened in."""

import re
import sys
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.base import clock
from app.doctor.finding import NOTE, RISK, Finding, good
from app.doctor.libraries import bundled_libraries
from app.photos.health import sandbox_layers

PINS = Path(__file__).resolve().parent.parent.parent / "requirements.txt"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)
OLDEST = (3, 11)
# when security updates of each Python end (PEP 664, 693, 719, 745)
PYTHON_ENDS = {
    (3, 11): date(2027, 10, 31), (3, 12): date(2028, 10, 31), (3, 13): date(2029, 10, 31), (3, 14): date(2030, 10, 31),
}
MOST_NAMED = 6


def python() -> Finding:
    running = sys.version_info[:2]
    name = ".".join(map(str, sys.version_info[:3]))
    ends = PYTHON_ENDS.get(running)
    if ends is not None and clock.today() > ends:
        return Finding(RISK, f"Python {name} tidak lagi mendapat perbaikan keamanan.", "Pindah ke Python yang baru.")
    if ends is None:
        return Finding(NOTE, f"Python {name} belum dikenal oleh pemeriksaan ini.")
    return good(f"Python {name}, didukung sampai {ends.year}.")


def packages() -> Finding:
    """Installed against pinned. A pin for another system is not installed and says nothing."""
    differing = []
    for name, pinned in pins().items():
        installed = installed_version(name)
        if installed is not None and installed not in pinned:
            differing.append(f"{name} {installed} (mestinya {' atau '.join(sorted(pinned))})")
    if not differing:
        return good(f"{len(pins())} paket persis seperti yang diuji.")
    more = f" dan {len(differing) - MOST_NAMED} lainnya" if len(differing) > MOST_NAMED else ""
    return Finding(
        RISK, f"Tidak seperti yang diuji: {', '.join(differing[:MOST_NAMED])}{more}.",
        "Pasang ulang dari requirements.txt (make run melakukannya).",
    )


def c_libraries() -> Finding:
    """Bugs of picture decoders are bugs of C; a package's version does not tell which one is inside."""
    found = bundled_libraries()
    old = [library for library in found if library.is_too_old]
    listed = ", ".join(f"{library.name} {library.version}" for library in found)
    if old:
        told = "; ".join(f"{one.name} {one.version}, paling sedikit {one.least}: {one.reason}" for one in old)
        return Finding(RISK, f"Terlalu tua: {told}. Semua: {listed}.", "Perbarui paket yang membawanya.")
    return good(f"{listed}.")


def picture_sandbox() -> Finding:
    found = sandbox_layers()
    off = [name for name, on in found.items() if not on]
    if off:
        return Finding(
            RISK, f"Lapisan pelindung pembuka foto yang tidak menyala: {', '.join(off)}.",
            "Jalankan Loket di Linux dengan kernel 5.13 atau lebih baru (Landlock dan seccomp).",
        )
    return good(f"Semua lapisan pelindung pembuka foto menyala: {', '.join(found)}.")


def pins() -> dict[str, set[str]]:
    """Name -> versions: one, or one for each kind of system."""
    found: dict[str, set[str]] = {}
    for name, pinned in PINNED.findall(PINS.read_text()):
        found.setdefault(name, set()).add(pinned)
    return found


def installed_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
