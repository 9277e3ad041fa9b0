"""Photos of a registration: cleaned, sealed, stored under server-made names, then recorded.

Objects are written before the row and removed after it: a crash between leaves an object without a
row, which `fsck` sweeps, never a row without its photo.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage, MultiDict

from app.base import limits
from app.base.database import DatabaseBusy, db, end_reading, look_at, transaction
from app.base.ids import new_id
from app.base.problems import DomainError, NotFound, StaleDecision
from app.base.services import photo_store, sealer
from app.photos import disk_space
from app.photos.cleaning import CleanPhoto, admit, clean_photo
from app.photos.disk_space import demand_space
from app.photos.errors import PhotoError
from app.photos.store import new_key
from app.registration.models import Application, Photo
from app.registration.photo_kinds import BY_KIND
from app.registration.status import DRAFT
from app.registration.steps import count_step
from app.registration.transitions import PHOTOS, lock_application

UPLOADS = "upload-draft"
SOFT_SIDE = 24  # pixels: a card or a face is known by its colours, not by its letters


def attach_photo(
    application_id: str, kind: str, data: bytes, filename: str, upload_id: str, sender: str | None = None,
) -> Photo:
    """Replace the draft's photo of `kind`. The same upload_id again changes nothing. `sender` as in clean_photo().

    Raises PhotoError for a bad picture, TooManyTries past the hourly limit, StaleDecision once sent.
    """
    application = db.session.get(Application, application_id, options=[joinedload(Application.photos)])
    if upload_id and (done := _same_upload(application, kind, upload_id)):
        return done
    _still_draft(application.status if application else None)
    end_reading()
    clean = open_counted(application_id, kind, data, filename, sender)
    with counted_if_refused(application_id):
        return _keep(application_id, kind, clean, upload_id)


def _keep(application_id: str, kind: str, clean: CleanPhoto, upload_id: str) -> Photo:
    stored, size = store_photo(application_id, kind, clean, upload_id)
    with instead_of(stored) as replaced, transaction() as session:
        application = lock_application(application_id, PHOTOS)
        _still_draft(application.status)
        limits.hit_here(UPLOADS, application_id)
        disk_space.spend_here(size)
        if old := application.photo(kind):
            replaced.append(keys_of(old))
            session.delete(old)
            session.flush()
        session.add(stored)
        if old is None:
            count_step(kind)
        session.flush()
        session.expunge(stored)  # who asked reads it after another upload may have replaced its row
    return stored


def open_counted(application_id: str, kind: str, data: bytes, filename: str, sender: str | None) -> CleanPhoto:
    """As clean_photo(), unless the hourly limit of the registration or the payer's day is used up. A picture that does
    not open is counted here; one that does where its row is written (UPLOADS), inside counted_if_refused(). Call it
    while no connection to the database is held."""
    look_at(limits.room(UPLOADS, application_id), *disk_space.room())
    if sender is not None:
        admit(data, filename, sender)
    with counted_if_refused(application_id):
        return clean_photo(data, kind=BY_KIND[kind].judged_as, filename=filename, sender=sender)


@contextmanager
def counted_if_refused(application_id: str) -> Iterator[None]:
    """Inside, a photo is opened or what was opened is kept, outside any transaction(). One that is refused is counted
    too, also when the count was rolled back with its row: else a stranger has us decode without end."""
    try:
        yield
    except DatabaseBusy:
        raise  # nothing can be counted either
    except (PhotoError, DomainError, IntegrityError):
        limits.take((UPLOADS, application_id))
        raise


@contextmanager
def instead_of(stored: Photo) -> Iterator[list[Photo]]:
    """Inside, the row of a photo that was stored is written; what it replaces is put into the list. Files of those go
    once all is well; when it is not, the new ones go."""
    replaced: list[Photo] = []
    try:
        yield replaced
    except BaseException:
        erase_objects(stored)
        raise
    for photo in replaced:
        erase_objects(photo)


def _still_draft(status: str | None) -> None:
    if status != DRAFT:
        raise StaleDecision("Pendaftaran ini sudah dikirim, jadi fotonya tidak diganti di sini.")


def store_photo(application_id: str, kind: str, clean: CleanPhoto, upload_id: str) -> tuple[Photo, int]:
    """Seal and write picture and small copy; returns the row that names them, not yet in the database, and their
    size in bytes, to be spent where the row is written."""
    photo_id = new_id()
    sealed = sealer().seal(clean.jpeg, photo_context(application_id, photo_id, "full"))
    small = sealer().seal(clean.thumbnail, photo_context(application_id, photo_id, "small"))
    row = Photo(
        id=photo_id, application_id=application_id, kind=kind, upload_id=upload_id,
        storage_key=new_key(), thumbnail_key=new_key(),
        sealed_sha256=hashlib.sha256(sealed).hexdigest(),
        fingerprint=sealer().index("photo", clean.sha256),
        perceptual_hash=f"{clean.perceptual_hash:016x}",
        width=clean.width, height=clean.height, hints=list(clean.hints),
    )
    photo_store().put_new(row.storage_key, sealed)
    photo_store().put_new(row.thumbnail_key, small)
    return row, len(sealed) + len(small)


def read_photo(photo: Photo, size: str = "full") -> bytes:
    """The JPEG. Raises SealBroken when altered, PhotoMissing when gone, NotFound when erased."""
    if photo.erased_at is not None:
        raise NotFound("Foto ini sudah dihapus sesuai masa simpan.")
    key = photo.storage_key if size == "full" else photo.thumbnail_key
    return sealer().open(photo_store().get(key), photo_context(photo.application_id, photo.id, size))


def read_softened(photo: Photo) -> bytes:
    """So coarse that one knows the picture again but reads nothing on it; JPEG, 320 px at most."""
    with Image.open(io.BytesIO(read_photo(photo, "small"))) as small:
        coarse = small.reduce(max(1, max(small.size) // SOFT_SIDE))
        out = io.BytesIO()
        coarse.resize(small.size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=70)
    return out.getvalue()


def erase_objects(photo: Photo) -> None:
    for key in (photo.storage_key, photo.thumbnail_key):
        photo_store().delete(key)


def photo_context(application_id: str, photo_id: str, size: str) -> str:
    """Binds a ciphertext to its application, its row and its size."""
    return f"photo:{application_id}:{photo_id}:{size}"


def _same_upload(application: Application | None, kind: str, upload_id: str) -> Photo | None:
    photo = application.photo(kind) if application else None
    return photo if photo is not None and photo.upload_id == upload_id else None


def keys_of(photo: Photo) -> Photo:
    """A detached copy of the names: the row itself is gone after the commit."""
    return Photo(storage_key=photo.storage_key, thumbnail_key=photo.thumbnail_key)


class TwoPhotos(PhotoError):
    """Both inputs, camera and gallery, carried a file: we do not guess which one is meant."""

    code = "two-photos"
    message = "Ada dua foto terkirim. Pilih satu saja."


def sent_file(files: MultiDict[str, FileStorage]) -> tuple[bytes, str]:
    """Bytes and name of the file named `photo`; the unused of the two inputs arrives without a name.

    Raises TwoPhotos, and NoSpaceLeft before anything is opened in vain.
    """
    named = [file for file in files.getlist("photo") if file.filename]
    if len(named) > 1:
        raise TwoPhotos()
    if named:
        demand_space()
    return (named[0].read(), named[0].filename) if named else (b"", "")
