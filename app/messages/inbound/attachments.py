"""Files people send by WhatsApp: fetched by the worker, checked by content, stored sealed.

Pictures go through the photo pipeline and are made anew; what else is proof (app/photos/proof.py) is kept as it came
and only ever handed out as a download.
"""

from datetime import timedelta

import structlog
from sqlalchemy import select

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.base.sealing import open_record, seal_record
from app.base.services import photo_store, sealer
from app.messages.choose_gateway import gateway
from app.messages.gateway import Attachment, AttachmentRefused
from app.messages.models import REFUSED, STORED, WAITING, InboundAttachment, InboundMessage
from app.photos import proof
from app.photos.cleaning import check_outside, clean_once
from app.photos.errors import NotAPhoto, PhotoBusy, PhotoError
from app.photos.store import new_key

log = structlog.get_logger()

BATCH = 5
MOST_TRIES = 8
FIRST_DELAY = timedelta(seconds=30)
LABELS = {
    "foreign_address": "Alamat berkas bukan milik Twilio", "too_large": "Berkas terlalu besar",
    "gone": "Berkas tidak ada lagi di Twilio", "not_yet": "Berkas tidak dapat diambil",
    "unreadable": "Foto tidak dapat dibuka",
    "unknown_type": "Jenis berkas ini tidak kami simpan", "no_attachments": "Tidak dapat diambil",
    "macros": "Berkas memuat program (makro)", "virus": "Pemeriksa virus menolak berkas ini",
    "empty-file": "Berkas kosong", "too-large": "Berkas terlalu besar",
}


def expect(row: InboundMessage, found: list[Attachment]) -> None:
    """Note the files of a message inside the caller's transaction; they are fetched later."""
    for position, source in enumerate(found):
        attachment_id = new_id()
        db.session.add(InboundAttachment(
            id=attachment_id, message_id=row.id, position=position, next_try_at=clock.now(),
            source_sealed=seal_record(sealer(), source, _source_context(attachment_id)),
        ))


def fetch_due() -> int:
    """Fetch files that are waiting; returns how many were stored."""
    due = select(InboundAttachment.id).where(
        InboundAttachment.state == WAITING, InboundAttachment.next_try_at <= clock.now()
    )
    ids = list(db.session.scalars(due.order_by(InboundAttachment.next_try_at).limit(BATCH)))
    end_reading()
    return sum(_fetch(attachment_id) for attachment_id in ids)


def read(row: InboundAttachment) -> bytes:
    """The stored file. Raises SealBroken, PhotoMissing."""
    return sealer().open(photo_store().get(row.storage_key), _file_context(row.id))


def _fetch(attachment_id: str) -> bool:
    source = _claim(attachment_id)
    if source is None:
        return False
    try:
        content_type, data = _checked(gateway().fetch(source))
    except AttachmentRefused as refused:
        _put_off(attachment_id, refused)
        return False
    except PhotoError as error:
        _put_off(attachment_id, AttachmentRefused(error.code, permanent=error.status != PhotoBusy.status))
        return False
    if _store(attachment_id, content_type, data):
        gateway().forget(source)
    return True


def _claim(attachment_id: str) -> Attachment | None:
    """Count the try before the call and move the next one away, so that two workers do not both fetch."""
    with transaction() as session:
        row = session.get(InboundAttachment, attachment_id, with_for_update=True, populate_existing=True)
        if row.state != WAITING or row.next_try_at > clock.now():
            return None
        row.attempts += 1
        row.next_try_at = clock.now() + FIRST_DELAY * 2**row.attempts
        return open_record(sealer(), Attachment, row.source_sealed, _source_context(row.id))


def _checked(data: bytes) -> tuple[str, bytes]:
    found = proof.proof_of(data)
    try:
        if found is None:
            check_outside(data)
    except NotAPhoto:
        raise AttachmentRefused("unknown_type", permanent=True) from None
    proof.check_for_virus(data)
    return (found.content_type, data) if found else ("image/jpeg", clean_once(data).jpeg)


def _store(attachment_id: str, content_type: str, data: bytes) -> bool:
    """The object first, then the row: a crash between leaves an orphan that `fsck` sweeps."""
    key = new_key()
    photo_store().put_new(key, sealer().seal(data, _file_context(attachment_id)))
    with transaction() as session:
        row = session.get(InboundAttachment, attachment_id, with_for_update=True, populate_existing=True)
        if stored := row.state == WAITING:
            row.state, row.content_type, row.storage_key = STORED, content_type, key
    if not stored:
        photo_store().delete(key)
    return stored


def _put_off(attachment_id: str, refused: AttachmentRefused) -> None:
    with transaction() as session:
        row = session.get(InboundAttachment, attachment_id, with_for_update=True, populate_existing=True)
        row.refusal = refused.code[:30]
        if refused.permanent or row.attempts >= MOST_TRIES:
            row.state = REFUSED
            log.warning("attachment_refused", attachment=row.id, why=refused.code)


def _source_context(attachment_id: str) -> str:
    return f"inbound_attachment:{attachment_id}:source"


def _file_context(attachment_id: str) -> str:
    return f"inbound_attachment:{attachment_id}:file"
