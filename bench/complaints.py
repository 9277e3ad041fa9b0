"""The complaint inbox with 1,000 and with 100,000 tickets, and inbound messages by the hundred a second, on
both engines.

Printed, never asserted. Wanted: a page costs at most 1.5 times as much; nothing is lost. A page is
the whole answer as a browser gets it, counts of all tabs included. What the filters ask for is spread at
random and independently, so that mixes find many, few or none; every mix in every tab is looked at, and the
dearest ones again with more looks. A page that shows more lines costs more, so both counts are printed.
"""

import itertools
import re
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.base.database import db, transaction
from app.complaints.desk import inbox as lists
from app.complaints.ticket.models import TicketMessage
from app.messages.gateway import InboundNews
from app.messages.inbound import inbox
from app.messages.models import InboundMessage
from bench._complaint_rows import fill
from tests.builders import TEST_SETTINGS, csrf_of, sign_in_staff
from tests.postgres import running_server

FEW, MANY = 1_000, 100_000
LOOKS, FEW_LOOKS, DEAREST, MESSAGES, WRITERS = 40, 6, 10, 3_000, 8
ASKED = {"kanal": "radio", "kategori": "illegal_fee", "jenis": "information", "bagian": "sekretariat", "petugas": ""}
SEARCHES = ("ADU-2026-000007", "7", "0812-0000-0007", "BUDI", "BUDI CONTOH", "antrean loket", "tidak ada")
LIST = "/petugas/pengaduan"


@dataclass(frozen=True)
class Office:
    """One app with its tickets, and an officer who looks at them. `asked` has a real colleague's id."""

    client: FlaskClient
    token: str
    asked: dict[str, str]

    def looks(self, page: str) -> tuple[float, int]:
        """(ms, lines shown)"""
        return _timed(lambda: self.client.get(LIST + page.format(**self.asked)))

    def finds(self, typed: str) -> tuple[float, int]:
        return _timed(lambda: self.client.post(f"{LIST}/cari", data={"csrf_token": self.token, "q": typed}))


def _timed(ask) -> tuple[float, int]:
    begun = time.perf_counter()
    answer = ask()
    spent = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 200
    return spent, answer.text.count('class="number"')


def main() -> None:
    with ExitStack() as stack:
        _measure("SQLite", stack, lambda _name: {})
    with ExitStack() as stack, running_server() as server:
        def database(name: str) -> dict[str, str]:
            server.create(name)
            return {"DATABASE_URL": server.url(name)}

        _measure("PostgreSQL", stack, database)


def _measure(engine: str, stack: ExitStack, database) -> None:
    few, many = [_office(_made(stack, database(f"bench_{size}")), size) for size in (FEW, MANY)]
    print(f"\n{engine}: ms (median, best) and lines with {FEW:,} tickets, with {MANY:,}, ratio of the medians")
    pages = [_page(tab, ()) for tab in lists.TABS] + [_page(lists.OPEN, (name,)) for name in ASKED]
    for page in pages:
        _show(page, _by_turns(few.looks, many.looks, page, LOOKS))
    for typed in SEARCHES:
        _show(f"cari: {typed}", _by_turns(few.finds, many.finds, typed, LOOKS))
    _dearest(few, many)
    _inbound(_made(stack, database("bench_inbound")))


def _dearest(few: Office, many: Office) -> None:
    """Every mix of filters in every tab with few looks, the dearest again with many."""
    mixes = [mix for size in range(len(ASKED) + 1) for mix in itertools.combinations(ASKED, size)]
    pages = [_page(tab, mix) for tab in lists.TABS for mix in mixes]
    ratios = {page: _ratio(_by_turns(few.looks, many.looks, page, FEW_LOOKS)) for page in pages}
    dearest = sorted(ratios, key=ratios.get, reverse=True)[:DEAREST]
    print(f"  all {len(pages)} mixes of filters and tabs: median ratio {statistics.median(ratios.values()):.2f}; "
          f"the {DEAREST} dearest again with {LOOKS} looks:")
    again = {page: _by_turns(few.looks, many.looks, page, LOOKS) for page in dearest}
    for page, found in again.items():
        _show(page, found)
    print(f"  highest ratio of them: {max(map(_ratio, again.values())):.2f}")


def _page(tab: str, mix: tuple[str, ...]) -> str:
    return "".join([f"?tab={tab}", *(f"&{name}={{{name}}}" for name in mix)])


def _by_turns(small, large, what: str, looks: int) -> tuple[list, list]:
    """By turns, so that whatever else the machine does falls on both alike."""
    found: tuple[list, list] = ([], [])
    for _ in range(looks):
        for look, kept in zip((small, large), found, strict=True):
            kept.append(look(what))
    return found


def _ratio(found: tuple[list, list]) -> float:
    small, large = (statistics.median(ms for ms, _ in looks) for looks in found)
    return large / small


def _show(name: str, found: tuple[list, list]) -> None:
    cells = []
    for looks in found:
        times = [ms for ms, _ in looks]
        cells.append(f"{statistics.median(times):7.1f}{min(times):7.1f}{looks[0][1]:4}")
    print(f"  {re.sub('={.+?}', '', name):62}{cells[0]}  {cells[1]}   {_ratio(found):.2f}")


def _made(stack: ExitStack, settings: dict[str, str]):
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": folder, **settings})
    with app.app_context():
        upgrade()
    return app


def _office(app, tickets: int) -> Office:
    officers = fill(app, tickets)
    client = sign_in_staff(app.test_client(), "petugas1")
    token = csrf_of(client.get(LIST).text)
    return Office(client, token, {**ASKED, "petugas": officers[3]})


def _inbound(app) -> None:
    begun = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda number: _keep(app, number), range(MESSAGES)))
    kept = time.perf_counter() - begun
    with app.app_context():
        begun, handled = time.perf_counter(), 0
        while done := inbox.handle_new():
            handled += done
        worked = time.perf_counter() - begun
        stored = db.session.scalar(select(func.count()).select_from(InboundMessage))
        said = db.session.scalar(select(func.count()).select_from(TicketMessage))
    print(f"\n{MESSAGES} inbound messages, {WRITERS} at once: stored at {MESSAGES / kept:.0f} a second, "
          f"lost {MESSAGES - stored}")
    print(f"worked into tickets by one worker at {handled / worked:.0f} a second, lost {MESSAGES - said}")


def _keep(app, number: int) -> None:
    news = InboundNews(f"SM{number:032x}", f"+628121{number % 1000:07d}", f"Pengaduan nomor {number}")
    with app.app_context(), transaction():
        inbox.keep(news, source="webhook")
