"""What can be learned from a photo file without decoding a pixel.

Pillow looks at neither the number of scans of a JPEG nor the completeness of a PNG (docs/security.md, traps 2 and 3),
and it spends 15 seconds on a 15 MiB file of empty segments, so all three are read here from the container itself.
Pure functions over bytes; nothing here raises on hostile input.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
# some cameras write these for a HEIC, and some programs for an AVIF, which is then named behind it
_EITHER_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})


def sniff_formats(data: bytes) -> tuple[str, ...]:
    """Name the Pillow formats these bytes may be opened as; empty when they begin like no accepted format."""
    if data[:3] == b"\xff\xd8\xff":
        return ("JPEG", "MPO")
    if data[:8] == PNG_SIGNATURE:
        return ("PNG",)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ("WEBP",)
    if data[4:8] == b"ftyp":
        return _sniff_brands(data)
    return ()


def _sniff_brands(data: bytes) -> tuple[str, ...]:
    major, size = data[8:12], min(int.from_bytes(data[:4], "big"), 256)
    if major in _AVIF_BRANDS:
        return ("AVIF",)
    if major in _EITHER_BRANDS and any(data[at : at + 4] in _AVIF_BRANDS for at in range(16, size, 4)):
        return ("AVIF",)
    return ("HEIF",) if major in _HEIC_BRANDS | _EITHER_BRANDS else ()


def has_too_many_parts(data: bytes, jpeg: JpegLayout | None, limit: int) -> bool:
    """Whether a JPEG of this layout, or else a PNG, has more than `limit` segments or chunks; libwebp and libheif mind
    their own."""
    if jpeg is not None:
        return jpeg.parts > limit
    return data[:8] == PNG_SIGNATURE and sum(1 for _ in islice(_png_chunks(data), limit + 1)) > limit


@dataclass(frozen=True)
class JpegLayout:
    """How a JPEG is stored: its scans, its parts (segments and stray bytes between them; Pillow walks both in Python),
    whether libjpeg must hold every coefficient in memory to decode it, and whether its end marker is there."""

    scans: int
    parts: int
    buffered: bool
    ended: bool


# Inside entropy-coded data FF 00 is a stuffed byte, FF D0-D7 a restart marker and FF FF padding; the rest are markers.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_NO_LENGTH = frozenset({0x01, 0xD8})
_SEQUENTIAL_FRAMES = frozenset({0xC0, 0xC1, 0xC9})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9


def jpeg_layout(data: bytes, most_parts: int) -> JpegLayout:
    """Walk the markers of the first image up to its end, as libjpeg does; a video or image behind it never counts.

    Stops early, with `parts` above `most_parts`, on a file made to be long to walk.
    """
    scans, parts, components, buffered, ended = 0, 0, 0, False, False
    for marker, body, stray in _jpeg_markers(data):
        parts += 1 + (0 if scans else stray)
        if parts > most_parts:
            break
        if marker in _FRAMES:
            components = _byte_at(data, body + 5)
            buffered |= marker not in _SEQUENTIAL_FRAMES
        elif marker == _START_OF_SCAN:
            scans += 1
            buffered |= _byte_at(data, body) < components
        elif marker == _END_OF_IMAGE:
            ended = True
    return JpegLayout(scans, parts, buffered, ended)


def _jpeg_markers(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, offset of its body, stray bytes before it) from behind the start to the end-of-image marker."""
    position = 2
    while found := _NEXT_MARKER.search(data, position):
        marker, end = data[found.end() - 1], found.end()
        yield marker, end + 2, found.start() - position
        if marker == _END_OF_IMAGE:
            return
        position = end if marker in _NO_LENGTH else end + max(int.from_bytes(data[end : end + 2], "big"), 2)


def jpeg_frame(data: bytes) -> tuple[int, int, bool]:
    """(width, height, whether libjpeg must hold the whole picture) of the first frame; zeros when none is near."""
    for marker, body, _ in islice(_jpeg_markers(data), 1000):
        if marker in _FRAMES and body + 5 <= len(data):
            height, width = struct.unpack_from(">HH", data, body + 1)
            return width, height, marker not in _SEQUENTIAL_FRAMES
    return 0, 0, False


def _byte_at(data: bytes, offset: int) -> int:
    return data[offset] if offset < len(data) else 0


