"""Links that open one registration without number and PIN, and what is mended of a returned one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime

FOLLOW, MEND, RESUME = "follow", "mend", "resume"
PURPOSES = (FOLLOW, MEND, RESUME)


class ApplicationLink(Base):
    """A link sent by message. The row holds only the SHA-256 of its token.

    FOLLOW and MEND open one registration's status and what was returned of it, without the PIN; RESUME
    moves one draft, once, and `used_at` ends it. None opens anything else.
    """

    __tablename__ = "application_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint(f"purpose IN {PURPOSES}", name="known_purpose"),)


class MendedItem(Base):
    """One returned item that the resident has mended; `change_id` is the act that returned it.

    `before_sealed` is what stood in a field before, for the officer to compare; empty for a photo.
    """

    __tablename__ = "mended_item"

    change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(20), primary_key=True)
    mended_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    before_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class MendReminder(Base):
    """A reminder that was sent, so that none is sent twice. `day` counts from the return."""

    __tablename__ = "mend_reminder"

    change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
