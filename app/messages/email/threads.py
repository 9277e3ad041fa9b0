"""Letters and their answers: which of ours a reply or a delivery report speaks of, what our next one refers to."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import exists, select

from app.base.database import db
from app.base.sealing import open_record, seal_record
from app.base.services import sealer
from app.mailbox.models import MailIn
from app.messages import delivery, states
from app.messages.email.smtp import message_index
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload

MOST_REFERENCES = 20


@dataclass(frozen=True)
class Thread:
    """Message-IDs a letter refers to and its own, oldest first."""

    references: list[str] = field(repr=False)


def letter_of(message_id: str) -> OutboxMessage | None:
    """The letter of ours to a resident that goes by this Message-ID."""
    query = select(OutboxMessage).where(OutboxMessage.to_office.is_(False))
    return db.session.scalar(query.where(OutboxMessage.reply_index == message_index(message_id)))


def answers_to_office(message_ids: Iterable[str]) -> bool:
    """Whether one of these is a letter of ours that went to the office itself."""
    indexes = [message_index(message_id) for message_id in message_ids]
    query = select(exists().where(OutboxMessage.to_office.is_(True), OutboxMessage.reply_index.in_(indexes)))
    return bool(db.session.scalar(query))


def references_of(row: OutboxMessage) -> tuple[str, ...]:
    """Message-IDs of the thread the letter belongs to, the one it answers last: what the resident wrote
    before it, else our own first letter."""
    if row.to_office:
        return ()
    query = select(MailIn).where(
        MailIn.about_id == row.about_id, MailIn.thread_sealed.is_not(None), MailIn.created_at <= row.created_at,
    )
    answered = db.session.scalar(query.order_by(MailIn.created_at.desc(), MailIn.uid.desc()).limit(1))
    if answered is not None:
        return tuple(open_thread(answered))
    ours = select(OutboxMessage).where(
        OutboxMessage.about_kind == row.about_kind, OutboxMessage.about_id == row.about_id,
        OutboxMessage.channel == row.channel, OutboxMessage.created_at < row.created_at,
        OutboxMessage.to_office.is_(False),
    )
    first = db.session.scalar(ours.order_by(OutboxMessage.created_at).limit(1))
    return (open_payload(first).message_id,) if first is not None else ()


def seal_thread(row: MailIn, references: list[str]) -> None:
    row.thread_sealed = seal_record(sealer(), Thread(references[-MOST_REFERENCES:]), _place(row))


def open_thread(row: MailIn) -> list[str]:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Thread, row.thread_sealed, _place(row)).references


def bounced(message_id: str, status: str) -> bool:
    """A delivery report says that this letter of ours failed; inside the caller's transaction. False when
    it is not ours or was known as failed."""
    row = _locked(message_id)
    if row is None or row.state == states.FAILED:
        return False
    delivery.give_up(row, f"bounced_{status}" if status else "bounced")
    return True


def proven(message_ids: tuple[str, ...]) -> None:
    """Somebody answered these letters, so they arrived; inside the caller's transaction."""
    for message_id in message_ids:
        row = _locked(message_id)
        if row is not None and row.state in (states.UNKNOWN, states.FAILED):
            delivery.arrive_at(row, states.SENT, row.provider_id)


def _locked(message_id: str) -> OutboxMessage | None:
    query = select(OutboxMessage).where(OutboxMessage.reply_index == message_index(message_id))
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _place(row: MailIn) -> str:
    return f"mail_in:{row.id}:thread"
