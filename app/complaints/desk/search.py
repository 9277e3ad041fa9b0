"""Finding tickets: numbers, contacts and words of names through keyed indexes, among all of them; words of
what was said only among the newest, which are opened for it.

Nothing at rest tells which words a complaint holds: a keyed index of every word would, because the
commonest words of a language can be recognised by how often they occur, and then the rest.
"""

import re

from sqlalchemy import and_, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import normalise_code
from app.casework import lists
from app.casework.lists import Look
from app.casework.narrowing import NameIndex, newest_named
from app.complaints.arriving.validation import email as check_email
from app.complaints.arriving.which_ticket import find_number
from app.complaints.desk.inbox import COMPLAINTS, Row
from app.complaints.ticket.models import NOTE, Ticket, TicketMessage, TicketNameWord
from app.complaints.ticket.personal import body_of, email_index, name_word_index, open_content, phone_index
from app.complaints.ticket.visibility import known_to, readable_by, visible_to
from app.identity.findings import FieldError
from app.identity.name import name_words
from app.identity.phone import parse_whatsapp
from app.registration.models import Application

NEWEST = COMPLAINTS.sorts["diterima"].reversed()
NAMES = NameIndex(TicketNameWord.ticket_id, TicketNameWord.word_index, TicketNameWord.received_at)
MOST = 50
LONGEST = 200
MOST_NAME_WORDS = 5
# so many of the newest tickets are opened to look for words; more would be felt
OPENED = 1_000
SHORTEST_WORD = 3


def search(typed: str, staff) -> list[Row]:
    """The newest tickets by number, outside reference, registration number, phone, e-mail or name, or whose
    words hold all that was typed. A search is a journal line, without what was searched for.

    One query for each way to read what was typed: joined by OR they would walk the whole table.
    """
    typed = " ".join(typed.split())[:LONGEST]
    ids: set[str] = set()
    for query in _queries(typed, staff) if typed else ():
        newest = query.where(visible_to(staff)).order_by(Ticket.received_at.desc()).limit(MOST)
        ids.update(db.session.scalars(newest))
    if not ids:
        ids.update(_with_name(typed, staff), _with_words(typed, staff))
    found = lists.find(COMPLAINTS, Look(staff), NEWEST, Ticket.id.in_(ids), most=MOST) if ids else []
    with transaction():
        actor = journal.Actor("staff", staff.id)
        journal.record("complaint_search", actor=actor, about=("staff", staff.id), detail={"found": len(found)})
    return found


def _queries(typed: str, staff) -> list:
    """Every way to read what was typed as a number or an address, each a look-up in an index."""
    conditions = [Ticket.outside_reference == typed]
    # looked up first: as a subquery PostgreSQL would walk all tickets by date instead
    application_id = db.session.scalar(select(Application.id).where(Application.number == normalise_code(typed)))
    if application_id is not None:
        conditions.append(and_(Ticket.application_id == application_id, known_to(staff)))
    if number := find_number(typed):
        conditions.append(Ticket.number == number)
    elif re.fullmatch(r"\d{1,6}", typed, re.ASCII):
        year = clock.today().year
        conditions.append(Ticket.number.in_([f"ADU-{y}-{int(typed):06d}" for y in (year, year - 1)]))
    return [select(Ticket.id).where(condition) for condition in (*conditions, *_contact_meanings(typed, staff))]


def _contact_meanings(typed: str, staff) -> list:
    """Only where this person may know who it is: a match would tell."""
    found = []
    for column, read, index in (
        (Ticket.phone_index, lambda text: parse_whatsapp(text).value, phone_index),
        (Ticket.email_index, check_email, email_index),
    ):
        try:
            found.append(and_(column == index(read(typed)), known_to(staff)))
        except FieldError:
            continue
    return found


def _with_name(typed: str, staff) -> list[str]:
    words = [name_word_index(word) for word in name_words(typed)[:MOST_NAME_WORDS]]
    return newest_named(NAMES, Ticket, words, MOST, known_to(staff)) if words else []


def _with_words(typed: str, staff) -> list[str]:
    """Ids of the newest OPENED tickets this person may see whose subject, place or messages hold every word."""
    words = [word for word in typed.casefold().split() if len(word) >= SHORTEST_WORD and not word.isdigit()]
    if not words:
        return []
    newest = select(Ticket.id, Ticket.content_sealed).where(visible_to(staff))
    tickets = list(db.session.execute(newest.order_by(Ticket.received_at.desc()).limit(OPENED)))
    said: dict[str, list[str]] = {row.id: [*vars(open_content(row)).values()] for row in tickets}
    messages = select(TicketMessage.id, TicketMessage.ticket_id, TicketMessage.body_sealed)
    ids = newest.with_only_columns(Ticket.id).order_by(Ticket.received_at.desc()).limit(OPENED)
    for row in db.session.execute(messages.where(*_searched(ids, staff))):
        said.setdefault(row.ticket_id, []).append(body_of(row))
    return [ticket_id for ticket_id, texts in said.items() if _holds(" ".join(texts).casefold(), words)]


def _searched(ids, staff) -> tuple:
    return TicketMessage.ticket_id.in_(ids), TicketMessage.direction != NOTE, readable_by(staff)


def _holds(text: str, words: list[str]) -> bool:
    return all(word in text for word in words)
