"""What each page costs with a thousand registrations and tickets, with a hundred thousand and ten thousand, and with a
million and a hundred thousand (`python -m bench million`, a quarter of an hour): by turns, in process, in processor
time, so that what else runs on the machine tells little.
SQLite; with `LOKET_BENCH_ROWS=postgresql` on PostgreSQL, with `LOKET_BENCH_PAGES=angka` only the pages with that in
their address, and with `LOKET_BENCH_OFFICES=folder` the offices are written there once and copied from there by the
runs after it (SQLite)."""

import gc
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import Column, MetaData, String, Table, func, select, text
from sqlalchemy.orm import Session

from app import create_app
from app.base import clock
from app.base.database import UtcDateTime, db, transaction
from app.complaints.ticket.status import CLOSED
from app.registration.minutes import count_old
from app.registration.models import Application
from app.review.case_parts import COLUMNS as SHARED
from bench import _complaint_rows as tickets
from bench._table import note
from bench.queue import fill
from tests.builders import TEST_SETTINGS
from tests.complaints import a_ticket
from tests.desk import a_case, officer
from tests.postgres import running_server

SIZES = {1_000: 1_000, 100_000: 10_000, 1_000_000: 100_000}  # registrations -> tickets
LARGEST = 100_000
ONLY = os.environ.get("LOKET_BENCH_PAGES", "")
OFFICES = os.environ.get("LOKET_BENCH_OFFICES", "")
TURNS, WARM, LIMIT = 30, 5, 1.5
WRITTEN = 1_000  # the others are copies of what is decided: what waits is the same in every office
FIRST = 10  # numbers below are for the ticket that is looked at
# what is decided was so through five years: in one of 256 weeks each, by the last two digits of the id
WEEKS = 256
SENT = ("submitted_at", "declared_complete_at", "decided_at", "due_at")
MOMENTS = Table(
    "bench_moment", MetaData(), Column("mark", String(2), primary_key=True), *(Column(at, UtcDateTime) for at in SENT),
)
DECIDED = text(
    f"UPDATE application SET ({', '.join(SENT)}) = (SELECT {', '.join(SENT)} FROM bench_moment "
    "WHERE mark = substr(application.id, 31, 2)) WHERE status = 'active'"
)
MOVES = tuple(
    text("INSERT INTO status_change (application_id, act, from_status, to_status, at, actor_kind, actor_id) "
         f"SELECT id, '{act}', '{before}', '{after}', {at}, 'system', '' FROM application WHERE {at} IS NOT NULL")
    for act, before, after, at in (
        ("submit", "draft", "submitted", "submitted_at"),
        ("declare_complete", "submitted", "complete", "declared_complete_at"),
        ("approve", "complete", "active", "decided_at"),
    )
)
VISITOR = ("/", "/daftar", "/lacak", "/kinerja", "/pengaduan/ringkasan")
OPERATOR = (
    "/petugas/", "/petugas/?tab=semua", "/petugas/?tab=lewat", "/petugas/?tab=menunggu-pemohon", "/petugas/pengaduan",
    "/petugas/pengaduan?tab=terbuka", "/petugas/pengaduan?tab=selesai", "/petugas/kabar",
)
SUPERVISOR = (
    "/petugas/angka", "/petugas/pengaduan/angka", "/petugas/ringkasan", "/petugas/bidang", "/petugas/analisis",
    "/petugas/jurnal",
)
Look = Callable[[], object]


def main(largest: int = LARGEST) -> None:
    with ExitStack() as stack:
        shown = {
            size: stack.enter_context(_office(size, many)) for size, many in SIZES.items() if size <= largest
        }
        least, *larger = shown
        for name in filter(lambda name: ONLY in name, shown[least]):
            costs = _by_turns({size: pages[name] for size, pages in shown.items()})
            for size in larger:
                note(f"{name} at {size:,}: {costs[size]:.1f} ms", costs[size] / costs[least], LIMIT, "x at 1,000")


@contextmanager
def _office(registrations: int, complaints: int) -> Iterator[dict[str, Look]]:
    """Its pages by address."""
    with _database() as settings:
        app, instance = create_app({**TEST_SETTINGS, **settings}), Path(settings["LOKET_INSTANCE"])
        begun, written = time.perf_counter(), Path(OFFICES or instance, f"office-{registrations}")
        with app.app_context():
            if written.exists():
                shutil.copytree(written, instance, dirs_exist_ok=True)
            else:
                _write(registrations, complaints)
                if OFFICES:
                    shutil.copytree(instance, written)
            upgrade()
            with transaction() as session:
                session.execute(text("ANALYZE"))
            db.session.remove()
        print(f"{registrations:,} registrations, {complaints:,} tickets written in {time.perf_counter() - begun:.0f} s",
              flush=True)
        yield _pages(app)
        with app.app_context():
            db.engine.dispose()


