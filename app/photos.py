"""From the bytes somebody sent to a clean photo: upright RGB JPEG, thumbnail, fingerprints and quality hints.

Content decides; names and declared types are never looked at. Everything is decoded and encoded anew, so no EXIF, GPS,
ICC profile, comment or trailer survives. The limits of security.md section 3 are checked before a pixel is decoded.
An ICC profile is dropped unapplied: a wide-gamut photo comes out slightly paler, which no face or number suffers from.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal

import pi_heif
from PIL import Image

from app import photo_quality
from app.photo_containers import has_too_many_parts, jpeg_layout, png_is_complete, sniff_formats
from app.photo_errors import (
    AnimatedPhoto,
    BadShape,
    DamagedPhoto,
    EmptyFile,
    NoPhotoChosen,
    NotAPhoto,
    PhotoBusy,
    PhotoError,
    TooFewPixels,
    TooLarge,
    TooManyParts,
    TooManyPixels,
    TooManyScans,
)

PhotoKind = Literal["ktp", "signature", "selfie", "attachment"]

MAX_PHOTO_BYTES = 15 * 1024 * 1024
MAX_SIDE, THUMBNAIL_SIDE, MIN_LONG_SIDE, MAX_ASPECT = 2000, 320, 600, 6
MAX_PIXELS, MAX_SCALED_JPEG_PIXELS = 40_000_000, 120_000_000
MAX_JPEG_SCANS, MAX_PARTS = 100, 20_000
DECODES_AT_ONCE, DECODE_WAIT_SECONDS = 2, 20.0
# Without a scaled decode 40 million pixels take up to 800 MB for 2 seconds, so above this figure one photo at a time.
LARGE_PIXELS = 16_000_000
_QUALITY, _THUMBNAIL_QUALITY = 85, 80

# Pillow warns above this figure and refuses above twice of it inside open(); the exact limits are checked below.
Image.MAX_IMAGE_PIXELS = MAX_SCALED_JPEG_PIXELS
# A hostile EXIF block makes Pillow warn up to 65,000 times, each time in other words: a way to flood the log.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning, module=r"PIL\.")
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)

_decoding = threading.BoundedSemaphore(DECODES_AT_ONCE)
_decoding_large = threading.BoundedSemaphore(1)

_HINTS: dict[str, Callable[[Image.Image], tuple[str, ...]]] = {
    "ktp": photo_quality.card_hints,
    "selfie": photo_quality.card_hints,
    "signature": photo_quality.signature_hints,
    "attachment": photo_quality.no_hints,
}

# Everything Pillow and libheif were seen to raise on hostile files (security.md section 0, trap 4).
_DECODER_FAULTS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_EXIF_ORIENTATION = 0x0112


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


def clean_photo(data: bytes, *, kind: PhotoKind, filename: str | None = "x") -> CleanPhoto:
    """Make a clean photo of the file somebody sent, or raise the `PhotoError` that says what to do.

    `filename` is only asked whether it is there: a form part without one means that nobody chose a file.
    """
    formats = _accepted_formats(data, filename)
    with _turn_at(_decoding):
        if has_too_many_parts(data, MAX_PARTS):
            raise TooManyParts
        photo = _upright_rgb(data, formats)
        return _packed(photo, _HINTS[kind](photo))


def _accepted_formats(data: bytes, filename: str | None) -> tuple[str, ...]:
    if not filename:
        raise NoPhotoChosen
    if not data:
        raise EmptyFile
    if len(data) > MAX_PHOTO_BYTES:
        raise TooLarge
    formats = sniff_formats(data)
    if not formats:
        raise NotAPhoto
    return formats


@contextmanager
def _turn_at(decoder: threading.BoundedSemaphore) -> Iterator[None]:
    """Wait for a place at the decoder: two big photos at once are what a small machine can hold."""
    if not decoder.acquire(timeout=DECODE_WAIT_SECONDS):
        raise PhotoBusy
    try:
        yield
    finally:
        decoder.release()


def _room_for(image: Image.Image) -> AbstractContextManager[None]:
    scales = image.format in ("JPEG", "MPO")
    large = not scales and image.width * image.height > LARGE_PIXELS
    return _turn_at(_decoding_large) if large else nullcontext()


@contextmanager
def _faults_become(error: type[PhotoError]) -> Iterator[None]:
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise TooManyPixels from fault
    except _DECODER_FAULTS as fault:
        raise error from fault


def _upright_rgb(data: bytes, formats: tuple[str, ...]) -> Image.Image:
    with _faults_become(NotAPhoto):
        image = Image.open(BytesIO(data), formats=formats)
    with image, _faults_become(DamagedPhoto):
        _check_before_decoding(image, data)
        with _room_for(image):
            image.draft(None, _fitted(image.size, MAX_SIDE))
            image.load()
            photo = _flattened(_shrunk(_eight_bit(image)))
        return _turned(photo, _turn_wanted(image))


def _check_before_decoding(image: Image.Image, data: bytes) -> None:
    jpeg = jpeg_layout(data, MAX_PARTS) if image.format in ("JPEG", "MPO") else None
    width, height = image.size
    # libjpeg shrinks row by row while it reads, unless the file makes it hold the whole picture first.
    if width * height > (MAX_SCALED_JPEG_PIXELS if jpeg and not jpeg.buffered else MAX_PIXELS):
        raise TooManyPixels
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise BadShape
    if max(width, height) < MIN_LONG_SIDE:
        raise TooFewPixels
    if jpeg and jpeg.scans > MAX_JPEG_SCANS:
        raise TooManyScans
    # An MPO or HEIC carries further pictures beside the photo (gain map, live photo): only the first or primary counts.
    if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise AnimatedPhoto
    if (jpeg and not jpeg.ended) or (image.format == "PNG" and not png_is_complete(data)):
        raise DamagedPhoto


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size with the same shape and at most `side` px on the long side. `draft` ignores any other shape."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _eight_bit(image: Image.Image) -> Image.Image:
    """Give every pixel whole channels that can be averaged. A bare convert() turns 16-bit gray into plain white."""
    if image.mode.startswith("I"):
        return image.point(lambda level: level * (1 / 256)).convert("L")
    if image.mode in ("RGB", "L", "CMYK", "RGBA", "LA") and "transparency" not in image.info:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _shrunk(image: Image.Image) -> Image.Image:
    size = _fitted(image.size, MAX_SIDE)
    return image if size == image.size else image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _flattened(image: Image.Image) -> Image.Image:
    """Bare RGB, what was transparent white."""
    if image.mode not in ("RGBA", "LA"):
        return image.convert("RGB")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return paper


def _turn_wanted(image: Image.Image) -> Image.Transpose | None:
    """The turn the camera asks for; none on nonsense. pi-heif has turned a HEIC already and says so in its EXIF."""
    try:
        orientation = image.getexif().get(_EXIF_ORIENTATION)
    except _DECODER_FAULTS:
        return None
    return _TURNS.get(orientation) if isinstance(orientation, int) else None


def _turned(photo: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    return photo if turn is None else photo.transpose(turn)


def _packed(photo: Image.Image, hints: tuple[str, ...]) -> CleanPhoto:
    jpeg = _encoded(photo, _QUALITY)
    size = _fitted(photo.size, THUMBNAIL_SIDE)
    small = photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return CleanPhoto(
        jpeg=jpeg,
        thumbnail=_encoded(small, _THUMBNAIL_QUALITY),
        width=photo.width,
        height=photo.height,
        sha256=hashlib.sha256(jpeg).hexdigest(),
        perceptual_hash=_difference_hash(small),
        hints=hints,
    )


def _encoded(photo: Image.Image, quality: int) -> bytes:
    photo.info.clear()  # Pillow would write a comment left here by the decoder into the new file
    out = BytesIO()
    photo.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _difference_hash(photo: Image.Image) -> int:
    """64 bits, row by row: is a pixel of the 9x8 gray picture darker than its right neighbour?"""
    gray = photo.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = (gray[row * 9 + column] < gray[row * 9 + column + 1] for row in range(8) for column in range(8))
    return int("".join("1" if bit else "0" for bit in bits), 2)
