"""People who sign in, their sessions (a session is a row: ending it takes effect at once), and who of the office is on
duty."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, LargeBinary, String, false, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db, insert_once
from app.base.ids import new_id
from app.web.access import ROLES, holders_of, holds
from app.web.jabatan import JABATAN, JABATAN_ROLES

GOES_WITH = " OR ".join(
    f"jabatan = '{name}' AND role IN (" + ", ".join(f"'{role}'" for role in sorted(JABATAN_ROLES[name])) + ")"
    for name in JABATAN
)


class Staff(Base):
    """`one_time_until` ends a password made by somebody else; `totp_last_step` is the newest
    30-second step whose code was accepted, so that no code works twice (docs/security.md A7).

    `jabatan` is the function of line L of the service standard that this person holds, or empty.
    `password_hash` is empty until an invitation or reset link was used; `pin_hash` is a keyed hash of
    the six digits that open a locked screen, or None. `contact_sealed` is what `contact.py` keeps.
    """

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(12))
    jabatan: Mapped[str] = mapped_column(String(20), default="", server_default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    one_time_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_last_step: Mapped[int | None]
    pin_hash: Mapped[str | None] = mapped_column(String(64))
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="known_role"),
        CheckConstraint(f"jabatan = '' OR {GOES_WITH}", name="known_jabatan"),
    )

    @classmethod
    def who_may(cls, permission: str) -> ColumnElement[bool]:
        """Whoever holds it by role and jabatan, for a query."""
        return tuple_(cls.role, cls.jabatan).in_(holders_of(permission))


class RecoveryCode(Base):
    """One of the ten codes for a lost phone: keyed hash only, and used once."""

    __tablename__ = "staff_recovery_code"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Citizen(Base):
    """The product of the service: 'User baru'. One per NIK, by the unique index.

    `provisional_until` is set while SIAK has still to be looked at for an account approved without it.
    """

    __tablename__ = "citizen"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), unique=True)
    nik_index: Mapped[str] = mapped_column(String(64), unique=True)
    phone_index: Mapped[str] = mapped_column(String(64), index=True)
    personal_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    provisional_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignIn(Base):
    """One signed-in browser. The cookie holds a random token, the row only its SHA-256.

    `totp_offer_sealed` is the second-factor secret shown to this browser until it proves it;
    `proved_at` is when a password was last typed in this session, `locked_at` when its screen was
    locked, `misses` counts wrong tries at either since the last right one. `browser` names a family
    such as "Chrome di Windows".
    """

    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), index=True)
    citizen_id: Mapped[str | None] = mapped_column(ForeignKey("citizen.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_offer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    misses: Mapped[int] = mapped_column(default=0)
    browser: Mapped[str] = mapped_column(String(60), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("(staff_id IS NULL) <> (citizen_id IS NULL)", name="one_person"),
    )


# On duty: a switch of one's own, and the counter one sits at. Who is off takes no part in the sharing.

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
