"""What a visitor's home page costs while twelve clients upload pictures made to be dear, over real sockets.

The picture is a flat WebP of 8000 x 4990 px in 1.6 KB, refused for its size, and the largest that is not. The clients
do not honour Retry-After; they come from one address (behind a proxy), then from one each. The bars: the home page's
median within three times its idle one, and less than 700 MB for the server, its launcher and their children together.
Ordinary photos and signatures are measured too.

The clients run in processes of their own but on the same cores, so part of the wait is theirs.
"""

import multiprocessing
import statistics
import tempfile
import threading
import time
from collections import Counter
from io import BytesIO
from pathlib import Path

from PIL import Image

from app.demo.photos import realistic_ktp, realistic_signature
from tests.live import LiveServer
from tests.visitor import Visitor, multipart, part, photo_part

CLIENTS, SECONDS, IDLE_SECONDS = 12, 12, 4
PAUSE = 0.05


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder), "serve", {"TRUSTED_PROXIES": "1"})
        server.run("db", "upgrade")
        server.start()
        try:
            idle = _home_page(server.port, IDLE_SECONDS)
            print(f"idle: home page median {statistics.median(idle):.1f} ms, p95 {_p95(idle):.1f} ms")
            for title, slug, data in (
                ("hostile WebP 8000x4990", "ktp", flat_webp(8000, 4990)),
                ("hostile WebP 5000x4000", "ktp", flat_webp(5000, 4000)), ("ordinary photo", "ktp", realistic_ktp()),
                ("signature", "tanda-tangan", realistic_signature()),
            ):
                for spread in (False, True):
                    where = "an address each" if spread else "one address"
                    _show(f"{title}, {where}", server, slug, data, spread, idle)
        finally:
            server.stop()


def flat_webp(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (200, 30, 20)).save(out, "WEBP", lossless=True)
    return out.getvalue()


def _show(title: str, server: LiveServer, slug: str, data: bytes, spread: bool, idle: list[float]) -> None:
    stop, answers = multiprocessing.Event(), multiprocessing.Queue()
    begun = multiprocessing.Barrier(CLIENTS + 1)
    clients = [
        multiprocessing.Process(
            target=_upload, args=(server.port, number if spread else 0, slug, data, begun, stop, answers)
        ) for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    begun.wait()
    watch = _Memory(server.process.pid)
    watch.start()
    found = _home_page(server.port, SECONDS)
    stop.set()
    counts: Counter = sum((answers.get() for _ in clients), Counter())
    watch.done = True
    for client in clients:
        client.join()
    times = statistics.median(found) / statistics.median(idle)
    print(
        f"{title}: home page median {statistics.median(found):.1f} ms ({times:.1f} x idle), p95 {_p95(found):.1f} ms; "
        f"at most {watch.most} MB; answers {dict(sorted(counts.items()))}", flush=True,
    )


def _home_page(port: int, seconds: float) -> list[float]:
    """Milliseconds of one visitor's pages, one after the other."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        answer = Visitor(port).request("GET", "/", X_Forwarded_For="198.51.100.7")
        found.append(1000 * (time.perf_counter() - begun))
        assert answer.status == 200, answer.status
        time.sleep(PAUSE)
    return found


def _upload(port: int, number: int, slug: str, data: bytes, begun, stop, answers) -> None:
    address = {"X_Forwarded_For": f"203.0.113.{number}"}
    visitor, counts = Visitor(port), Counter()
    visitor.begins()
    page = f"/daftar/{slug}"
    if slug != "ktp":
        while _send(visitor, "/daftar/ktp", realistic_ktp(), {}).status == 503:
            time.sleep(PAUSE)
    visitor.open(f"{page}?ganti=1")
    begun.wait()
    while not stop.is_set():
        try:
            counts[_send(visitor, page, data, address).status] += 1
        except OSError:
            counts["connection"] += 1
    answers.put(counts)


def _send(visitor: Visitor, page: str, data: bytes, address: dict[str, str]):
    body, kind = multipart(part('name="csrf_token"', visitor.token.encode()), photo_part(data))
    return visitor.request("POST", page, body, Content_Type=kind, **address)


class _Memory(threading.Thread):
    """The most that the server and everything it started had at one time, by proportional set size."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.most, self.done = pid, 0, False

    def run(self) -> None:
        while not self.done:
            self.most = max(self.most, sum(_megabytes(pid) for pid in _family(self.pid)))
            time.sleep(0.05)


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # it has just ended
            continue
        for child in children:
            found += _family(int(child))
    return found


def _megabytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("Pss:")), 0)


def _p95(found: list[float]) -> float:
    return sorted(found)[int(len(found) * 0.95)]
