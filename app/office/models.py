"""Links by which a member of staff chooses a password: for the first time, or anew after a reset."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.extensions import Base, UtcDateTime


class StaffInvitation(Base):
    """The address holds a random token, the row only its SHA-256. Works once and until `expires_at`."""

    __tablename__ = "staff_invitation"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