_CHECKED_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_WHOLE = ((0, 0, 1, 1),)
# Adam7: first column, first row, column step, row step of each of the seven passes (PNG specification, 8.2).
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_INFLATE_STEP = 1 << 20


def png_is_complete(data: bytes, has_all_rows: bool = False) -> bool:
    """Whether every critical chunk is whole with a right CRC and the image data inflate to all rows announced, which
    need not be tried where the decoder was seen to fill the last: it says nothing of rows that are missing.

    Inflates in steps of 1 MiB and stops once the announced bytes are there, so memory stays flat; call it only after
    the pixel limit, because the time grows with the announced size.
    """
    wanted, inflated, inflater = -1, 0, zlib.decompressobj()
    for kind, body, sound in _png_chunks(data):
        if not sound:
            return False
        if kind == b"IHDR":
            wanted = _raw_size(body)
        elif kind == b"IDAT" and not has_all_rows:
            try:
                inflated += _inflated_size(inflater, body, wanted - inflated)
            except zlib.error:
                return False
    return wanted > 0 and (has_all_rows or wanted <= inflated)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, bool]]:
    """Yield (type, body, sound) up to IEND; a chunk is not sound when it is cut or, if critical, its CRC is wrong."""
    view, position = memoryview(data), len(PNG_SIGNATURE)
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        body = view[position + 8 : end]
        whole = end + 4 <= len(data)
        yield kind, body, whole and (kind not in _CHECKED_CHUNKS or _crc_is_right(view, position, end))
        if kind == b"IEND" or not whole:
            return
        position = end + 4


def _crc_is_right(view: memoryview, position: int, end: int) -> bool:
    return zlib.crc32(view[position + 4 : end]) == int.from_bytes(view[end : end + 4], "big")


def _raw_size(header: memoryview) -> int:
    """Bytes the image data inflate to: for each pass, rows of one filter byte and the packed pixels. -1 if nonsense."""
    if len(header) != 13:
        return -1
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", header)
    bits = depth * _CHANNELS.get(colour, 0)
    passes = _ADAM7 if interlace else _WHOLE
    return sum(
        -(-(height - y) // down) * (1 + (-(-(width - x) // across) * bits + 7) // 8)
        for x, y, across, down in passes
        if width > x and height > y
    )


def _inflated_size(inflater: zlib._Decompress, body: memoryview, wanted: int) -> int:
    """Count what `body` inflates to, stopping once `wanted` bytes are there. Raises zlib.error on broken data."""
    size, rest = 0, bytes(body)
    while rest and size <= wanted:
        piece = inflater.decompress(rest, _INFLATE_STEP)
        size, rest = size + len(piece), inflater.unconsumed_tail
        if not piece and not rest:
            break
    return size


# What a picture will cost to open, told by its first bytes without any decoder.
#
# Used before a picture may take a place in the queue. A file that lies about its size is caught later: the child checks
# what the decoder says, and the box ends what takes too much.

# Above this figure a picture takes 130 to 350 MB, so that one at a time is what a small machine can hold.
HEAVY_PIXELS = 16_000_000
# Phones set to 50 megapixels write HEIC of 8160x6120, which takes 460 MB to open. The decoders of WebP and AVIF hold a
# picture several times over (16 and 10 bytes a pixel), and cameras write neither.
_MOST_PIXELS = {"WEBP": 20_000_000, "AVIF": 30_000_000, "HEIF": 52_000_000}
_MOST_PIXELS_ELSE = 40_000_000
# Each scan of a progressive JPEG is one more pass over all coefficients.
SCANS_FOR_ONE_MORE = 10
_SCAN, MOST_SCANS_COUNTED = re.compile(rb"\xff\xda"), 10_000


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
        passes = 1 + _scans(data) // SCANS_FOR_ONE_MORE
        return width * height * passes // (1 if buffered else 8)
    width, height = announced_size(data)
    return width * height * (2 if data[:4] == b"RIFF" else 1)


def _scans(jpeg: bytes) -> int:
    """Inside coded data FF is followed by 00, so this counts the scans, and at most a thumbnail's too; a pattern is
    found in a third of the time that bytes.count() takes."""
    return sum(1 for _ in islice(_SCAN.finditer(jpeg), MOST_SCANS_COUNTED))


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
