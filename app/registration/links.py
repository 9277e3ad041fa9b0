"""Making, finding and using up the links of `link_models.ApplicationLink`."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.base import clock
from app.base.database import db, transaction
from app.base.services import settings
from app.registration.link_models import ApplicationLink

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
