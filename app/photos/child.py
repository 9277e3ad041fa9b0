"""What happens to a picture inside the box: decoded, checked, scaled, made upright, judged; pixels come out.

Runs in a child of the launcher (`app/photos/launcher.py`) and nowhere else in the product. It imports nothing of the
application but the rules of photos. The limits of docs/security.md are checked before a pixel is decoded.
An ICC profile is dropped unapplied: a wide-gamut photo comes out slightly paler, which no face or number suffers from.
"""

from __future__ import annotations

import contextlib
import os
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from itertools import chain

import pillow_heif
from PIL import AvifImagePlugin, Image

from app.photos import quality, samples
from app.photos.containers import (
    JpegLayout,
    announces_too_many,
    has_too_many_parts,
    jpeg_frame,
    jpeg_layout,
    most_pixels,
    png_is_complete,
    sniff_formats,
)
from app.photos.errors import (
    AnimatedPhoto,
    BadShape,
    DamagedPhoto,
    NotAPhoto,
    PhotoError,
    TooFewPixels,
    TooManyParts,
    TooManyPixels,
    TooManyScans,
)
from app.photos.wire import (
    DONE,
    HINT_KINDS,
    HINTS,
    MAX_SIDE,
    MIN_LONG_SIDE,
    PICTURE,
    PIXEL_MODE,
    PROOF,
    REFUSALS,
    TAKEN,
    TASK,
    THUMBNAIL_SIDE,
    fitted,
    fitted_proof,
    near_enough,
)

MAX_ASPECT = 6
MAX_SCALED_JPEG_PIXELS = 120_000_000
MAX_JPEG_SCANS, MAX_PARTS = 100, 20_000

_JUDGES: dict[str, Callable[[Image.Image], tuple[str, ...]]] = {
    "card": quality.card_hints,
    "signature": quality.signature_hints,
    "none": quality.no_hints,
}
# Everything Pillow and libheif were seen to raise on hostile files (docs/security.md, trap 4).
_DECODER_FAULTS = (
    OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError,
    MemoryError, RuntimeError, struct.error, zlib.error,
)
_TURN = Image.Transpose
_TURNS = {2: _TURN.FLIP_LEFT_RIGHT, 3: _TURN.ROTATE_180, 4: _TURN.FLIP_TOP_BOTTOM, 5: _TURN.TRANSPOSE,
          6: _TURN.ROTATE_270, 7: _TURN.TRANSVERSE, 8: _TURN.ROTATE_90}
_EXIF_ORIENTATION = 0x0112
_STRIP = 64
_END_MARKER = b"\xff\xd9"
_FILLER = bytes(range(1, 250)) * 8


def prepare_decoders() -> None:
    """Settings of the libraries: one thread each, because the stack of every thread counts as address space."""
    # Pillow warns above this figure and refuses above twice of it inside open(); the exact limits are checked below.
    Image.MAX_IMAGE_PIXELS = MAX_SCALED_JPEG_PIXELS
    warnings.simplefilter("ignore")  # a hostile EXIF block makes Pillow warn up to 65,000 times, to nobody
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def warm_up() -> None:
    """Open one picture of each kind. Raises whatever a broken installation of the decoders raises."""
    prepare_decoders()
    for data in samples.samples():
        with Image.open(BytesIO(data), formats=sniff_formats(data)) as image:
            with contextlib.suppress(PhotoError):
                _check_before_decoding(image, _layout(data))
            photo = _decoded(image, near_enough)
        for judge in _JUDGES.values():
            judge(photo)
        list(_answer(photo, ()))


def open_one(end: int) -> None:
    """Take one task from the socket `end`, write its answer there."""
    kind, size = TASK.unpack(_read(end, TASK.size))
    data = _read(end, size)
    try:
        photo = _opened(data, is_proof=HINT_KINDS[kind] == PROOF)
        parts = _answer(photo, _JUDGES[HINT_KINDS[kind]](photo))
    except PhotoError as refusal:
        parts = [bytes([REFUSALS.index(type(refusal))])]
    except MemoryError:
        parts = [bytes([REFUSALS.index(TooManyPixels)])]
    for part in parts:
        _write(end, part)


