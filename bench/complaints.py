"""The complaint inbox with 1,000 and with 100,000 tickets, and inbound messages by the hundred a second.

Printed, never asserted. Wanted (issue 6): the page costs at most 1.5 times as much; nothing is lost.
"""

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from app import clock, create_app
from app.complaints import status as st
from app.complaints.models import Ticket, TicketMessage
from app.complaints.personal import Contact, Content, seal_contact, seal_content, seal_pin
from app.complaints.words import CATEGORIES, KINDS
from app.extensions import db, transaction
from app.ids import new_id
from app.notifications import inbox
from app.notifications.gateway import InboundNews
from app.notifications.inbound_models import InboundMessage
from tests.builders import TEST_SETTINGS, add_staff, sign_in_staff

FEW, MANY, CHUNK = 1_000, 100_000, 2_000
LOOKS, MESSAGES, WRITERS = 40, 3_000, 8
# of ten tickets: how a busy year ends
STATUSES = (st.NEW, st.IN_PROGRESS, st.ANSWERED, *[st.CLOSED] * 7)
CHANNELS = ("web", "whatsapp", "email", "radio", "kotak_saran", "facebook", "telepon")
PAGES = ("", "?tab=baru", "?tab=selesai", "?kanal=radio", "?cari=000007")


def main() -> None:
    with tempfile.TemporaryDirectory() as few_folder, tempfile.TemporaryDirectory() as many_folder:
        few, many = _office(Path(few_folder), FEW), _office(Path(many_folder), MANY)
        print(f"{LOOKS} looks by turns, ms (median, best): with {FEW:,} tickets, with {MANY:,}, ratio of the medians")
        for page in PAGES:
            _compare(few, many, page)
    with tempfile.TemporaryDirectory() as folder:
        _inbound(_made(Path(folder)))


def _office(folder: Path, tickets: int):
    app = _made(folder)
    _fill(app, 0, tickets)
    return _officer(app)


def _compare(few, many, page: str) -> None:
    """By turns, so that whatever else the machine does falls on both alike."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(LOOKS):
        for client, found in zip((few, many), times, strict=True):
            found.append(_cost(client, page))
    small, large = map(statistics.median, times)
    print(f"  /petugas/pengaduan{page:16} {small:7.1f} {min(times[0]):6.1f}   {large:7.1f} {min(times[1]):6.1f}   "
          f"{large / small:.2f}")


def _made(folder: Path):
    app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(folder)})
    with app.app_context():
        upgrade()
    return app


def _officer(app):
    add_staff(app, "petugas1", "petugas")
    return sign_in_staff(app.test_client(), "petugas1")


def _fill(app, start: int, end: int) -> None:
    for begin in range(start, end, CHUNK):
        with app.app_context(), transaction() as session:
            session.execute(insert(Ticket), [_row(number) for number in range(begin, min(begin + CHUNK, end))])


def _row(number: int) -> dict:
    """One ticket as the services would write it, without the queries."""
    status, now = STATUSES[number % len(STATUSES)], clock.now()
    received = now - timedelta(minutes=number)
    ticket = Ticket(id=new_id())
    seal_contact(ticket, Contact(name="BUDI CONTOH", phone=f"+628120{number:07d}"))
    seal_content(ticket, Content("Antrean di loket dua lama sekali"))
    seal_pin(ticket, "123456")
    return {
        "id": ticket.id, "number": f"ADU-2026-{number:06d}", "status": status, "tray": st.TRAY_OF[status],
        "is_open": status in st.WAITING_FOR_US, "channel": CHANNELS[number % len(CHANNELS)],
        "kind": list(KINDS)[number % len(KINDS)], "category": list(CATEGORIES)[number % len(CATEGORIES)],
        "content_sealed": ticket.content_sealed, "contact_sealed": ticket.contact_sealed,
        "pin_sealed": ticket.pin_sealed, "phone_index": ticket.phone_index, "received_at": received,
        "last_said_at": received, "due_at": received + timedelta(days=60), "reopened": 0, "version": 1,
        "resolve_due_at": received + timedelta(days=14),
    }


def _cost(client, page: str) -> float:
    begun = time.perf_counter()
    assert client.get(f"/petugas/pengaduan{page}").status_code == 200
    return (time.perf_counter() - begun) * 1000


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
