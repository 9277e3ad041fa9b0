"""What taking an act back undoes, besides what the engine restores (app/casework/undo.py)."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Citizen, SignIn
from app.base.database import db
from app.base.journal import Actor
from app.casework.models import CaseAct
from app.casework.undo import TooLate
from app.registration.models import Application
from app.registration.status import COMPLETE, SUBMITTED
from app.registration.transitions import change_status
from app.review import basis

BACK_TO = {COMPLETE: "take_back", SUBMITTED: "take_back_early"}


def take_back(application: Application, done: CaseAct, actor: Actor) -> None:
    """Inside the caller's transaction. Raises TooLate. The clock is counted anew."""
    if done.act == "approve":
        basis.remove_basis(application.id)
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