def _read(end: int, size: int) -> bytes:
    """Into memory of one piece: joining pieces would copy them."""
    found, have = BytesIO(bytes(size)), 0
    with found.getbuffer() as view:
        while have < size:
            if (got := os.readv(end, [view[have:]])) == 0:
                raise EOFError
            have += got
    return found.getvalue()


def _write(end: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(end, view) :]


def _answer(photo: Image.Image, hints: tuple[str, ...]) -> Iterator[bytes]:
    small = photo.resize(fitted(photo.size, THUMBNAIL_SIDE), Image.Resampling.BICUBIC, reducing_gap=1.0)
    bits = sum(1 << HINTS.index(hint) for hint in hints)
    head, end = bytes([TAKEN]) + PICTURE.pack(photo.width, photo.height, bits), bytes([DONE])
    return chain([head], _by_strips(photo), _by_strips(small), [end])


def _by_strips(photo: Image.Image) -> Iterator[bytes]:
    """Small enough to use the same memory again: all memory of a child is new, and new memory costs more than what is
    written there."""
    for top in range(0, photo.height, _STRIP):
        yield photo.crop((0, top, photo.width, min(photo.height, top + _STRIP))).tobytes("raw", PIXEL_MODE)


def _opened(data: bytes, is_proof: bool = False) -> Image.Image:
    """`is_proof`: any shape and size of side will do, a screenshot of any length too."""
    formats = sniff_formats(data)
    if not formats:
        raise NotAPhoto
    jpeg = _layout(data)
    if has_too_many_parts(data, jpeg, MAX_PARTS):
        raise TooManyParts
    # some decoders take the memory for the whole picture when it is opened
    if announces_too_many(data):
        raise TooManyPixels
    if jpeg and (ended := _ended(data, jpeg)):
        data, jpeg = ended, replace(jpeg, ended=True)
    with _faults_become(NotAPhoto):
        image = Image.open(BytesIO(data), formats=formats)
    with image, _faults_become(DamagedPhoto):
        _check_before_decoding(image, jpeg, is_proof)
        photo = _decoded(image, fitted_proof if is_proof else near_enough)
        if image.format == "PNG" and not png_is_complete(data, has_drawn_its_last_row(image)):
            raise DamagedPhoto
        return photo


def _layout(data: bytes) -> JpegLayout | None:
    """Of a JPEG, else None."""
    return jpeg_layout(data, MAX_PARTS) if "JPEG" in sniff_formats(data) else None


def _ended(data: bytes, layout: JpegLayout) -> bytes | None:
    """A JPEG with all its rows and no end marker (some phones write so) gets one; None for any other.

    libjpeg makes up what is missing and tells nobody. So it decodes twice, with different bytes behind the end: where
    every row is in the file, neither is looked at and both pictures are the same.
    """
    if layout.ended or layout.buffered or not layout.scans:
        return None
    bare = data.rstrip(b"\xff")
    width, height, _ = jpeg_frame(data)
    if not 0 < width * height <= MAX_SCALED_JPEG_PIXELS:
        return None
    with contextlib.suppress(*_DECODER_FAULTS, Image.DecompressionBombError):
        first, second = (_pixels_of(bare + filler + _END_MARKER) for filler in (b"", _FILLER))
        if first == second:
            return bare + _END_MARKER
    return None


def _pixels_of(jpeg: bytes) -> bytes:
    with Image.open(BytesIO(jpeg), formats=sniff_formats(jpeg)) as image:
        image.draft(None, fitted(image.size, MAX_SIDE))
        return image.tobytes()


@contextmanager
def _faults_become(error: type[PhotoError]) -> Iterator[None]:
    try:
        yield
    except (Image.DecompressionBombError, MemoryError) as fault:
        raise TooManyPixels from fault
    except _DECODER_FAULTS as fault:
        raise error from fault


