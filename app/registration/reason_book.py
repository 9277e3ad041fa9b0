"""The catalogue of reasons as it stands now: `reasons.py`, reworded and added to by an administrator.

A reason that is no longer offered keeps its words, because cases of before still name it.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db
from app.registration.reasons import CATALOGUE, CatalogueReason


class ReasonText(Base):
    """What an administrator wrote over an entry of the catalogue, or an entry of their own."""

    __tablename__ = "reason_text"

    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    act: Mapped[str] = mapped_column(String(10))
    item: Mapped[str] = mapped_column(String(20))
    office: Mapped[str] = mapped_column(String(60))
    citizen: Mapped[str] = mapped_column(String(300))
    advice: Mapped[str] = mapped_column(String(200))
    offered: Mapped[bool]
    changed_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


def reason_of(code: str) -> CatalogueReason | None:
    """None for a code that stands nowhere."""
    row = db.session.get(ReasonText, code)
    return _entry(row) if row is not None else CATALOGUE.get(code)


def all_reasons() -> list[CatalogueReason]:
    """Those of the catalogue in its order, then those added here."""
    rows = {row.code: _entry(row) for row in db.session.scalars(select(ReasonText).order_by(ReasonText.changed_at))}
    known = [rows.pop(code, entry) for code, entry in CATALOGUE.items()]
    return known + list(rows.values())


def offered(act: str) -> tuple[CatalogueReason, ...]:
    """What may be chosen now for a return or a rejection."""
    return tuple(entry for entry in all_reasons() if entry.act == act and entry.offered)


def _entry(row: ReasonText) -> CatalogueReason:
    return CatalogueReason(row.code, row.act, row.item, row.office, row.citizen, row.advice, row.offered)
