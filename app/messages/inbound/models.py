"""What people write to us. Numbers, names, texts and files are sealed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id

WAITING, STORED, REFUSED = "waiting", "stored", "refused"
ATTACHMENT_STATES = (WAITING, STORED, REFUSED)


class Contact(Base):
    """A number, or WhatsApp's `ID....` of a person who hides it, found by its keyed index.

    `last_inbound_at` opens the 24-hour window; `external_index` links a number to its `ID....`.
    """

    __tablename__ = "wa_contact"

    index: Mapped[str] = mapped_column("contact_index", String(64), primary_key=True)
    external_index: Mapped[str | None] = mapped_column(String(64), index=True)
    last_inbound_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InboundMessage(Base):
    """`payload_sealed` holds the whole message as JSON; `reply_to_id` the message it answers.

    `source` says how it came: by webhook, or found missing in the nightly comparison.
    """

    __tablename__ = "inbound_message"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    provider_id: Mapped[str] = mapped_column(String(64), unique=True)
    contact_index: Mapped[str] = mapped_column(String(64), index=True)
    payload_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[str] = mapped_column(String(10))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    failures: Mapped[int] = mapped_column(default=0)
    reply_to_id: Mapped[str | None] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    attachments: Mapped[list["InboundAttachment"]] = relationship(
        order_by="InboundAttachment.position", viewonly=True
    )


class InboundAttachment(Base):
    """A file of an inbound message: first its address at the provider, later our sealed copy."""

    __tablename__ = "inbound_attachment"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("inbound_message.id"))
    position: Mapped[int]
    source_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    content_type: Mapped[str] = mapped_column(String(40), default="")
    storage_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    refusal: Mapped[str] = mapped_column(String(30), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        CheckConstraint(f"state IN {ATTACHMENT_STATES}", name="known_state"),
        Index("ix_inbound_attachment_due", "state", "next_try_at"),
    )


class NumberProof(Base):
    """A code that a person sends us by WhatsApp from the number to be proven.

    `about` names the record it is for; `contact_index` is who sent it.
    """

    __tablename__ = "number_proof"

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    about_kind: Mapped[str] = mapped_column(String(20))
    about_id: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    contact_index: Mapped[str | None] = mapped_column(String(64))
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("about_kind", "about_id"),)
