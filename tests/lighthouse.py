"""`make lighthouse`: the five pages that everybody comes to first, as Lighthouse's phone sees them; of three visits the
median counts. 100 in each of its four categories is wanted, 99 in performance passes.

Lighthouse is npm's, of one version, in build/lighthouse; its numbers of speed mean something on a quiet machine only.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.chromium import MISSING, find_chromium
from tests.live import ROOT, LiveServer

VERSION, FOLDER = "12.8.2", ROOT / "build" / "lighthouse"
PROGRAM = FOLDER / "node_modules" / ".bin" / "lighthouse"
PAGES = ("/", "/daftar", "/lacak", "/pengaduan", "/standar-pelayanan")
LEAST = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}
TRIES = 3  # now and then it says itself that it wants to be run again (NO_NAVSTART)
VISITS = 3


def installed() -> bool:
    if PROGRAM.exists():
        return True
    FOLDER.mkdir(parents=True, exist_ok=True)
    return bool(shutil.which("npm")) and subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER), f"lighthouse@{VERSION}"],
        capture_output=True, check=False).returncode == 0


def visit(address: str, folder: Path) -> dict:
    """Lighthouse's whole report."""
    report = folder / "report.json"
    for _ in range(TRIES):
        done = subprocess.run(
            [str(PROGRAM), address, "--quiet", "--output=json", f"--output-path={report}",
             "--chrome-flags=--headless=new --no-sandbox --disable-gpu"],
            env={**os.environ, "CHROME_PATH": find_chromium() or MISSING},
            capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return json.loads(report.read_text())
        print(f"{address}: {done.stderr.strip()}", file=sys.stderr)
    sys.exit(f"lighthouse looked at {address} {TRIES} times in vain")


def lost(report: dict) -> list[str]:
    """What cost points."""
    found = []
    for name, category in report["categories"].items():
        for part in category["auditRefs"]:
            audit = report["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                found.append(f"{name}: {audit['title']}")
    return found


def main() -> int:
    if not installed():
        print("Lighthouse is not to be had here: it comes from npm and needs Node 18 or newer.")
        return 1
    folder, failed = Path(tempfile.mkdtemp(prefix="loket-lighthouse-")), False
    server = LiveServer(folder).start()
    try:
        for page in PAGES:
            reports = [visit(server.url + page, folder) for _ in range(VISITS)]
            scores = {name: round(100 * statistics.median(one["categories"][name]["score"] for one in reports))
                      for name in LEAST}
            print(f"{page:20} " + ", ".join(f"{name} {score}" for name, score in scores.items()), flush=True)
            if any(scores[name] < least for name, least in LEAST.items()):
                failed = True
                print("\n".join(f"    {words}" for words in sorted({one for made in reports for one in lost(made)})))
    finally:
        server.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
