"""One registration as a phone sends it: statements, commits and CPU, children that open photos included, beside the
same done by a one-day app (`peer/one_day.py`) by turns. Pictures are those the page sends, 1600 pixels wide. As in life
each is somebody else, with a phone, a card, a family and a network of their own: who is like nobody leaves no doubt.
Packing pages, which the one-day app does not do, is a figure of its own."""

import cProfile
import gc
import io
import pstats
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import brotli
from flask.testing import FlaskClient
from flask_migrate import upgrade
from werkzeug.test import TestResponse

from app import create_app
from app.base.database import db
from app.photos import pool
from bench._table import note
from bench.peer.one_day import create_peer
from bench.photos import a_card, cpu_ms, encoded
from tests.builders import PHOTO_SLUGS, RESIDENT, TEST_SETTINGS
from tests.statements import counted

TURNS = 15
STATEMENTS, COMMITS, CPU_MS = 60, 8, 150
AS_BROWSERS = "gzip, deflate, br"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FIRST, LAST = ("SITI", "BUDI", "DEWI", "JOKO", "RINA"), ("CONTOH", "UJI", "MAWAR", "MELATI", "KENANGA")
Photos = Mapping[str, bytes]
# by a part of the file's or the built-in function's name, the first that fits
LAYERS = {
    "Argon2": ("argon2",), "JPEG": ("ImagingEncoder", "/PIL/"), "SQLite": ("sqlite3.",), "disk": ("posix.",),
    "SQLAlchemy": ("/sqlalchemy/", "/flask_sqlalchemy/"), "templates": ("/jinja2/", "/markupsafe/", "/templates/"),
    "Flask and forms": ("/flask", "/werkzeug/", "/wtforms/", "/itsdangerous/"), "Loket": ("/app/",),
}


def main() -> None:
    pool.start()
    people = [pictures(number) for number in range(2 * TURNS + 2)]
    with tempfile.TemporaryDirectory() as folder:
        app, peer = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": folder}), create_peer(Path(folder))
        with app.app_context():
            upgrade()
        gc.collect()
        gc.freeze()  # as wsgi.py does, for both
        ours, theirs, packed = [], [], []
        acts = [(ours, app, "", 0), (theirs, peer, "", 0), (packed, app, AS_BROWSERS, TURNS)]
        for turn in range(TURNS):
            for spent, one, encodings, first in acts[turn % 3:] + acts[:turn % 3]:  # nobody always comes after the same
                number = first + turn
                spent.append(cpu_ms(partial(_register, one.test_client(), number, people[number], encodings)))
        with counted(app) as seen:
            _register(app.test_client(), 2 * TURNS, people[-2])
        layers = _layers(lambda: _register(app.test_client(), 2 * TURNS + 1, people[-1]))
        with app.app_context():
            db.engine.dispose()
    note("a registration, statements", seen.count, STATEMENTS)
    note("a registration, commits", seen.commits, COMMITS)
    mine, other = statistics.median(ours[1:]), statistics.median(theirs[1:])
    note("a registration, CPU", mine, CPU_MS, "ms")
    note("the same, its pages packed", statistics.median(packed[1:]), CPU_MS, "ms")
    note("the same by a one-day app", other, None, "ms")
    note("a registration over the one-day app", mine / other, 1.0, "x")
    note("the same, its pages packed, over the one-day app", statistics.median(packed[1:]) / other, None, "x")
    for name, share in sorted(layers.items(), key=lambda pair: -pair[1]):  # profiled, so every call counts double
        note(f"of it in the web process, by profile: {name}", 100 * share, None, "%")


def pictures(number: int) -> Photos:
    return {slug: encoded(a_card((1600, 1200), seed=10 * number + place), "JPEG", quality=88)
            for place, slug in enumerate(PHOTO_SLUGS)}


def _register(client: FlaskClient, number: int, photos: Photos, encodings: str = "") -> None:
    client.environ_base |= {"REMOTE_ADDR": f"10.0.{number}.1", "HTTP_ACCEPT_ENCODING": encodings}
    send = _sender(client)
    send("/daftar", {"notice": "y"})
    send("/daftar/data", a_person(number))
    for slug, data in photos.items():
        send(f"/daftar/{slug}", lambda data=data: {"photo": (io.BytesIO(data), "foto.jpg"), "upload_id": ""})
    assert send("/daftar/periksa", {"confirm": "ya"}).endswith("/daftar/selesai")
    assert client.get("/daftar/selesai").status_code == 200


def _layers(act: Callable[[], object]) -> dict[str, float]:
    """Whose code the CPU of the web process was spent in, as shares of it."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(act)
    spent: Counter[str] = Counter()
    for (file, _, function), (_, _, own, *_) in pstats.Stats(profile).stats.items():
        spent[next((name for name, signs in LAYERS.items() if any(sign in file + function for sign in signs)),
                   "Python itself")] += own
    return {name: own / spent.total() for name, own in spent.items()}


def a_person(number: int) -> dict[str, str]:
    """What is typed by somebody who has nothing in common with any other number."""
    return {
        **RESIDENT, "nik": f"3574{number % 90 + 10}{number % 28 + 41:02d}{number % 12 + 1:02d}90{number:04d}",
        "kk_number": f"357401{number % 28 + 1:02d}0110{number + 1:04d}", "whatsapp_number": f"0812-0000-{number:04d}",
        "full_name": f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]} {chr(65 + number // 25)}",
    }


def _sender(client: FlaskClient) -> Callable[[str, object], str]:
    def send(address: str, form) -> str:
        """Ask for the page, answer its form; where it leads."""
        token = TOKEN.search(_text(client.get(address)))[1]
        files = callable(form)
        answer = client.post(
            address, data={"csrf_token": token, **(form() if files else form)},
            content_type="multipart/form-data" if files else None,
        )
        assert answer.status_code == 303, (address, answer.status_code, answer.text[:500])
        return answer.location

    return send


def _text(answer: TestResponse) -> str:
    packed = answer.headers.get("Content-Encoding") == "br"
    return (brotli.decompress(answer.data) if packed else answer.data).decode()


if __name__ == "__main__":
    main()
