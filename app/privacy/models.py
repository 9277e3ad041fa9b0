"""What a resident asked about the own data, and the answer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.privacy.kinds import KINDS, STATUSES


class RightsRequest(Base):
    """`text_sealed` holds {"text", "field", "value"} as JSON; `answer_sealed` a plain sentence.

    `citizen_id` is empty when it was asked with number and PIN instead of the account's password.
    `due_at` is 3 x 24 hours after `opened_at` (UU 27/2022 art. 30, 32, 41): nights and holidays count.
    `ground` is a code of kinds.GROUNDS, for a refusal only.
    """

    __tablename__ = "rights_request"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    citizen_id: Mapped[str | None] = mapped_column(ForeignKey("citizen.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(10))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    ground: Mapped[str] = mapped_column(String(20), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(f"kind IN {tuple(KINDS)}", name="known_kind"),
        CheckConstraint(f"status IN {STATUSES}", name="known_status"),
        Index("ix_rights_request_queue", "status", "due_at", "id"),
    )
