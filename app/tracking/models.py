"""Browsers that may see one registration for a short while."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime


class Visit(Base):
    """One browser following one registration; the cookie holds a token, the row its SHA-256.

    `with_pin` is true when the PIN was typed, false when a link of ours was opened: such a link may
    have gone to a number that is not the resident's.
    """

    __tablename__ = "tracking_visit"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    with_pin: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
