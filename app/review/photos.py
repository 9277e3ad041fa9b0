"""Photos of a case for the office: every look is a journal line, and oversight says why it looks."""

from datetime import timedelta

from app.accounts.models import Staff
from app.base import journal
from app.base.database import transaction
from app.base.problems import FormRejected, NotAllowed, NotFound
from app.casework import notes
from app.registration.models import Photo
from app.registration.photo_service import read_photo
from app.review.desk import find_case
from app.review.mended import photo_before
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
