"""Claiming an e-mail so that of any number of workers exactly one sends it: a lease, committed before
the server is called (as in `notifications.claims`)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, select, update

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.complaints.ticket.models import MailOut

# longer than all steps of one SMTP conversation may take together (at most ten of 10 s)
LEASE = timedelta(minutes=3)
BATCH = 100


@dataclass(frozen=True)
class Claim:
    mail_id: str
    token: str


def claim_next() -> Claim | None:
    """Claim the letter that is due longest. None when nothing is due."""
    due = db.session.scalar(_due())
    end_reading()  # a plain read first: an idle worker must not take the write lock every second
    if due is None:
        return None
    with transaction() as session:
        mail_id = session.scalar(_due().with_for_update(skip_locked=True))
        if mail_id is None:
            return None
        token, now = new_id(), clock.now()
        claimed = session.execute(
            update(MailOut).where(MailOut.id == mail_id, MailOut.state == "pending").values(
                state="sending", state_at=now, lease_token=token, lease_until=now + LEASE,
                attempts=MailOut.attempts + 1,
                first_try_at=case((MailOut.first_try_at.is_(None), now), else_=MailOut.first_try_at),
            )
        )
        return Claim(mail_id, token) if claimed.rowcount == 1 else None


def expired() -> list[str]:
    """Letters whose worker died, or hangs, between the call and its record."""
    query = select(MailOut.id).where(MailOut.state == "sending", MailOut.lease_until < clock.now())
    found = list(db.session.scalars(query.limit(BATCH)))
    end_reading()
    return found


def _due():
    return (
        select(MailOut.id).where(MailOut.state == "pending", MailOut.next_try_at <= clock.now())
        .order_by(MailOut.next_try_at, MailOut.id).limit(1)
    )
