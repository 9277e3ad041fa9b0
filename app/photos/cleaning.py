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
from io import BytesIO
from typing import Literal

import structlog
from PIL import Image

from app.photos import gate, pool
from app.photos.containers import announces_too_many, is_heavy, sniff_formats
from app.photos.errors import EmptyFile, NoPhotoChosen, NotAPhoto, PhotoError, TooLarge, TooManyPixels
from app.photos.wire import PIXEL_MODE

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
