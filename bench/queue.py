"""What a page of the queue costs with a thousand registrations and with a million, on both engines.

Rows are written in bulk. A tenth of them waits for the office, half of that late, which is far worse
than any office lives with; each of these has a sealed record of its own, because the queue opens it.
The decided ones share one, which nobody opens.
"""

import statistics
import tempfile
import time
from datetime import timedelta

from flask_migrate import upgrade
from sqlalchemy import insert, text

from app import clock, create_app
from app.extensions import db, transaction
from app.registration.models import Application
from app.registration.personal import Personal, seal_personal
from app.review import queue
from tests.builders import TEST_SETTINGS
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
            _fill(have, size)
            have = size
            with transaction() as session:
                session.execute(text("ANALYZE"))
            costs[size] = {tab: _median_ms(tab) for tab in queue.TABS}
        _show(engine, costs)
        db.session.remove()
        db.engine.dispose()


def _fill(first: int, last: int) -> None:
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
    due = now + timedelta(minutes=number % 4000 - 2000)
    return {
        "id": f"{number:032x}", "number": _number(number), "status": status, "version": 1, "flags": [],
        "personal_sealed": sealed.personal_sealed, "nik_index": f"{number:064x}", "kk_index": f"{number:064x}",
        "phone_index": f"{number:064x}", "notice_version": "uji", "notice_hash": "0" * 64,
        "notice_accepted_at": now, "survey_consent": False, "created_at": now, "updated_at": now,
        "submitted_at": due - timedelta(days=1), "due_at": due, "warn_at": due - timedelta(hours=2),
        "mended": number % 70 == 0, "doubtful": number % 110 == 0,
    }


def _number(number: int) -> str:
    plain = f"{number:08d}"
    return f"{plain[:4]}-{plain[4:]}"


def _median_ms(tab: str) -> float:
    """Rows and counts as the page asks for them; the first rounds warm caches up."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        queue.page_of(tab, "nobody")
        queue.counts("nobody")
        db.session.rollback()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times[ROUNDS // 4:])


def _show(engine: str, costs: dict[int, dict[str, float]]) -> None:
    small, large = (costs[size] for size in SIZES)
    print(f"\n{engine}: median ms of rows and counts; {SIZES[0]:,} and {SIZES[1]:,} registrations")
    for tab in queue.TABS:
        print(f"  {tab:<18}{small[tab]:7.1f}{large[tab]:9.1f}   x{large[tab] / small[tab]:.2f}")
