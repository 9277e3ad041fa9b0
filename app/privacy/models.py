"""What a resident asked about the own data, and the answer; the words of both sides are sealed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.base.sealing import open_record, seal_record
from app.base.services import sealer
from app.casework.models import Worked
from app.privacy.kinds import KINDS, STATUSES


class RightsRequest(Worked, Base):
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
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    ground: Mapped[str] = mapped_column(String(20), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint(f"kind IN {tuple(KINDS)}", name="known_kind"),
        CheckConstraint(f"status IN {STATUSES}", name="known_status"),
        Index("ix_rights_request_queue", "status", "due_at", "id"),
        Index("ix_rights_request_answered", "status", "answered_at", "id"),
    )


ERASED = "Isi sudah dihapus sesuai masa simpan."


@dataclass(frozen=True)
class Asked:
    """What was asked: free words, and for a correction the field and its normalised new value."""

    text: str
    field: str = ""
    value: str = ""


def asked_of(row: RightsRequest) -> Asked:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Asked, row.text_sealed, _context(row, "text"))


def answer_of(row: RightsRequest) -> str:
    if row.answer_sealed is None:
        return ""
    return sealer().open(row.answer_sealed, _context(row, "answer")).decode()


def seal_asked(row: RightsRequest, asked: Asked) -> None:
    row.text_sealed = seal_record(sealer(), asked, _context(row, "text"))


def seal_answer(row: RightsRequest, text: str) -> None:
    row.answer_sealed = sealer().seal(text.encode(), _context(row, "answer"))


def blank(row: RightsRequest) -> None:
    """The words of both sides go, inside the caller's transaction; kind, decision and moments stay."""
    seal_asked(row, Asked(ERASED))
    seal_answer(row, ERASED)
    row.erased_at = clock.now()


def _context(row: RightsRequest, part: str) -> str:
    return f"rights_request:{row.id}:{part}"
