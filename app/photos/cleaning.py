"""From the bytes somebody sent to a clean photo: upright RGB JPEG, thumbnail, fingerprints and quality hints.

Content decides; names and declared types are never looked at. This process never decodes what others sent: a child in
a box does (`app/photos/pool.py`, `docs/photos.md`) and hands back bare pixels, which are encoded anew here, so no EXIF,
GPS, ICC profile, comment or trailer survives.
"""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Literal

import structlog
from PIL import Image
from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db, insert_once, transaction
from app.base.services import sealer
from app.photos import gate, pool
from app.photos.containers import announces_too_many, is_heavy, sniff_formats
from app.photos.errors import (
    EmptyFile,
    NoPhotoChosen,
    NotAPhoto,
    PhotoBusy,
    PhotoError,
    TooLarge,
    TooManyPixels,
    UnreadablePhoto,
)
from app.photos.gate import BACKGROUND_WAIT_SECONDS
from app.photos.wire import PIXEL_MODE, WALL_SECONDS

__all__ = ["MAX_PHOTO_BYTES", "CleanPhoto", "PhotoError", "PhotoKind", "admit", "check_outside", "clean_photo"]

log = structlog.get_logger()

PhotoKind = Literal["ktp", "signature", "selfie", "attachment"]

MAX_PHOTO_BYTES = 15 * 1024 * 1024
_QUALITY, _THUMBNAIL_QUALITY = 85, 80
_JUDGES = {"ktp": "card", "selfie": "card", "signature": "signature", "attachment": "none"}


@dataclass(frozen=True)
class CleanPhoto:
    """A photo made by us. Sizes in pixels, upright; `sha256` is the hex digest of `jpeg`.

    `perceptual_hash` is a 64-bit difference hash, 0 <= hash < 2**64; the number of differing bits tells how far two
    photos are apart, up to about 10 for the same picture.
    """

    jpeg: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)
    width: int
    height: int
    sha256: str
    perceptual_hash: int = field(repr=False)
    hints: tuple[str, ...]


def clean_photo(
    data: bytes, *, kind: PhotoKind, filename: str | None = "x", sender: str | None = None
) -> CleanPhoto:
    """Make a clean photo of the file somebody sent, or raise the `PhotoError` that says what to do.

    `filename` is only asked whether it is there: a form part without one means that nobody chose a file. `sender` is
    the address it came from, which has few places in the queue; None for work in the background, which waits longer.
    """
    check_outside(data, filename)
    begun = time.perf_counter()
    with gate.turn(sender, is_heavy(data)):
        pixels = pool.open_picture(data, _JUDGES[kind])
        jpeg = _encoded(pixels.size, pixels.photo, _QUALITY)
        thumbnail = _encoded(pixels.small_size, pixels.small, _THUMBNAIL_QUALITY)
    log.info("photo_opened", ms=round(1000 * (time.perf_counter() - begun), 1))
    return CleanPhoto(
        jpeg=jpeg,
        thumbnail=thumbnail,
        width=pixels.size[0],
        height=pixels.size[1],
        sha256=hashlib.sha256(jpeg).hexdigest(),
        perceptual_hash=_difference_hash(_image(pixels.small_size, pixels.small)),
        hints=pixels.hints,
    )


def admit(data: bytes, filename: str, sender: str) -> None:
    """Refuse a picture of a form before anything is counted, written or decoded. Call it while no connection to the
    database is held: who is refused may be let go only after a moment. Raises PhotoError."""
    try:
        check_outside(data, filename)
    except TooManyPixels:  # no camera makes them, so somebody may be sending many
        gate.linger()
        raise
    gate.check_room(sender)


def check_outside(data: bytes, filename: str | None = "x") -> None:
    """What can be said of a file without opening it: cheap, so it is asked before any limit is. Raises PhotoError."""
    if not filename:
        raise NoPhotoChosen
    if not data:
        raise EmptyFile
    if len(data) > MAX_PHOTO_BYTES:
        raise TooLarge
    if not sniff_formats(data):
        raise NotAPhoto
    if announces_too_many(data):
        raise TooManyPixels


def _image(size: tuple[int, int], pixels: memoryview) -> Image.Image:
    """Reads the pixels where they lie."""
    return Image.frombuffer(PIXEL_MODE, size, pixels, "raw", PIXEL_MODE, 0, 1)


def _encoded(size: tuple[int, int], pixels: memoryview, quality: int) -> bytes:
    """Into a file without a name, because Pillow lets other threads run only while it writes to a real file."""
    with _memory_file() as out:
        _image(size, pixels).save(out, "JPEG", quality=quality)
        out.seek(0)
        return out.read()


def _memory_file():
    return os.fdopen(os.memfd_create("photo"), "w+b") if hasattr(os, "memfd_create") else BytesIO()


def _difference_hash(photo: Image.Image) -> int:
    """64 bits, row by row: is a pixel of the 9x8 gray picture darker than its right neighbour?"""
    gray = photo.convert("RGB").convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = (gray[row * 9 + column] < gray[row * 9 + column + 1] for row in range(8) for column in range(8))
    return int("".join("1" if bit else "0" for bit in bits), 2)


# Pictures that come by themselves, by mail and WhatsApp: each is marked before it is opened.
#
# The box keeps a poisoned picture from the worker. Should one end the worker all the same (the machine runs out of
# memory, a fault nobody knows yet), its mark is still there when the worker comes back to it, and it is left unopened
# then: one picture can stop the worker once, never again and again.

# a mark younger than this may be another worker's, who is still at it
STILL_OPEN = timedelta(seconds=BACKGROUND_WAIT_SECONDS + 2 * WALL_SECONDS)
FORGET_AFTER = timedelta(days=30)


class PictureTry(Base):
    """A picture that is being opened, or was when its process ended. `picture_index` is the keyed index of its
    SHA-256, so the same file is known again in another letter."""

    __tablename__ = "picture_try"

    picture_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)


def clean_once(data: bytes) -> CleanPhoto:
    """An attachment as a clean photo; in transactions of its own, so never call it inside one.

    Raises PhotoError: UnreadablePhoto for one that ended the process that opened it, PhotoBusy while another worker is
    at the same picture or the queue is full.
    """
    check_outside(data)
    index = index_of(data)
    _mark(index)
    try:
        return clean_photo(data, kind="attachment")
    finally:
        with transaction() as session:
            session.execute(delete(PictureTry).where(PictureTry.picture_index == index))


def index_of(data: bytes) -> str:
    """Under which the mark of this picture stands."""
    return sealer().index("picture-try", hashlib.sha256(data).hexdigest())


def forget_old_tries() -> None:
    """A decoder repaired since may have another look."""
    with transaction() as session:
        session.execute(delete(PictureTry).where(PictureTry.began_at < clock.now() - FORGET_AFTER))


def _mark(index: str) -> None:
    with transaction():
        if insert_once(PictureTry, picture_index=index, began_at=clock.now()):
            return
        tried = db.session.get_one(PictureTry, index)
        young = tried.began_at > clock.now() - STILL_OPEN
    raise PhotoBusy if young else UnreadablePhoto
