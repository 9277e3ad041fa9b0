"""Damaged pictures by the thousand through the real box: what survives, what is refused, what is slowest.

    python -m bench.fuzz_photos 20000 --seed 10
    python -m bench.fuzz_photos --folder path/to/pictures
    python -m bench.fuzz_photos 500 --server

Mutants are made of HEIC, AVIF, JPEG, PNG and WebP seeds of our own, the same for the same `--seed`. With `--server`
each also goes to a running server as the photo of a registration, and the server must answer each without a fault of
its own. Ends with exit code 1 when something other than a verdict came out.
"""

import argparse
import os
import random
import resource
import struct
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image

from app.demo.photos import realistic_ktp
from app.photos import pool
from app.photos.cleaning import clean_photo
from app.photos.errors import PhotoError, UnreadablePhoto
from tests.live import LiveServer
from tests.visitor import Visitor

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
KINDS = ("ktp", "signature", "attachment")
# numbers that parsers trip over: ends of ranges, signs, sizes just too large
EVIL = tuple(struct.pack(form, value & (1 << 8 * size) - 1) for form, size in ((">B", 1), (">H", 2), (">I", 4))
             for value in (0, 1, -1, 0x7F, 0x80, 0x7FFF, 0x8000, 0x7FFFFFFF, 0x80000000, 16383))
SLOWEST = 5


def main() -> None:
    """For `make bench`: a few, printed."""
    _run(_arguments([])).show()


def _run(wanted: argparse.Namespace) -> "_Found":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = _Found()
    with tempfile.TemporaryDirectory() as folder:
        server = _started(Path(folder)) if wanted.server else None
        visitor = Visitor(server.port).begins() if server else None
        try:
            for name, data in (_files(wanted.folder) if wanted.folder else mutants(wanted.count, wanted.seed)):
                found.take(name, data, *_verdict(name, data))
                if visitor:
                    found.answers[visitor.upload("/daftar/ktp", data).status] += 1
                if found.count % 1000 == 0:
                    print(f"{found.count} ...", file=sys.stderr, flush=True)
        finally:
            if server:
                found.server_lives = server.process.poll() is None
                server.stop()
    pool.stop()
    return found


def _arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="open every file under it instead of mutants")
    parser.add_argument("--server", action="store_true", help="send each to a running server, too")
    return parser.parse_args(words)


class _Found:
    def __init__(self) -> None:
        self.count, self.verdicts, self.answers = 0, Counter(), Counter()
        self.times: list[tuple[float, str, str]] = []
        self.killers: list[str] = []
        self.faults: list[str] = []
        self.launcher, self.restarts = pool.start(), 0
        self.server_lives = True

    @property
    def is_good(self) -> bool:
        answered = all(status < 500 or status == 503 for status in self.answers)
        return not self.faults and self.restarts == 0 and self.server_lives and answered

    def take(self, name: str, data: bytes, verdict: str, seconds: float) -> None:
        self.count += 1
        self.verdicts[f"{name.partition(' ')[0]}: {verdict}"] += 1
        self.times = sorted([*self.times, (seconds, name, verdict)], reverse=True)[:SLOWEST]
        if verdict == UnreadablePhoto.code:
            self.killers.append(name)
        if verdict.startswith("fault"):
            self.faults.append(f"{name}: {verdict}")
        if (launcher := pool.start()) != self.launcher:
            self.launcher, self.restarts = launcher, self.restarts + 1

    def show(self) -> None:
        print(f"{self.count} pictures; launchers that died: {self.restarts}; "
              f"children that died: {len(self.killers)}; faults: {len(self.faults)}")
        for line, number in sorted(self.verdicts.items()):
            print(f"  {number:6} {line}")
        for seconds, name, verdict in self.times:
            print(f"  {seconds:6.2f} s  {name}: {verdict}")
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"  largest child {children.ru_maxrss // 1024} MB, processor time of all {children.ru_utime:.0f} s")
        for line in [f"killed its decoder: {name}" for name in self.killers[:20]] + self.faults[:20]:
            print(f"  {line}")
        if self.answers:
            print(f"  answers of the server, which {'lives' if self.server_lives else 'DIED'}: {dict(self.answers)}")


