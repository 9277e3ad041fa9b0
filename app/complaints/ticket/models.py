"""Rows of the complaint inbox. Words, names, contacts and files are sealed; look-ups go through keyed indexes."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.casework.kinds import NEW, TRAYS
from app.casework.models import CaseEvent, Worked
from app.complaints.ticket.status import ARRIVED, TICKET
from app.complaints.ticket.words import ANSWER_BY, BY_PAGE, COMPLAINT, KINDS, OTHER

INBOUND, OUTBOUND, NOTE = "in", "out", "note"
INTERNAL = "internal"  # the kind of a note among colleagues (app/casework/notes.py)
DIRECTIONS = (INBOUND, OUTBOUND, NOTE)
PHOTO, PDF, AUDIO, FILE = "photo", "pdf", "audio", "file"
STORED, WAITING, REFUSED = "stored", "waiting", "refused"

LATE = "first_answered_at IS NULL OR first_answered_at > resolve_due_at"
# What the inbox filters by, the least selective first. Every list is a walk of the index that begins with
# one of them; the others stand in the same index, so that a line that does not fit costs no look at the
# row. Without statistics SQLite takes the index that was made last, hence the order.
FILTERED = ("kind", "unit", "category", "channel", "assigned_to")
_TOLD_APART = (*FILTERED, "about_staff", "about_staff_id")
LIST_INDEXES = tuple(
    Index(f"ix_ticket_{first}", *dict.fromkeys((first, "tray", "due_at", "id", *_TOLD_APART)))
    for first in ("tray", *FILTERED)
)


class Ticket(Worked, Base):
    """One complaint. `content_sealed` holds {subject, place}, `contact_sealed` {name, phone, email, address}.

    `received_at` is when the resident spoke, `created_at` when it was typed here. `due_at` is the end of
    the present stage (when closed: the moment of closing) and orders every list; `tray` says which list.
    `version` rises with every act and is what an answer must name.
    """

    __tablename__ = "ticket"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    pin_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(12), default=ARRIVED)
    tray: Mapped[str] = mapped_column(String(10), default=NEW)
    is_open: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    channel: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(12), default=COMPLAINT)
    category: Mapped[str] = mapped_column(String(20), default=OTHER)
    needs_examination: Mapped[bool] = mapped_column(default=False)
    # about one registration that is late: one working day instead of fourteen
    lateness: Mapped[bool] = mapped_column(default=False, server_default=false())
    anonymous: Mapped[bool] = mapped_column(default=False)
    secret: Mapped[bool] = mapped_column(default=False)
    about_staff: Mapped[bool] = mapped_column(default=False)
    about_staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    contact_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(String(64))
    email_index: Mapped[str | None] = mapped_column(String(64))
    happened_on: Mapped[date | None]
    outside_reference: Mapped[str] = mapped_column(String(60), default="")
    answer_by: Mapped[str] = mapped_column(String(10), default=BY_PAGE)

    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    last_said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolve_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    followed_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened: Mapped[int] = mapped_column(default=0)
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome: Mapped[str] = mapped_column(String(20), default="")
    # the letter or WhatsApp message with our answer that did not arrive, while nobody was reached since
    lost_message_id: Mapped[str | None] = mapped_column(String(32))
    # whether words lie here of which nobody has said yet whether they are the resident's
    unsure: Mapped[bool] = mapped_column(default=False, server_default=false())
    survey_consent: Mapped[bool] = mapped_column(default=False, server_default=false())
    # of the place it is about, where that names a kelurahan, or of the registration it is tied to
    village_index: Mapped[str | None] = mapped_column(String(64))
    # closed as no complaint by somebody alone, and not looked through by a supervisor yet
    dismissal_unseen: Mapped[bool] = mapped_column(default=False, server_default=false())

    unit: Mapped[str] = mapped_column(String(20), default="")
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id"))
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("ticket.id"))
    split_from_id: Mapped[str | None] = mapped_column(ForeignKey("ticket.id"))
    incident_id: Mapped[str | None] = mapped_column(ForeignKey("incident.id"))
    rating: Mapped[int | None]
    rating_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    rated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    messages: Mapped[list["TicketMessage"]] = relationship(order_by="TicketMessage.position", viewonly=True)
    events: Mapped[list["TicketEvent"]] = relationship(order_by="TicketEvent.id", viewonly=True)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint(f"status IN {tuple(TICKET.states)}", name="known_status"),
        CheckConstraint(f"tray IN {TRAYS}", name="known_tray"),
        CheckConstraint(f"kind IN {tuple(KINDS)}", name="known_kind"),
        CheckConstraint(f"answer_by IN {tuple(ANSWER_BY)}", name="known_answer_by"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_1_to_5"),
        *LIST_INDEXES,
        # without the many that have none: else SQLite, which knows only means, believes that one has as many
        *(Index(f"ix_ticket_{name.removesuffix('_index')}", name, "received_at",
                sqlite_where=text(f"{name} IS NOT NULL"), postgresql_where=text(f"{name} IS NOT NULL"))
          for name in ("phone_index", "email_index", "application_id", "merged_into_id", "split_from_id",
                       "incident_id")),
        # all that figures of a span of time count, so that counting never leaves the index
        Index("ix_ticket_received", "received_at", "id", "status", "outcome", "kind", "channel", "category", "secret",
              "is_open", "resolve_due_at", "first_answered_at", "reopened", "rating"),
        Index("ix_ticket_open", "resolve_due_at", "received_at", "status", "outcome", "reopened", "about_staff",
              "assigned_to", "claimed_by", "claim_until",
              sqlite_where=text("is_open IS 1"), postgresql_where=text("is_open IS true")),
        # few of all: what was or is answered too late, or not yet
        Index("ix_ticket_late", "resolve_due_at", "received_at", "first_answered_at", "closed_at", "is_open", "status",
              "outcome", sqlite_where=text(LATE), postgresql_where=text(LATE)),
        Index("ix_ticket_closed", "closed_at", "status"),
        Index("ix_ticket_arrival", "tray", "received_at", "id"),
        Index("ix_ticket_outside", "outside_reference"),
        Index("ix_ticket_next_warning_at", "next_warning_at", sqlite_where=text("next_warning_at IS NOT NULL"),
              postgresql_where=text("next_warning_at IS NOT NULL")),
        Index("ix_ticket_unplaced", "id", sqlite_where=text("village_index IS NULL"),
              postgresql_where=text("village_index IS NULL")),
        Index("ix_ticket_unsure", "unsure", "due_at", "id", *_TOLD_APART),
        Index("ix_ticket_dismissal_unseen", "dismissal_unseen", "due_at", "id", *_TOLD_APART),
    )


class Incident(Base):
    """One thing that happened to many (*kejadian*): their tickets are answered together, each with its own answer.
    `title_sealed` is a colleague's words for it."""

    __tablename__ = "incident"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    title_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReadyAnswer(Base):
    """A text the office keeps for answers; `name` is what is typed for it (/gratis), `final` whether it ends a case.
    While there is none those of the city file serve."""

    __tablename__ = "ready_answer"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    text: Mapped[str] = mapped_column(String(1000))
    final: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))


