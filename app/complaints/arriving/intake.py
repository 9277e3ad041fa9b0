"""The one door for every channel: a thing said becomes a message of a ticket, and is never lost.

`receive` finds the ticket and opens its own transaction, and is harmless when the same `external_id` comes
twice; `enter` joins the transaction of one who has found it (a letter, WhatsApp). Words are kept as said:
nothing is refused here, only what no database can hold is taken out.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.base import clock, journal
from app.base.database import db, insert_once, transaction
from app.base.ids import TICKET_PIN, new_id, new_pin
from app.casework.kinds import NEW
from app.casework.moving import set_clock
from app.complaints.arriving import which_ticket
from app.complaints.arriving.which_ticket import is_courtesy, rating_in
from app.complaints.ticket import doubts, files, notices
from app.complaints.ticket import status as st
from app.complaints.ticket.models import INBOUND, Ticket, TicketAttachment, TicketCounter, TicketMessage
from app.complaints.ticket.personal import (
    Contact,
    Content,
    external_index,
    name_word_rows,
    seal_body,
    seal_contact,
    seal_content,
    seal_pin,
    seal_quoted,
)
from app.complaints.ticket.transitions import change_status, next_position, note_event
from app.complaints.ticket.words import BY_EMAIL, BY_PAGE, BY_WHATSAPP, COMPLAINT, EXAMINED_CATEGORIES, OTHER

LONGEST_TEXT = 100_000
# rooms above act on a complaint that a registration is late, inside its transaction (app/wiring.py)
ON_LATENESS: list[Callable[[str, str], None]] = []
SUBJECT_LENGTH = 120
NO_WORDS = "(tanpa tulisan)"
# what PostgreSQL or a reader cannot take: controls except tab and line feed, lone surrogates
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Details:
    """What a form knows beyond the words. Everything has a value that is right when nobody said anything.

    `answer_by` "" is chosen from the channel and the contact; `waiting_files` are ids of WhatsApp files
    that are still being fetched.
    """

    kind: str = COMPLAINT
    category: str = OTHER
    subject: str = ""
    place: str = ""
    happened_on: date | None = None
    anonymous: bool = False
    secret: bool = False
    about_staff: bool = False
    about_staff_id: str | None = None
    outside_reference: str = ""
    answer_by: str = ""
    application_id: str | None = None
    lateness: bool = False
    survey_consent: bool = False
    waiting_files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where words came from, as far as the ticket must know: the row of the WhatsApp message, and why they may
    not be the resident's (words.DOUBTS) with the number or address they were sent from. `quoted` stood below them,
    `unread` says what could not be read (words.UNREAD). `courtesy` are words that are no news (which_ticket.py);
    `answers_us` that they reply to a message of ours, so that a number is the rating it asked for."""

    inbound_id: str | None = None
    doubt: str = ""
    sender: str = field(default="", repr=False)
    quoted: str = field(default="", repr=False)
    unread: tuple[str, ...] = ()
    courtesy: bool = False
    answers_us: bool = False


SURE = Origin()


def receive(
    channel: str, contact: Contact, text: str, attachments: Iterable[files.File | files.Prepared] = (),
    received_at: datetime | None = None, external_id: str = "", thread_hint: Iterable[str] | str = (),
    *, details: Details | None = None, actor: journal.Actor = journal.VISITOR, into: str | None = None,
    as_new: bool = False,
) -> Ticket:
    """Keep one thing said; returns the ticket it belongs to now, an earlier one or a new one.

    `channel` is a key of the city file. `external_id` is unique outside (Message-ID, WhatsApp's id): a
    second arrival changes nothing and gives the same ticket. `thread_hint` holds ticket numbers or
    external ids of earlier messages of the thread, in either direction; `into` names the row of a ticket
    that is known for certain, `as_new` makes a new one whoever speaks. Files are judged before the
    transaction; a bad one is noted as refused. A new ticket is confirmed to its contact once.
    """
    prepared = files.prepare_all(attachments)
    stored: list[TicketAttachment] = []
    try:
        with transaction():
            if known := which_ticket.ticket_of_external(channel, external_id):
                return known
            ticket = None if as_new else _existing(channel, contact, thread_hint, into)
            return enter(ticket, channel, contact, text, prepared, received_at, external_id,
                         details=details, actor=actor, stored=stored)
    except IntegrityError:
        # another process stored the same external id between our look and our write
        files.erase_objects(stored)
        known = which_ticket.ticket_of_external(channel, external_id)
        if known is None:
            raise
        return known
    except BaseException:
        files.erase_objects(stored)
        raise


