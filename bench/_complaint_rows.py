"""Offices full of tickets, written in bulk, for the benchmark of the inbox."""

import random
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import insert, text

from app.base import clock
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.services import city
from app.complaints.ticket import status as st
from app.complaints.ticket.models import INBOUND, Ticket, TicketMessage, TicketNameWord
from app.complaints.ticket.personal import (
    Contact,
    Content,
    name_word_rows,
    seal_body,
    seal_contact,
    seal_content,
    seal_pin,
)
from app.complaints.ticket.words import CATEGORIES, KINDS
from tests.builders import add_staff

CHUNK, OFFICERS, APART = 2_000, 6, timedelta(minutes=5)
# of ten tickets: how a busy year ends
STATUSES = (st.ARRIVED, st.IN_PROGRESS, st.ANSWERED, *[st.CLOSED] * 7)
ABOUT_STAFF = 0.05
FIRST_NAMES, LAST_NAMES = ("BUDI", "SITI", "JOKO", "DEWI"), ("CONTOH", "UJI", "CONTOH AMINAH")
SAID = "Antrean di loket dua lama sekali dan tidak ada yang menjelaskan."


def fill(app, tickets: int) -> list[str]:
    """Write the tickets; returns the ids of the officers they are spread over."""
    officers = [add_staff(app, f"petugas{number}", "petugas") for number in range(1, OFFICERS + 1)]
    chance = random.Random(6)
    with app.app_context():
        write(0, tickets, officers, chance)
        _tidy()
        db.session.remove()
    return officers


def write(
    first: int, last: int, officers: list[str], chance: random.Random, *, apart: timedelta = APART,
    statuses: Sequence[str] = STATUSES,
) -> None:
    """The tickets from number `first` to before `last`, inside an application context, of these statuses by turns. The
    closed ones were received `apart`; what waits is never old."""
    for begin in range(first, last, CHUNK):
        numbers = range(begin, min(begin + CHUNK, last))
        _write([_ticket(number, statuses[number % len(statuses)], officers, chance, apart) for number in numbers])


def _tidy() -> None:
    """What PostgreSQL does by itself after so many new rows; SQLite is left without statistics, as it is
    in an office."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _write(made: list[tuple[dict, list[dict], dict]]) -> None:
    tickets, names, messages = zip(*made, strict=True)
    with transaction() as session:
        session.execute(insert(Ticket), list(tickets))
        session.execute(insert(TicketNameWord), [row for rows in names for row in rows])
        session.execute(insert(TicketMessage), list(messages))


def _ticket(
    number: int, status: str, officers: list[str], chance: random.Random, apart: timedelta,
) -> tuple[dict, list[dict], dict]:
    """One ticket with its name words and its message, as the services would write them."""
    now = clock.now()
    received = now - (apart if status == st.CLOSED else APART) * number
    answered = min(now, received + timedelta(minutes=chance.randint(30, 20_000)))
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    ticket = Ticket(id=new_id(), received_at=received)
    seal_contact(ticket, Contact(name=name, phone=f"+62812{number:08d}"))
    seal_content(ticket, Content(SAID))
    seal_pin(ticket, "123456")
    row = {
        "id": ticket.id, "number": f"ADU-{clock.today().year}-{number:06d}", "status": status,
        "tray": st.TICKET.tray_of(status), "is_open": status in st.WAITING_FOR_US, "kind": chance.choice(list(KINDS)),
        "channel": chance.choice(city().channels).key, "category": chance.choice(list(CATEGORIES)),
        "unit": chance.choice(city().complaint_units).key, "assigned_to": chance.choice([None, *officers]),
        "about_staff": chance.random() < ABOUT_STAFF, "content_sealed": ticket.content_sealed,
        "contact_sealed": ticket.contact_sealed, "pin_sealed": ticket.pin_sealed, "phone_index": ticket.phone_index,
        "received_at": received, "last_said_at": received, "reopened": 0,
        "first_answered_at": answered if status in (st.ANSWERED, st.CLOSED) else None,
        "closed_at": answered if status == st.CLOSED else None, "version": 1,
        "due_at": now + timedelta(minutes=chance.randint(-40_000, 40_000)),
        "resolve_due_at": received + timedelta(days=14),
    }
    words = [
        {"ticket_id": ticket.id, "word_index": word.word_index, "received_at": received}
        for word in name_word_rows(ticket, name)
    ]
    return row, words, _message(ticket)


def _message(ticket: Ticket) -> dict:
    message_id = new_id()
    return {
        "id": message_id, "ticket_id": ticket.id, "position": 1, "direction": INBOUND, "channel": "web",
        "body_sealed": seal_body(message_id, SAID), "author_kind": "visitor", "at": ticket.received_at,
    }
