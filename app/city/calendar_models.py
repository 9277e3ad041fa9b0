"""The days that are not like other days. A day without a row is decided by its weekday alone."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime


class CalendarDay(Base):
    """A day off, or one that was and is worked after all (`is_working`). Rows are never deleted.

    `changed_by` is empty as long as the row is as it was seeded. `revision` rises with every change
    of the table, so that a process sees that its copy is old.
    """

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(500), default="")
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)
    revision: Mapped[int] = mapped_column(index=True)
