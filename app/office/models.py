"""Links by which a member of staff chooses a password, and requests that a second person decides."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id

RESET, SUPERVISOR = "reset", "supervisor"
OPEN, APPROVED, RECOVERED, REFUSED = "open", "approved", "recovered", "refused"


class StaffInvitation(Base):
    """The address holds a random token, the row only its SHA-256. Works once and until `expires_at`."""

    __tablename__ = "staff_invitation"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffRequest(Base):
    """What an administrator asks for a colleague and a supervisor decides: a password made anew (`reset`,
    with the second factor too when its phone is lost), or the role of a supervisor (`supervisor`), with the
    `jabatan` it shall have.

    Worth nothing from `expires_at` on. `recovered` is a reset that the colleague settled with a recovery
    code of their own; then `decided_by` is empty.
    """

    __tablename__ = "staff_request"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(10), default=OPEN)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    asked_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    second_factor: Mapped[bool] = mapped_column(default=False)
    jabatan: Mapped[str] = mapped_column(String(20), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("kind IN ('reset', 'supervisor')", name="known_kind"),
        CheckConstraint("status IN ('open', 'approved', 'recovered', 'refused')", name="known_status"),
        CheckConstraint(
            "decided_by IS NULL OR status <> 'approved' OR (decided_by <> asked_by AND decided_by <> staff_id)",
            name="two_people",
        ),
        Index("ix_staff_request_waiting", "status", "expires_at"),
    )
