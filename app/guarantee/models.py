"""Rows of a guarantee: one for each registration ever, what was not as promised, and what happened since."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.casework.models import CaseEvent, Worked
from app.complaints.ticket.words import BREACHES
from app.guarantee.status import GUARANTEE, OPENED, RULES, SOURCES

CODE, SIGNATURE, SLIP = "code", "signature", "slip"
PROOFS: dict[str, str] = {CODE: "kode cocok", SIGNATURE: "tanda tangan di HP", SLIP: "foto tanda terima"}
RELATIONS: dict[str, str] = {"self": "Pemohon", "family": "Anggota KK"}


class Guarantee(Worked, Base):
    """`application_id` is None for a complaint about no registration, `ticket_id` for a broken promise. The clock
    counts from `counted_from`. The letter opens the account once, by `letter_hash`, until `letter_until`;
    `handover_sealed` are the six digits its owner reads out once it is in hand. `visit_from`, `visit_until`: when the
    courier comes. `receiver_sealed` names who took it, `proof_sealed` is a picture of signature or slip. `rule` says
    why nothing is brought.
    """

    __tablename__ = "guarantee"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    status: Mapped[str] = mapped_column(String(12), default=OPENED)
    version: Mapped[int] = mapped_column(default=1)
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id"), unique=True)
    ticket_id: Mapped[str | None] = mapped_column(String(32), index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_from: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)
    rule: Mapped[str] = mapped_column(String(12), default="")
    letter_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    letter_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    letter_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    letter_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    courier_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    handover_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    wrong_codes: Mapped[int] = mapped_column(default=0)
    visit_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    visit_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    visits: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receiver_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    relation: Mapped[str] = mapped_column(String(10), default="")
    proof: Mapped[str] = mapped_column(String(10), default="")
    proof_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    breaches: Mapped[list["Breach"]] = relationship(order_by="Breach.id", viewonly=True)
    events: Mapped[list["GuaranteeEvent"]] = relationship(order_by="GuaranteeEvent.id", viewonly=True)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint(f"status IN {tuple(GUARANTEE.states)}", name="known_status"),
        CheckConstraint("application_id IS NOT NULL OR ticket_id IS NOT NULL", name="owed_to_somebody"),
        CheckConstraint(f"rule IN {('', *RULES)}", name="known_rule"),
        CheckConstraint(
            f"status <> 'delivered' OR (proof IN {tuple(PROOFS)} AND relation IN {tuple(RELATIONS)}"
            " AND delivered_at IS NOT NULL AND (proof = 'code' OR proof_sealed IS NOT NULL))",
            name="closed_with_proof",
        ),
        CheckConstraint("status <> 'apologised' OR rule <> ''", name="apology_names_its_rule"),
        CheckConstraint("status NOT IN ('delivered', 'declined', 'apologised') OR closed_at IS NOT NULL",
                        name="closed_when_over"),
        Index("ix_guarantee_list", "status", "due_at", "id"),
        Index("ix_guarantee_courier", "courier_id", "status"),
        Index("ix_guarantee_opened", "opened_at"),
        *(Index(f"ix_guarantee_{name}", name, sqlite_where=text(f"{name} IS NOT NULL"),
                postgresql_where=text(f"{name} IS NOT NULL")) for name in ("next_warning_at",)),
    )


class Breach(Base):
    """One thing that was not as the standard says. Several may join one guarantee, which is counted once. Shown to the
    resident from `shown_at`; `void_at` when the answer that said so was taken back."""

    __tablename__ = "guarantee_breach"

    id: Mapped[int] = mapped_column(primary_key=True)
    guarantee_id: Mapped[str] = mapped_column(ForeignKey("guarantee.id"), index=True)
    breach: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(10))
    ticket_id: Mapped[str | None] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    promised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shown_at: Mapped[datetime] = mapped_column(UtcDateTime)
    void_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(f"breach IN {tuple(BREACHES)}", name="known_breach"),
        CheckConstraint(f"source IN {tuple(SOURCES)}", name="known_source"),
    )


class GuaranteeEvent(CaseEvent, Base):
    """One act, never changed afterwards. `once` is what the courier's phone called it, so that a note that is sent
    again when the line is back counts once. `happened_at` is what the phone said."""

    __tablename__ = "guarantee_event"

    guarantee_id: Mapped[str] = mapped_column(ForeignKey("guarantee.id"), index=True)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    detail: Mapped[dict] = mapped_column(JSON, default=dict)
    once: Mapped[str | None] = mapped_column(String(40), unique=True)
