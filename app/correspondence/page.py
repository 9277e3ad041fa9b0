"""What the office sees and does with messages: the list, one message with its thread, resend."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import normalise_code
from app.base.problems import NotAllowed, NotFound, StaleDecision
from app.correspondence import calls
from app.correspondence.call_task import CallTask
from app.messages import contacts, delivery, states
from app.messages.addresses import mask_address
from app.messages.audience import may_see_received, may_see_sent
from app.messages.catalogue import RESULT, is_code, title_of
from app.messages.choose_gateway import channel_of
from app.messages.inbound import attachments
from app.messages.inbound.inbox import Inbound, readable_inbound, silence_of, was_given_up
from app.messages.models import STORED, InboundAttachment, InboundMessage, OutboxAttempt, OutboxMessage
from app.messages.outbox import UNREADABLE, office_text_of, recipient_of

PAGE = 50
THREAD = 30
# before that, callbacks may still be on their way
RESEND_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Line:
    """One line of a list: recipient cut short, no text. `channel` is a key of CHANNELS."""

    id: str
    channel: str
    title: str
    recipient: str
    created_at: datetime
    state: str
    state_at: datetime
    error_code: str | None


@dataclass(frozen=True)
class Sent:
    """What anybody may know of a message whose check code they hold."""

    title: str
    recipient: str
    at: datetime


@dataclass(frozen=True)
class Entry:
    """One step of a thread. `text` is set for what the person wrote to us; `given_up` says that it
    reached no ticket by itself."""

    at: datetime
    title: str
    state: str = ""
    channel: str = ""
    text: str = ""
    message_id: str = ""
    inbound: InboundMessage | None = None
    given_up: bool = False


@dataclass(frozen=True)
class Opened:
    """A message with everything around it. `doubled` says that it went out more than once;
    `next_try_at` is set while it waits for another try."""

    line: Line
    text: str
    attempts: list[OutboxAttempt]
    doubled: bool
    thread: list[Entry]
    task: CallTask | None
    may_resend: bool
    next_try_at: datetime | None


def page_of(staff, state: str = "", after: str = "") -> tuple[list[Line], str]:
    """Newest first, PAGE lines after the message `after`, of what this person may see, on every channel; and
    where the next page begins, or ""."""
    rows, next_page = rows_after(after, may_see_sent(staff), *([OutboxMessage.state == state] if state else []))
    return [_line(row) for row in rows], next_page


def rows_after(after: str, *conditions) -> tuple[list[OutboxMessage], str]:
    """PAGE messages, newest first, that come after the message `after`; and where the next page begins, or ""."""
    query = select(OutboxMessage).where(*conditions)
    query = query.order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
    last = db.session.get(OutboxMessage, after) if after else None
    if last is not None:
        query = query.where(or_(
            OutboxMessage.created_at < last.created_at,
            and_(OutboxMessage.created_at == last.created_at, OutboxMessage.id < last.id),
        ))
    rows = list(db.session.scalars(query.limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else ""


def read(message_id: str, staff) -> Opened:
    """One message with its text. Reading it is a journal line (UU 27/2022 art. 31)."""
    with transaction():
        row = find(message_id, staff)
        journal.record("message_viewed", actor=_actor(staff), about=("message", row.id))
    sent = [receipt for receipt in row.receipts if not receipt.failed]
    return Opened(
        line=_line(row), text=office_text_of(row), attempts=row.tries, doubled=len(sent) > 1,
        thread=thread_of(row.to_index, staff), task=calls.of_message(row.id), may_resend=may_resend(row),
        next_try_at=row.next_try_at if row.state == states.PENDING and row.attempts else None,
    )


def thread_of(contact_index: str, staff) -> list[Entry]:
    """What we wrote to one person and what the person wrote to us, newest first, as far as `staff` may see."""
    indexes = contacts.same_person(contact_index)
    sent = select(OutboxMessage).where(OutboxMessage.to_index.in_(indexes), may_see_sent(staff))
    got = select(InboundMessage).where(InboundMessage.contact_index.in_(indexes), may_see_received(staff))
    entries = [
        Entry(row.created_at, title_of(row.template), state=row.state, channel=row.channel, message_id=row.id)
        for row in db.session.scalars(sent.order_by(OutboxMessage.created_at.desc()).limit(THREAD))
    ]
    entries += inbound_entries(got.order_by(InboundMessage.received_at.desc()).limit(THREAD))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:THREAD]


def inbound_entries(query) -> list[Entry]:
    """What people wrote, as entries, with the text."""
    return [_inbound_entry(row) for row in db.session.scalars(query)]


def newest_inbound(staff) -> list[Entry]:
    """The newest messages from people that `staff` may see, journalled as read."""
    with transaction():
        journal.record("inbound_viewed", actor=_actor(staff), about=("inbound", ""))
    query = select(InboundMessage).where(may_see_received(staff))
    return inbound_entries(query.order_by(InboundMessage.received_at.desc()).limit(PAGE))


def resend(message_id: str, staff) -> None:
    """Back to the queue on somebody's word. Raises NotFound, NotAllowed for one-time codes, StaleDecision
    while the message is on its way or has arrived."""
    with transaction():
        find(message_id, staff)
        row = delivery.locked(message_id)
        if is_code(row.template):
            raise NotAllowed("Kode tidak dikirim ulang. Pemohon dapat meminta kode baru.")
        if not may_resend(row):
            raise StaleDecision("Pesan ini sedang dikirim atau sudah sampai. Tidak ada yang dikirim ulang.")
        delivery.send_again(row, in_doubt=row.state not in (states.FAILED, states.CANCELLED))
        row.share = min(row.share, RESULT)  # somebody of the office wants it sent: no stranger's message any more
        journal.record("message_resent", actor=_actor(staff), about=("message", row.id))


def sent_with_code(typed: str) -> Sent | None:
    """The message with this check code, for anybody who asks. One in doubt counts:
    nobody but its receiver can have the code."""
    query = (
        select(OutboxMessage, func.min(OutboxAttempt.started_at))
        .join(OutboxAttempt, OutboxAttempt.message_id == OutboxMessage.id)
        .where(OutboxMessage.check_code == normalise_code(typed), OutboxAttempt.outcome != "refused")
        .group_by(OutboxMessage.id)
    )
    found = db.session.execute(query).first()
    return Sent(title_of(found[0].template), recipient_of(found[0]), found[1]) if found else None


def open_attachment(attachment_id: str, staff) -> tuple[InboundAttachment, bytes]:
    """A file that somebody sent us; opening it is a journal line. Raises NotFound."""
    of_message = InboundMessage.id == InboundAttachment.message_id
    query = select(InboundAttachment).join(InboundMessage, of_message).where(
        InboundAttachment.id == attachment_id, InboundAttachment.state == STORED, may_see_received(staff),
    )
    with transaction():
        row = db.session.scalar(query)
        if row is None:
            raise NotFound()
        journal.record("inbound_file_viewed", actor=_actor(staff), about=("inbound", row.message_id))
    return row, attachments.read(row)


def may_resend(row: OutboxMessage) -> bool:
    """A short message on its way may have been lost; a letter the server took has gone."""
    if is_code(row.template) or row.error_code == "taken_back" or row.erased_at is not None:
        return False
    if row.state in states.ON_THE_WAY and channel_of(row).followed:
        return clock.now() > row.state_at + RESEND_AFTER
    return row.state in (states.FAILED, states.CANCELLED, states.UNKNOWN)


def find(message_id: str, staff) -> OutboxMessage:
    """Raises NotFound, alike for what does not exist and what this person must not see."""
    query = select(OutboxMessage).where(OutboxMessage.id == message_id, may_see_sent(staff))
    row = db.session.scalar(query)
    if row is None:
        raise NotFound()
    return row


def _actor(staff) -> journal.Actor:
    return journal.Actor("staff", staff.id)


def _words_of(opened: Inbound) -> str:
    return " ".join(filter(None, (silence_of(opened), opened.text)))


def _inbound_entry(row: InboundMessage) -> Entry:
    opened = readable_inbound(row)
    title = f"Dari {mask_address(opened.contact)}" if opened else f"Dari {UNREADABLE}"
    text = _words_of(opened) if opened else UNREADABLE
    return Entry(row.received_at, title, text=text, inbound=row, given_up=was_given_up(row))


def _line(row: OutboxMessage) -> Line:
    return Line(
        id=row.id, channel=row.channel, title=title_of(row.template), recipient=recipient_of(row),
        created_at=row.created_at, state=row.state, state_at=row.state_at, error_code=row.error_code,
    )
