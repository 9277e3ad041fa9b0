"""Registrations as the engine sees them: who finds, who may work on them, what is written when they change hands."""

from collections import Counter

from sqlalchemy import select

from app.accounts.duty import is_off, off_duty
from app.accounts.models import Staff
from app.base import journal
from app.base.database import db, once_a_page
from app.base.problems import NotFound
from app.casework.claims import load_of
from app.casework.desk import Desk
from app.casework.moving import locked
from app.registration.models import Application
from app.registration.status import DRAFT, REGISTRATION, WAITING
from app.review import rights
from app.review.take_back import take_back

ACTIONS = {"take_over": "claim_taken_over", "hand_over": "claim_handed_over"}


def find_case(application_id: str, staff: Staff | None = None, lock: bool = False) -> Application:
    """Any application that has been sent; drafts belong to their resident alone."""
    application = locked(Application, application_id) if lock else db.session.get(Application, application_id)
    if application is None or application.status == DRAFT:
        raise NotFound()
    return application


@once_a_page
def colleagues() -> list[Staff]:
    """Whom a case may be handed to: who is on duty."""
    query = select(Staff).where(Staff.who_may("take_case"), Staff.disabled_at.is_(None), Staff.id.not_in(off_duty()))
    return list(db.session.scalars(query.order_by(Staff.name)))


def receivers() -> list[tuple[str, str]]:
    """(id, name) of them."""
    return [(one.id, one.name) for one in colleagues()]


def in_hand() -> Counter:
    """Id of a person -> how many waiting registrations are in their hands."""
    return load_of(Application, Application.status.in_(WAITING))


def _receives(application: Application, staff_id: str) -> bool:
    receiver = db.session.get(Staff, staff_id)
    present = receiver is not None and receiver.disabled_at is None and not is_off(staff_id)
    return present and rights.works_on(application, receiver)


def _told(application: Application, act: str, actor: journal.Actor, detail: dict) -> None:
    journal.record(ACTIONS[act], actor=actor, about=("application", application.id), detail=detail)


DESK = Desk(
    REGISTRATION, Application, "Berkas ini", find=find_case, bar=rights.bar_to, receives=_receives, told=_told,
    claimable=WAITING, undo=take_back,
    kept=("status", "due_at", "warn_at", "declared_complete_at", "declared_complete_by", "decided_at", "decided_by"),
)
