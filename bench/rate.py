"""Registrations a second on this machine with eight clients: SQLite with one web process, PostgreSQL with two and a
disk that is waited for. Beside them a visitor, whose p99 must stay within three times that of the same visitor alone.

Each registration is somebody else's, with pictures and an address of their own, and acts as a browser does: it takes
compressed pages, and waits when it is told to. The clients run on the same cores.
"""

import multiprocessing
import statistics
import tempfile
import time
from pathlib import Path

from bench._phone import Phone
from bench._table import note
from bench.registration import a_person, pictures
from tests.builders import PHOTO_SLUGS
from tests.live import LiveServer
from tests.postgres import running_server
from tests.visitor import Answer

CLIENTS, EACH = 8, 6
LEAST = {"SQLite": 8.0, "PostgreSQL": 10.0}
VISITOR_TIMES, ALONE = 3.0, 300
WARM = 20  # the first ones load what is loaded when it is needed


def main() -> None:
    people = [pictures(number) for number in range(CLIENTS * EACH)]
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", Path(folder), {}, people)
    with tempfile.TemporaryDirectory() as folder, running_server(()) as server:
        server.create("loket")
        settings = {"DATABASE_URL": server.url("loket"), "WEB_PROCESSES": "2"}
        _measure("PostgreSQL", Path(folder), settings, people)


def _measure(engine: str, folder: Path, settings: dict[str, str], people: list[dict[str, bytes]]) -> None:
    server = LiveServer(folder, "serve", {"TRUSTED_PROXIES": "1", **settings})
    migrated = server.run("db", "upgrade")
    assert migrated.returncode == 0, migrated.stderr
    server.start()
    try:
        alone = _p99([_page(server.port) for _ in range(WARM + ALONE)][WARM:])
        begun = multiprocessing.Barrier(CLIENTS + 1)
        clients = [
            multiprocessing.Process(target=_register_all, args=(server.port, number, people[number::CLIENTS], begun))
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        begun.wait()
        first, waits = time.monotonic(), []
        while any(client.is_alive() for client in clients):
            waits.append(_page(server.port))
            time.sleep(0.01)
        took = time.monotonic() - first
        assert all(client.exitcode == 0 for client in clients)
    finally:
        server.stop()
    note(f"registrations, {engine}, {CLIENTS} clients", CLIENTS * EACH / took, LEAST[engine], "a second", at_least=True)
    note(f"visitor meanwhile, {engine}, p99", _p99(waits) / alone, VISITOR_TIMES, "x alone")


def _page(port: int) -> float:
    begun = time.perf_counter()
    assert Phone(port, "198.51.100.7").request("GET", "/").status == 200
    return 1000 * (time.perf_counter() - begun)


def _p99(found: list[float]) -> float:
    return statistics.quantiles(found, n=100)[-1]


def _register_all(port: int, client: int, people: list[dict[str, bytes]], begun) -> None:
    begun.wait()
    waits = sum(_register(port, place * CLIENTS + client, photos) for place, photos in enumerate(people))
    if waits:
        print(f"client {client} was told to wait {waits} times", flush=True)


def _register(port: int, number: int, photos: dict[str, bytes]) -> int:
    """How often it was told to wait."""
    phone = Phone(port, f"10.{number // 250}.{number % 250}.1")
    for path, form in (("/daftar", {"notice": "y"}), ("/daftar/data", a_person(number))):
        phone.open(path)
        _sent(path, phone.post(path, form))
    for slug in PHOTO_SLUGS:
        phone.open(f"/daftar/{slug}")
        _sent(slug, phone.upload(f"/daftar/{slug}", photos[slug]))
    phone.open("/daftar/periksa")
    _sent("/daftar/periksa", phone.post("/daftar/periksa", {"confirm": "ya"}))
    assert phone.open("/daftar/selesai").status == 200
    return phone.told_to_wait


def _sent(path: str, answer: Answer) -> None:
    assert answer.status == 303, (path, answer.status, answer.text[:500])


if __name__ == "__main__":
    main()
