"""Codes sent to prove a WhatsApp number, and requests that an operator decides."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.casework.models import Worked

PASSWORD, NUMBER = "password", "number"
OPEN, APPROVED, REFUSED = "open", "approved", "refused"


class CodeChallenge(Base):
    """One asking for codes, made alike whether or not the NIK has an account.

    The browser holds a token of which the row keeps the SHA-256. `code_hash` is a keyed hash;
    `second_hash` is that of the code to the old number when a number is changed; `phone_sealed` is
    then the new one. For a password it is empty once the longer second code was asked for. `tries`
    counts wrong and right ones.
    """

    __tablename__ = "code_challenge"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(10))
    nik_index: Mapped[str] = mapped_column(String(64), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    second_hash: Mapped[str | None] = mapped_column(String(64))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("purpose IN ('password', 'number')", name="known_purpose"),)


class AccountRequest(Worked, Base):
    """The old number is lost: a fresh selfie with KTP asks an operator for a new one.

    `citizen_id` is empty when no account has this NIK; the sender is not told. `signed_in` says that
    the password was proved. One person proposes the change (`proposed_by`), another decides. The selfie is
    erased on its schedule, the row stays as proof.
    """

    __tablename__ = "account_request"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10), default=OPEN)
    citizen_id: Mapped[str | None] = mapped_column(ForeignKey("citizen.id"), index=True)
    nik_index: Mapped[str] = mapped_column(String(64), index=True)
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    signed_in: Mapped[bool] = mapped_column(default=False)
    selfie_key: Mapped[str] = mapped_column(String(64), unique=True)
    selfie_sha256: Mapped[str] = mapped_column(String(64))
    selfie_erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proposed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(String(30), default="")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("kind IN ('new_number')", name="known_kind"),
        CheckConstraint("status IN ('open', 'approved', 'refused')", name="known_status"),
        CheckConstraint(
            "status <> 'approved' OR proposed_by IS NULL OR decided_by <> proposed_by", name="two_people"
        ),
        Index("ix_account_request_queue", "status", "created_at", "id"),
    )