def enter(
    ticket: Ticket | None, channel: str, contact: Contact, text: str, prepared: Iterable[files.Prepared] = (),
    received_at: datetime | None = None, external_id: str = "", *, details: Details | None = None,
    actor: journal.Actor = journal.VISITOR, stored: list[TicketAttachment] | None = None, origin: Origin = SURE,
) -> Ticket:
    """Inside the caller's transaction, which has found the ticket; None opens a new one. `stored` collects the files
    written, so that the caller can remove them when the transaction fails. Raises IntegrityError for an `external_id`
    that is known."""
    details, moment, is_new, prepared = details or Details(), _moment(received_at), ticket is None, list(prepared)
    if ticket is None:
        ticket = open_ticket(channel, contact, text, moment, details, actor)
    elif not origin.courtesy:
        rated = not origin.doubt and origin.answers_us and _rate(ticket, text)
        origin = replace(origin, courtesy=rated or _is_no_news(text, contact, prepared, details))
    message = add_inbound(ticket, channel, text, moment, external_id, actor, origin)
    _attach(ticket, message, prepared, details.waiting_files, [] if stored is None else stored)
    lost = [(file.name, file.refusal) for file in prepared if file.refusal]
    if is_new:
        for listen in ON_LATENESS if ticket.lateness else ():
            listen(ticket.id, ticket.application_id)
        notices.confirm(ticket, contact, origin.unread, lost)
    elif origin.courtesy:
        note_event(ticket, "thank", actor)
    elif not origin.doubt:
        notices.tell_lost(ticket, contact, origin.unread, lost)
        go_on(ticket, actor)
    db.session.flush()
    return ticket


def add_inbound(
    ticket: Ticket, channel: str, text: str, at: datetime, external_id: str, actor: journal.Actor,
    origin: Origin = SURE,
) -> TicketMessage:
    """Add words to a ticket, inside the caller's transaction: the resident's, or, where there is a doubt,
    words that wait for a person to say whose they are. Those move nothing."""
    message = TicketMessage(
        id=new_id(), ticket_id=ticket.id, position=next_position(ticket.id), direction=INBOUND,
        channel=channel, author_kind=actor.kind, author_id=actor.id, at=at,
        external_index=external_index(channel, external_id), inbound_id=origin.inbound_id, doubt=origin.doubt,
        unread=",".join(origin.unread), is_courtesy=origin.courtesy,
    )
    message.body_sealed = seal_body(message.id, readable(text) or NO_WORDS)
    message.quoted_sealed = seal_quoted(message.id, readable(origin.quoted))
    if not origin.doubt and not origin.courtesy:
        ticket.last_said_at = at
    db.session.add(message)
    db.session.flush()
    if origin.doubt:
        doubts.note(ticket, message, origin.sender)
    return message


