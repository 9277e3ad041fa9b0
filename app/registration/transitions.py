"""Moving a registration from one state to the next: one function, one table, one journal line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.base import clock, journal
from app.base.database import db, is_postgres, once_a_page
from app.base.services import sealer
from app.casework.moving import locked, move
from app.registration.minutes import forget_minutes, store_minutes
from app.registration.models import Application, Reason, StatusChange
from app.registration.status import COMPLETE, REGISTRATION

UNDONE = ("take_back", "take_back_early")
ENDS_PROMISE = ("approve", "reject", "return")
# rooms above listen, inside the transaction (app/wiring.py): to a promise found broken, with its due moment; to
# every change
ON_MISSED: list[Callable[[Application, datetime], None]] = []
ON_CHANGED: list[Callable[[Application, StatusChange], None]] = []

# for lock_application(): on PostgreSQL asked in a statement of its own, after the lock. In the one that waits for the
# lock it reads the locked row anew, but joined rows as they were before whoever came first wrote theirs. On SQLite the
# lock is older than the statement.
PHOTOS, _PHOTOS_JOINED = selectinload(Application.photos), joinedload(Application.photos)


@dataclass(frozen=True)
class GivenReason:
    """`item` is a field or photo of the form, `code` stands in the catalogue, `note` is optional."""

    item: str
    code: str
    note: str = ""


def lock_application(application_id: str, *options: ExecutableOption) -> Application:
    """The row as it is now, held until the transaction ends; `options` (PHOTOS) say what to load after it.
    Raises NotFound."""
    if PHOTOS in options and not is_postgres():
        options = tuple(_PHOTOS_JOINED if option is PHOTOS else option for option in options)
    return locked(Application, application_id, *options)


@once_a_page
def changes_of(application_id: str) -> list[StatusChange]:
    """Every move so far, the oldest first. Why something was returned is read when it is asked for."""
    query = select(StatusChange).where(StatusChange.application_id == application_id).order_by(StatusChange.id)
    return list(db.session.scalars(query.options(lazyload(StatusChange.reasons))))


def change_status(
    application: Application, act: str, actor: journal.Actor, reasons: tuple[GivenReason, ...] = (),
) -> StatusChange:
    """Apply `act` inside the caller's transaction. Raises StaleDecision when it is not allowed now. An act that comes
    after the due moment finds the broken promise itself, when no worker did."""
    def write(application: Application, act: str, before: str, actor: journal.Actor) -> StatusChange:
        change = StatusChange(
            application_id=application.id, act=act, from_status=before, to_status=application.status,
            at=clock.now(), actor_kind=actor.kind, actor_id=actor.id,
        )
        db.session.add(change)
        db.session.flush()
        db.session.add_all(_reason_row(change, reason) for reason in reasons)
        return change

    said = {"reasons": [f"{reason.item}:{reason.code}" for reason in reasons]}
    if application.status == COMPLETE and act in ENDS_PROMISE and application.due_at <= clock.now():
        tell_missed(application)
    change = move(REGISTRATION, application, act, actor, entered=_note_moments, write=write, detail=said)
    for listen in ON_CHANGED:
        listen(application, change)
    return change


def tell_missed(application: Application) -> None:
    """The promise of this registration is over and nothing was decided: whoever has to act on it does so in the
    transaction that found it. Each listener is harmless a second time."""
    for listen in ON_MISSED:
        listen(application, application.due_at)


def _note_moments(application: Application, act: str, before: str, actor: journal.Actor) -> None:
    """When it was declared and decided, and by whom of the office."""
    now, by = clock.now(), actor.id if actor.kind == "staff" else None
    if act == "submit":
        application.submitted_at = now
    elif act == "resubmit":
        application.mended, application.taken_up_at = True, None
        # the declaration before the return is over, with its promise
        application.declared_complete_at = application.declared_complete_by = None
    elif act == "declare_complete":
        application.declared_complete_at, application.declared_complete_by = now, by
    elif act in ("approve", "reject"):
        application.decided_at, application.decided_by = now, by
        store_minutes(application)
    elif act in UNDONE and before == COMPLETE:
        application.declared_complete_at = application.declared_complete_by = None
    elif act in UNDONE:
        application.decided_at = application.decided_by = None
        forget_minutes(application)


def reason_note(reason: Reason) -> str:
    if reason.note_sealed is None:
        return ""
    return sealer().open(reason.note_sealed, _note_context(reason.change_id, reason.item)).decode()


def _reason_row(change: StatusChange, reason: GivenReason) -> Reason:
    sealed = None
    if reason.note:
        sealed = sealer().seal(reason.note.encode(), _note_context(change.id, reason.item))
    return Reason(change_id=change.id, item=reason.item, code=reason.code, note_sealed=sealed)


def _note_context(change_id: int, item: str) -> str:
    return f"status_reason:{change_id}:{item}"
