"""Ways to build picture files byte by byte, for the hostile cases: segments, chunks, bombs, patched headers."""

import struct
import zlib
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def card(width: int = 1000, height: int = 640) -> Image.Image:
    """A light picture with text on the left and a red block on the right, by which its way up is told."""
    clouds = Image.frombytes("L", (25, 16), Random(7).randbytes(400)).resize((width, height))
    picture = Image.merge("RGB", [clouds.point([low + level // 6 for level in range(256)]) for low in (130, 170, 190)])
    draw = ImageDraw.Draw(picture)
    for row, text in enumerate(("PROVINSI CONTOH", "NIK 0000000000000000", "Nama : BUKAN KTP ASLI")):
        draw.text((width // 25, height // 10 * (row + 1)), text, (20, 20, 60), font_size=height // 16)
    draw.rectangle([width * 3 // 4, height // 4, width * 24 // 25, height * 3 // 4], (200, 40, 40))
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def segment(marker: int, body: bytes = b"") -> bytes:
    """One JPEG segment; `body` at most 65,533 bytes."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """The JPEG with the segments put right behind its start."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def with_jpeg_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The JPEG with another size announced in its frame header."""
    frame = next(at for marker in (b"\xff\xc0", b"\xff\xc2") if (at := jpeg.find(marker)) > 0)
    return jpeg[: frame + 5] + struct.pack(">HH", height, width) + jpeg[frame + 9 :]


def with_repeated_scan(side: int, copies: int) -> bytes:
    """A progressive gray JPEG whose second scan stands there `copies` times: every one walks the whole picture."""
    jpeg = encoded(Image.new("L", (side, side), 128), progressive=True)
    starts = [at for at in range(len(jpeg)) if jpeg[at : at + 2] == b"\xff\xda"]
    tables = jpeg.rfind(b"\xff\xc4", starts[0], starts[1])
    begin = tables if tables > 0 else starts[1]
    following = jpeg.find(b"\xff\xc4", starts[1])
    end = following if 0 < following < starts[2] else starts[2]
    return jpeg[:begin] + jpeg[begin:end] * copies + b"\xff\xd9"


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, raw: bytes, *, interlaced: bool = False) -> bytes:
    """A PNG around `raw`: rows of packed pixels, each behind its filter byte."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND")


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    """The PNG with the chunks put right behind its header."""
    return data[:33] + b"".join(chunks) + data[33:]


def sixteen_bit(picture: Image.Image) -> bytes:
    """The 'L' or 'RGB' picture as PNG with 16 bits a channel."""
    channels = len(picture.getbands())
    levels, row = picture.tobytes(), picture.width * channels
    wide = b"".join(
        b"\0" + bytes(byte for level in levels[y * row : (y + 1) * row] for byte in (level, level))
        for y in range(picture.height)
    )
    return png(*picture.size, 16, 0 if channels == 1 else 2, wide)


def interlaced(picture: Image.Image) -> bytes:
    """The 'L' picture as Adam7 PNG, written pass by pass."""
    pixels, raw = picture.tobytes(), bytearray()
    for left, top, across, down in ADAM7:
        for y in range(top, picture.height, down):
            row = pixels[y * picture.width : (y + 1) * picture.width]
            raw += b"\0" + row[left::across]
    return png(*picture.size, 8, 0, bytes(raw), interlaced=True)


def with_webp_size(webp: bytes, width: int, height: int) -> bytes:
    """A lossless WebP ('VP8L') with another size announced."""
    assert webp[12:16] == b"VP8L"
    flags = struct.unpack("<I", webp[21:25])[0] & 0xF0000000
    return webp[:21] + struct.pack("<I", flags | (height - 1) << 14 | (width - 1)) + webp[25:]


def exif(**tags) -> bytes:
    """EXIF block of `orientation`, `description` and, with gps=True, coordinates."""
    block = Image.Exif()
    if "orientation" in tags:
        block[0x0112] = tags["orientation"]
    if "description" in tags:
        block[0x010E] = tags["description"]
    if tags.get("gps"):
        block[0x0110] = "HP UJI 9000"
        block[0x8825] = {1: "S", 2: (7.0, 45.0, 12.5), 3: "E", 4: (113.0, 12.0, 57.5)}
    return block.tobytes()
