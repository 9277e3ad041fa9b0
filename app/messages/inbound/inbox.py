"""What people write to us: stored at once and once, understood later by the worker.

The webhook only verifies and stores. Everything else, a listener of another feature included, runs
in the worker's transaction for that message, so that a failure loses nothing.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import select, update

from app.base import clock, journal
from app.base.database import db, end_reading, insert_once, transaction
from app.base.ids import new_id
from app.base.sealing import SealBroken, open_record, seal_record
from app.base.services import sealer
from app.messages import contacts, proving
from app.messages.addresses import contact_index
from app.messages.choose_gateway import gateway
from app.messages.gateway import Attachment, InboundNews
from app.messages.inbound import attachments
from app.messages.models import InboundMessage, OutboxReceipt

log = structlog.get_logger()

BATCH = 50
MOST_FAILURES = 5
LOOK_BACK = timedelta(days=2)
STOP_WORDS, START_WORDS = ("STOP", "BERHENTI"), ("MULAI", "START")
# kinds of message that say nothing by themselves (Twilio's MessageType) -> as people read them
SILENT = {"reaction": "(Reaksi)", "sticker": "(Stiker)"}
NOTHING_TO_READ = "(Pesan WhatsApp jenis ini tidak dapat dibaca di sini.)"


@dataclass(frozen=True)
class Inbound:
    """The sealed part of an inbound message. `contact` is E.164 or WhatsApp's `ID....`; `attachments`
    are the fields of `Attachment`, as they were told by the provider; `kind` is its word for what it is: text, image,
    reaction, sticker, unsupported ("" when it does not say)."""

    contact: str
    text: str
    profile_name: str
    external_id: str
    replied_to: str
    opt: str
    kind: str = ""
    attachments: list[dict[str, str]] = field(default_factory=list, repr=False)


# other features that want to hear of each message; called once per message inside its transaction
Listener = Callable[[InboundMessage, Inbound], None]
LISTENERS: list[Listener] = []


def keep(news: InboundNews, source: str) -> bool:
    """Store one message inside the caller's transaction. False when it was known."""
    row_id = new_id()
    told = asdict(news)
    sealed_part = Inbound(**{name: told[name] for name in Inbound.__dataclass_fields__})
    return insert_once(
        InboundMessage, id=row_id, provider_id=news.provider_id, source=source,
        contact_index=contact_index(news.contact), received_at=news.received_at or clock.now(), failures=0,
        payload_sealed=seal_record(sealer(), sealed_part, _context(row_id)),
    )


def open_inbound(row: InboundMessage) -> Inbound:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Inbound, row.payload_sealed, _context(row.id))


def readable_inbound(row: InboundMessage) -> Inbound | None:
    """None when it does not open: a key is missing or the row was altered. Nothing else may stop for it."""
    try:
        return open_inbound(row)
    except SealBroken:
        log.exception("inbound_unreadable", message=row.id)
        return None


def silence_of(inbound: Inbound) -> str:
    """What a message is that says nothing by itself: a reaction, or a kind with neither words nor files; "" for any
    other."""
    has_something = bool(inbound.text.strip() or inbound.attachments)
    return SILENT.get(inbound.kind, "") or ("" if has_something else NOTHING_TO_READ)


def was_given_up(row: InboundMessage) -> bool:
    """No code of ours could work through it: a person has to read it."""
    return row.handled_at is None and row.failures >= MOST_FAILURES


def handle_new() -> int:
    """Work through what came in. A message that fails is tried again, and stops no other."""
    waiting = select(InboundMessage.id).where(
        InboundMessage.handled_at.is_(None), InboundMessage.failures < MOST_FAILURES
    )
    ids = list(db.session.scalars(waiting.order_by(InboundMessage.received_at).limit(BATCH)))
    end_reading()
    return sum(_handled(message_id) for message_id in ids)


def compare_with_provider() -> int:
    """Find messages whose webhook never reached us (nightly). Returns how many were missing."""
    missing = 0
    for news in gateway().inbound_since(clock.now() - LOOK_BACK):
        with transaction():
            if keep(news, source="compared"):
                missing += 1
                journal.record(
                    "inbound_recovered", actor=journal.SYSTEM, about=("inbound", news.provider_id[-32:])
                )
    return missing


def _handled(message_id: str) -> bool:
    try:
        with transaction() as session:
            row = session.get(InboundMessage, message_id, with_for_update=True, populate_existing=True)
            if row is None or row.handled_at is not None:
                return False  # another worker was faster
            _understand(row, open_inbound(row))
            row.handled_at = clock.now()
            return True
    except Exception as error:  # a message that no code of ours can read must not block those behind it
        log.exception("inbound_failed", message=message_id, kind=type(error).__name__)
        with transaction() as session:
            session.execute(
                update(InboundMessage).where(InboundMessage.id == message_id)
                .values(failures=InboundMessage.failures + 1)
            )
        return False


def _understand(row: InboundMessage, inbound: Inbound) -> None:
    external = contact_index(inbound.external_id) if inbound.external_id else None
    contacts.heard_from(row.contact_index, external, row.received_at)
    _heed_wish(row.contact_index, inbound)
    proving.accept_code(inbound.text, row.contact_index)
    if inbound.replied_to:
        receipt = db.session.get(OutboxReceipt, inbound.replied_to)
        row.reply_to_id = receipt.message_id if receipt else None
    attachments.expect(row, [
        Attachment(found["url"], found.get("declared_type", "")) for found in inbound.attachments
    ])
    for listener in LISTENERS:
        listener(row, inbound)


def _heed_wish(index: str, inbound: Inbound) -> None:
    word = re.sub(r"[^A-Z]", "", inbound.text.upper()) if len(inbound.text) < 20 else ""
    if inbound.opt == "STOP" or word in STOP_WORDS:
        contacts.opt_out(index)
    elif inbound.opt == "START" or word in START_WORDS:
        contacts.opt_in(index)


def _context(message_id: str) -> str:
    return f"inbound:{message_id}"
