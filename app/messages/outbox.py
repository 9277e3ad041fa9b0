"""Adding messages to the outbox. `enqueue` joins the caller's transaction: it never commits, never
sends. So a decision and the message about it are written together or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import exists, select

from app.base import clock, journal
from app.base.database import db
from app.base.ids import new_id, readable_code
from app.base.sealing import SealBroken, open_record, seal_record
from app.base.services import sealer
from app.messages import number_limits, states, texts
from app.messages.addresses import mask_address
from app.messages.catalogue import MESSAGES, message_for
from app.messages.models import OutboxMessage

log = structlog.get_logger()

UNREADABLE = "(tidak dapat dibuka)"
ERASED = "(sudah dihapus)"


@dataclass(frozen=True)
class Payload:
    """The sealed part of a message: `to` is E.164 or WhatsApp's `ID....`, values are cleaned."""

    to: str
    variables: dict[str, str]


def enqueue(
    template: str, *, to: str, variables: Mapping[str, str], about: tuple[str, str],
    not_before: datetime | None = None, on_record: bool = False,
) -> OutboxMessage:
    """Add one message inside the caller's transaction, to be sent at `not_before` or at once.

    `about` is (kind, id) of the row it speaks of; `on_record` says that the number stands in an account.
    A message that strangers can cause may be withheld (`is_withheld`): whoever asked reads it on the page,
    which must not promise it. Raises ValueError for an unknown message or
    variables that are not exactly those of its definition.
    """
    message = message_for(template)
    values = texts.cleaned(message, variables)
    to_index = contact_index(to)
    verdict = number_limits.judge(template, message.share, to_index, on_record)
    now = clock.now()
    row = OutboxMessage(
        id=new_id(), template=template, about_kind=about[0], about_id=about[1],
        to_index=to_index, check_code=_free_code(), created_at=now, state_at=now,
        next_try_at=not_before or now, share=verdict.share, state=states.PENDING,
    )
    if verdict.withheld:
        row.state, row.error_code = states.CANCELLED, verdict.withheld
        journal.record(
            "message_withheld", actor=journal.SYSTEM, about=("message", row.id), detail={"code": verdict.withheld},
        )
    row.payload_sealed = seal_record(sealer(), Payload(to, values), _context(row.id))
    db.session.add(row)
    return row


def is_withheld(row: OutboxMessage | None) -> bool:
    """Whether it was left to the page, from the start or later because the day was used up."""
    return row is not None and row.state == states.CANCELLED and row.error_code in number_limits.WITHHELD


def open_payload(row: OutboxMessage) -> Payload:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Payload, row.payload_sealed, _context(row.id))


def readable_payload(row: OutboxMessage) -> Payload | None:
    """None when it does not open: a key is missing or the row was altered. Nothing else may stop for it."""
    try:
        return open_payload(row)
    except SealBroken:
        log.exception("message_unreadable", message=row.id)
        return None


def text_of(row: OutboxMessage) -> str:
    """The whole text as the person reads it."""
    return texts.full_text(message_for(row.template), open_payload(row).variables, row.check_code)


def office_text_of(row: OutboxMessage) -> str:
    """The same for staff, who must not be able to use codes, PINs and links of a person."""
    message, payload = MESSAGES.get(row.template), readable_payload(row)
    if message is None or payload is None:
        return UNREADABLE
    return texts.full_text(message, texts.for_office(message, payload.variables), row.check_code)


def recipient_of(row: OutboxMessage) -> str:
    """Cut short, for lists."""
    payload = readable_payload(row)
    return mask_address(payload.to) if payload else UNREADABLE


def erase_payload(row: OutboxMessage) -> None:
    """Recipient and values go, inside the caller's transaction; that it was sent, and its fate, stay."""
    known = MESSAGES.get(row.template)
    values = dict.fromkeys(known.variables if known else (), ERASED)
    row.payload_sealed = seal_record(sealer(), Payload("", values), _context(row.id))
    row.to_index = sealer().index("erased-message", row.id)
    row.erased_at = clock.now()


def messages_about(kind: str, id: str) -> list[OutboxMessage]:
    """All messages about one record, oldest first."""
    query = select(OutboxMessage).where(OutboxMessage.about_kind == kind, OutboxMessage.about_id == id)
    return list(db.session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def contact_index(address: str) -> str:
    """The keyed index of a number or of WhatsApp's `ID....`; shared with the registration's phone."""
    return sealer().index("phone", address)


def _context(message_id: str) -> str:
    return f"outbox:{message_id}"


def _free_code() -> str:
    while True:
        code = readable_code(8)
        if not db.session.scalar(select(exists().where(OutboxMessage.check_code == code))):
            return code
