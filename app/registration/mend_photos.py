"""A new photo in the place of a returned one, or of one nobody has looked at yet."""

from sqlalchemy import select

from app.base import clock, limits
from app.base.database import db, end_reading, transaction
from app.photos import disk_space
from app.photos.cleaning import admit, clean_photo
from app.photos.errors import PhotoError
from app.registration.mend_plan import MendPlan, OpenItem, plan_for
from app.registration.mending import mark_mended
from app.registration.models import Application, Photo
from app.registration.photo_kinds import BY_KIND
from app.registration.photo_service import erase_objects, keys_of, store_photo
from app.registration.service import existing_application
from app.registration.transitions import lock_application


class SamePhoto(PhotoError):
    """Known by its fingerprint; sending it again would only cost the resident another round."""

    code = "same-photo"
    message = "Foto ini sama dengan yang perlu diperbaiki. Mohon ambil foto baru, lalu kirim."


def replace_photo(
    application_id: str, kind: str, data: bytes, filename: str, upload_id: str, sender: str | None = None,
) -> Photo:
    """Keep a new photo of `kind`. A returned one stays beside it as it was; one that nobody has
    seen is gone for good. The same `upload_id` again changes nothing. `sender` as in clean_photo().

    Raises PhotoError, SamePhoto, NotFound when this photo is not open, StaleDecision, TooManyTries.
    """
    if sender is not None:
        end_reading()
        admit(data, filename, sender)
    limits.hit("upload-draft", application_id)
    application = existing_application(application_id)
    item = plan_for(application).item(kind)
    current = application.photo(kind)
    if upload_id and current is not None and current.upload_id == upload_id:
        return current
    refused = _prints_not_wanted_again(application, item)
    end_reading()
    clean = clean_photo(data, kind=BY_KIND[kind].judged_as, filename=filename, sender=sender)
    stored, size = store_photo(application_id, kind, clean, upload_id)
    replaced: list[Photo] = []
    try:
        if stored.fingerprint in refused:
            raise SamePhoto
        with transaction():
            _exchange(lock_application(application_id), kind, stored, replaced)
            disk_space.spend_here(size)
    except BaseException:
        erase_objects(stored)
        raise
    for photo in replaced:
        erase_objects(photo)
    return stored


def _exchange(application: Application, kind: str, stored: Photo, replaced: list[Photo]) -> None:
    plan = plan_for(application)
    item, old = plan.item(kind), application.photo(kind)
    if old is not None and _was_returned(plan, item):
        old.superseded_at = clock.now()
    elif old is not None:
        replaced.append(keys_of(old))
        db.session.delete(old)
    db.session.flush()
    db.session.add(stored)
    application.updated_at = clock.now()
    mark_mended(application, plan, kind)


def _was_returned(plan: MendPlan, item: OpenItem) -> bool:
    """The photo in place now is the one an officer has seen and sent back."""
    return plan.change_id is not None and not item.mended


def _prints_not_wanted_again(application: Application, item: OpenItem) -> set[str]:
    """Fingerprints of every photo of this kind that was sent back, in this round or an earlier one."""
    query = select(Photo.fingerprint).where(
        Photo.application_id == application.id, Photo.kind == item.key, Photo.superseded_at.is_not(None)
    )
    prints = set(db.session.scalars(query))
    if item.whys and not item.mended:
        prints.add(application.photo(item.key).fingerprint)
    return prints
