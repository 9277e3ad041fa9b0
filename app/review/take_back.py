"""Taking one's own act back within a minute: before the message has left, and leaving both in the journal."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Citizen, SignIn, Staff
from app.base import clock
from app.base.database import db, transaction
from app.base.journal import Actor
from app.base.problems import StaleDecision
from app.casework import claims
from app.messages import delivery, states
from app.messages.models import OutboxMessage
from app.registration.models import Application, StatusChange
from app.registration.status import COMPLETE, SUBMITTED
from app.registration.transitions import change_status
from app.review import basis, messages
from app.review.desk import DESK, find_case
from app.review.service import TAKE_BACK, last_change

# act -> the message that waits for the minute to pass
ACTS = {
    "declare_complete": messages.DECLARED, "approve": messages.APPROVED,
    "return": messages.RETURNED, "reject": messages.REJECTED,
}
BACK_TO = {COMPLETE: "take_back", SUBMITTED: "take_back_early"}


class TooLate(StaleDecision):
    message = "Keputusan ini tidak dapat dibatalkan lagi."


def open_until(application: Application, staff: Staff) -> datetime | None:
    """Until when this person may take the last act back; None when there is nothing to take back."""
    change = last_change(application)
    if change is None or change.act not in ACTS or (change.actor_kind, change.actor_id) != ("staff", staff.id):
        return None
    until = change.at + TAKE_BACK
    return until if clock.now() < until else None


def take_back(application_id: str, version: int, staff: Staff) -> None:
    """Restore the state before one's last act and cancel its message. Raises TooLate, StaleDecision."""
    with transaction():
        application = find_case(application_id, lock=True)
        if application.version != version:
            raise StaleDecision()
        if open_until(application, staff) is None:
            raise TooLate()
        change = last_change(application)
        _cancel_message(application, change)
        if change.act == "approve":
            basis.remove_basis(application.id)
            _remove_account(application)
        change_status(application, BACK_TO[change.from_status], Actor("staff", staff.id))
        claims.take(DESK, application.id, staff.id)


def _cancel_message(application: Application, change: StatusChange) -> None:
    query = select(OutboxMessage.id).where(
        OutboxMessage.about_kind == "application", OutboxMessage.about_id == application.id,
        OutboxMessage.template == ACTS[change.act], OutboxMessage.created_at >= change.at,
    )
    for message_id in db.session.scalars(query):
        message = delivery.locked(message_id)
        if message.state != states.PENDING:
            raise TooLate("Pesan untuk pemohon sudah dikirim, jadi keputusan ini tidak dapat dibatalkan lagi.")
        delivery.cancel(message, "taken_back")


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
