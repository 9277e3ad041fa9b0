"""A day of a city compressed into ten minutes against a running installation: visitors, registrations, complaints.

12,000 visitors (three pages each), 400 registrations with three photos as a phone sends them, 60 complaints: arrivals
at random, at the pace of the day's mean, so ten minutes of this are a day without its nights. Latency counts from the
<<<<<<< HEAD
moment somebody arrived. Settings: MINUTES (10), SCALE (1; a province is 30), PORT (of an installation that is already
running, which must trust one proxy; without it two web processes on one address and a worker are started here, on
SQLite). The clients run in processes of their own, on the same cores when it is the same machine.
=======
moment somebody arrived. Who is told to wait (503) does what the page's own script does: a photo is sent again by itself
after `Retry-After` and up to three seconds more, as long as its owner has patience; any other button is pressed again
by hand. So the figures are what people see: how long until they were done, who had to wait, who gave up.

    python -m bench day                      # a city in ten minutes, then 2, 5, 10 and 30 cities, a minute each
    SCALE=30 MINUTES=2 python -m bench day   # one of them alone
    PORT=8000 python -m bench day            # an installation that runs already, and trusts one proxy

Without PORT two web processes on one address and a worker are started here, on SQLite. The clients run in processes of
their own, on the same cores when it is the same machine: their share of the processor is printed beside the server's.
All send the photos of eight people, so the office would look at them first (*Perlu dilihat*), and no receipt goes out.
>>>>>>> main
"""

import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from app.demo.photos import set_of
from tests.builders import PHOTO_SLUGS, RESIDENT, _smaller
from tests.shared_address import INSTANCES, SharedAddress
from tests.visitor import FORM, Answer, Visitor

VISITORS, REGISTRATIONS, COMPLAINTS = 12_000, 400, 60
DAY_SECONDS = 600
PAGES = ("/", "/daftar", "/standar-pelayanan")
CLIENTS = 4  # processes


@dataclass(frozen=True)
class Done:
    """`seconds` since the person arrived."""

    kind: str
    seconds: float
    error: str = ""


class From(Visitor):
    """Somebody with a network address of their own."""

    def __init__(self, port: int, number: int):
        super().__init__(port, timeout=30)
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        return super().request(method, path, body, X_Forwarded_For=self.address, X_Forwarded_Proto="https", **headers)


def main() -> None:
    minutes, scale = float(os.environ.get("MINUTES", "10")), float(os.environ.get("SCALE", "1"))
    if given := os.environ.get("PORT"):
        _run(int(given), minutes, scale)
        return
    with tempfile.TemporaryDirectory() as folder:
        house = SharedAddress(Path(folder), {"TRUSTED_PROXIES": "1"})
        house.run("db", "upgrade")
        worker = None
        try:
            for number in INSTANCES:
                house.begin(number)
            worker = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", "worker"], cwd=house.root, env=house.environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            _run(house.port, minutes, scale)
        finally:
            if worker:
                worker.terminate()
                worker.wait(60)
            house.stop()


def _run(port: int, minutes: float, scale: float) -> None:
    plan = _plan(minutes * 60, scale)
    photos = _photos()
    answers: multiprocessing.Queue = multiprocessing.Queue()
    begun = time.time() + 3
    clients = [
        multiprocessing.Process(target=_client, args=(port, begun, plan[part::CLIENTS], photos, answers))
        for part in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    done = [answers.get() for _ in plan]
    for client in clients:
        client.join()
    print(f"{minutes:g} minutes at the pace of {scale:g} city days in ten minutes; {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")
    for kind in ("visitor", "registration", "complaint"):
        _show(kind, [one for one in done if one.kind == kind], minutes)


def _plan(seconds: float, scale: float) -> list[tuple[float, str, int]]:
    """(moment, kind, number) of everybody who arrives."""
    dice, part = random.Random(7), seconds / DAY_SECONDS * scale
    wanted = (("visitor", VISITORS), ("registration", REGISTRATIONS), ("complaint", COMPLAINTS))
    arrivals = [(dice.uniform(0, seconds), kind) for kind, number in wanted for _ in range(round(number * part))]
    return [(at, kind, number) for number, (at, kind) in enumerate(sorted(arrivals))]


def _photos() -> list[dict[str, bytes]]:
    """Of eight people, as a phone shrinks them."""
    sets = (set_of(nik=f"357401450590{number:04d}", name=f"CONTOH {'ABCDEFGH'[number]}") for number in range(8))
    return [{kind: _smaller(data) for kind, data in found.items()} for found in sets]


def _client(port: int, begun: float, plan, photos, answers) -> None:
    """Many at once, as threads: one that waits must not hold back who arrives next."""
    with ThreadPoolExecutor(64) as pool:
        for at, kind, number in plan:
            time.sleep(max(0, begun + at - time.time()))
            pool.submit(lambda at=at, kind=kind, number=number: answers.put(
                _walk(port, begun + at, kind, number, photos)
            ))


def _walk(port: int, arrived: float, kind: str, number: int, photos) -> Done:
    person = From(port, number)
    try:
        {"visitor": _look, "registration": _register, "complaint": _complain}[kind](person, number, photos)
        error = ""
    except (OSError, AssertionError) as found:
        error = f"{type(found).__name__} {found}"[:60]
    return Done(kind, time.time() - arrived, error)


def _look(person: From, _number: int, _photos) -> None:
    for page in PAGES:
        _expect(person.request("GET", page), 200)


def _register(person: From, number: int, photos) -> None:
    person.open("/daftar")
    _expect(person.post("/daftar", {"notice": "y"}), 303)
    person.open("/daftar/data")
    born = f"{41 + number // 10_000 % 28:02d}0590"
    _expect(person.post("/daftar/data", {
        **RESIDENT, "nik": f"357401{born}{number % 10_000:04d}", "whatsapp_number": f"0812{number:08d}",
    }), 303)
    for slug, kind in PHOTO_SLUGS.items():
        person.open(f"/daftar/{slug}")
        for _ in range(20):  # a place at the decoder may be taken: the page asks to try again
            answer = person.upload(f"/daftar/{slug}", photos[number % len(photos)][kind])
            if answer.status != 503:
                break
            time.sleep(1)
        _expect(answer, 303)
    person.open("/daftar/periksa")
    person.post("/daftar/periksa", {})
    _expect(person.post("/daftar/periksa", {"confirm": "ya"}), 303)


def _complain(person: From, number: int, _photos) -> None:
    person.open("/pengaduan")
    _expect(person.request("POST", "/pengaduan", _form(person, number), Content_Type=FORM), 303)


def _form(person: From, number: int) -> bytes:
    return urlencode({
        "csrf_token": person.token, "submission_id": f"{number:032x}", "kind": "complaint", "category": "late",
        "text": f"Antrean di loket {number} lama sekali dan tidak ada yang menjelaskan.", "answer_by": "page",
    }).encode()


def _expect(answer: Answer, status: int) -> None:
    assert answer.status == status, answer.status


def _show(kind: str, done: list[Done], minutes: float) -> None:
    if not done:
        return
    waits = sorted(one.seconds for one in done)
    failed = Counter(one.error for one in done if one.error)
    print(
        f"{kind}: {len(done)} ({len(done) / minutes / 60:.2f} a second), median {waits[len(waits) // 2]:.2f} s, "
        f"95 % {waits[int(len(waits) * 0.95)]:.2f} s, longest {waits[-1]:.2f} s; failed {sum(failed.values())} "
        f"{dict(failed.most_common(3))}", flush=True,
    )
