"""`Telepon pemohon`: a message did not arrive, so a person says it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.casework.models import Worked
from app.correspondence.status import OPEN
from app.messages.models import LONGEST_CODE, OutboxMessage


class CallTask(Worked, Base):
    """One a message. `outcome` is how the last call ended (status.OUTCOMES)."""

    __tablename__ = "call_task"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("outbox_message.id"), unique=True)
    status: Mapped[str] = mapped_column(String(10), default=OPEN)
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(String(LONGEST_CODE))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    calls: Mapped[int] = mapped_column(default=0)
    last_call_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    closed_by: Mapped[str] = mapped_column(String(32), default="")
    outcome: Mapped[str] = mapped_column(String(20), default="")
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    message: Mapped[OutboxMessage] = relationship(viewonly=True)

    __table_args__ = (
        Index("ix_call_task_open", "status", "opened_at", "id"),
        Index("ix_call_task_closed", "status", "closed_at", "id"),
    )
    __mapper_args__ = {"version_id_col": version}
