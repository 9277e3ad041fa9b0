"""Rows of the desk: evidence, recorded warnings, and what keeps staff from their own cases."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime

# kinds of notes: why it was declared complete and returned after all; why two are no doubles; why photos were
# looked at without working on the case; what a second person is asked; why one person declared and decided
RETURNED_LATE, NOT_DOUBLE, PHOTO_REASON = "returned_late", "not_double", "photo_reason"
SECOND_ASKED, ALONE = "second_asked", "alone"
UNAVAILABLE = "siak = 'unavailable'"


class CaseEvidence(Base):
    """What one member of staff found in one sending of a case; `change_id` is that sending (submit,
    resubmit). Everybody answers for himself, so each has a row.

    `nik_read_sealed` is the NIK typed from the photo, `answers` maps points of the checklist to answers,
    `first_answers` those given before the answers of others were shown, `siak` is a result of the list in
    `checklist.py`. `sentences_sealed` is JSON: point -> why the answer stands although something speaks
    against it.
    """

    __tablename__ = "case_evidence"

    change_id: Mapped[int] = mapped_column(
        ForeignKey("status_change.id"), primary_key=True, autoincrement=False
    )
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    nik_read_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answers: Mapped[dict] = mapped_column(JSON, default=dict)
    first_answers: Mapped[dict] = mapped_column(JSON, default=dict)
    sentences_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    siak: Mapped[str] = mapped_column(String(20), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    __table_args__ = (
        Index("ix_case_evidence_unavailable", "at", sqlite_where=text(UNAVAILABLE), postgresql_where=text(UNAVAILABLE)),
    )


class SiakOutage(Base):
    """When SIAK was away, as somebody of the office recorded it: it explains lateness and hides none.

    `source` says how it is known (a letter of the ministry, a notice, seen at the counter). Open while
    `ended_at` is None."""

    __tablename__ = "siak_outage"

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(200))
    recorded_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    __table_args__ = (CheckConstraint("ended_at IS NULL OR ended_at > began_at", name="ends_after_it_began"),)


class SecondLook(Base):
    """That somebody was not sure and asked for a second person: `asked_of`, or anybody else when None.
    Open until somebody has decided what becomes of the case."""

    __tablename__ = "second_look"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"))
    change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id"))
    asked_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    asked_of: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("asked_of IS NULL OR asked_of <> asked_by", name="another_person"),
        Index("uq_second_look_open", "application_id", unique=True,
              sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
        Index("ix_second_look_change", "change_id", "asked_by"),
    )


class AccountBasis(Base):
    """What an approval rests on (standar pelayanan M). The constraints repeat the rules of `checklist.py`, so
    that no account can be approved against them, whatever the code above forgets. `alone`: declared and
    decided by one person, who wrote why."""

    __tablename__ = "account_basis"

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), primary_key=True)
    declared_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    decided_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    alone: Mapped[bool]
    nik: Mapped[str] = mapped_column(String(12))
    ktp: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(12))
    face: Mapped[str] = mapped_column(String(12))
    card: Mapped[str] = mapped_column(String(12))
    signature: Mapped[str] = mapped_column(String(12))
    siak: Mapped[str] = mapped_column(String(20))
    open_doubles: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    __table_args__ = (
        CheckConstraint("alone OR declared_by <> decided_by", name="two_people"),
        CheckConstraint("nik = 'equal'", name="nik_was_read"),
        CheckConstraint("ktp = 'ya' AND name = 'ya' AND face = 'ya' AND card = 'ya'", name="certain"),
        CheckConstraint("signature IN ('ya', 'tidak_pasti')", name="signature_not_refused"),
        CheckConstraint("siak IN ('found', 'unavailable')", name="siak_not_against"),
        CheckConstraint("open_doubles = 0", name="doubles_settled"),
    )


class SiakRecheck(Base):
    """An account that was approved while SIAK could not be opened: who looks again and until when.

    `result` is "" until somebody looked, then a result of `checklist.py`. Anything but "found" has
    suspended the account; a later "found" opens it again.
    """

    __tablename__ = "siak_recheck"

    application_id: Mapped[str] = mapped_column(ForeignKey("account_basis.application_id"), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    result: Mapped[str] = mapped_column(String(20), default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))

    __table_args__ = (
        CheckConstraint("(checked_at IS NULL) = (result = '')", name="checked_is_whole"),
        CheckConstraint("result <> 'unavailable'", name="not_put_off"),
        Index("ix_siak_recheck_open", "due_at", sqlite_where=text("checked_at IS NULL"),
              postgresql_where=text("checked_at IS NULL")),
    )


class OnePersonDay(Base):
    """A day (WIB) on which a supervisor lets one person declare and decide, each time with a reason."""

    __tablename__ = "one_person_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    opened_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ClockWarning(Base):
    """That a clock came near its due moment, or passed it; written once for each due moment."""

    __tablename__ = "clock_warning"

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), primary_key=True)
    clock_name: Mapped[str] = mapped_column("clock", String(10), primary_key=True)
    level: Mapped[str] = mapped_column(String(10), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    __table_args__ = (
        Index("ix_clock_warning_due", "clock", "level", "due_at"), Index("ix_clock_warning_at", "at", "level"),
    )


class StaffKin(Base):
    """Keyed indexes of the own NIK and KK of a member of staff, and nothing else of them."""

    __tablename__ = "staff_kin"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    nik_index: Mapped[str] = mapped_column(String(64))
    kk_index: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