def _write(registrations: int, complaints: int) -> None:
    upgrade()
    chance = random.Random(6)
    fill(0, min(registrations, WRITTEN))
    _decide(chance)
    while count_old():
        pass
    _copy(registrations, ("id", "number", *(column.key for column in SHARED)))
    apart, many = timedelta(weeks=WEEKS) / complaints, min(complaints, WRITTEN)
    tickets.write(FIRST, FIRST + many, [], chance, apart=apart)
    # not copied: what is sealed for one opens in no other
    tickets.write(FIRST + many, FIRST + complaints, [], chance, apart=apart, statuses=(CLOSED,))
    for asked in MOVES:
        with _in_bulk() as session:
            session.execute(asked)
    db.session.remove()
    db.engine.dispose()  # the last one to leave puts everything into one file


def _decide(chance: random.Random) -> None:
    with transaction() as session:
        MOMENTS.create(session.connection())
        session.execute(MOMENTS.insert(), [
            {"mark": f"{week:02x}", **dict(zip(SENT, _moments(week, chance), strict=True))} for week in range(WEEKS)
        ])
        session.execute(DECIDED)
        MOMENTS.drop(session.connection())


def _moments(week: int, chance: random.Random) -> tuple[datetime, ...]:
    """Sent, declared, decided, due: of thirty one is late."""
    decided = clock.now() - timedelta(days=7 * week, minutes=chance.randrange(7 * 24 * 60))
    declared = decided - timedelta(minutes=chance.randrange(10, 1_490))
    return declared - timedelta(minutes=chance.randrange(30, 3_000)), declared, decided, declared + timedelta(days=1)


@contextmanager
def _in_bulk() -> Iterator[Session]:
    """A transaction for which SQLite may keep every index in memory, else a million rows take half an hour."""
    with transaction() as session:
        if db.engine.dialect.name == "sqlite":
            session.execute(text("PRAGMA cache_size = -2000000"))
        yield session


def _copy(wanted: int, told_apart: tuple[str, ...]) -> None:
    """Copies of what is decided until there are so many registrations; their first four characters, with which no id
    begins, say which copy it is."""
    names = [f'"{column.name}"' for column in Application.__table__.columns]
    apart = "CAST(:copy AS varchar) || substr({}, 5)"
    values = [apart.format(name) if name.strip('"') in told_apart else name for name in names]
    copied = text(
        f"INSERT INTO application ({', '.join(names)}) SELECT {', '.join(values)} FROM application "
        "WHERE status = 'active' AND id < 'z' ORDER BY id LIMIT :most"
    )
    with _in_bulk() as session:
        have = session.scalar(select(func.count(Application.id)))
        for copy in range(1, 2**12):
            if have < wanted:
                have += session.execute(copied, {"copy": f"z{copy:03x}", "most": wanted - have}).rowcount


@contextmanager
def _database() -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        settings = {"LOKET_INSTANCE": stack.enter_context(tempfile.TemporaryDirectory())}
        if os.environ.get("LOKET_BENCH_ROWS") == "postgresql":
            server = stack.enter_context(running_server())
            server.create("bench")
            settings["DATABASE_URL"] = server.url("bench")
        yield settings


def _pages(app) -> dict[str, Look]:
    case, ticket = a_case(app), a_ticket(app)
    visitor, operator = app.test_client(), officer(app, "operator1").client
    supervisor = officer(app, "supervisor1", "supervisor").client
    asked = [
        *((visitor, address, address) for address in VISITOR), *((operator, address, address) for address in OPERATOR),
        *((supervisor, address, address) for address in SUPERVISOR),
        (operator, "a case", f"/petugas/pendaftaran/{case}"), (operator, "a complaint", f"/petugas/pengaduan/{ticket}"),
    ]
    return {name: (lambda c=client, a=address: _fetched(c, a)) for client, name, address in asked}


def _fetched(client, address: str) -> None:
    answer = client.get(address, follow_redirects=True)
    if answer.status_code not in (200, 204):
        raise RuntimeError(f"{address}: {answer.status_code}")


def _by_turns(looks: dict[int, Look]) -> dict[int, float]:
    """Median ms of processor time by size."""
    costs: dict[int, list[float]] = {size: [] for size in looks}
    gc.collect()
    gc.disable()  # it would fall on whoever comes next
    for _ in range(TURNS):
        for size, look in looks.items():
            begun = time.process_time()
            look()
            costs[size].append(1000 * (time.process_time() - begun))
    gc.enable()
    return {size: statistics.median(given[WARM:]) for size, given in costs.items()}


if __name__ == "__main__":
    main()
