"""Adding messages to the outbox. `enqueue` joins the caller's transaction: it never commits, never
sends. So a decision and the message about it are written together or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import BindParameter, Exists, bindparam, exists, select

from app.base import clock, journal
from app.base.database import db, insert_new
from app.base.ids import new_id, readable_code
from app.base.sealing import SealBroken, open_record, seal_record
from app.base.services import sealer
from app.identity.mask import mask_name
from app.messages import quota, states, texts
from app.messages.addresses import LETTER, VISIT, Recipient, contact_index, mask_address
from app.messages.catalogue import LETTERS_ALONE, MESSAGES, RECEIPT, RESULT, message_for, title_of
from app.messages.choose_gateway import CHANNELS, channel_of
from app.messages.email.smtp import message_index, new_message_id
from app.messages.models import OutboxMessage

log = structlog.get_logger()

UNREADABLE = "(tidak dapat dibuka)"
ERASED = "(sudah dihapus)"
OWN_WORDS = "(Surat ini juga memuat kata-kata petugas. Bacalah di perkaranya.)"


@dataclass(frozen=True)
class Wording:
    """What a letter says besides, or instead of, the message of the catalogue; a short message has no place for
    it. `words` stand above that message. `automatic`: no person wrote them, so that no machine answers."""

    subject: str = field(repr=False)
    words: str = field(default="", repr=False)
    automatic: bool = True


@dataclass(frozen=True)
class Payload:
    """The sealed part of a message: `to` is an address on its channel, values are cleaned. The rest is a letter's:
    see `Wording`; `message_id` is random, because whoever names it in a reply proves to have got the letter."""

    to: str = field(repr=False)
    variables: dict[str, str] = field(repr=False)
    subject: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    automatic: bool = True
    message_id: str = field(default="", repr=False)


def enqueue(
    template: str, *, to: Recipient, variables: Mapping[str, str], about: tuple[str, str],
    not_before: datetime | None = None, on_record: bool = False, wording: Wording | None = None,
    to_office: bool = False,
) -> OutboxMessage:
    """Add one message inside the caller's transaction, to be sent at `not_before` or at once.

    `about` is (kind, id) of the row it speaks of; `on_record` says that the address stands in an account;
    `to_office` that it is about the record and not for its owner. A message that strangers can cause may be
    withheld (`is_withheld`): whoever asked reads it on the page, which must not promise it. Raises KeyError for
    an unknown channel, ValueError for an unknown message or variables that are not exactly those of its definition.
    """
    channel, now = CHANNELS[to.channel], clock.now()
    alone = channel.letters and template in LETTERS_ALONE
    message = None if alone else message_for(template)
    values = {} if alone else texts.cleaned(message, variables)
    row = OutboxMessage(
        id=new_id(), channel=to.channel, template=template, about_kind=about[0], about_id=about[1],
        to_index=contact_index(to.address), to_office=to_office, created_at=now, state_at=now,
        next_try_at=not_before or now, share=RESULT if alone else message.share, state=states.PENDING,
    )
    if channel.limited:
        _judge(row, on_record)
    if channel.by_hand:
        payload = Payload(to.address, values)
        if message.is_code or message.share == RECEIPT or message.expires:
            row.state, row.error_code = states.CANCELLED, "on_paper" if message.share == RECEIPT else "no_phone_code"
    elif channel.letters:
        wording = wording or Wording(message.title)
        payload = Payload(
            to.address, values, wording.subject, wording.words, wording.automatic, new_message_id(),
        )
        row.reply_index = message_index(payload.message_id)
    else:
        payload = Payload(to.address, values)
    row.payload_sealed = seal_record(sealer(), payload, _context(row.id))
    if not (channel.by_hand or channel.letters):
        return _insert_with_code(row)
    db.session.add(row)
    return row


def _judge(row: OutboxMessage, on_record: bool) -> None:
    verdict = quota.judge_number(row.template, row.share, row.to_index, on_record)
    row.share = verdict.share
    if verdict.withheld:
        row.state, row.error_code = states.CANCELLED, verdict.withheld
        journal.record(
            "message_withheld", actor=journal.SYSTEM, about=("message", row.id), detail={"code": verdict.withheld},
        )


def is_withheld(row: OutboxMessage | None) -> bool:
    """Whether it was left to the page, from the start or later because the day was used up."""
    return row is not None and row.state == states.CANCELLED and row.error_code in quota.WITHHELD


def withheld_about(kind: str, id: BindParameter[str], template: str) -> Exists:
    """The same of a message of this kind about one record."""
    return exists().where(
        OutboxMessage.about_kind == kind, OutboxMessage.about_id == id, OutboxMessage.template == template,
        OutboxMessage.state == states.CANCELLED, OutboxMessage.error_code.in_(quota.WITHHELD),
    )


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
    """The whole text as the person reads it. Raises SealBroken, and ValueError for a message of the past."""
    payload = open_payload(row)
    return _text(row, payload.words, payload.variables)


def office_text_of(row: OutboxMessage) -> str:
    """The same for staff, who must not be able to use codes, PINs and links of a person, nor read the words of a
    case that is not theirs."""
    message, payload = MESSAGES.get(row.template), readable_payload(row)
    if payload is None or (message is None and not channel_of(row).letters):
        return UNREADABLE
    values = texts.for_office(message, payload.variables) if message else {}
    return _text(row, OWN_WORDS if payload.words else "", values)


def subject_of(row: OutboxMessage) -> str:
    """What a list calls it: the subject of a letter, else the title of the message."""
    payload = readable_payload(row) if channel_of(row).letters else None
    return payload.subject if payload and payload.subject else title_of(row.template)


def recipient_of(row: OutboxMessage) -> str:
    """Cut short, for lists."""
    payload = readable_payload(row)
    if payload is None:
        return UNREADABLE
    is_name = row.channel in (LETTER, VISIT) and row.erased_at is None
    return mask_name(payload.to.split("\n", 1)[0]) if is_name else mask_address(payload.to)


def erase_payload(row: OutboxMessage) -> None:
    """Recipient and words go, inside the caller's transaction; that it was sent, and what became of it, stay, and
    of a letter its Message-ID, which the rest of the thread refers to."""
    known, payload = MESSAGES.get(row.template), readable_payload(row)
    values = dict.fromkeys(known.variables if known else (), ERASED)
    kept = Payload("", values, message_id=payload.message_id if payload else "")
    row.payload_sealed = seal_record(sealer(), kept, _context(row.id))
    row.to_index = sealer().index("erased-message", row.id)
    row.erased_at = clock.now()


def forget_message(row: OutboxMessage) -> None:
    """The record it is about is erased: nothing of it goes out any more, and no reply finds it."""
    if row.erased_at is None:
        erase_payload(row)
    row.reply_index = None
    if row.state in states.WAITING:
        row.state, row.state_at, row.error_code = states.CANCELLED, clock.now(), "erased"
        row.lease_token = row.lease_until = None


def messages_about(kind: str, id: str) -> list[OutboxMessage]:
    """All messages about one record, oldest first."""
    return list(db.session.scalars(_ABOUT, {"kind": kind, "id": id}))


_ABOUT = select(OutboxMessage).where(
    OutboxMessage.about_kind == bindparam("kind"), OutboxMessage.about_id == bindparam("id"),
).order_by(OutboxMessage.created_at, OutboxMessage.id)


def _text(row: OutboxMessage, words: str, values: Mapping[str, str]) -> str:
    if channel_of(row).by_hand:
        return texts.spoken_text(message_for(row.template), values, row.channel)
    if not channel_of(row).letters:
        return texts.full_text(message_for(row.template), values, row.check_code)
    known = MESSAGES.get(row.template)
    said = texts.spoken_text(known, values) if known else ""
    return f"{words}\n\n{said}".strip()


def _context(message_id: str) -> str:
    return f"outbox:{message_id}"


def _insert_with_code(row: OutboxMessage) -> OutboxMessage:
    """The row as it stands in the database: a code that is taken inserts nothing, and another is drawn."""
    values = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    while True:
        if kept := insert_new(OutboxMessage, **values, check_code=readable_code(8)):
            return kept
