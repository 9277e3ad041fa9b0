"""Who is on duty: a switch of one's own, and the counter one sits at. Who is off takes no part in the sharing."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, false, select
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import Staff
from app.base.database import Base, UtcDateTime, db, insert_once
from app.web.access import holds


class StaffDuty(Base):
    """`off_since` is None for who is on duty. `late_notice`: wants to hear of late work by WhatsApp or e-mail too."""

    __tablename__ = "staff_duty"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    off_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counter: Mapped[str] = mapped_column(String(20), default="")
    late_notice: Mapped[bool] = mapped_column(default=False, server_default=false())


def duty_of(staff_id: str) -> StaffDuty:
    """The row, made inside the caller's transaction when there is none."""
    insert_once(StaffDuty, staff_id=staff_id, counter="", late_notice=False)
    return db.session.get(StaffDuty, staff_id, with_for_update=True, populate_existing=True)


def may_receive(staff_id: str, permission: str) -> bool:
    """Whether work may be given to somebody: the account is open, and holds this permission."""
    chosen = db.session.get(Staff, staff_id)
    return chosen is not None and chosen.disabled_at is None and holds(chosen, permission)


def is_off(staff_id: str) -> bool:
    return db.session.scalar(select(StaffDuty.off_since).where(StaffDuty.staff_id == staff_id)) is not None


def off_duty():
    """A query of the ids of who is off."""
    return select(StaffDuty.staff_id).where(StaffDuty.off_since.is_not(None))
