"""Rows of the desk: notes, evidence, recorded warnings, and what keeps staff from their own cases."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.extensions import Base, UtcDateTime

DRAFT, TAKEN_OVER, RETURNED_LATE = "draft", "taken_over", "returned_late"
NOT_DOUBLE, PHOTO_REASON = "not_double", "photo_reason"


class CaseNote(Base):
    """What a member of staff wrote about a case, sealed.

    Kinds: the one draft note a case has; why it was taken over; why it was declared complete and
    returned after all; why two are no doubles; why photos were looked at without working on the case.
    """

    __tablename__ = "case_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_case_note_application", "application_id", "kind"),)


class CaseEvidence(Base):
    """What the staff found in one sending of a case; `change_id` is that sending (submit, resubmit).

    `nik_read_sealed` is the NIK typed from the photo, `answers` maps points of the checklist to
    answers, `siak` is a result of the list in `checklist.py`.
    """

    __tablename__ = "case_evidence"

    change_id: Mapped[int] = mapped_column(
        ForeignKey("status_change.id"), primary_key=True, autoincrement=False
    )
    nik_read_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answers: Mapped[dict] = mapped_column(JSON, default=dict)
    siak: Mapped[str] = mapped_column(String(20), default="")
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class ClockWarning(Base):
    """That a clock came near its due moment, or passed it; written once for each due moment."""

    __tablename__ = "clock_warning"

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), primary_key=True)
    clock_name: Mapped[str] = mapped_column("clock", String(10), primary_key=True)
    level: Mapped[str] = mapped_column(String(10), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class StaffKin(Base):
    """Keyed indexes of the own NIK and KK of a member of staff, and nothing else of them."""

    __tablename__ = "staff_kin"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    nik_index: Mapped[str] = mapped_column(String(64))
    kk_index: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
