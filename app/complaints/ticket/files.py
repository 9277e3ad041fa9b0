"""Files of a complaint: judged by content, cleaned, sealed, stored under server-made names.

Photos are made anew by the photo pipeline; what else is proof (app/photos/proof.py) is kept as it came and only ever
handed out as a download, sound and film also to the player. Objects are written before the row: a crash between leaves
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
from app.identity.text import without_controls
from app.photos import disk_space, proof
from app.photos.cleaning import CleanPhoto, check_outside, clean_once, clean_photo
from app.photos.errors import NotAPhoto, PhotoError
from app.photos.store import new_key

LONGEST_NAME = 120
MOST_FILES = 20
# part of a type -> what the link to such a file says
WORDS = (
    ("pdf", "PDF"), ("vcard", "kartu kontak"), ("text/", "teks"), ("word", "dokumen"), ("opendocument.text", "dokumen"),
    ("sheet", "tabel"), ("excel", "tabel"),
)
LETTER_TYPE, LETTER_NAME = "message/rfc822", "surat-asli.eml"
# what is kept as it came: form of app/photos/proof.py -> kind of the row
KINDS = {proof.PDF: PDF, proof.AUDIO: AUDIO}
REFUSALS: dict[str, str] = {
    "empty-file": "Berkas kosong", "too-large": "Berkas terlalu besar",
    "not-a-photo": "Jenis berkas ini tidak disimpan",
    "too-many": "Terlalu banyak berkas",
    "unreadable": "Foto ini tidak dapat dibuka", "damaged": "Foto rusak atau terpotong",
    "animated": "Gambar bergerak tidak disimpan", "too-many-pixels": "Foto terlalu besar untuk dibuka",
    "too-many-scans": "Foto ini tidak dapat dibuka", "too-many-parts": "Foto ini tidak dapat dibuka",
    "bad-shape": "Foto ini tidak dapat dibuka", "too-few-pixels": "Foto ini tidak dapat dibuka",
    "macros": "Berkas memuat program (makro)", "virus": "Pemeriksa virus menolak berkas ini",
    "unknown_type": "Jenis berkas ini tidak disimpan", "too_large": "Berkas terlalu besar",
    "gone": "Berkas tidak ada lagi di WhatsApp", "not_yet": "Berkas tidak dapat diambil dari WhatsApp",
    "foreign_address": "Berkas tidak dapat diambil dari WhatsApp",
}


@dataclass(frozen=True)
class File:
    """One file as somebody sent it. `name` is only ever shown, never a path."""

    data: bytes = field(repr=False)
    name: str = field(default="", repr=False)


class NotProof(PhotoError):
    status = 415
    code = "not-proof"
    message = ("Jenis berkas ini tidak dapat kami simpan. Kirim foto (JPG, PNG, WebP, HEIC, AVIF), PDF, teks, Word, "
               "Excel, rekaman suara, atau video pendek.")


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
        if proof.proof_of(file.data) is None:
            check_outside(file.data)
    except NotAPhoto:
        raise NotProof from None


def prepare_strictly(file: File, sender: str) -> Prepared:
    """For forms: what we keep, or a PhotoError that tells the sender what to do. `sender` as in clean_photo().

    Counts it against the sender's day, because it is stored inside a transaction afterwards.
    """
    disk_space.demand_room()
    check_strictly(file)
    proof.check_for_virus(file.data)
    found = _kept_as_it_is(file) or _photo(file, clean_photo(file.data, kind="attachment", sender=sender))
    disk_space.spend(len(found.data) + len(found.thumbnail))
    return found


def prepare(file: File) -> Prepared:
    """For what arrives by itself: never raises for a bad file, the refusal is kept instead. Opens a picture once
    only, should that end this process; so call it outside a transaction."""
    try:
        found = _kept_as_it_is(file)
        if found is None:
            check_outside(file.data)
        proof.check_for_virus(file.data)
        return found or _photo(file, clean_once(file.data))
    except PhotoError as error:
        return Prepared(FILE, name=_shown_name(file.name), refusal=error.code[:30])


def whole_letter(raw: bytes) -> Prepared:
    """The letter as it came, kept with its ticket whatever could be read of it; none when it was not fetched."""
    return Prepared(FILE, LETTER_TYPE if raw else "", raw, name=LETTER_NAME, refusal="" if raw else "too-large")


def viewed(row: TicketAttachment) -> str:
    """What the journal calls the reading of this file."""
    return "ticket_letter_viewed" if row.content_type == LETTER_TYPE else "ticket_file_viewed"


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
    return f"Tidak disimpan: {name_of(row) or 'satu berkas'}. {why_refused(row.refusal)}."


def why_refused(refusal: str) -> str:
    return REFUSALS.get(refusal, "Berkas ini tidak dapat dibaca")


def word_for(row: TicketAttachment) -> str:
    """What a file that is only handed out is called on its link."""
    return next((word for part, word in WORDS if part in row.content_type), "berkas")


def erase_objects(rows: Iterable[TicketAttachment]) -> None:
    for row in rows:
        for key in (row.storage_key, row.thumbnail_key):
            if key is not None:
                photo_store().delete(key)


def _kept_as_it_is(file: File) -> Prepared | None:
    """None for what may be a picture. Raises EmptyFile, TooLarge, WithMacros."""
    found = proof.proof_of(file.data)
    if found is None:
        return None
    return Prepared(KINDS.get(found.form, FILE), found.content_type, found.data, name=_shown_name(file.name))


def _photo(file: File, clean: CleanPhoto) -> Prepared:
    return Prepared(PHOTO, "image/jpeg", clean.jpeg, clean.thumbnail, _shown_name(file.name))


def _shown_name(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return without_controls(last)[:LONGEST_NAME]


def _context(attachment_id: str, size: str) -> str:
    return f"ticket_attachment:{attachment_id}:{size}"
