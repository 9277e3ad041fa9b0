"""Both keys are replaced while twenty requests come in every second; then the old ones are taken out.

Two web processes on one address, ROTATION_REGISTRATIONS (300) of people with three photos each, SQLite and then
PostgreSQL. Printed: how long it took, what failed, the longest wait, and what fsck says under the new keys alone.
"""

import base64
import os
import random
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app import create_app
from app.base.database import db
from tests.builders import TEST_SETTINGS, an_application
from tests.postgres import running_server
from tests.shared_address import INSTANCES, SharedAddress, Timed

REGISTRATIONS, A_SECOND = int(os.environ.get("ROTATION_REGISTRATIONS", "300")), 20
PAGES = ("/", "/daftar", "/lacak", "/petugas/masuk", "/healthz")
SEALING, INDEX = (base64.b64encode(bytes(range(start, start + 32))).decode() for start in (64, 96))
BOTH = {"SEALING_KEYS": f"baru2:{SEALING},{TEST_SETTINGS['SEALING_KEYS']}",
        "INDEX_KEY": f"{INDEX},{TEST_SETTINGS['INDEX_KEY']}"}
NEW = {"SEALING_KEYS": f"baru2:{SEALING}", "INDEX_KEY": INDEX}


class Stream:
    """A_SECOND requests every second until the end: three pages, then the first step of a registration."""

    def __init__(self, port: int):
        self.port, self.waits, self.answers = port, [], Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go)

    def __enter__(self) -> "Stream":
        self._thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self._stop.set()
        self._thread.join()

    def _go(self) -> None:
        dice = random.Random(5)
        with ThreadPoolExecutor(64) as pool:
            while not self._stop.wait(1 / A_SECOND):
                pool.submit(self._register if dice.random() < 1 / 8 else self._read)

    def _read(self) -> None:
        try:
            self.answers[Timed(self.port, self.waits).request("GET", random.choice(PAGES)).status] += 1
        except OSError as error:
            self.answers[type(error).__name__] += 1

    def _register(self) -> None:
        """Five requests."""
        try:
            Timed(self.port, self.waits).begins()
            self.answers["begun"] += 1
        except (OSError, AssertionError) as error:
            self.answers[f"{type(error).__name__} {error}"[:40]] += 1


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rotate("SQLite", Path(folder), {})
    with tempfile.TemporaryDirectory() as folder, running_server(()) as server:
        server.create("loket")
        rotate("PostgreSQL", Path(folder), {"DATABASE_URL": server.url("loket")})


def rotate(title: str, folder: Path, where: dict[str, str]) -> None:
    old = {**TEST_SETTINGS, **where}
    house = SharedAddress(folder, old)
    house.run("db", "upgrade")
    try:
        for number in INSTANCES:
            house.begin(number)
        _register_many({**old, "LOKET_INSTANCE": str(folder)})
        with Stream(house.port) as stream:
            _go_on_with(house, BOTH)
            begun = time.monotonic()
            said = house.run("keys", "rotate")
            took = time.monotonic() - begun
            _go_on_with(house, NEW)
        waits = sorted(stream.waits)
        failed = sum(number for told, number in stream.answers.items() if told not in (200, "begun"))
        print(f"\n{title}: {REGISTRATIONS} registrations under new keys in {took:.0f} s, old keys out\n"
              f"  {len(waits)} requests meanwhile, {failed} failed, median {waits[len(waits) // 2] * 1000:.0f} ms, "
              f"longest {waits[-1]:.2f} s; {dict(stream.answers)}\n"
              f"  rotate: {' | '.join(line for line in said.splitlines() if 'unused' in line)}\n"
              f"  fsck: {house.run('fsck').strip().splitlines()[-1]}", flush=True)
    finally:
        house.stop()


def _go_on_with(house: SharedAddress, keys: dict[str, str]) -> None:
    house.environment.update(keys)
    for number in INSTANCES:
        house.restart(number)


def _register_many(given: dict[str, str]) -> None:
    app = create_app(given)
    for number in range(REGISTRATIONS):
        an_application(app, nik=f"357401450590{number + 1:04}", whatsapp_number=f"0812-0000-{2000 + number}",
                       kk_number=f"357401010110{number + 1:04}")
    with app.app_context():
        db.engine.dispose()
