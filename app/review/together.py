"""What is done to many registrations at once. Declaring, deciding and returning rest on what was seen of each case, so
they are never among it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import exists, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import NotAllowed
from app.base.services import city
from app.casework import undo
from app.casework.bulk import BulkAct, BulkDesk, Typed
from app.casework.bulk_acts import hand_out, remind, share_out, take_over
from app.casework.desk import Staff
from app.casework.labels import in_use, label_many
from app.casework.moving import locked
from app.messages.models import OutboxMessage
from app.messages.states import CANCELLED
from app.registration.mend_plan import reminder_values
from app.registration.models import Application
from app.registration.personal import open_personal
from app.registration.status import RETURNED, WAITING
from app.review import messages
from app.review.desk import DESK, in_hand, receivers

REMINDER, APOLOGY = "pengingat_perbaikan", "permintaan_maaf"
PROPOSED = "sistem kependudukan nasional sedang terganggu"
Values = Callable[[Application, Typed], dict[str, str]]


def _told_today(application: Application, template: str) -> bool:
    """Nobody is told the same twice a day."""
    midnight = datetime.combine(clock.today(), datetime.min.time(), clock.WIB)
    return db.session.scalar(select(exists().where(
        OutboxMessage.about_kind == "application", OutboxMessage.about_id == application.id,
        OutboxMessage.template == template, OutboxMessage.created_at >= midnight, OutboxMessage.state != CANCELLED,
    )))


def _not_mending(application: Application, staff: Staff) -> str:
    if application.status != RETURNED:
        return "Tidak sedang menunggu perbaikan dari pemohon."
    return "Hari ini sudah diingatkan." if _told_today(application, REMINDER) else ""


def _not_late(application: Application, staff: Staff) -> str:
    if application.status not in WAITING:
        return "Tidak sedang menunggu kami."
    if application.warn_at is None or application.warn_at > clock.now():
        return "Belum terlambat, dan belum hampir."
    return "Hari ini sudah dimintakan maaf." if _told_today(application, APOLOGY) else ""


def _apology(application: Application, typed: Typed) -> dict[str, str]:
    return {
        "nama": open_personal(application).greeting_name, "kode": application.number,
        "alasan": typed.get("text") or PROPOSED, "kontak": city().contacts.phone,
    }


def _reminder(application: Application, typed: Typed) -> dict[str, str]:
    return reminder_values(application)


def _telling(name: str, label: str, asks: tuple[str, ...], bar: Callable, template: str, values: Values,
             proposes: str = "") -> BulkAct:
    """A message to each, which waits for the minute in which all can be taken back."""
    def do(case_id: str, version: int, staff: Staff, typed: Typed) -> dict:
        with transaction():
            application = locked(Application, case_id)
            if reason := bar(application, staff):
                raise NotAllowed(reason)
            sent = messages.tell(application, template, values(application, typed), clock.now() + undo.MINUTE)
            journal.record(
                "told_with_others", actor=journal.Actor("staff", staff.id), about=("application", case_id),
                detail={"template": template},
            )
            return {"message": sent.id}

    def take_back(case_id: str, before: dict, staff: Staff) -> None:
        with transaction():
            undo.cancel_message(before["message"])

    def words(application: Application, staff: Staff, typed: Typed) -> str:
        return messages.preview(application, template, values(application, typed))

    return BulkAct(name, label, "take_case", asks, bar, do, take_back, words, proposes)


MANY = BulkDesk(
    DESK, "review.home", (
        hand_out(DESK, "take_case", "take_over"), take_over(DESK, "take_over"), share_out(DESK, "take_over", in_hand),
        label_many(DESK, "take_case"), remind(DESK, "take_over"),
        _telling("ingatkan-pemohon", "Ingatkan pemohon", (), _not_mending, REMINDER, _reminder),
        _telling("maaf", "Minta maaf", ("text",), _not_late, APOLOGY, _apology, PROPOSED),
    ), receivers, labels=partial(in_use, DESK.kind.about),
)