def readable(text: str) -> str:
    """The words without what cannot be stored; everything else stays as it was said."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNREADABLE.sub("", lines).strip()[:LONGEST_TEXT]


def new_ticket_number(moment: datetime) -> str:
    """The next number of the year (WIB), inside the caller's transaction: gap-free, because a
    transaction that fails gives its number back. The counter row makes writers queue."""
    year = moment.astimezone(clock.WIB).year
    insert_once(TicketCounter, year=year, last=0)
    db.session.execute(update(TicketCounter).where(TicketCounter.year == year).values(last=TicketCounter.last + 1))
    last = db.session.scalar(select(TicketCounter.last).where(TicketCounter.year == year))
    return f"ADU-{year}-{last:06d}"


def open_ticket(
    channel: str, contact: Contact, text: str, moment: datetime, details: Details, actor: journal.Actor,
) -> Ticket:
    """A new ticket without any message yet, inside the caller's transaction."""
    now = clock.now()
    ticket = Ticket(
        id=new_id(), number=new_ticket_number(now), status=st.ARRIVED, tray=NEW, is_open=True, channel=channel,
        kind=details.kind, category=details.category, needs_examination=details.category in EXAMINED_CATEGORIES,
        anonymous=details.anonymous, secret=details.secret, happened_on=details.happened_on,
        about_staff=details.about_staff or bool(details.about_staff_id), about_staff_id=details.about_staff_id,
        outside_reference=details.outside_reference[:60], application_id=details.application_id,
        lateness=details.lateness,
        answer_by=details.answer_by or _natural_answer(contact), received_at=moment, created_at=now,
        last_said_at=moment, entered_by=actor.id if actor.kind == "staff" else None, reopened=0,
        survey_consent=details.survey_consent,
    )
    seal_pin(ticket, new_pin(TICKET_PIN))
    seal_contact(ticket, contact)
    seal_content(ticket, Content(details.subject or _subject(text), details.place))
    set_clock(st.TICKET, ticket)
    db.session.add(ticket)
    db.session.flush()
    db.session.add_all(name_word_rows(ticket, contact.name))
    note_event(ticket, "receive", actor, {"channel": channel})
    return ticket


def _is_no_news(text: str, contact: Contact, prepared: list[files.Prepared], details: Details) -> bool:
    """Words alone: whoever sends a file with them sends something to look at."""
    sent = [file for file in prepared if file.content_type != files.LETTER_TYPE]
    return not sent and not details.waiting_files and is_courtesy(text, contact.name)


def _rate(ticket: Ticket, text: str) -> bool:
    """A number in reply to our answer is the rating it asked for (templates/messages/jawaban_pengaduan.txt)."""
    given = rating_in(text)
    if given is None or ticket.first_answered_at is None or ticket.status not in (st.ANSWERED, st.CLOSED):
        return False
    ticket.rating, ticket.rated_at = given, clock.now()
    note_event(ticket, "rate", journal.VISITOR, {"rating": given})
    return True


def _existing(channel: str, contact: Contact, hints: Iterable[str] | str, into: str | None) -> Ticket | None:
    if into:
        return which_ticket.usable(db.session.get(Ticket, into))
    return which_ticket.ticket_of_thread(channel, contact, hints)


def go_on(ticket: Ticket, actor: journal.Actor) -> None:
    """The resident spoke again: an answered ticket is worked on anew."""
    if st.TICKET.may("reply", ticket.status):
        change_status(ticket, "reply", actor)
    else:
        note_event(ticket, "message", actor)


def _attach(
    ticket: Ticket, message: TicketMessage, prepared: Iterable[files.Prepared], waiting: tuple[str, ...],
    stored: list[TicketAttachment],
) -> None:
    for position, file in enumerate(prepared):
        stored.append(files.store(file, ticket.id, message.id, position))
    db.session.add_all(stored)
    for position, source_id in enumerate(waiting, len(stored)):
        db.session.add(files.waiting_row(source_id, ticket.id, message.id, position))


def _moment(received_at: datetime | None) -> datetime:
    """A moment in the future is a wrong clock somewhere: then it is now."""
    now = clock.now()
    return min(received_at.astimezone(UTC), now) if received_at else now


def _natural_answer(contact: Contact) -> str:
    if contact.phone.startswith(("+", "ID.")):
        return BY_WHATSAPP
    return BY_EMAIL if contact.email else BY_PAGE


def _subject(text: str) -> str:
    first = next((line.strip() for line in readable(text).splitlines() if line.strip()), NO_WORDS)
    return first if len(first) <= SUBJECT_LENGTH else first[: SUBJECT_LENGTH - 1].rstrip() + "…"
