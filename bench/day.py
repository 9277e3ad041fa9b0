"""A day of a city compressed into ten minutes against a running installation, and then more and more of it, up to the
pace of a province: visitors, registrations, complaints. Prints the table of docs/scale.md.

12,000 visitors (three pages each), 400 registrations with three photos as a phone sends them, 60 complaints: arrivals
at random, at the pace of the day's mean, so ten minutes of this are a day without its nights. Latency counts from the
moment somebody arrived. Who is told to wait (503) does what the page's own script does: a photo is sent again by itself
after `Retry-After` and up to three seconds more, as long as its owner has patience; any other button is pressed again
by hand. So the figures are what people see: how long until they were done, who had to wait, who gave up.

    python -m bench day                      # a city in ten minutes, then 2, 5, 10 and 30 cities, a minute each
    SCALE=30 MINUTES=2 python -m bench day   # one of them alone
    PORT=8000 python -m bench day            # an installation that runs already, and trusts one proxy

Without PORT two web processes on one address and a worker are started here, on SQLite. The clients run in processes of
their own, on the same cores when it is the same machine: their share of the processor is printed beside the server's.
All send the photos of eight people, so the office would look at them first (*Perlu dilihat*), and no receipt goes out.
"""

import contextlib
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from app.demo.photos import set_of
from tests.builders import PHOTO_SLUGS, RESIDENT, smaller
from tests.shared_address import INSTANCES, SharedAddress
from tests.visitor import Answer, Visitor

VISITORS, REGISTRATIONS, COMPLAINTS = 12_000, 400, 60
DAY_SECONDS = 600
STEPS = ((1, 10), (2, 1), (5, 1), (10, 1), (30, 1))  # (cities, minutes)
KINDS = ("visitor", "registration", "complaint")
PAGES = ("/", "/daftar", "/standar-pelayanan")
CLIENTS, PEOPLE = 4, 300  # processes, and people in each at the same time
PAGE_SECONDS = 30  # nobody looks at an empty page for longer
PHOTO_PATIENCE = 180  # seconds with the page open that says "we try again by ourselves"
PRESSES, PAUSE = 5, 4  # of a button that said "busy, press again", and seconds in between
PAUSES = (3, 9, 20, 40, 60)  # of photo.js where the answer names no time
HEAD = ("| cities, minutes | who | a second | done | told to wait | gave up | median, 95 %, longest "
        "| cores: server, clients | load |")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Done:
    """`seconds` since the person arrived; `asked` is how often they were told to wait; `error` why they gave up."""

    kind: str
    seconds: float
    asked: int = 0
    error: str = ""