def _verdict(name: str, data: bytes) -> tuple[str, float]:
    begun = time.perf_counter()
    try:
        photo = clean_photo(data, kind=KINDS[len(data) % len(KINDS)], filename="x")
        verdict = "taken" if photo.jpeg[:2] == b"\xff\xd8" else "fault: no JPEG came out"
    except PhotoError as error:
        verdict = error.code
    except Exception as error:  # noqa: BLE001  this is what the program looks for
        verdict = f"fault {type(error).__name__}: {error}"
    return verdict, time.perf_counter() - begun


def _started(folder: Path) -> LiveServer:
    server = LiveServer(folder, "serve")
    server.run("db", "upgrade")
    return server.start()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"{path.suffix.lower() or 'none'} {path.relative_to(folder)}", path.read_bytes()


def mutants(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    chance, seeds = random.Random(seed), list(_seeds())
    for number in range(count):
        name, data = seeds[number % len(seeds)]
        yield f"{name} {number}", _mutated(data, chance)


def _seeds() -> Iterator[tuple[str, bytes]]:
    with Image.open(BytesIO(realistic_ktp())) as opened:
        card = opened.convert("RGB").resize((640, 480))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Loket"
    veiled = card.convert("RGBA")
    veiled.putalpha(Image.linear_gradient("L").resize(card.size))
    for name in ("card.heic", "card-turned.heic", "poison.heic"):
        yield "heic", (DATA / name).read_bytes()
    for name, picture, form, options in (
        ("avif", card, "AVIF", {"quality": 40, "speed": 9, "exif": exif}), ("avif", veiled, "AVIF", {"speed": 9}),
        ("jpeg", card, "JPEG", {"exif": exif}), ("jpeg", card, "JPEG", {"progressive": True}),
        ("jpeg", card.convert("CMYK"), "JPEG", {}), ("png", card.quantize(32), "PNG", {"exif": exif}),
        ("png", veiled, "PNG", {}), ("webp", card, "WEBP", {"exif": exif}),
        ("webp", veiled, "WEBP", {"lossless": True}),
    ):
        out = BytesIO()
        picture.save(out, form, **options)
        yield name, out.getvalue()


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """One to eight wounds, most of them near the head, where sizes and tables are."""
    found = bytearray(data)
    for _ in range(1 << chance.randrange(4)):
        wound = chance.choice((_flip, _flip, _overwrite, _overwrite, _cut, _repeat, _fill))
        wound(found, _place(found, chance), chance)
    whole = bytes(found)
    return _with_right_sums(whole) if whole[:4] == b"\x89PNG" and chance.random() < 0.9 else whole


def _place(found: bytearray, chance: random.Random) -> int:
    near = chance.random() < 0.7
    return chance.randrange(max(1, min(len(found), 700 if near else len(found))))


def _flip(found: bytearray, at: int, chance: random.Random) -> None:
    if found:
        found[at] ^= 1 << chance.randrange(8)


def _overwrite(found: bytearray, at: int, chance: random.Random) -> None:
    number = chance.choice(EVIL)
    found[at : at + len(number)] = number


def _cut(found: bytearray, at: int, chance: random.Random) -> None:
    if chance.random() < 0.2:
        del found[max(at, 16) :]
    else:
        del found[at : at + chance.randrange(1, 40)]


def _repeat(found: bytearray, at: int, chance: random.Random) -> None:
    piece = found[at : at + chance.randrange(1, 400)]
    found[at:at] = piece * chance.randrange(1, 9)


def _fill(found: bytearray, at: int, chance: random.Random) -> None:
    length = chance.randrange(1, 64)
    found[at : at + length] = chance.randbytes(length)


def _with_right_sums(png: bytes) -> bytes:
    """Without this every wound of a PNG ends at its check sum, and no decoder sees it."""
    out, at = bytearray(png[:8]), 8
    while at + 12 <= len(png):
        length = struct.unpack_from(">I", png, at)[0]
        end = at + 8 + length
        if end + 4 > len(png):
            break
        body = png[at + 4 : end]
        out += png[at : at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at = end + 4
    return bytes(out) + png[at:]


if __name__ == "__main__":
    os.nice(10)
    result = _run(_arguments())
    result.show()
    raise SystemExit(0 if result.is_good else 1)
