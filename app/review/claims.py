"""Who works on a case now: an exclusive claim that lets go by itself.

A claim is decided by one conditional UPDATE. It lasts ten minutes from the last sign of a person at
work; the page asks every minute and says whether somebody was (an open page alone holds nothing). The
token goes with every act, so that whoever lost the claim meanwhile changes nothing. A claim makes no
new version of the case.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, or_, select, update

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, NotAllowed, NotFound, StaleDecision
from app.registration.models import Application
from app.registration.status import DRAFT, WAITING
from app.registration.transitions import lock_application
from app.review import notes, rights
from app.review.models import TAKEN_OVER

LIFE = timedelta(minutes=10)
NOBODY = {"claimed_by": None, "claim_token": None, "claim_until": None}


@dataclass(frozen=True)
class Holder:
    """Who holds a case, and until when unless they go on working."""

    id: str
    name: str
    until: datetime


def holder_of(application: Application) -> Holder | None:
    """None when it is free, or the claim has lapsed."""
    if application.claimed_by is None or application.claim_until <= clock.now():
        return None
    name = db.session.get_one(Staff, application.claimed_by).name
    return Holder(application.claimed_by, name, application.claim_until)


def take(application_id: str, staff: Staff) -> str | None:
    """Claim the case inside the caller's transaction; the token, or None when somebody else has it.

    Who holds it already keeps the token, so that a second tab does not cut off the first.
    """
    now = clock.now()
    mine = (Application.claimed_by == staff.id) & (Application.claim_until > now)
    free = or_(Application.claimed_by.is_(None), Application.claim_until <= now, mine)
    claimed = _write(
        (Application.id == application_id, Application.status.in_(WAITING), free),
        claim_token=case((mine, Application.claim_token), else_=new_id()),
        claimed_by=staff.id, claim_until=now + LIFE,
        taken_up_at=case((Application.taken_up_at.is_(None), now), else_=Application.taken_up_at),
    )
    if not claimed:
        return None
    return db.session.scalar(select(Application.claim_token).where(Application.id == application_id))


def beat(application_id: str, token: str, is_active: bool) -> bool:
    """Hold on to the claim while somebody works. Whether it is held now.

    Who comes back after a pause goes on, unless somebody else took the case meanwhile.
    """
    now = clock.now()
    held = (Application.id == application_id, Application.claim_token == token)
    if not is_active:
        return db.session.scalar(select(Application.id).where(*held, Application.claim_until > now)) is not None
    with transaction():
        return _write(held, claim_until=now + LIFE)


def release(application_id: str, token: str) -> None:
    """Let go, so that somebody else may take it. Without the claim nothing happens."""
    with transaction():
        drop(application_id, Application.claim_token == token)


def drop(application_id: str, *conditions) -> None:
    """End the claim inside the caller's transaction."""
    _write((Application.id == application_id, *conditions), **NOBODY)


def take_over(application_id: str, reason: str, to_id: str, staff: Staff) -> None:
    """Take the case from whoever holds it and hand it to `to_id`, or to nobody ("").

    Draft note and answers stay with the case. Raises FormRejected without a reason, NotAllowed when
    the case is no work for that person.
    """
    if not reason:
        raise FormRejected({"reason": ["Tulis alasan mengambil alih."]})
    with transaction():
        application = lock_application(application_id)
        if application.status == DRAFT:
            raise NotFound()
        before = application.claimed_by
        drop(application_id)
        if to_id:
            _hand_to(application, to_id)
        note = notes.add_note(application_id, TAKEN_OVER, reason, staff.id)
        journal.record(
            "claim_taken_over", actor=journal.Actor("staff", staff.id), about=("application", application_id),
            detail={"from": before or "", "to": to_id, "note": note.id},
        )


def hand_over(application_id: str, token: str, to_id: str, staff: Staff) -> None:
    """Give the case one holds to a colleague. Raises StaleDecision when it is not held any more,
    NotAllowed when the case is no work for that person."""
    with transaction():
        application = lock_application(application_id)
        if not token or (application.claim_token, application.claimed_by) != (token, staff.id):
            raise StaleDecision("Berkas ini tidak sedang Anda pegang.")
        drop(application_id)
        _hand_to(application, to_id)
        journal.record(
            "claim_handed_over", actor=journal.Actor("staff", staff.id), about=("application", application_id),
            detail={"to": to_id},
        )


def colleagues() -> list[Staff]:
    """Whom a case may be handed to."""
    roles = ("petugas", "operator")
    query = select(Staff).where(Staff.role.in_(roles), Staff.disabled_at.is_(None))
    return list(db.session.scalars(query.order_by(Staff.name)))


def _hand_to(application: Application, to_id: str) -> None:
    receiver = db.session.get(Staff, to_id)
    if receiver is None or receiver.disabled_at or not rights.works_on(application, receiver):
        raise NotAllowed("Berkas ini tidak dapat diserahkan kepada petugas itu.")
    take(application.id, receiver)


def _write(conditions: tuple, **values) -> bool:
    """One UPDATE beside the version: a claim is no change of the case."""
    statement = update(Application).where(*conditions).values(updated_at=Application.updated_at, **values)
    return db.session.execute(statement.execution_options(synchronize_session=False)).rowcount == 1
