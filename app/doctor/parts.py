"""What Loket is made of: Python, packages, the C libraries inside them, and the box pictures are opened in."""

from __future__ import annotations

import re
import sqlite3
import ssl
import sys
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.base import clock
from app.doctor import NOTE, RISK, Finding, good
from app.photos import gate, pool
from app.photos.sandbox import LAYERS

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
    on = f"Semua lapisan pelindung pembuka foto menyala: {', '.join(found)}."
    if died := pictures_that_killed_their_decoder():
        return Finding(NOTE, f"{on} Sejak awal {died} foto mematikan pembukanya.", "Tiap foto ada barisnya dalam log.")
    return good(on)


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


# The C libraries inside our packages, with their versions and the oldest one we accept.

PACKAGES, OF_PILLOW_HEIF = ("Pillow", "pillow-heif"), ("libheif", "libde265")
# name -> (oldest version, why)
LEAST = {
    "libheif": ("1.23.4", "perbaikan keselamatan memori pada 1.23.1 sampai 1.23.4"),
    "libwebp": ("1.3.2", "CVE-2023-4863"),
    "SQLite": ("3.35.0", "Loket memakai RETURNING"),
}


@dataclass(frozen=True)
class Library:
    """`inside` is the package that brings it along."""

    name: str
    version: str
    inside: str

    @property
    def least(self) -> str:
        return LEAST.get(self.name, ("", ""))[0]

    @property
    def reason(self) -> str:
        return LEAST.get(self.name, ("", ""))[1]

    @property
    def is_too_old(self) -> bool:
        return bool(self.least) and numbers(self.version) < numbers(self.least)


def bundled_libraries() -> list[Library]:
    """Of this process, by name."""
    found = [
        Library(name, told, "pillow-heif" if name in OF_PILLOW_HEIF else "pillow")
        for name, told in decoder_versions().items() if name not in PACKAGES
    ]
    found += [
        Library("SQLite", sqlite3.sqlite_version, "Python"),
        Library("OpenSSL", ssl.OPENSSL_VERSION.split()[1], "Python"),
        Library("OpenSSL", _openssl_of_cryptography(), "cryptography"),
        Library("libpq", _libpq(), "psycopg"),
    ]
    return sorted(found, key=lambda library: (library.name.lower(), library.inside))


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:4])


def _openssl_of_cryptography() -> str:
    from cryptography.hazmat.backends.openssl.backend import backend

    return backend.openssl_version_text().split()[1]


def _libpq() -> str:
    from psycopg import pq

    number = pq.version()
    return f"{number // 10000}.{number % 10000}"


# What an operator may ask about the opening of pictures: which walls of the box stand, which decoders are in it.

def sandbox_layers() -> dict[str, bool]:
    """Each layer of the box and whether a child really has it on, found by trying; all False without launcher."""
    found = pool.layers_on()
    whole = found is not None and len(found) == len(LAYERS)
    return dict(zip(LAYERS, found, strict=True)) if whole else dict.fromkeys(LAYERS, False)


def decoder_versions() -> dict[str, str]:
    """Names and versions of Pillow, pillow-heif and the C libraries they bring along; "?" for one that does not tell.

    Imports the decoders, so it is for commands and the administrator's page, not for each request.
    """
    import pillow_heif
    from PIL import AvifImagePlugin, features

    heif = pillow_heif.libheif_info()
    hevc = heif.get("decoders", {}).get("libde265", "")
    found = {
        "Pillow": features.version("pil"),
        "libjpeg-turbo": features.version("libjpeg_turbo") or features.version("jpg"),
        "zlib": features.version("zlib_ng") or features.version("zlib"),
        "libwebp": features.version("webp"),
        "libavif": features.version("avif"),
        "dav1d": AvifImagePlugin.get_codec_version("dav1d") if features.check("avif") else None,
        "aom": AvifImagePlugin.get_codec_version("aom") if features.check("avif") else None,
        "pillow-heif": pillow_heif.__version__,
        "libheif": heif.get("libheif"),
        "libde265": hevc.rpartition(" ")[2] or None,
    }
    return {name: version or "?" for name, version in found.items()}


def pictures_that_killed_their_decoder() -> int:
    """Since this installation began: files whose decoder died or took too long. Each is a line in the log."""
    return gate.deaths()
