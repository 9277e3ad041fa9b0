"""One link, one use: whoever holds it chooses the password; the administrator never knows one. And requests that a
second person decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts import sessions
from app.accounts.models import Staff
from app.accounts.passwords import hash_password
from app.accounts.sessions import STAFF, token_hash
from app.base import clock, journal
from app.base.database import Base, UtcDateTime, db, end_reading, transaction
from app.base.ids import new_id, new_token
from app.base.problems import FormRejected, NotFound
from app.base.services import city, settings
from app.city.dates import show_moment
from app.identity.findings import FieldError
from app.identity.password import check_staff_password
from app.office.contacts import tell

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


PATH = "/petugas/undangan/"
INVITED_LIFE = timedelta(hours=72)
RESET_LIFE = timedelta(minutes=30)


class LinkOver(NotFound):
    message = "Tautan ini tidak berlaku lagi. Minta tautan baru kepada admin."


@dataclass(frozen=True)
class NewLink:
    """Of a new account it is shown once to the administrator, who hands it over in person or by telephone; of
    an account that somebody has been it goes to that person's own contact (resets.py)."""

    address: str
    expires_at: datetime


def new_link(staff: Staff, life: timedelta = INVITED_LIFE) -> NewLink:
    """A link inside the caller's transaction; earlier ones stop working, and so does the password."""
    drop_links(staff)
    staff.password_hash, staff.must_change_password, staff.one_time_until = "", True, None
    token, now = new_token(), clock.now()
    db.session.add(StaffInvitation(
        token_hash=token_hash(token), staff_id=staff.id, created_at=now, expires_at=now + life,
    ))
    return NewLink(f"{settings().public_base_url}{PATH}{token}", now + life)


def drop_links(staff: Staff) -> None:
    """Inside the caller's transaction."""
    db.session.execute(delete(StaffInvitation).where(StaffInvitation.staff_id == staff.id))


def invited(token: str) -> Staff:
    """Whom the link is for. Raises LinkOver alike for unknown, used and expired ones."""
    staff = db.session.scalar(
        select(Staff).join(StaffInvitation, StaffInvitation.staff_id == Staff.id)
        .where(*_working(token), Staff.disabled_at.is_(None))
    )
    if staff is None:
        raise LinkOver()
    return staff


def accept(token: str, new: str, again: str) -> str:
    """Set the password and use up the link. Returns the token of a session in which the second
    factor is still due. Raises LinkOver, and FormRejected naming the field."""
    staff = invited(token)
    _check(staff, new, again)
    end_reading()
    password_hash = hash_password(new)
    with transaction() as session:
        used = session.execute(
            update(StaffInvitation).where(*_working(token)).values(used_at=clock.now())
        )
        if used.rowcount != 1:
            raise LinkOver()
        staff = _owner(token)
        staff.password_hash, staff.must_change_password, staff.one_time_until = password_hash, False, None
        sessions.end_all_of(STAFF, staff.id)
        tell(staff, "pegawai_sandi_diganti", tgl_jam=show_moment(clock.now()), kontak=city().contacts.phone)
        journal.record("invitation_accepted", actor=journal.Actor(STAFF, staff.id), about=(STAFF, staff.id))
        return sessions.start_staff(staff)


def _check(staff: Staff, new: str, again: str) -> None:
    if new != again:
        raise FormRejected({"new_password_again": ["Kedua isian kata sandi harus sama."]})
    try:
        check_staff_password(new, username=staff.username, name=staff.name)
    except FieldError as error:
        raise FormRejected({"new_password": [error.message]}) from None


def _owner(token: str) -> Staff:
    """The owner of a link just used, inside the caller's transaction. Raises LinkOver when disabled."""
    row = db.session.get_one(StaffInvitation, token_hash(token))
    staff = db.session.get_one(Staff, row.staff_id)
    if staff.disabled_at is not None:
        raise LinkOver()
    return staff


def _working(token: str) -> tuple:
    return (
        StaffInvitation.token_hash == token_hash(token), StaffInvitation.used_at.is_(None),
        StaffInvitation.expires_at > clock.now(),
    )
