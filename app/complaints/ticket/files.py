"""Files of a complaint: judged by content, cleaned, sealed, stored under server-made names.

Photos are made anew by the photo pipeline; PDF and voice notes are kept as they are and only ever
handed out as downloads or to the player. Objects are written before the row: a crash between leaves
an object without a row, which `fsck` sweeps.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.base.ids import new_id
from app.base.problems import NotFound
from app.base.services import photo_store, sealer
from app.complaints.ticket.models import AUDIO, FILE, PDF, PHOTO, REFUSED, STORED, WAITING, TicketAttachment
from app.complaints.ticket.personal import name_of, seal_name
from app.photos import disk_space
from app.photos.cleaning import MAX_PHOTO_BYTES, CleanPhoto, check_outside, clean_photo
from app.photos.errors import EmptyFile, NotAPhoto, PhotoError, TooLarge
from app.photos.store import new_key
from app.photos.tries import clean_once

LONGEST_NAME = 120
MOST_FILES = 20
# first bytes -> (kind, type), for what is kept as it came
SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", PDF, "application/pdf"),
    (b"OggS", AUDIO, "audio/ogg"),
    (b"#!AMR", AUDIO, "audio/amr"),
    (b"ID3", AUDIO, "audio/mpeg"),
    (b"\xff\xf1", AUDIO, "audio/aac"),
    (b"\xff\xf9", AUDIO, "audio/aac"),
    (b"\xff\xfb", AUDIO, "audio/mpeg"),
)
REFUSALS: dict[str, str] = {
    "empty-file": "Berkas kosong", "too-large": "Berkas terlalu besar",
    "not-a-photo": "Jenis berkas ini tidak disimpan",
    "too-many": "Terlalu banyak berkas",
    "unreadable": "Foto ini tidak dapat dibuka",
}


@dataclass(frozen=True)
class File:
    """One file as somebody sent it. `name` is only ever shown, never a path."""

    data: bytes = field(repr=False)
    name: str = field(default="", repr=False)


class NotPhotoOrPdf(PhotoError):
    status = 415
    code = "not-photo-or-pdf"
    message = "Kirim foto (JPG, PNG, WebP, HEIC, AVIF) atau satu berkas PDF."


@dataclass(frozen=True)
class Prepared:
    """A file that may be stored, or why it may not (`refusal`)."""

    kind: str
    content_type: str = ""
    data: bytes = field(default=b"", repr=False)
    thumbnail: bytes = field(default=b"", repr=False)
    name: str = field(default="", repr=False)
    refusal: str = ""


def check_strictly(file: File) -> None:
    """For forms, before any limit is asked and any picture opened: what the first bytes and the size say already."""
    try:
        kept = _kept_as_it_is(file)
        if kept is None:
            check_outside(file.data)
    except NotAPhoto:
        raise NotPhotoOrPdf from None
    if kept is not None and kept.kind != PDF:
        raise NotPhotoOrPdf


def prepare_strictly(file: File, sender: str) -> Prepared:
    """For forms: a photo or a PDF, or a PhotoError that tells the sender what to do. `sender` as in clean_photo().

    Counts it against the sender's day, because it is stored inside a transaction afterwards.
    """
    disk_space.demand_room()
    check_strictly(file)
    found = _kept_as_it_is(file) or _photo(file, clean_photo(file.data, kind="attachment", sender=sender))
    disk_space.spend(len(found.data) + len(found.thumbnail))
    return found


def prepare(file: File) -> Prepared:
    """For what arrives by itself: never raises for a bad file, the refusal is kept instead. Opens a picture once
    only, should that end this process; so call it outside a transaction."""
    try:
        return _kept_as_it_is(file) or _photo(file, clean_once(file.data))
    except PhotoError as error:
        return Prepared(FILE, name=_shown_name(file.name), refusal=error.code[:30])


def prepare_all(files: Iterable[File | Prepared]) -> list[Prepared]:
    found = [file if isinstance(file, Prepared) else prepare(file) for file in files]
    too_many = [Prepared(FILE, name=file.name, refusal="too-many") for file in found[MOST_FILES:]]
    return found[:MOST_FILES] + too_many


def store(prepared: Prepared, ticket_id: str, message_id: str, position: int) -> TicketAttachment:
    """Put the sealed objects into the store and return the row, not yet added."""
    row = TicketAttachment(
        id=new_id(), message_id=message_id, ticket_id=ticket_id, position=position, kind=prepared.kind,
        content_type=prepared.content_type, size=len(prepared.data), refusal=prepared.refusal,
        state=REFUSED if prepared.refusal else STORED,
    )
    row.name_sealed = seal_name(row.id, prepared.name)
    if not prepared.refusal:
        put_objects(row, prepared)
    return row


def waiting_row(source_id: str, ticket_id: str, message_id: str, position: int) -> TicketAttachment:
    """A file that WhatsApp is still handing over; `source_id` names its row in notifications."""
    return TicketAttachment(
        id=new_id(), message_id=message_id, ticket_id=ticket_id, position=position, kind=FILE, state=WAITING,
        source_id=source_id,
    )


def put_objects(row: TicketAttachment, prepared: Prepared) -> None:
    """Write the objects of `row` and note their names on it."""
    sealed = sealer().seal(prepared.data, _context(row.id, "full"))
    row.storage_key, row.sealed_sha256 = new_key(), hashlib.sha256(sealed).hexdigest()
    photo_store().put_new(row.storage_key, sealed)
    if prepared.thumbnail:
        row.thumbnail_key = new_key()
        photo_store().put_new(row.thumbnail_key, sealer().seal(prepared.thumbnail, _context(row.id, "small")))


def read(row: TicketAttachment, size: str = "full") -> bytes:
    """The bytes. Raises SealBroken when altered, PhotoMissing when gone, NotFound when never kept."""
    key = row.storage_key if size == "full" else row.thumbnail_key
    if key is None or row.erased_at is not None:
        raise NotFound("Berkas ini tidak ada atau sudah dihapus sesuai masa simpan.")
    return sealer().open(photo_store().get(key), _context(row.id, size))


def refusal_words(row: TicketAttachment) -> str:
    """That there was a file, and why it was not kept."""
    name = name_of(row)
    return f"Tidak disimpan: {name or 'satu berkas'}. {REFUSALS.get(row.refusal, 'Berkas ini tidak dapat dibaca')}."


def erase_objects(rows: Iterable[TicketAttachment]) -> None:
    for row in rows:
        for key in (row.storage_key, row.thumbnail_key):
            if key is not None:
                photo_store().delete(key)


def _kept_as_it_is(file: File) -> Prepared | None:
    """A PDF or voice note, by its first bytes; None for what may be a picture. Raises EmptyFile, TooLarge."""
    name = _shown_name(file.name)
    if not file.data:
        raise EmptyFile
    if len(file.data) > MAX_PHOTO_BYTES:
        raise TooLarge
    for signature, kind, content_type in SIGNATURES:
        if file.data.startswith(signature):
            return Prepared(kind, content_type, file.data, name=name)
    if file.data[4:11] in (b"ftypM4A", b"ftypM4B"):
        return Prepared(AUDIO, "audio/mp4", file.data, name=name)
    return None


def _photo(file: File, clean: CleanPhoto) -> Prepared:
    return Prepared(PHOTO, "image/jpeg", clean.jpeg, clean.thumbnail, _shown_name(file.name))


def _shown_name(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable())[:LONGEST_NAME]


def _context(attachment_id: str, size: str) -> str:
    return f"ticket_attachment:{attachment_id}:{size}"
