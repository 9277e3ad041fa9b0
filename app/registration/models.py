"""Rows of a registration. What names a person is sealed; look-ups go through keyed indexes."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.casework.models import CaseEvent, Worked
from app.registration.photo_kinds import KINDS
from app.registration.status import DRAFT, REGISTRATION

HASH_BANDS = (1, 5, 9, 13)  # where each quarter of a perceptual hash begins, as SQL counts
BROKEN = "decided_at > due_at"
HELD = "assigned_to IS NOT NULL OR claimed_by IS NOT NULL"
UNCOUNTED = "minutes_until_decided IS NULL AND declared_complete_at IS NOT NULL AND decided_at IS NOT NULL"
UNPLACED = "village_index IS NULL AND personal_sealed IS NOT NULL"


class Application(Worked, Base):
    """One registration from draft to decision.

    `personal_sealed` holds the sealed JSON of `fields.Personal`, `typed_sealed` what is typed and not yet
    saved (`typed.py`). `left_token_hash` is of the phone a draft was moved away from.
    `version` rises with every change and is what a decision must name. The claim (who works on it
    now) and the clocks are written beside it, without a new version. `to_look` waits in *Perlu dilihat* (`bursts.py`).
    The three columns of minutes are written with the decision (`minutes.py`).
    """

    __tablename__ = "application"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    status: Mapped[str] = mapped_column(String(12), default=DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    draft_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    left_token_hash: Mapped[str | None] = mapped_column(String(64), index=True)

    number: Mapped[str | None] = mapped_column(String(9), unique=True)
    pin_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    personal_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    typed_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    nik_index: Mapped[str | None] = mapped_column(String(64), index=True)
    kk_index: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    flags: Mapped[list] = mapped_column(JSON, default=list)

    notice_version: Mapped[str] = mapped_column(String(20))
    notice_hash: Mapped[str] = mapped_column(String(64))
    notice_accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    survey_consent: Mapped[bool] = mapped_column(default=False)

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declared_complete_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declared_complete_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    minutes_until_declared: Mapped[int | None]
    minutes_mending: Mapped[int | None]
    minutes_until_decided: Mapped[int | None]
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    village_index: Mapped[str | None] = mapped_column(String(64))
    reached_by: Mapped[str] = mapped_column(String(10), default="", server_default="")
    filed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    mended: Mapped[bool] = mapped_column(default=False, server_default=false())
    doubtful: Mapped[bool] = mapped_column(default=False, server_default=false())
    to_look: Mapped[bool] = mapped_column(default=False, server_default=false())

    photos: Mapped[list["Photo"]] = relationship(
        primaryjoin="and_(Photo.application_id == Application.id, Photo.superseded_at.is_(None))",
        viewonly=True, order_by="Photo.created_at",
    )
    changes: Mapped[list["StatusChange"]] = relationship(order_by="StatusChange.id", viewonly=True)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint(f"status IN {tuple(REGISTRATION.states)}", name="known_status"),
        CheckConstraint("status = 'draft' OR (number IS NOT NULL AND personal_sealed IS NOT NULL"
                        " AND nik_index IS NOT NULL AND submitted_at IS NOT NULL)", name="sent_is_whole"),
        # warn_at, so that looking for what is nearly due never leaves the index
        Index("ix_application_queue", "status", "to_look", "due_at", "submitted_at", "id", "warn_at"),
        Index("ix_application_mended", "status", "mended", "to_look", "due_at", "submitted_at", "id"),
        Index("ix_application_doubtful", "status", "doubtful", "to_look", "due_at", "submitted_at", "id"),
        Index("ix_application_sent", "status", "submitted_at", "id"),
        # all that figures of a span of time count, so that counting never leaves the index
        Index("ix_application_decided", "decided_at", "status", "mended", "declared_complete_at", "due_at",
              "minutes_until_declared", "minutes_mending", "minutes_until_decided",
              sqlite_where=text("decided_at IS NOT NULL"), postgresql_where=text("decided_at IS NOT NULL")),
        # few of all: what came too late, what is in somebody's hands, what one person decided
        Index("ix_application_broken", "due_at", "status", "declared_complete_at", "decided_at", "id",
              sqlite_where=text(BROKEN), postgresql_where=text(BROKEN)),
        Index("ix_application_held", "status", "assigned_to", "claimed_by", "claim_until",
              sqlite_where=text(HELD), postgresql_where=text(HELD)),
        Index("ix_application_decided_by", "decided_by", "decided_at"),
        Index("ix_application_uncounted", "id", sqlite_where=text(UNCOUNTED), postgresql_where=text(UNCOUNTED)),
        # people read one half of a number out
        Index("ix_application_number_end", text("substr(number, 6)")),
        *(Index(f"ix_application_{column}", column, sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"))
          for column in ("claimed_by", "assigned_to", "next_warning_at")),
        Index("ix_application_unplaced", "id", sqlite_where=text(UNPLACED), postgresql_where=text(UNPLACED)),
    )

    def photo(self, kind: str) -> "Photo | None":
        return next((photo for photo in self.photos if photo.kind == kind), None)


class Photo(Base):
    """A sealed photo: the row names two objects in the photo store, the picture and its small copy.

    `fingerprint` is a keyed index of the cleaned picture, so that the same photo is recognised.
    """

    __tablename__ = "photo"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    storage_key: Mapped[str] = mapped_column(String(64), unique=True)
    thumbnail_key: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_sha256: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    perceptual_hash: Mapped[str] = mapped_column(String(16))
    width: Mapped[int]
    height: Mapped[int]
    hints: Mapped[list] = mapped_column(JSON, default=list)
    upload_id: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        Index("uq_photo_current", "application_id", "kind", unique=True,
              sqlite_where=text("superseded_at IS NULL"), postgresql_where=text("superseded_at IS NULL")),
        # near copies share one of these quarters, see doubles.py
        *(Index(f"ix_photo_band_{start}", text(f"substr(perceptual_hash, {start}, 4)")) for start in HASH_BANDS),
    )


class NameWord(Base):
    """Keyed index of one word of the applicant's name, for search without plain names; `sent_at` is the registration's,
    so that the newest namesakes are found without reading all."""

    __tablename__ = "application_name_word"

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), primary_key=True)
    word_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_application_name_word_newest", "word_index", "sent_at", "application_id"),
        Index("ix_application_name_word_undated", "application_id", sqlite_where=text("sent_at IS NULL"),
              postgresql_where=text("sent_at IS NULL")),
    )


class StatusChange(CaseEvent, Base):
    """One move of the status table: who, when, from, to. Never changed afterwards."""

    __tablename__ = "status_change"

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    reasons: Mapped[list["Reason"]] = relationship(order_by="Reason.id", lazy="selectin")

    __table_args__ = (
        Index("ix_status_change_actor", "actor_id", "at"), Index("ix_status_change_act", "act", "at"),
        Index("ix_status_change_at", "at", "from_status", "to_status"),
    )


class Reason(Base):
    """Why an application was returned or rejected: item, catalogue code, optional sealed sentence."""

    __tablename__ = "status_reason"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id"), index=True)
    item: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(30))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
