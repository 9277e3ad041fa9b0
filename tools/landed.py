"""Put migrations that are new on the list of landed ones, which are never edited again.

    python -m tools.landed

A city's database remembers only the number of a migration: an edited one would never run there.
Ends with exit code 1 and a sentence when one on the list differs or is gone.
"""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ROOT / "app" / "migrations" / "versions"
LIST = ROOT / "tests" / "data" / "migrations.sha256"


def landed() -> dict[str, str]:
    """File name -> SHA-256, as `sha256sum` writes them."""
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    return {name: digest for digest, name in (line.split() for line in lines)}


def present() -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(VERSIONS.glob("*.py"))}


def edited() -> list[str]:
    """Names of landed migrations that are not what they were."""
    now = present()
    return [name for name, digest in landed().items() if now.get(name) != digest]


def main() -> None:
    if changed := edited():
        raise SystemExit(f"Landed migrations are never edited; write a new one instead of: {', '.join(changed)}")
    LIST.write_text("".join(f"{digest}  {name}\n" for name, digest in present().items()))


if __name__ == "__main__":
    main()
