"""Moving a registration from one state to the next: one function, one table, one journal line."""

from dataclasses import dataclass

from app.base import journal
from app.base.database import db
from app.base.problems import NotFound
from app.base.services import sealer
from app.registration.models import Application, Reason, StatusChange
from app.registration.status import next_status


@dataclass(frozen=True)
class GivenReason:
    """`item` is a field or photo of the form, `code` stands in the catalogue, `note` is optional."""

    item: str
    code: str
    note: str = ""


def lock_application(application_id: str) -> Application:
    """The row as it is now, held until the transaction ends, so that whoever comes second decides on
    what the first one wrote (SQLite holds its one write lock already). Raises NotFound."""
    application = db.session.get(Application, application_id, with_for_update=True, populate_existing=True)
    if application is None:
        raise NotFound()
    return application


def change_status(
    application: Application, act: str, actor: journal.Actor, reasons: tuple[GivenReason, ...] = (),
) -> StatusChange:
    """Apply `act` inside the caller's transaction. Raises StaleDecision when it is not allowed now."""
    before, after = application.status, next_status(act, application.status)
    application.status = after
    if act == "resubmit":
        application.mended, application.taken_up_at = True, None
    change = StatusChange(
        application_id=application.id, act=act, from_status=before, to_status=after,
        actor_kind=actor.kind, actor_id=actor.id,
    )
    db.session.add(change)
    db.session.flush()
    for reason in reasons:
        db.session.add(_reason_row(change, reason))
    journal.record(
        f"application_{act}", actor=actor, about=("application", application.id),
        detail={"from": before, "to": after, "reasons": [f"{r.item}:{r.code}" for r in reasons]},
    )
    return change


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
