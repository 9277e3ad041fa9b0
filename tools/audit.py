"""`python -m tools.audit [OPTIONS OF pip-audit]`: known vulnerabilities of the pinned packages, and the C
libraries inside them, which no advisory of a package tells about.

Exit code 0: nothing known. 1: something is, or a C library is too old. 2: the source of advisories did
not answer, or not truthfully, so nothing is known about anything.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from app.doctor.parts import bundled_libraries

LOCK = Path(__file__).resolve().parent.parent / "requirements.txt"
SECONDS = 600
# Known holes of years ago (CVE-2019-10906 and others). A mirror without advisories answers to everything
# that nothing is known; then it does not know this one either.
CANARY = "jinja2==2.10\n"
UNREACHABLE = (
    "The source of advisories cannot be reached from here, or holds none: NOTHING was looked up.\n"
    "Run `make audit` on a machine with a way out; this is no all-clear."
)


@dataclass(frozen=True)
class Looked:
    """`known`: (package, version, id, fixed in); `skipped`: packages nobody could say anything about."""

    audited: int = 0
    known: list[tuple[str, str, str, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def look_up(requirements: Path, options: list[str]) -> Looked | None:
    """What pip-audit finds; None when it did not get through."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "found.json"
        command = [
            sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--disable-pip", "--no-deps",
            "--progress-spinner", "off", "--format", "json", "--output", str(output), *options,
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
            found = json.loads(output.read_text())["dependencies"]
        except (subprocess.TimeoutExpired, OSError, ValueError, KeyError):
            return None
    answered = [one for one in found if "skip_reason" not in one]
    known = [
        (one["name"], one["version"], hole["id"], ", ".join(hole["fix_versions"]) or "not yet")
        for one in answered for hole in one["vulns"]
    ]
    return Looked(len(answered), known, [one["name"] for one in found if "skip_reason" in one])


def is_truthful(options: list[str]) -> bool:
    """Whether the source knows what everybody has known for years."""
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary.txt"
        canary.write_text(CANARY)
        looked = look_up(canary, options)
    return looked is not None and bool(looked.known)


def print_libraries() -> bool:
    """The table; whether one of them is too old."""
    libraries = bundled_libraries()
    print("C libraries inside the packages installed here:")
    for one in libraries:
        remark = f"TOO OLD, at least {one.least} ({one.reason})" if one.is_too_old else ""
        print(f"  {one.name:<16} {one.version:<12} {one.inside:<14} {remark}".rstrip())
    return any(one.is_too_old for one in libraries)


def main(options: list[str]) -> int:
    too_old = print_libraries()
    print()
    looked = look_up(LOCK, options) if is_truthful(options) else None
    if looked is None or not looked.audited:
        print(UNREACHABLE)
        return 2
    for name, version, hole, fixed in looked.known:
        print(f"  {name} {version}: {hole}, fixed in {fixed}")
    print(f"{looked.audited} packages looked up, {len(looked.known)} known vulnerabilities.")
    if looked.skipped:
        print(f"Nothing is known about: {', '.join(looked.skipped)}.")
    return 1 if looked.known or too_old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
