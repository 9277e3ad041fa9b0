"""Registrations as the engine sees them: who finds, who may work on them, what is written when they change hands, and
what taking an act back undoes besides what the engine restores (app/casework/undo.py)."""

from collections import Counter

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Citizen, SignIn, Staff, is_off, off_duty
from app.base import journal
from app.base.database import db, once_a_page
from app.base.journal import Actor
from app.base.problems import NotFound
from app.base.written import Written
from app.casework.claims import load_of
from app.casework.desk import Desk
from app.casework.lists import staff_names
from app.casework.models import CaseAct
from app.casework.moving import locked
from app.casework.undo import TooLate
from app.registration.models import Application
from app.registration.status import COMPLETE, DRAFT, REGISTRATION, SUBMITTED, WAITING
from app.registration.transitions import change_status
from app.review import evidence, rights
from app.web.access import holds

EVERYBODY = Written(select(
    Staff.id, Staff.name, Staff.role, Staff.jabatan, Staff.disabled_at, Staff.id.in_(off_duty()).label("is_off"),
).order_by(Staff.name))
ACTIONS = {"take_over": "claim_taken_over", "hand_over": "claim_handed_over"}


def find_case(application_id: str, staff: Staff | None = None, lock: bool = False) -> Application:
    """Any application that has been sent; drafts belong to their resident alone."""
    application = locked(Application, application_id) if lock else db.session.get(Application, application_id)
    if application is None or application.status == DRAFT:
        raise NotFound()
    return application


@once_a_page
def colleagues() -> list[Row]:
    """Whom a case may be handed to: who is on duty."""
    return [
        one for one in everybody() if one.disabled_at is None and not one.is_off and holds(one, "take_case")
    ]


@once_a_page
def everybody() -> list[Row]:
    """All of the staff, by name, and who of them `is_off` duty; the names of lists.staff_names() with it."""
    found = EVERYBODY.ask().all()
    staff_names.found({one.id: one.name for one in found})
    return found


def receivers() -> list[tuple[str, str]]:
    """(id, name) of them."""
    return [(one.id, one.name) for one in colleagues()]


def in_hand() -> Counter:
    """Id of a person -> how many waiting registrations are in their hands."""
    return load_of(Application, _waits)


def _waits() -> ColumnElement[bool]:
    return Application.status.in_(WAITING)


def _receives(application: Application, staff_id: str) -> bool:
    receiver = db.session.get(Staff, staff_id)
    present = receiver is not None and receiver.disabled_at is None and not is_off(staff_id)
    return present and rights.works_on(application, receiver)


def _told(application: Application, act: str, actor: journal.Actor, detail: dict) -> None:
    journal.record(ACTIONS[act], actor=actor, about=("application", application.id), detail=detail)


BACK_TO = {COMPLETE: "take_back", SUBMITTED: "take_back_early"}


def take_back(application: Application, done: CaseAct, actor: Actor) -> None:
    """Inside the caller's transaction. Raises TooLate. The clock is counted anew."""
    if done.act == "approve":
        evidence.remove_basis(application.id)
        _remove_account(application)
    change_status(application, BACK_TO[done.before["status"]], actor)


def _remove_account(application: Application) -> None:
    """Nobody has been told of the account yet; who has used it all the same keeps it."""
    citizen = db.session.scalar(select(Citizen).where(Citizen.application_id == application.id))
    used = TooLate("Pemohon sudah masuk ke akunnya, jadi keputusan ini tidak dapat dibatalkan lagi.")
    if db.session.scalar(select(SignIn.token_hash).where(SignIn.citizen_id == citizen.id).limit(1)):
        raise used
    try:
        db.session.delete(citizen)
        db.session.flush()
    except IntegrityError:
        raise used from None


DESK = Desk(
    REGISTRATION, Application, "Berkas ini", find=find_case, bar=rights.bar_to, receives=_receives, told=_told,
    claimable=WAITING, undo=take_back,
    kept=("status", "due_at", "warn_at", "declared_complete_at", "declared_complete_by", "decided_at", "decided_by"),
)
