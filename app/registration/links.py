"""Links that open one registration without number and PIN: making, finding and using them up; and what is
mended of a returned one."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db, transaction
from app.base.services import sealer, settings
from app.guessing import budgets
from app.guessing.budgets import Mark
from app.registration.models import Application

FOLLOW, MEND, RESUME = "follow", "mend", "resume"
PURPOSES = (FOLLOW, MEND, RESUME)


class ApplicationLink(Base):
    """A link sent by message. The row holds only the SHA-256 of its token.

    FOLLOW and MEND open one registration's status and what was returned of it, without the PIN; RESUME
    moves one draft, once, and `used_at` ends it. None opens anything else.
    """

    __tablename__ = "application_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint(f"purpose IN {PURPOSES}", name="known_purpose"),)


class MendedItem(Base):
    """One returned item that the resident has mended; `change_id` is the act that returned it.

    `before_sealed` is what stood in a field before, for the officer to compare; empty for a photo.
    """

    __tablename__ = "mended_item"

    change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(20), primary_key=True)
    mended_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    before_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class MendReminder(Base):
    """A reminder that was sent, so that none is sent twice. `day` counts from the return."""

    __tablename__ = "mend_reminder"

    change_id: Mapped[int] = mapped_column(ForeignKey("status_change.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


PATH = "/lacak/t/"
FOLLOW_LIFE = timedelta(days=14)
FORGET_AT_ONCE = 1000


def new_link(application_id: str, purpose: str, life: timedelta) -> str:
    """The address of a new link, made inside the caller's transaction.

    128 random bits in hex: no sign that WhatsApp would leave out at the end of an address.
    """
    token, now = secrets.token_hex(16), clock.now()
    db.session.add(ApplicationLink(
        token_hash=_hash(token), application_id=application_id, purpose=purpose,
        created_at=now, expires_at=now + life,
    ))
    return f"{settings().public_base_url}{PATH}{token}"


def find_link(token: str) -> ApplicationLink | None:
    """The link while it works; None for an unknown, used or expired one alike."""
    return db.session.scalar(select(ApplicationLink).where(*_working(_hash(token))))


def use_up(token: str) -> str | None:
    """End the link inside the caller's transaction; the application's id for the first who does."""
    link = find_link(token)
    if link is None:
        return None
    ended = update(ApplicationLink).where(*_working(link.token_hash)).values(used_at=clock.now())
    return link.application_id if db.session.execute(ended).rowcount == 1 else None


def forget_expired_links() -> int:
    """Remove links nobody can use, a bounded number at once; returns how many. A job of the worker."""
    over = select(ApplicationLink.token_hash).where(ApplicationLink.expires_at < clock.now()).limit(FORGET_AT_ONCE)
    with transaction() as session:
        return session.execute(delete(ApplicationLink).where(ApplicationLink.token_hash.in_(over))).rowcount


def _working(token_hash: str) -> tuple:
    return (
        ApplicationLink.token_hash == token_hash, ApplicationLink.used_at.is_(None),
        ApplicationLink.expires_at > clock.now(),
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def number_index(number: str) -> str:
    return sealer().index("tracking-number", number)


def mark_of(application: Application) -> Mark:
    """By what a browser of one registration is known again (docs/limits.md)."""
    return budgets.mark_of(budgets.TRACKING, number_index(application.number or ""), application.id)