def _check_before_decoding(image: Image.Image, jpeg: JpegLayout | None, is_proof: bool = False) -> None:
    width, height = image.size
    # libjpeg shrinks row by row while it reads, unless the file makes it hold the whole picture first.
    if width * height > (MAX_SCALED_JPEG_PIXELS if jpeg and not jpeg.buffered else most_pixels(image.format)):
        raise TooManyPixels
    if not is_proof and max(width, height) > MAX_ASPECT * min(width, height):
        raise BadShape
    if not is_proof and max(width, height) < MIN_LONG_SIDE:
        raise TooFewPixels
    if jpeg and jpeg.scans > MAX_JPEG_SCANS:
        raise TooManyScans
    # An MPO or HEIC carries further pictures beside the photo (gain map, live photo): only the first or primary counts.
    if image.format in ("PNG", "WEBP", "AVIF") and getattr(image, "n_frames", 1) > 1:
        raise AnimatedPhoto
    if jpeg and not jpeg.ended:
        raise DamagedPhoto


def has_drawn_its_last_row(png: Image.Image) -> bool:
    """Whether a row that only the end of a loaded file fills is anything but empty; no interlaced one says so."""
    if png.info.get("interlace") or png.mode not in ("L", "RGB", "RGBA"):
        return False
    return png.crop((0, png.height - 1, *png.size)).getbbox() is not None


def _decoded(image: Image.Image, kept: Callable[[tuple[int, int]], tuple[int, int]]) -> Image.Image:
    """Upright RGB of the size that `kept` gives. `draft` ignores a size of any other shape."""
    image.draft(None, fitted(image.size, MAX_SIDE) if kept is near_enough else kept(image.size))
    image.load()
    photo = _flattened(_shrunk(_eight_bit(image), kept))
    turn = _turn_wanted(image)
    return photo if turn is None else photo.transpose(turn)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Give every pixel whole channels that can be averaged. A bare convert() turns 16-bit gray into plain white."""
    if image.mode.startswith("I"):
        return image.point(lambda level: level * (1 / 256)).convert("L")
    if image.mode in ("RGB", "L", "CMYK", "RGBA", "LA") and "transparency" not in image.info:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _shrunk(image: Image.Image, kept: Callable[[tuple[int, int]], tuple[int, int]]) -> Image.Image:
    """Whole pixels are averaged first: a tenth of what bicubic takes for the same step."""
    factor = max(image.size) // max(kept(image.size))
    if factor > 1:
        image = _reduced(image, factor) if image.mode in ("RGBA", "LA") else image.reduce(factor)
    size = kept(image.size)
    return image if size == image.size else image.resize(size, Image.Resampling.BICUBIC)


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """The mean of each `factor` by `factor` pixels, strip by strip: Pillow would copy the whole picture to weigh its
    colours by their transparency."""
    width, height = image.size
    small = Image.new(image.mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, factor * _STRIP):
        strip = image.crop((0, top, width, min(height, top + factor * _STRIP)))
        small.paste(strip.reduce(factor), (0, top // factor))
    return small


def _flattened(image: Image.Image) -> Image.Image:
    """Bare RGB, what was transparent white."""
    if image.mode not in ("RGBA", "LA"):
        return image if image.mode == "RGB" else image.convert("RGB")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return paper


def _turn_wanted(image: Image.Image) -> Image.Transpose | None:
    """The turn the camera asks for in its EXIF; none on nonsense. pillow-heif has turned a HEIC already and says so
    there. What XMP says is not asked, because browsers do not: what the resident saw is what is stored."""
    try:
        exif = Image.Exif()
        exif.load(image.info.get("exif") or b"")
        orientation = exif.get(_EXIF_ORIENTATION)
    except _DECODER_FAULTS:
        return None
    return _TURNS.get(orientation) if isinstance(orientation, int) else None