class TicketCounter(Base):
    """The last number given in one year; counted inside the ticket's own transaction, so without gaps."""

    __tablename__ = "ticket_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class TicketMessage(Base):
    """One thing said: by the resident (`in`) or by us (`out`). What colleagues note stands in app/casework/notes.py;
    a `note` here was written by a program of before.

    `external_index` is the keyed index of the id it has outside (an e-mail's Message-ID, WhatsApp's id);
    it makes a second arrival harmless. `final` marks an answer that ends the case.

    `doubt` is why these words may not be the resident's (words.DOUBTS, "" for no doubt), `doubt_answer`
    what a person found; `sender_sealed` the address they came from when it is not the ticket's. `inbound_id`
    names the WhatsApp message they came with, and `split_into_id` the ticket that was made of them: both say
    whose rule of visibility the words follow. Neither is a foreign key: what came in is erased earlier.
    """

    __tablename__ = "ticket_message"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"))
    position: Mapped[int]
    direction: Mapped[str] = mapped_column(String(4))
    channel: Mapped[str] = mapped_column(String(20))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    author_kind: Mapped[str] = mapped_column(String(10))
    author_id: Mapped[str] = mapped_column(String(32), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    final: Mapped[bool] = mapped_column(default=False)
    external_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    outbox_id: Mapped[str | None] = mapped_column(ForeignKey("outbox_message.id"))
    call_outcome: Mapped[str] = mapped_column(String(20), default="")
    doubt: Mapped[str] = mapped_column(String(20), default="", server_default="")
    doubt_answer: Mapped[str] = mapped_column(String(10), default="", server_default="")
    sender_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # what stands folded below the words: our own letter they answer; and what could not be read (words.UNREAD)
    quoted_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    unread: Mapped[str] = mapped_column(String(100), default="", server_default="")
    # a word of thanks or a thumb: it opened nothing and moved no clock
    is_courtesy: Mapped[bool] = mapped_column(default=False, server_default=false())
    inbound_id: Mapped[str | None] = mapped_column(String(32), index=True)
    split_into_id: Mapped[str | None] = mapped_column(String(32))
    # words of ours are for the resident's eyes only once they cannot be taken back any more
    shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attachments: Mapped[list["TicketAttachment"]] = relationship(
        order_by="TicketAttachment.position", viewonly=True
    )

    __table_args__ = (
        UniqueConstraint("ticket_id", "position"),
        CheckConstraint(f"direction IN {DIRECTIONS}", name="known_direction"),
    )


class TicketAttachment(Base):
    """A file of a message: sealed in the photo store, a photo with its small copy.

    `waiting` is one that WhatsApp still has to hand over (`source_id` names its row there); `refused` one
    that could not be taken, `refusal` says why, so that the officer knows there was something.
    """

    __tablename__ = "ticket_attachment"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("ticket_message.id"), index=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), index=True)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=STORED)
    kind: Mapped[str] = mapped_column(String(10))
    content_type: Mapped[str] = mapped_column(String(80), default="")
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(default=0)
    storage_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    thumbnail_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    sealed_sha256: Mapped[str] = mapped_column(String(64), default="")
    source_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    refusal: Mapped[str] = mapped_column(String(30), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(f"kind IN {(PHOTO, PDF, AUDIO, FILE)}", name="known_kind"),
        CheckConstraint(f"state IN {(STORED, WAITING, REFUSED)}", name="known_state"),
        Index("ix_ticket_attachment_waiting", "state", "created_at"),
    )


class TicketEvent(CaseEvent, Base):
    """One act on a ticket: who, when, from, to. `detail` holds codes and ids only. Never changed afterwards."""

    __tablename__ = "ticket_event"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), index=True)
    detail: Mapped[dict] = mapped_column(JSON, default=dict)


class TicketNameWord(Base):
    """Keyed index of one word of the complainant's name, for search without plain names; `received_at` is
    the ticket's, so that the newest namesakes are found without reading all."""

    __tablename__ = "ticket_name_word"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    word_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_ticket_name_word_newest", "word_index", "received_at", "ticket_id"),)
