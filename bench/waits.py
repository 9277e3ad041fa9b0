"""How long a visitor waits (p99 of the home page) while others send: 50, 200 and 500 clients that drip a photo over a
minute, then one and twelve that send photos without pause. A multiple of the same visitor alone in the same run.

Everybody has an address of their own, as behind the city's proxy, and takes compressed pages. Who sends photos waits as
long as it is told to and sends again, as the page's script does, and begins a new form where this one may have no more.
The clients run on the same two cores, so part of the wait with twelve of them is theirs.
"""

import multiprocessing
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.demo.photos import realistic_ktp
from bench._phone import Phone
from bench._table import note
from bench.memory import pss, web_process
from tests.live import LiveServer

REQUESTS = 1_000  # fewer say nothing of the hundredth
WARM = 20  # and the first ones load what is loaded when it is needed
SLOW = {50: 2.0, 200: 2.0, 500: 4.0}  # clients -> times the wait alone
QUICK = {1: 3.0, 12: 4.0}
A_SLOW_ONE_MB = 0.15
DRIPS_A_SECOND, DRIP = 2, b"x" * 64


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder), "serve", {"TRUSTED_PROXIES": "1"})
        server.run("db", "upgrade")
        server.start()
        try:
            web = web_process(server.process.pid)
            alone, idle = _p99(server.port), pss(web)
            note("visitor alone, p99", alone, None, "ms")
            for many, most in SLOW.items():
                with _others(_drip, server.port, many):
                    note(f"visitor beside {many} slow uploads, p99", _p99(server.port) / alone, most, "x alone")
                    held = (pss(web) - idle) / many
            note("memory (PSS) of each of them", held, A_SLOW_ONE_MB, "MB")
            for many, most in QUICK.items():
                with _others(_send, server.port, many):
                    note(f"visitor beside {many} sending photos, p99", _p99(server.port) / alone, most, "x alone")
        finally:
            server.stop()


def _p99(port: int) -> float:
    """Milliseconds."""
    found = []
    for _ in range(WARM + REQUESTS):
        begun = time.perf_counter()
        answer = Phone(port, "198.51.100.7").request("GET", "/")
        found.append(1000 * (time.perf_counter() - begun))
        assert answer.status == 200, answer.status
    return statistics.quantiles(found[WARM:], n=100)[-1]


@contextmanager
def _others(act, port: int, many: int) -> Iterator[None]:
    """Slow ones share a process, the others have one each."""
    begun, stop = multiprocessing.Event(), multiprocessing.Event()
    groups = [range(many)] if act is _drip else [[number] for number in range(many)]
    processes = [multiprocessing.Process(target=act, args=(port, group, begun, stop)) for group in groups]
    for process in processes:
        process.start()
    begun.wait(60)
    try:
        yield
    finally:
        stop.set()
        for process in processes:
            process.join()


def _drip(port: int, numbers: range, begun, stop) -> None:
    held = []
    for number in numbers:
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(
            f"POST /daftar/ktp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.1.{number // 250}.{number % 250}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n".encode()
        )
        held.append(connection)
    begun.set()
    while not stop.wait(1 / DRIPS_A_SECOND):
        for connection in list(held):
            try:
                connection.sendall(DRIP)
            except OSError:
                held.remove(connection)
    print(f"{len(held)} of {len(numbers)} slow uploads were still under way", flush=True)


def _send(port: int, numbers: list[int], begun, stop) -> None:
    phone, data, stored, forms = _begins(port, numbers[0], 0), realistic_ktp(), 0, 1
    begun.set()
    while not stop.is_set():
        if phone.upload("/daftar/ktp", data).status == 303:
            stored += 1
        else:  # so many photos and no more
            phone, forms = _begins(port, numbers[0], forms), forms + 1
    print(f"client {numbers[0]}: {stored} photos on {forms} forms, told to wait {phone.told_to_wait} times", flush=True)


def _begins(port: int, number: int, form: int) -> Phone:
    phone = Phone(port, f"10.{200 + number}.{form}.1")
    phone.begins().open("/daftar/ktp?ganti=1")
    return phone


if __name__ == "__main__":
    main()
