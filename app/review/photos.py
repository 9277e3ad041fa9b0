"""Photos of a case for the office: every look is a journal line, and oversight says why it looks."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import journal
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotAllowed, NotFound
from app.casework import notes
from app.registration.links import MendedItem
from app.registration.mend_plan import returned_photo
from app.registration.mending import value_before
from app.registration.models import Application, Photo, StatusChange
from app.registration.personal import open_personal
from app.registration.photo_kinds import KINDS
from app.registration.photo_service import read_photo
from app.registration.reasons import ITEMS
from app.registration.transitions import changes_of
from app.review.desk import find_case
from app.review.models import PHOTO_REASON
from app.web.access import holds

REASON_HOLDS = timedelta(minutes=15)


def photo_for(application_id: str, kind: str, staff: Staff, before: bool = False) -> bytes:
    """The JPEG; with `before` the one that was returned and mended since. Raises NotFound, NotAllowed."""
    kept = _kept(application_id, kind, before)
    if not holds(staff, "take_case") and not has_reason(application_id, staff.id):
        raise NotAllowed("Tulis dulu alasan melihat foto.")
    with transaction():
        journal.record(
            "photo_viewed", actor=journal.Actor("staff", staff.id), about=("application", application_id),
            detail={"kind": kind, "before": before},
        )
    return read_photo(kept)


def ask_for(application_id: str, reason: str, staff: Staff) -> None:
    """Oversight sees photos for a while after saying why. Raises FormRejected without a reason."""
    if not reason:
        raise FormRejected({"photo_reason": ["Tulis alasan melihat foto."]})
    with transaction():
        find_case(application_id)
        note = notes.add_note(("application", application_id), PHOTO_REASON, reason, staff.id)
        journal.record(
            "photos_asked_for", actor=journal.Actor("staff", staff.id), about=("application", application_id),
            detail={"note": note.id},
        )


def has_reason(application_id: str, staff_id: str) -> bool:
    note = notes.latest(("application", application_id), PHOTO_REASON, REASON_HOLDS)
    return note is not None and note.staff_id == staff_id


def _kept(application_id: str, kind: str, before: bool) -> Photo:
    application = find_case(application_id)
    kept = photo_before(application, kind) if before else application.photo(kind)
    if kept is None:
        raise NotFound()
    return kept


# What a resident changed after a return: old beside new, field by field and photo by photo.

@dataclass(frozen=True)
class Mended:
    """`before` and `now` are texts of a field; for a photo both are "" and `kind` names it."""

    label: str
    before: str = ""
    now: str = ""
    kind: str = ""


def mended_items(application: Application) -> tuple[Mended, ...]:
    """What was mended since the last return, in the order of the form. A NIK shows no more than that
    it changed: it is compared with the card."""
    change = _last_return(application.id)
    if change is None:
        return ()
    rows = {row.item: row for row in db.session.scalars(select(MendedItem).where(MendedItem.change_id == change.id))}
    person = vars(open_personal(application))
    return tuple(_mended(rows[key], label, person) for key, label in ITEMS.items() if key in rows)


def photo_before(application: Application, kind: str) -> Photo | None:
    """The photo that was returned, once another has taken its place."""
    change = _last_return(application.id)
    return returned_photo(application.id, kind, change) if change is not None else None


def _mended(row: MendedItem, label: str, person: dict[str, str]) -> Mended:
    if row.item in KINDS:
        return Mended(label, kind=row.item)
    if row.item == "nik":
        return Mended(label, "NIK lama", "NIK baru")
    return Mended(label, value_before(row), person[row.item])


def _last_return(application_id: str) -> StatusChange | None:
    return next((change for change in reversed(changes_of(application_id)) if change.act == "return"), None)