@dataclass
class Installation:
    """`root` are the processes whose time is the server's; none where it runs elsewhere."""

    port: int
    root: list[subprocess.Popen] = field(default_factory=list)

    def processor_seconds(self) -> float:
        """Used so far by its processes and their children."""
        parents, used = {}, {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                after = stat.read_text().rpartition(")")[2].split()
            except OSError:  # gone meanwhile; its parent counts it
                continue
            pid = int(stat.parent.name)
            parents[pid], used[pid] = int(after[1]), sum(map(int, after[11:15])) / TICKS
        ours = {process.pid for process in self.root}
        while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
            ours |= more
        return sum(used.get(pid, 0) for pid in ours)


class From(Visitor):
    """Somebody with a network address of their own; `asked` is how often they were told to wait."""

    def __init__(self, port: int, number: int):
        super().__init__(port, timeout=PAGE_SECONDS)
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.asked = 0

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        return super().request(method, path, body, X_Forwarded_For=self.address, X_Forwarded_Proto="https", **headers)

    def sends(self, path: str, fields: dict[str, str]) -> None:
        """A form; its button is pressed again while the page says that it is busy."""
        for _ in range(PRESSES):
            answer = self.post(path, fields)
            if answer.status != 503:
                break
            self.asked += 1
            time.sleep(PAUSE)
        _expect(path, answer, 303)

    def sends_photo(self, path: str, photo: bytes) -> None:
        """As photo.js does, until it is stored or its owner has no patience left."""
        begun, tries = time.monotonic(), 0
        while True:
            answer = self._upload_or_nothing(path, photo)
            if answer is not None and answer.status < 500:
                return _expect(path, answer, 303)
            wait = float(answer.headers.get("retry-after", 0)) if answer is not None else 0
            wait = wait + 3 * random.random() if wait else PAUSES[min(tries, len(PAUSES) - 1)]
            tries, self.asked = tries + 1, self.asked + 1
            if time.monotonic() + wait - begun > PHOTO_PATIENCE:
                raise AssertionError(f"{path}: no patience left")
            time.sleep(wait)

    def _upload_or_nothing(self, path: str, photo: bytes) -> Answer | None:
        with contextlib.suppress(OSError):  # a line that was cut
            return self.upload(path, photo)
        return None


def main() -> None:
    minutes, scale = os.environ.get("MINUTES"), os.environ.get("SCALE")
    steps = ((float(scale or 1), float(minutes or 10)),) if minutes or scale else STEPS
    print(f"{HEAD}\n{'|---' * HEAD.count(' | ')}|---|", flush=True)
    if given := os.environ.get("PORT"):
        _all(Installation(int(given)), steps)
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
            _all(Installation(house.port, [*house.processes.values(), worker]), steps)
        finally:
            if worker:
                worker.terminate()
                worker.wait(60)
            house.stop()


def _all(installation: Installation, steps) -> None:
    photos, first = _photos(), 0
    for scale, minutes in steps:
        plan = _plan(minutes * 60, scale, first)
        first += len(plan)
        _run(installation, plan, photos, minutes, scale)


def _run(installation: Installation, plan, photos, minutes: float, scale: float) -> None:
    answers: multiprocessing.Queue = multiprocessing.Queue()
    begun, used, own = time.time() + 3, installation.processor_seconds(), _of_clients()
    clients = [
        multiprocessing.Process(target=_client, args=(installation.port, begun, plan[part::CLIENTS], photos, answers))
        for part in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    done, load = [], 0.0
    while len(done) < len(plan):
        done.append(answers.get())
        load = max(load, os.getloadavg()[0])
    for client in clients:
        client.join()
    took = time.time() - begun
    shares = (f"{(installation.processor_seconds() - used) / took:.2f}" if installation.root else "elsewhere",
              f"{(_of_clients() - own) / took:.2f} of {os.cpu_count()}")
    for kind in KINDS:
        _show(f"{scale:g}, {minutes:g}", kind, [one for one in done if one.kind == kind], minutes, shares, load)


def _of_clients() -> float:
    """Processor seconds of the clients that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _plan(seconds: float, scale: float, first: int) -> list[tuple[float, str, int]]:
    """(moment, kind, number) of everybody who arrives; numbers count from `first`."""
    dice, part = random.Random(7), seconds / DAY_SECONDS * scale
    wanted = zip(KINDS, (VISITORS, REGISTRATIONS, COMPLAINTS), strict=True)
    arrivals = [(dice.uniform(0, seconds), kind) for kind, number in wanted for _ in range(round(number * part))]
    return [(at, kind, first + number) for number, (at, kind) in enumerate(sorted(arrivals))]


def _photos() -> list[dict[str, bytes]]:
    """Of eight people, as a phone shrinks them."""
    sets = (set_of(nik=f"357401450590{number:04d}", name=f"CONTOH {'ABCDEFGH'[number]}") for number in range(8))
    return [{kind: smaller(data) for kind, data in found.items()} for found in sets]


def _client(port: int, begun: float, plan, photos, answers) -> None:
    """Many at once, as threads: one that waits must not hold back who arrives next."""
    with ThreadPoolExecutor(PEOPLE) as pool:
        for at, kind, number in plan:
            time.sleep(max(0, begun + at - time.time()))
            pool.submit(lambda at=at, kind=kind, number=number: answers.put(
                _walk(port, begun + at, kind, number, photos)
            ))


def _walk(port: int, arrived: float, kind: str, number: int, photos) -> Done:
    person, error = From(port, number), ""
    try:
        {"visitor": _look, "registration": _register, "complaint": _complain}[kind](person, number, photos)
    except (OSError, AssertionError) as found:
        error = f"{type(found).__name__} {found}"[:60]
    return Done(kind, time.time() - arrived, person.asked, error)


def _look(person: From, _number: int, _photos) -> None:
    for page in PAGES:
        _expect(page, person.request("GET", page), 200)


def _register(person: From, number: int, photos) -> None:
    person.open("/daftar")
    person.sends("/daftar", {"notice": "y"})
    person.open("/daftar/data")
    born = f"{41 + number // 10_000 % 28:02d}0590"
    person.sends("/daftar/data", {
        **RESIDENT, "nik": f"357401{born}{number % 10_000:04d}", "whatsapp_number": f"0812{number:08d}",
    })
    for slug, kind in PHOTO_SLUGS.items():
        person.open(f"/daftar/{slug}")
        person.sends_photo(f"/daftar/{slug}", photos[number % len(photos)][kind])
    person.open("/daftar/periksa")
    person.post("/daftar/periksa", {})
    person.sends("/daftar/periksa", {"confirm": "ya"})


def _complain(person: From, number: int, _photos) -> None:
    person.open("/pengaduan")
    person.sends("/pengaduan", {
        "submission_id": f"{number:032x}", "kind": "complaint", "category": "late",
        "text": f"Antrean di loket {number} lama sekali dan tidak ada yang menjelaskan.", "answer_by": "page",
    })


def _expect(path: str, answer: Answer, status: int) -> None:
    assert answer.status == status, f"{path} {answer.status}"


def _show(step: str, kind: str, done: list[Done], minutes: float, shares: tuple[str, str], load: float) -> None:
    """A row of the table. Times are of those who were done."""
    if not done:
        return
    well = sorted(one.seconds for one in done if not one.error) or [float("nan")]
    failed = Counter(one.error for one in done if one.error)
    why = f" {dict(failed.most_common(3))}" if failed else ""
    print(f"| {step} | {kind} | {len(done) / minutes / 60:.2f} | {len(done) - failed.total()} of {len(done)} | "
          f"{sum(one.asked > 0 for one in done)} | {failed.total()}{why} | {well[len(well) // 2]:.2f}, "
          f"{well[int(len(well) * 0.95)]:.2f}, {well[-1]:.2f} s | {shares[0]}, {shares[1]} | {load:.1f} |", flush=True)
