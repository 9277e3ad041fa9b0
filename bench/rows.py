"""What each page costs with a thousand registrations and tickets, with a hundred thousand, and with a million (and a
hundred thousand tickets): by turns, in process, in processor time, so that what else runs on the machine tells little.
SQLite; with `LOKET_BENCH_ROWS=postgresql` on PostgreSQL, with `LOKET_BENCH_LARGEST=100000` without the million, with
`LOKET_BENCH_PAGES=angka` only the pages with that in their address."""

import gc
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from flask_migrate import upgrade
from sqlalchemy import Column, MetaData, String, Table, func, select, text

from app import create_app
from app.base import clock
from app.base.database import UtcDateTime, db, transaction
from app.complaints.ticket.models import Ticket
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
LARGEST = int(os.environ.get("LOKET_BENCH_LARGEST", max(SIZES)))
ONLY = os.environ.get("LOKET_BENCH_PAGES", "")
TURNS, WARM, LIMIT = 30, 5, 1.5
WRITTEN = 10_000  # the others are copies
FIRST = 10  # numbers below are for the ticket that is looked at
# what is decided was so through five years: one of 256 weeks each, by the last two digits of the id
MOMENTS = Table("bench_moment", MetaData(), Column("mark", String(2), primary_key=True), Column("at", UtcDateTime))
MOMENT = "(SELECT at FROM bench_moment WHERE mark = substr(application.id, 31, 2))"
DECIDED = text(
    f"UPDATE application SET decided_at = {MOMENT}, declared_complete_at = {MOMENT}, due_at = {MOMENT} "
    "WHERE status = 'active'"
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


def main() -> None:
    with ExitStack() as stack:
        shown = {
            size: stack.enter_context(_office(size, many)) for size, many in SIZES.items() if size <= LARGEST
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
        app = create_app({**TEST_SETTINGS, **settings})
        begun = time.perf_counter()
        with app.app_context():
            upgrade()
            fill(0, min(registrations, WRITTEN))
            _decide()
            while count_old():
                pass
            told_apart = ("id", "number", *(column.key for column in SHARED))
            _copy(Application, registrations, "status = 'active' AND number LIKE '0000-%'", told_apart)
            tickets.write(FIRST, FIRST + min(complaints, WRITTEN), [], random.Random(6))
            _copy(Ticket, complaints, "NOT is_open AND number LIKE 'ADU-%'", ("id", "number"))
            with transaction() as session:
                session.execute(text("ANALYZE"))
            db.session.remove()
        print(f"{registrations:,} registrations, {complaints:,} tickets written in {time.perf_counter() - begun:.0f} s")
        yield _pages(app)
        with app.app_context():
            db.engine.dispose()


def _decide() -> None:
    with transaction() as session:
        MOMENTS.create(session.connection())
        session.execute(MOMENTS.insert(), [
            {"mark": f"{week:02x}", "at": clock.now() - timedelta(days=7 * week)} for week in range(256)
        ])
        session.execute(DECIDED)
        MOMENTS.drop(session.connection())


def _copy(model: type, wanted: int, over: str, told_apart: tuple[str, ...]) -> None:
    """Copies of what is over until there are so many; their first four characters, with which no id begins, say which
    copy it is. Who waits are the thousand of the first ten thousand: work that waits does not grow with the years."""
    names = [f'"{column.name}"' for column in model.__table__.columns]
    apart = "CAST(:copy AS varchar) || substr({}, 5)"
    values = [apart.format(name) if name.strip('"') in told_apart else name for name in names]
    copied = (
        f"INSERT INTO {model.__tablename__} ({', '.join(names)}) "
        f"SELECT {', '.join(values)} FROM {model.__tablename__} WHERE {over} ORDER BY id LIMIT :most"
    )
    have = db.session.scalar(select(func.count(model.id)))
    db.session.rollback()
    for copy in range(1, 2**12):
        if have >= wanted:
            return
        with transaction() as session:
            have += session.execute(text(copied), {"copy": f"z{copy:03x}", "most": wanted - have}).rowcount


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
