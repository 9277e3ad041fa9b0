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
    with tempfile.TemporaryDirectory() as folder:
        app = _made(Path(folder))
        client = _officer(app)
        _fill(app, 0, FEW)
        few = {page: _cost(client, page) for page in PAGES}
        _fill(app, FEW, MANY)
        many = {page: _cost(client, page) for page in PAGES}
    print(f"median of {LOOKS} looks, ms: with {FEW:,} tickets, with {MANY:,}, ratio")
    for page in PAGES:
        name = f"/petugas/pengaduan{page}"
        print(f"  {name:34} {few[page]:7.1f} {many[page]:7.1f}  {many[page] / few[page]:.2f}")
    with tempfile.TemporaryDirectory() as folder:
        _inbound(_made(Path(folder)))


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
    times = []
    for _ in range(LOOKS):
        begun = time.perf_counter()
        assert client.get(f"/petugas/pengaduan{page}").status_code == 200
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


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
