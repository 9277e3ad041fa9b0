"""The clocks of tickets, which status.py declares: what is late, how much time is left; and background work: warn,
escalate, close, and take over files that WhatsApp has handed in.

Each ticket is a transaction of its own, judged again under the lock; a bounded number a round.
"""

from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.sql import ColumnElement

from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.base.services import city
from app.casework import watch
from app.casework.clocks import Clock, TimeLeft, time_left
from app.casework.kinds import OUTSIDE
from app.casework.moving import write_beside
from app.city.office_calendar import calendar_for, on_change
from app.city.worktime import Calendar, due_after_working_days
from app.complaints.ticket import files, notices
from app.complaints.ticket.doubts import is_owners
from app.complaints.ticket.models import FILE, REFUSED, STORED, WAITING, Ticket, TicketAttachment, TicketMessage
from app.complaints.ticket.personal import open_contact
from app.complaints.ticket.status import LIVE, PROMISE, TICKET
from app.complaints.ticket.transitions import change_status, note_event
from app.messages import models, states
from app.messages.inbound import attachments
from app.messages.models import InboundAttachment, OutboxMessage
from app.photos.errors import PhotoBusy

BATCH = 200


def keep_time() -> int:
    """Warn before a stage ends, escalate when it is over, close what nobody answered. Returns how many."""
    return watch.record_warnings(WATCH) + close_silent()


def close_silent() -> int:
    """Close answered tickets that nobody replied to for so many working days; not while what we sent since
    the answer is still waiting, or in doubt."""
    message = select(OutboxMessage.id).where(
        OutboxMessage.about_kind == "ticket", OutboxMessage.about_id == Ticket.id,
        OutboxMessage.to_office.is_(False), OutboxMessage.created_at >= Ticket.answered_at,
        OutboxMessage.state.in_(states.WAITING),
    )
    silent = (Ticket.tray == OUTSIDE, Ticket.due_at < clock.now(), ~message.exists())
    return _each(silent, _close)


def adopt_files() -> int:
    """Copy files that WhatsApp has handed over by now, so that a ticket keeps its own."""
    query = select(TicketAttachment.id, TicketAttachment.source_id).where(TicketAttachment.state == WAITING)
    waiting = list(db.session.execute(query.order_by(TicketAttachment.created_at).limit(BATCH)))
    end_reading()
    return sum(_adopt(attachment_id, source_id) for attachment_id, source_id in waiting)


@on_change
def follow_calendar(calendar: Calendar) -> None:
    """A corrected holiday moves every open end, in the same transaction."""
    watch.follow_calendar(WATCH, calendar)


def _each(conditions: tuple, act) -> int:
    ids = list(db.session.scalars(select(Ticket.id).where(*conditions).order_by(Ticket.due_at).limit(BATCH)))
    end_reading()
    done = 0
    for ticket_id in ids:
        with transaction() as session:
            query = select(Ticket).where(Ticket.id == ticket_id, *conditions).with_for_update()
            ticket = session.scalar(query)
            if ticket is not None:
                act(ticket)
                done += 1
    return done


def _warned(ticket: Ticket, level: str, running: Clock) -> bool:
    """Once late, whoever is named in the city file hears of it (docs/facts.md 6)."""
    mark = "warned_at" if level == watch.NEAR else "escalated_at"
    if getattr(ticket, mark) is not None:
        return False
    write_beside(Ticket, Ticket.id == ticket.id, **{mark: clock.now()})
    if level == watch.NEAR:
        note_event(ticket, "warn", journal.SYSTEM)
    else:
        note_event(ticket, "escalate", journal.SYSTEM, {"to": city().complaint_inbox.escalate_to})
        notices.tell_escalated(ticket)
    return True


READS = ("received_at", "reopened_at", "kind", "lateness", "needs_examination", "answered_at", "closed_at",
         "resolve_due_at")
WATCH = watch.Watch(TICKET, Ticket, READS, _warned)


def _close(ticket: Ticket) -> None:
    change_status(ticket, "close", journal.SYSTEM)


def _adopt(attachment_id: str, source_id: str) -> bool:
    source = db.session.get(InboundAttachment, source_id)
    if source is not None and source.state == models.WAITING:
        return False
    prepared = _taken(source)
    end_reading()
    if prepared.refusal == PhotoBusy.code:
        return False  # nothing is wrong with the file: next time
    row = TicketAttachment(id=attachment_id)
    if not prepared.refusal:
        files.put_objects(row, prepared)
    with transaction() as session:
        kept = session.get(TicketAttachment, attachment_id, with_for_update=True, populate_existing=True)
        if kept.state == WAITING:
            _note(kept, row, prepared)
            if prepared.refusal:
                _tell_sender(kept, prepared)
            return True
    files.erase_objects([row])
    return False


def _tell_sender(kept: TicketAttachment, prepared: files.Prepared) -> None:
    """Only its owner is answered, as everywhere."""
    message = db.session.get_one(TicketMessage, kept.message_id)
    ticket = db.session.get_one(Ticket, kept.ticket_id)
    if is_owners(message):
        notices.tell_lost(ticket, open_contact(ticket), (), [(prepared.name, prepared.refusal)])


def _taken(source: InboundAttachment | None) -> files.Prepared:
    if source is None or source.state != models.STORED:
        return files.Prepared(FILE, refusal=(source.refusal if source is not None else "") or "gone")
    return files.prepare(files.File(attachments.read(source)))


def _note(kept: TicketAttachment, made: TicketAttachment, prepared: files.Prepared) -> None:
    kept.state = REFUSED if prepared.refusal else STORED
    kept.kind, kept.content_type = prepared.kind, prepared.content_type
    kept.size, kept.refusal = len(prepared.data), prepared.refusal
    kept.storage_key, kept.thumbnail_key = made.storage_key, made.thumbnail_key
    kept.sealed_sha256 = made.sealed_sha256 or ""


def is_late(moment: datetime) -> ColumnElement[bool]:
    """Waiting for us although the answer the resident was promised was due at that moment: what every page calls
    *terlambat*. A stage within the promise that ran out is said to be *lewat tahap* (`is_behind`)."""
    return and_(Ticket.is_open.is_(True), Ticket.resolve_due_at <= moment)


def is_behind(moment: datetime) -> ColumnElement[bool]:
    """The present stage ran out, the promise not yet."""
    return and_(Ticket.is_open.is_(True), Ticket.due_at <= moment, Ticket.resolve_due_at > moment)


def left_of(ticket: Ticket, calendar: Calendar | None = None) -> tuple[TimeLeft | None, str]:
    """Time left and what is to happen before its end: of the promised answer once that is late, else of the present
    stage; (None, "") when it is over. Needs `status`, `is_open`, `due_at`, `warn_at` and `resolve_due_at`."""
    if ticket.status not in LIVE:
        return None, ""
    if ticket.is_open and ticket.resolve_due_at <= clock.now():
        return time_left(ticket.resolve_due_at, calendar=calendar), PROMISE.label
    return time_left(ticket.due_at, ticket.warn_at, calendar), TICKET.clock_of(ticket.status).label


def reopen_until(ticket: Ticket) -> datetime | None:
    """The last moment at which the resident may object or go on; None while nothing was answered."""
    since = ticket.closed_at or ticket.answered_at
    if since is None:
        return None
    return due_after_working_days(calendar_for(), since, city().complaint_days.close_without_reply)
