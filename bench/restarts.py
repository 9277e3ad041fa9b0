"""Ten restarts and an upgrade with a migration while eight clients read and register: what is lost, the longest wait.

    RESTARTS_ONLY=PostgreSQL python -m bench restarts

Two web processes share one address, as under systemd (deploy/systemd). The clients run on the same cores.
"""

import os
import tempfile
import time
from pathlib import Path

from bench._table import note
from tests.postgres import running_server
from tests.shared_address import INSTANCES, Load, SharedAddress, newer_version

RESTARTS = 10
LOST, LONGEST_SECONDS = 0, 3


def main() -> None:
    wanted = os.environ.get("RESTARTS_ONLY", "")
    if "SQLite".startswith(wanted):
        with tempfile.TemporaryDirectory() as folder:
            _both(Path(folder) / "sqlite", "SQLite", {})
    if not "PostgreSQL".startswith(wanted):
        return
    with tempfile.TemporaryDirectory() as folder, running_server(()) as server:
        server.create("loket")
        _both(Path(folder) / "pg", "PostgreSQL", {"DATABASE_URL": server.url("loket")})


def _both(folder: Path, title: str, settings: dict[str, str]) -> None:
    instance = folder / "instance"
    instance.mkdir(parents=True, mode=0o700)
    house = SharedAddress(instance, settings)
    house.run("db", "upgrade")
    try:
        for number in INSTANCES:
            house.begin(number)
        with Load(house.port) as load:
            for turn in range(RESTARTS):
                house.restart(turn % 2)
        _show(f"{title}, {RESTARTS} restarts", load)
        newer = newer_version(folder / "newer")
        with Load(house.port) as load:
            time.sleep(2)
            house.root = newer
            begun = time.monotonic()
            house.run("db", "upgrade")
            print(f"the migration took {time.monotonic() - begun:.1f} s")
            time.sleep(2)  # the old version on the new tables
            for number in INSTANCES:
                house.restart(number)
            time.sleep(2)
        _show(f"{title}, upgrade with a migration", load)
    finally:
        house.stop()


def _show(title: str, load: Load) -> None:
    waits = sorted(load.waits)
    print(f"{title}: {len(waits)} requests, median {waits[len(waits) // 2] * 1000:.0f} ms; {dict(load.answers)} "
          f"{load.lost[:3]}", flush=True)
    note(f"{title}, requests lost", len(load.lost), LOST)
    note(f"{title}, longest wait", waits[-1], LONGEST_SECONDS, "s")
