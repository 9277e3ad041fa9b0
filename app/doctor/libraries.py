"""The C libraries inside our packages, with their versions and the oldest one we accept."""

import re
import sqlite3
import ssl
from dataclasses import dataclass

from app.photos.health import decoder_versions

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
