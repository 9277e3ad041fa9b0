"""Faults made on purpose, and what each costs: pages served meanwhile, longest wait, registrations lost, how long until
all is well again, what /readyz and the log said of it, and which alarm went to whom (the watchman's clock runs ten
times as fast, see _quick_watch).

    python -m bench faults                    # all, about twenty minutes
    FAULTS="SQLite held,clock" python -m bench faults

Each fault has an installation of its own: `serve` and `worker` as processes, visitors who read, visitors who begin a
registration over HTTP, and somebody who registers all the time by the services. PostgreSQL and S3 are real and stand
on this machine; the full disk is a tmpfs and needs root.
"""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench._relay import Relay
from bench._watched import FAULT_SECONDS, House, house, run
from tests.fake_twilio import Fault
from tests.faults import KINDS
from tests.live import ROOT
from tests.postgres import running_server
from tests.s3_server import S3Server, running_s3_server

SMALL_DISK_MB = 64


@contextlib.contextmanager
def frozen(house: House) -> Iterator[None]:
    """Every process of PostgreSQL stands still, as on a machine that swaps or a disk that hangs."""
    pids = [house.hand.process.pid, *_children(house.hand.process.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def refusing(house: House) -> Iterator[None]:
    """PostgreSQL lets nobody in and ends who is in: what clients see of a server that is stopped."""
    with house.hand.connect() as connection:
        connection.execute("ALTER DATABASE loket ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'loket'")
    try:
        yield
    finally:
        with house.hand.connect() as connection:
            connection.execute("ALTER DATABASE loket ALLOW_CONNECTIONS true")


@contextlib.contextmanager
def stopped(house: House) -> Iterator[None]:
    """The S3 server stands still: it takes connections and answers nothing."""
    house.hand.server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        house.hand.server.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def held(house: House) -> Iterator[None]:
    """Another process, a backup of somebody's own for one, holds SQLite's write lock."""
    other = sqlite3.connect(house.folder / "loket.sqlite3", isolation_level=None, timeout=30)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextlib.contextmanager
def full(house: House) -> Iterator[None]:
    """First filled to seven eighths, as a disk fills, then to the last byte."""
    filler = house.folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while shutil.disk_usage(house.folder).free > SMALL_DISK_MB * 2**20 // 8:
            file.write(b"\0" * 65536)
            file.flush()
        time.sleep(10)
        while True:
            file.write(b"\0" * 65536)
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def worker_dead(house: House) -> Iterator[None]:
    """Killed without a word; afterwards somebody starts it again."""
    house.worker.kill()
    house.worker.wait(20)
    try:
        yield
    finally:
        house.start_worker()


@contextlib.contextmanager
def clock_wrong(house: House, hours: int) -> Iterator[None]:
    """A worker on another machine whose clock is off."""
    script = ("from datetime import UTC, datetime, timedelta\n"
              "from types import SimpleNamespace\n"
              "from app import create_app\nfrom app.base import clock\nfrom app.process import worker\n"
              f"clock.datetime = SimpleNamespace(now=lambda zone: datetime.now(zone) + timedelta(hours={hours}))\n"
              "worker.run_once(create_app())\n")
    with house.server.log.open("ab") as log:
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=house.server.environment, check=False,
                       stdout=log, stderr=log)
    yield


@contextlib.contextmanager
def misbehaving(house: House) -> Iterator[None]:
    """Eight kinds at random, and at last Twilio does not know our key any more."""
    dice, kinds = random.Random(3), [fault for name, fault in KINDS.items() if name != "fine"]
    house.twilio.choose_fault = lambda form: dice.choice(kinds)
    closing = threading.Timer(FAULT_SECONDS * 2 / 3, lambda: setattr(
        house.twilio, "choose_fault", lambda form: Fault("error", False, 401, 20003)))
    closing.start()
    try:
        yield
    finally:
        closing.join()
        house.twilio.choose_fault = lambda form: Fault()


def _children(pid: int) -> list[int]:
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(one) for one in told.stdout.split()]


def on_postgres(name: str, fault, seconds: float = FAULT_SECONDS) -> None:
    with running_server(options=()) as server, tempfile.TemporaryDirectory() as folder:
        server.create("loket")
        with house({"DATABASE_URL": server.url("loket")}, Path(folder), server) as made:
            run(name, made, fault, seconds)


def on_sqlite(name: str, fault, seconds: float = FAULT_SECONDS) -> None:
    with tempfile.TemporaryDirectory() as folder, house({}, Path(folder)) as made:
        run(name, made, fault, seconds)


@dataclass
class Store:
    server: S3Server
    line: Relay


def on_s3(name: str, fault, seconds: float = FAULT_SECONDS, **changed: str) -> None:
    with running_s3_server() as server, tempfile.TemporaryDirectory() as folder:
        line = Relay(urlsplit(server.endpoint).port)
        settings = {**server.aws, "PHOTOS_URL": f"s3://{server.new_bucket()}/foto",
                    "AWS_ENDPOINT_URL": f"http://127.0.0.1:{line.port}", **changed}
        with house(settings, Path(folder), Store(server, line)) as made:
            run(name, made, fault, seconds)
        line.cut()


def on_small_disk(name: str, fault, seconds: float = FAULT_SECONDS) -> None:
    folder = Path(tempfile.mkdtemp())
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MB}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mounting, capture_output=True, check=False)
    if mounted.returncode:
        print(f"\n{name}: left out, a small disk needs the right to mount")
        return
    try:
        with house({}, folder) as made:
            run(name, made, fault, seconds)
    finally:
        subprocess.run(["umount", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


FAULTS: dict[str, Callable[[str], None]] = {
    "PostgreSQL stopped 30 s": lambda name: on_postgres(name, refusing),
    "PostgreSQL frozen 30 s": lambda name: on_postgres(name, frozen),
    "S3 down 30 s": lambda name: on_s3(name, lambda house: house.hand.line.away()),
    "S3 frozen 30 s": lambda name: on_s3(name, stopped),
    "S3 slow, 3 s later with everything": lambda name: on_s3(name, lambda house: house.hand.line.slow(3)),
    "S3 with a wrong key": lambda name: on_s3(name, lambda house: contextlib.nullcontext(), 10,
                                              AWS_SECRET_ACCESS_KEY="wrong-secret-of-some-length"),
    "disk full 20 s": lambda name: on_small_disk(name, full, 20),
    "SQLite held 20 s": lambda name: on_sqlite(name, held, 20),
    "clock of one worker a day ahead": lambda name: on_sqlite(name, lambda house: clock_wrong(house, 26), 5),
    "clock of one worker a day behind": lambda name: on_sqlite(name, lambda house: clock_wrong(house, -26), 5),
    "clock of one worker two years ahead": lambda name: on_sqlite(name, lambda house: clock_wrong(house, 730 * 24), 5),
    "worker dead 60 s": lambda name: on_sqlite(name, worker_dead, 60),
    "Twilio failing in nine ways 30 s": lambda name: on_sqlite(name, misbehaving),
}


def main() -> None:
    wanted = [part.strip() for part in os.environ.get("FAULTS", "").split(",") if part.strip()]
    for name, make in FAULTS.items():
        if not wanted or any(part in name for part in wanted):
            with contextlib.suppress(psycopg.OperationalError):
                make(name)
