"""Rows of those who oversee: a month signed off, a notice of the office, a weekly note sent."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id


class MonthSigned(Base):
    """That one overseer has looked at a month, named by its first day; once, and never taken back. `jabatan` is what
    the person was then, `remark_sealed` what was to be said."""

    __tablename__ = "month_signed"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    jabatan: Mapped[str] = mapped_column(String(20))
    remark_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class OfficeNotice(Base):
    """What everybody reads on every page from `begins_at` until `ends_at`: a closure or an outage, and what to do
    instead. `ended_at` is set when it was taken down early."""

    __tablename__ = "office_notice"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(120))
    instead: Mapped[str] = mapped_column(Text)
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("ends_at > begins_at", name="ends_after_it_begins"),
        Index("ix_office_notice_shown", "ends_at", "begins_at"),
    )


class WeeklyNote(Base):
    """That a person was written to about a week, named by its Monday: once, by however many workers."""

    __tablename__ = "weekly_note"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
