"""What a picture will cost to open, told by its first bytes without any decoder.

Used before a picture may take a place in the queue. A file that lies about its size is caught later: the child checks
what the decoder says, and the box ends what takes too much.
"""

from __future__ import annotations

import struct

from app.photos.containers import PNG_SIGNATURE, jpeg_frame, sniff_formats

# Above this figure a picture takes 130 to 350 MB, so that one at a time is what a small machine can hold.
HEAVY_PIXELS = 16_000_000
# Cameras of phones end at 50 megapixels, in JPEG. The decoders of WebP and AVIF hold a picture several times over
# (16 and 10 bytes a pixel), and cameras write neither.
_MOST_PIXELS = {"WEBP": 20_000_000, "AVIF": 30_000_000}
_MOST_PIXELS_ELSE = 40_000_000
# Each scan of a progressive JPEG is one more pass over all coefficients.
SCANS_FOR_ONE_MORE = 10


def most_pixels(form: str | None) -> int:
    """Above so many pixels a picture of this Pillow format is not opened, unless it is a JPEG that is read scaled."""
    return _MOST_PIXELS.get(form or "", _MOST_PIXELS_ELSE)


def announces_too_many(data: bytes) -> bool:
    """Whether the first bytes of a PNG, WebP, HEIC or AVIF say already that it has more pixels than are opened."""
    width, height = announced_size(data)
    return width * height > max((most_pixels(form) for form in sniff_formats(data)), default=0) and width > 0


def is_heavy(data: bytes) -> bool:
    """Whether this picture is to be opened alone."""
    return announced_work(data) > HEAVY_PIXELS


def announced_work(data: bytes) -> int:
    """Pixels the file says it has, times its passes; a JPEG read scaled counts an eighth, and a WebP double, because
    its decoder keeps the whole picture more than once. 0 when it does not say."""
    if data[:2] == b"\xff\xd8":
        width, height, buffered = jpeg_frame(data)
        # inside coded data FF is followed by 00, so this counts the scans, and at most a thumbnail's too
        passes = 1 + data.count(b"\xff\xda") // SCANS_FOR_ONE_MORE
        return width * height * passes // (1 if buffered else 8)
    width, height = announced_size(data)
    return width * height * (2 if data[:4] == b"RIFF" else 1)


def announced_size(data: bytes) -> tuple[int, int]:
    """(width, height) a PNG, WebP, HEIC or AVIF names; (0, 0) when it names none."""
    if data[:8] == PNG_SIGNATURE and len(data) >= 24:
        return struct.unpack_from(">II", data, 16)
    if data[:4] == b"RIFF" and len(data) >= 30:
        return _webp_size(data)
    if data[4:8] == b"ftyp":
        return _largest_item(data)
    return 0, 0


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF


_MOST_ITEMS = 1000


def _largest_item(data: bytes) -> tuple[int, int]:
    """The largest `ispe` property (ISO/IEC 23008-12, 6.5.3): the photo, or the grid its tiles are put into."""
    largest, position = (0, 0), 0
    for _ in range(_MOST_ITEMS):
        position = data.find(b"ispe", position)
        if position < 0 or position + 16 > len(data):
            break
        size = struct.unpack_from(">II", data, position + 8)
        largest = max(largest, size, key=lambda found: found[0] * found[1])
        position += 4
    return largest
