"""An installation under a fault: visitors who read, visitors who begin a registration, somebody who registers; what
they saw while it lasted, and what was lost."""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from app.base.database import db
from app.keys.proof import prove_at_start
from app.process.fsck import check
from app.registration.models import Application
from tests.builders import TEST_SETTINGS, an_application
from tests.live import ROOT, LiveServer

# two that ask no database, two that do
PAGES = ("/", "/healthz", "/petugas/masuk", "/lacak?number=ABCD-EFGH")
VISITORS, FAULT_SECONDS, LONGEST_RECOVERY = 4, 30.0, 60.0
NEEDS_NONE = PAGES[:2]


@dataclass
class Seen:
    """`waits` are seconds by page; `answers` by status, 0 for a connection that was cut."""

    waits: dict[str, list[float]] = field(default_factory=lambda: {page: [] for page in PAGES})
    answers: Counter = field(default_factory=Counter)
    ready: Counter = field(default_factory=Counter)
    ready_wait: float = 0.0
    begins: list[float] = field(default_factory=list)
    begun: Counter = field(default_factory=Counter)


@dataclass
class House:
    """One installation; `hand` is what a fault takes hold of."""

    folder: Path
    server: LiveServer
    worker: subprocess.Popen
    settings: dict[str, str]
    hand: object = None

    def log(self) -> str:
        return self.server.log.read_text(errors="replace")


@contextlib.contextmanager
def house(settings: dict[str, str], folder: Path, hand: object = None) -> Iterator[House]:
    given = {**TEST_SETTINGS, "LOKET_INSTANCE": str(folder), **settings}
    app = create_app(given)
    with app.app_context():
        upgrade()
        prove_at_start()
        db.session.remove()
        db.engine.dispose()
    server = LiveServer(folder, "serve", {key: value for key, value in given.items() if key != "LOKET_INSTANCE"})
    server.start()
    worker = subprocess.Popen(server.flask("worker"), cwd=ROOT, env=server.environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        yield House(folder, server, worker, given, hand)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGCONT)
            worker.kill()
        worker.wait(20)
        server.stop()


def visit(house: House, stop: threading.Event, seen: Seen) -> None:
    while not stop.is_set():
        for page in PAGES:
            begun = time.monotonic()
            seen.answers[_status(house.server.url + page)] += 1
            seen.waits[page].append(time.monotonic() - begun)
        stop.wait(0.05)


def begin(house: House, stop: threading.Event, seen: Seen) -> None:
    """A write of a page: the first step of a registration."""
    while not stop.wait(0.2):
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        begun = time.monotonic()
        try:
            page = browser.open(f"{house.server.url}/daftar", timeout=60).read().decode()
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
            sent = urlencode({"csrf_token": token, "notice": "y"}).encode()
            status = browser.open(f"{house.server.url}/daftar", sent, timeout=60).status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        seen.begun[status] += 1
        seen.begins.append(time.monotonic() - begun)


def probe(house: House, stop: threading.Event, seen: Seen) -> None:
    while not stop.wait(0.5):
        begun = time.monotonic()
        seen.ready[_ready(house)] += 1
        seen.ready_wait = max(seen.ready_wait, time.monotonic() - begun)


def register(app, stop: threading.Event, accepted: list[str], refused: list[str]) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        try:
            accepted.append(an_application(
                app, nik=f"357401450590{number:04}", whatsapp_number=f"0812-0000-{2000 + number}",
                kk_number=f"357401010110{number:04}",
            ))
        except Exception as error:  # noqa: BLE001  a refusal is what a fault makes; it is counted, and nothing was promised
            refused.append(type(error).__name__)
            stop.wait(0.5)


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _ready(house: House) -> str:
    try:
        with urllib.request.urlopen(f"{house.server.url}/readyz", timeout=60) as answer:
            return "ok" if answer.status == 200 else str(answer.status)
    except urllib.error.HTTPError as error:
        parts = re.findall(r'"(\w+)":\s*false', error.read().decode())
        return "503 " + "+".join(parts)
    except OSError:
        return "no answer"


def run(name: str, house: House, fault: Callable[[House], object], seconds: float = FAULT_SECONDS) -> None:
    """Make the fault (`fault` is a context manager), end it, wait until well, count what was lost, print a line."""
    app = create_app(house.settings)
    seen, stop, accepted, refused = Seen(), threading.Event(), [], []
    asking = [threading.Thread(target=visit, args=(house, stop, seen)) for _ in range(VISITORS)]
    asking += [threading.Thread(target=begin, args=(house, stop, seen)) for _ in range(2)]
    asking += [threading.Thread(target=probe, args=(house, stop, seen)),
               threading.Thread(target=register, args=(app, stop, accepted, refused))]
    for thread in asking:
        thread.start()
    time.sleep(3)
    with fault(house):
        time.sleep(seconds)
    ended = time.monotonic()
    while time.monotonic() < ended + LONGEST_RECOVERY and not _well(house):
        time.sleep(0.2)
    recovered = time.monotonic() - ended
    stop.set()
    for thread in asking:
        thread.join()
    lost, findings = _lost(app, accepted)
    _show(name, house, seen, accepted, refused, lost, findings, recovered)


def _well(house: House) -> bool:
    return all(_status(house.server.url + page) == 200 for page in PAGES) and _ready(house) == "ok"


def _lost(app, accepted: list[str]) -> tuple[int, list[str]]:
    with app.app_context():
        there = set(db.session.scalars(select(Application.id).where(Application.number.is_not(None))))
        findings = [line for line in check() if "no photo or file names it" not in line]
        db.session.remove()
        db.engine.dispose()
    return len(set(accepted) - there), findings


def _show(name, house, seen, accepted, refused, lost, findings, recovered) -> None:
    free = max((wait for page in NEEDS_NONE for wait in seen.waits[page]), default=0)
    bound = max((wait for page in PAGES[2:] for wait in seen.waits[page]), default=0)
    served, failed = seen.answers[200], {code: n for code, n in seen.answers.items() if code != 200}
    why = Counter(re.findall(r'"why": "(\w+)"', house.log()))
    told = house.log()
    why.update({event: 1 for event in ("disk_full", "photo_store_unavailable", "clock_doubted") if event in told})
    print(f"\n{name}")
    print(f"  pages: {served} served, others {failed or 'none'}; longest wait {free:.1f} s without a query, "
          f"{bound:.1f} s with, {max(seen.begins, default=0):.1f} s to begin a registration "
          f"({len(seen.begins)}, answers {dict(seen.begun)})")
    print(f"  registrations: {len(accepted)} accepted, {len(refused)} refused {dict(Counter(refused))}; lost {lost}; "
          f"fsck {'consistent' if not findings else findings[:3]}")
    print(f"  well again after {recovered:.1f} s; /readyz said {dict(seen.ready)}, longest {seen.ready_wait:.1f} s; "
          f"log says {dict(why) or 'nothing'}", flush=True)
