"""A page in CPU beside a bare Flask page of the same run: in process, uncompressed, medians by turns. The statements of
the same pages are a test (`tests/test_statements.py`)."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.base.database import db
from bench import _complaint_rows as tickets
from bench._table import note
from bench.queue import fill
from tests.builders import TEST_SETTINGS
from tests.complaints import a_ticket
from tests.desk import a_case, officer

TURNS, WARM = 60, 5
VISITOR, OFFICE, CASE = 5, 20, 30  # times a bare page
ROWS = 250  # a tenth of them waits


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": folder})
        with app.app_context():
            upgrade()
            fill(0, ROWS)
            tickets.write(10, ROWS, [], random.Random(6))
            db.session.remove()
        pages = _pages(app)
        hello = _hello()
        costs = {name: _times(hello, look) for name, (look, _) in pages.items()}
        for name, (_, limit) in pages.items():
            note(name, costs[name], limit, "x hello")
        with app.app_context():
            db.engine.dispose()


def _hello() -> Callable[[], object]:
    bare = Flask("hello")
    bare.add_url_rule("/", view_func=lambda: "hello")
    client = bare.test_client()
    return lambda: client.get("/")


def _pages(app) -> dict[str, tuple[Callable[[], object], int]]:
    case, ticket = a_case(app), a_ticket(app)
    visitor, operator = app.test_client(), officer(app, "operator1").client
    supervisor = officer(app, "supervisor1", "supervisor").client
    asked = [
        *((visitor, address, VISITOR) for address in ("/", "/daftar", "/lacak", "/kinerja", "/pengaduan/ringkasan")),
        *((operator, address, OFFICE) for address in ("/petugas/", "/petugas/pengaduan")),
        *((supervisor, address, OFFICE) for address in ("/petugas/angka", "/petugas/ringkasan")),
        (operator, f"/petugas/pendaftaran/{case}", CASE), (operator, f"/petugas/pengaduan/{ticket}", CASE),
    ]
    return {
        address.replace(case, "...").replace(ticket, "..."): (lambda c=client, a=address: c.get(a), limit)
        for client, address, limit in asked
    }


def _times(hello: Callable[[], object], look: Callable[[], object]) -> float:
    """CPU of one page over that of the bare one."""
    ours, bare = [], []
    for _ in range(TURNS):
        ours.append(_cpu(look))
        bare.append(_cpu(hello))
    return statistics.median(ours[WARM:]) / statistics.median(bare[WARM:])


def _cpu(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
