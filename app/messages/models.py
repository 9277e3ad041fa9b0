"""Messages: the outbox and what is known of each, and what people write to us. The row of the outbox is the queue
item. Numbers, names, texts and files are sealed."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.messages import states
from app.messages.addresses import WHATSAPP

LONGEST_CODE = 60  # of an error
# of an attachment
WAITING, STORED, REFUSED = "waiting", "stored", "refused"
ATTACHMENT_STATES = (WAITING, STORED, REFUSED)


class OutboxMessage(Base):
    """One message on one channel, a key of CHANNELS. `payload_sealed` is an outbox.Payload; `template` is a key
    of the catalogue.

    `to_index` is the keyed index of the address, for the thread of one person. `check_code` stands in every
    short message; a letter has none. `reply_index` is the keyed index of the Message-ID a letter goes out with,
    by which replies and delivery reports find it. `to_office`: about the record and not to its owner, so no
    reply to it is theirs.
    `as_template` forces the approved template after the free text was refused (Twilio 63016).
    `share` is its class, a position in the catalogue's SHARES, and its turn when several are due.
    `resends` counts sends made although an earlier one may have gone out.
    """

    __tablename__ = "outbox_message"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(10), default=WHATSAPP)
    template: Mapped[str] = mapped_column(String(60))
    payload_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    to_index: Mapped[str] = mapped_column(String(64), index=True)
    about_kind: Mapped[str] = mapped_column(String(20))
    about_id: Mapped[str] = mapped_column(String(32), index=True)
    to_office: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default=states.PENDING)
    check_code: Mapped[str | None] = mapped_column(String(9), unique=True)
    reply_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    first_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    resends: Mapped[int] = mapped_column(default=0)
    as_template: Mapped[bool] = mapped_column(default=False)
    share: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    provider_id: Mapped[str | None] = mapped_column(String(64), index=True)
    error_code: Mapped[str | None] = mapped_column(String(LONGEST_CODE))
    state_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[list["OutboxAttempt"]] = relationship(order_by="OutboxAttempt.id", viewonly=True)
    receipts: Mapped[list["OutboxReceipt"]] = relationship(order_by="OutboxReceipt.at", viewonly=True)

    __table_args__ = (
        CheckConstraint(f"state IN {states.ALL}", name="known_state"),
        Index("ix_outbox_due", "state", "next_try_at"),
        Index("ix_outbox_turn", "channel", "state", "share", "next_try_at", "id"),
    )

    @property
    def about(self) -> tuple[str, str]:
        return self.about_kind, self.about_id


class OutboxAttempt(Base):
    """One call of the gateway, written before the call. `outcome` stays empty when the worker died.
    `counted`: it takes a place among the recipients of the day."""

    __tablename__ = "outbox_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(12), default="")
    code: Mapped[str | None] = mapped_column(String(LONGEST_CODE))
    counted: Mapped[bool] = mapped_column(default=True, server_default=true())


class OutboxReceipt(Base):
    """The provider's id of one accepted send, from whichever side we learned it: its answer, a
    callback, or a look-up. Two for one message that did not fail are a message sent twice."""

    __tablename__ = "outbox_receipt"

    provider_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    learned_from: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    failed: Mapped[bool] = mapped_column(default=False, server_default=false())


class StatusEvent(Base):
    """One status the provider reported, kept as it came and applied by the worker."""

    __tablename__ = "wa_status_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(32), default="")
    status: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(20), default="")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message_id: Mapped[str | None] = mapped_column(String(32))

    __table_args__ = (
        UniqueConstraint("provider_id", "status", "code"),
        Index("ix_wa_status_event_waiting", "applied_at", "id"),
    )


class ChannelState(Base):
    """How long one way out rests, and why; no row while nothing ever went wrong. `stopped_code` of WhatsApp is
    an error of the account, of e-mail a server that is away."""

    __tablename__ = "channel_state"

    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    slowdowns: Mapped[int] = mapped_column(default=0)
    stopped_code: Mapped[str | None] = mapped_column(String(LONGEST_CODE))
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MessageTemplate(Base):
    """A message as the provider knows it. `names` says what {{1}}, {{2}}, ... of this version are."""

    __tablename__ = "wa_template"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(60), index=True)
    version: Mapped[int]
    names: Mapped[list] = mapped_column(JSON)
    body_hash: Mapped[str] = mapped_column(String(64))
    provider_id: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(20), default="unsubmitted")
    rejection: Mapped[str] = mapped_column(String(300), default="")
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


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
    content_type: Mapped[str] = mapped_column(String(80), default="")
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
