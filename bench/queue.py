"""What a page of the queue costs with a thousand registrations and with a million, on both engines: the
whole answer as an officer's browser gets it, counts of all tabs included.

Rows are written in bulk. A tenth of them waits for the office, half of that late, which is far worse
than any office lives with; each of these has a sealed record of its own, because the queue opens it.
The decided ones share one, which nobody opens.
"""

import re
import statistics
import tempfile
import time
from datetime import timedelta

from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, text

from app import create_app
from app.base import clock
from app.base.database import db, transaction
from app.registration.models import Application
from app.registration.personal import Personal, seal_personal
from app.review import worklist
from tests.builders import TEST_SETTINGS, add_staff, sign_in_staff
from tests.postgres import running_server

SIZES = (1_000, 1_000_000)
BATCH, ROUNDS = 5_000, 40
WAITING = ("submitted", "submitted", "complete")
PERSON = Personal("3574014505900001", "SITI CONTOH AMINAH", "+6281200001001", "3574010101100001", "Jl. Contoh 5")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", folder, {})
    with running_server() as server, tempfile.TemporaryDirectory() as folder:
        server.create("bench")
        _measure("PostgreSQL", folder, {"DATABASE_URL": server.url("bench")})


def _measure(engine: str, folder: str, settings: dict[str, str]) -> None:
    app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": folder, **settings})
    with app.app_context():
        upgrade()
    costs, have = {}, 0
    for size in SIZES:
        with app.app_context():
            fill(have, size)
            with transaction() as session:
                session.execute(text("ANALYZE"))
        have = size
        add_staff(app, f"petugas{size}", "petugas")
        client = sign_in_staff(app.test_client(), f"petugas{size}")
        costs[size] = {tab: _look(client, tab) for tab in worklist.TABS}
    _show(engine, costs)
    with app.app_context():
        db.engine.dispose()


def fill(first: int, last: int) -> None:
    """Registrations from number `first` to before `last`, inside an application context."""
    shared = Application(id="0" * 32)
    seal_personal(shared, PERSON)
    for start in range(first, last, BATCH):
        rows = [_row(number, shared) for number in range(start, min(start + BATCH, last))]
        with transaction() as session:
            session.execute(insert(Application), rows)


def _row(number: int, shared: Application) -> dict:
    sealed, status = shared, "active"
    if number % 10 == 0:
        sealed, status = Application(id=f"{number:032x}"), WAITING[number // 10 % len(WAITING)]
        seal_personal(sealed, PERSON)
    now = clock.now()
    due = now + timedelta(minutes=number * 37 % 4000 - 2000)
    return {
        "id": f"{number:032x}", "number": _number(number), "status": status, "version": 1, "flags": [],
        "personal_sealed": sealed.personal_sealed, "nik_index": f"{number:064x}", "kk_index": f"{number:064x}",
        "phone_index": f"{number:064x}", "notice_version": "uji", "notice_hash": "0" * 64,
        "notice_accepted_at": now, "survey_consent": False, "created_at": now, "updated_at": now,
        "submitted_at": due - timedelta(days=1), "due_at": due, "warn_at": due - timedelta(hours=2),
        "mended": number % 30 == 0, "doubtful": number % 40 == 0,
    }


def _number(number: int) -> str:
    plain = f"{number:08d}"
    return f"{plain[:4]}-{plain[4:]}"


def _look(client: FlaskClient, tab: str) -> tuple[float, int]:
    """(median ms of the page, lines it shows); the first rounds warm caches up."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        page = client.get(f"/petugas/?tab={tab}")
        times.append((time.perf_counter() - begun) * 1000)
    lines = re.findall(r'href="/petugas/pendaftaran/[0-9a-f]{32}"', page.text)
    return statistics.median(times[ROUNDS // 4:]), len(lines)


def _show(engine: str, costs: dict[int, dict[str, tuple[float, int]]]) -> None:
    small, large = (costs[size] for size in SIZES)
    print(f"\n{engine}: median ms and lines of the page with {SIZES[0]:,} and with {SIZES[1]:,} registrations, ratio")
    for tab in worklist.TABS:
        (few, few_lines), (many, many_lines) = small[tab], large[tab]
        print(f"  {tab:<18}{few:7.1f}{few_lines:4}{many:9.1f}{many_lines:4}   x{many / few:.2f}")
