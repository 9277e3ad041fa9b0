"""Files people and attackers send as a photo, made here, each with what must become of it (docs/security.md).

`GROUPS` make them; every file is invented and drawn, none is kept on disk but two small HEIC (no encoder at hand).
"""

import base64
import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, wraps
from io import BytesIO
from pathlib import Path
from random import Random

from PIL import Image, ImageCms

from tests import picture_parts as parts
from tests.picture_parts import card, chunk, encoded, segment, with_chunks, with_segments

ACCEPT = "accept"
MAX_BYTES = 15 * 1024 * 1024
HEIC = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Case:
    """`expected`: 'accept' or the HTTP status. `gone` must be in no stored byte. `upright`: red block on the right."""

    name: str
    data: bytes
    filename: str
    expected: str | int
    gone: tuple[bytes, ...] = ()
    upright: bool = True


@lru_cache(maxsize=1)
def jpeg() -> bytes:
    return encoded(card(), quality=85)


@lru_cache(maxsize=1)
def small_png() -> bytes:
    return encoded(card(640, 410), "PNG")


def _taken(name: str, data: bytes, *, filename: str = "foto.jpg", gone: tuple[bytes, ...] = (), upright=True) -> Case:
    return Case(name, data, filename, ACCEPT, gone, upright)


def _refused(status: int, name: str, data: bytes, filename: str = "foto.jpg") -> Case:
    return Case(name, data, filename, status)


def ordinary() -> Iterator[Case]:
    picture, small = card(), card(640, 410)
    veiled = small.convert("RGBA")
    veiled.putalpha(Image.linear_gradient("L").resize(small.size).point([128 + level // 2 for level in range(256)]))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    yield _taken("jpeg", jpeg())
    yield _taken("jpeg_progressive", encoded(picture, progressive=True))
    yield _taken("jpeg_gray", encoded(picture.convert("L")), upright=False)
    yield _taken("jpeg_cmyk", encoded(picture.convert("CMYK")))
    yield _taken("jpeg_restart_markers", encoded(picture, restart_marker_blocks=4))
    yield _taken("jpeg_12_megapixels", encoded(card(4000, 3000), quality=70))
    yield _taken("jpeg_108_megapixels", encoded(Image.new("L", (12000, 9000), 150)), upright=False)
    yield _taken("jpeg_profile", encoded(picture, icc_profile=profile), gone=(b"ICC_PROFILE",))
    yield _taken("jpeg_profile_garbage", encoded(picture, icc_profile=Random(1).randbytes(4000)))
    yield _taken("mpo", encoded(picture, "MPO", save_all=True, append_images=[small]))
    yield _taken("png_rgb", small_png())
    yield _taken("png_alpha", encoded(veiled, "PNG"))
    yield _taken("png_gray_alpha", encoded(small.convert("LA"), "PNG"), upright=False)
    yield _taken("png_palette", encoded(small.quantize(64), "PNG"))
    yield _taken("png_palette_transparent", encoded(small.quantize(64), "PNG", transparency=0))
    yield _taken("png_1bit", encoded(small.convert("1"), "PNG"), upright=False)
    yield _taken("png_gray16", parts.sixteen_bit(small.convert("L")), upright=False)
    yield _taken("png_rgb16", parts.sixteen_bit(small))
    yield _taken("png_interlaced", parts.interlaced(small.convert("L")), upright=False)
    yield _taken("webp", encoded(small, "WEBP", quality=80))
    yield _taken("webp_lossless_alpha", encoded(veiled, "WEBP", lossless=True))
    yield _taken("avif", encoded(small, "AVIF", quality=60), filename="foto.avif")
    yield _taken("avif_turned_named_jpg", encoded(small.transpose(Image.Transpose.ROTATE_90), "AVIF", quality=60,
                                                  exif=parts.exif(orientation=6)))
    yield _taken("heic", (HEIC / "card.heic").read_bytes(), filename="IMG_0001.HEIC")
    yield _taken("heic_turned_named_jpg", (HEIC / "card-turned.heic").read_bytes())


def turned() -> Iterator[Case]:
    turn = Image.Transpose
    back = (None, turn.FLIP_LEFT_RIGHT, turn.ROTATE_180, turn.FLIP_TOP_BOTTOM,
            turn.TRANSPOSE, turn.ROTATE_90, turn.TRANSVERSE, turn.ROTATE_270)
    for orientation, undo in enumerate(back, start=1):
        stored = card() if undo is None else card().transpose(undo)
        yield _taken(f"orientation_{orientation}", encoded(stored, exif=parts.exif(orientation=orientation)))
    for nonsense in (0, 9, 65535):
        yield _taken(f"orientation_{nonsense}", encoded(card(), exif=parts.exif(orientation=nonsense)))


def private() -> Iterator[Case]:
    place, model = parts.exif(gps=True), (b"HP UJI 9000",)
    thumbnail = encoded(Image.new("RGB", (160, 120), (0, 255, 0)))
    film = b"\0\0\0\x18ftypmp42" + b"SUARA-DAN-GAMBAR" * 200 + Random(2).randbytes(8_000_000)
    yield _taken("gps_jpeg", encoded(card(), exif=place), gone=model)
    yield _taken("gps_png", encoded(card(640, 410), "PNG", exif=place), gone=model)
    yield _taken("gps_webp", encoded(card(640, 410), "WEBP", exif=place), gone=model)
    yield _taken("xmp", with_segments(jpeg(), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>")),
                 gone=(b"xmpmeta",))
    yield _taken("thumbnail_in_exif", with_segments(jpeg(), segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0" + thumbnail)),
                 gone=(thumbnail[-40:],))
    yield _taken("film_behind", jpeg() + film, gone=(b"SUARA-DAN-GAMBAR", b"ftypmp42"))
    yield _taken("trailer_behind", jpeg() + b"Image_UTC_Data1700000000000SEFT", gone=(b"SEFT",))
    yield _taken("second_jpeg_behind", jpeg() + encoded(Image.new("RGB", (640, 410))))


def named() -> Iterator[Case]:
    for name in ("../../../../etc/cron.d/x.jpg", "..\\..\\win.ini", "foto.php\0.jpg", "a\r\nX-Evil: 1\r\n.jpg",
                 "<img src=x onerror=alert(1)>.jpg", "x'); DROP TABLE applications;--.jpg", "{{7*7}}%s%n.jpg",
                 "foto\u202egpj.exe", "foto\udcff.jpg", ".htaccess", "CON.jpg", "KTP.png", "blob", "a" * 4000):
        yield _taken(f"named_{name[:24]!a}", jpeg(), filename=name)
    yield _refused(422, "named_nothing", jpeg(), "")


def carriers() -> Iterator[Case]:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr(zipfile.ZipInfo("Evil.class"), "x" * 100)
    php = b"<?php system($_GET['c']); ?>"
    pixels = Image.frombytes("RGB", (600, 600), (b"<?=$_GET[0]($_POST[1]);?>" * 43200)[: 600 * 600 * 3])
    yield _taken("php_behind", jpeg() + php, gone=(b"<?php",))
    yield _taken("php_comment", with_segments(jpeg(), segment(0xFE, php)), gone=(b"<?php",))
    yield _taken("html_in_exif", encoded(card(), exif=parts.exif(description="<script>alert(1)</script>")),
                 gone=(b"<script>",))
    yield _taken("pdf_in_comment", with_segments(jpeg(), segment(0xFE, b"%PDF-1.4\n1 0 obj<<>>")), gone=(b"%PDF",))
    yield _taken("zip_behind", jpeg() + archive.getvalue(), gone=(b"Evil.class",))
    yield _taken("script_in_png_text", with_chunks(small_png(), chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")),
                 gone=(b"<script>",))
    yield _taken("php_in_png_pixels", encoded(pixels, "PNG", compress_level=0), gone=(b"<?=$_GET",), upright=False)


def not_images() -> Iterator[Case]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="file:///etc/passwd"/></svg>'
    yield _refused(422, "empty", b"")
    for name, data in {
        "one_byte": b"\xff", "start_marker_only": b"\xff\xd8", "jfif_header_only": jpeg()[:20],
        "magic_then_zeros": b"\xff\xd8\xff\xe0" + bytes(5000), "text": b"ini bukan foto\n" * 100,
        "html": b"<!doctype html><script>fetch('/petugas')</script>", "svg": svg, "svgz": gzip.compress(svg, mtime=0),
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file\n", "pdf": b"%PDF-1.4\n1 0 obj\n",
        "exe": b"MZ" + bytes(500), "elf": b"\x7fELF\x02\x01\x01" + bytes(500), "zip": b"PK\x03\x04" + bytes(500),
        "mp4": b"\0\0\0\x18ftypmp42" + bytes(500), "jxl": b"\xff\x0a" + bytes(200),
        "gzip_of_a_jpeg": gzip.compress(jpeg(), mtime=0), "base64_of_a_jpeg": base64.b64encode(jpeg()),
        "newline_before_a_jpeg": b"\r\n" + jpeg(), "jpeg_read_as_text": jpeg().decode("latin-1").encode(),
    }.items():
        yield _refused(415, name, data)


def other_formats() -> Iterator[Case]:
    picture = card(640, 410)
    pixel = b"\x01\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
    yield _refused(415, "gif_and_script", b"GIF89a/*" + pixel + b"*/=1;alert(1)//")
    yield _refused(415, "gif_moving", encoded(picture, "GIF", save_all=True, append_images=[card(640, 400)]))
    for kind in ("BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "EPS", "PDF", "JPEG2000", "SGI", "DDS"):
        yield _refused(415, f"{kind.lower()}_named_jpg", encoded(picture, kind))


def moving() -> Iterator[Case]:
    frames = {"save_all": True, "append_images": [Image.new("RGB", (640, 410))]}
    yield _refused(422, "webp_moving", encoded(card(640, 410), "WEBP", **frames), "foto.webp")
    yield _refused(422, "avif_moving", encoded(card(640, 410), "AVIF", **frames), "foto.avif")
    yield _refused(422, "png_moving", encoded(card(640, 410), "PNG", **frames), "foto.png")


def damaged() -> Iterator[Case]:
    progressive, png, webp = encoded(card(), progressive=True), small_png(), encoded(card(640, 410), "WEBP")
    heic, body = (HEIC / "card.heic").read_bytes(), png.index(b"IDAT")
    crc = body + 4 + struct.unpack(">I", png[body - 4 : body])[0]
    yield _refused(422, "jpeg_half", jpeg()[: len(jpeg()) // 2])
    yield _refused(422, "jpeg_most", jpeg()[: len(jpeg()) * 19 // 20])
    yield _taken("jpeg_without_end_marker", jpeg()[:-2])
    yield _refused(422, "jpeg_without_last_row", jpeg()[:-200])
    yield _refused(422, "jpeg_progressive_without_end_marker", progressive[:-2])
    yield _refused(422, "jpeg_progressive_half", progressive[: len(progressive) // 2])
    yield _refused(415, "jpeg_cut_in_header", jpeg()[:300])
    yield _refused(422, "png_half", png[: len(png) // 2])
    yield _refused(422, "png_pixel_checksum", png[:crc] + b"\xde\xad\xbe\xef" + png[crc + 4 :])
    yield _refused(415, "png_header_checksum", png[:29] + bytes(4) + png[33:])
    yield _refused(422, "png_without_pixels", png[:33] + chunk(b"IEND"))
    yield _refused(422, "png_garbage_pixels", png[:33] + chunk(b"IDAT", Random(3).randbytes(3000)) + chunk(b"IEND"))
    yield _refused(422, "png_20_of_500_rows", parts.png(800, 500, 8, 2, bytes(2401) * 20))
    yield _refused(422, "png_interlaced_last_pass_missing", parts.png(640, 640, 8, 0, bytes(410_500), interlaced=True))
    yield _refused(415, "webp_half", webp[: len(webp) // 2])
    yield _refused(422, "heic_half", heic[: len(heic) // 2])
    yield _refused(415, "heic_header_only", heic[:64])
    yield _refused(415, "heic_brand_only", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000))


def bombs() -> Iterator[Case]:
    huge, webp = zlib.compress(bytes(100 << 20), 9), encoded(Image.new("RGB", (64, 64)), "WEBP", lossless=True)
    progressive, pixel = encoded(card(), progressive=True), b"\0" * 8
    yield _refused(422, "jpeg_65500_square", parts.with_jpeg_size(jpeg(), 65500, 65500))
    yield _refused(422, "jpeg_121_megapixels", parts.with_jpeg_size(jpeg(), 11000, 11000))
    yield _refused(422, "jpeg_progressive_64_megapixels", parts.with_jpeg_size(progressive, 8000, 8000))
    yield _refused(415, "jpeg_no_height", parts.with_jpeg_size(jpeg(), 640, 0))
    yield _refused(422, "png_13000_square", parts.png(13000, 13000, 8, 6, pixel))
    yield _refused(422, "png_1bit_60000_square", parts.png(60000, 60000, 1, 0, pixel))
    yield _refused(422, "png_2147483647_square", parts.png(2**31 - 1, 2**31 - 1, 8, 6, pixel))
    yield _refused(422, "png_strip", parts.png(60000, 1, 8, 2, bytes(180001)))
    yield _refused(422, "webp_131_megapixels", parts.with_webp_size(webp, 16383, 8000), "foto.webp")
    yield _refused(415, "png_text_100_megabytes", with_chunks(small_png(), chunk(b"zTXt", b"c\0\0" + huge)))
    yield _refused(415, "png_profile_100_megabytes", with_chunks(small_png(), chunk(b"iCCP", b"p\0\0" + huge)))
    yield _refused(422, "jpeg_150_scans", parts.with_repeated_scan(1000, 150))
    yield _taken("jpeg_60_scans", parts.with_repeated_scan(1000, 60), upright=False)
    yield _refused(422, "jpeg_3_million_segments", with_segments(jpeg(), segment(0xEA) * 3_000_000))
    yield _refused(422, "jpeg_10_megabytes_of_padding", with_segments(jpeg(), b"\xff" * 10_000_000))
    yield _refused(422, "png_million_chunks", with_chunks(small_png(), chunk(b"teSt") * 1_000_000))


def odd_metadata() -> Iterator[Case]:
    def block(body: bytes) -> bytes:
        return with_segments(jpeg(), segment(0xE1, b"Exif\0\0" + body))

    entry = struct.pack("<HHII", 0x010E, 2, 0xFFFFFFFF, 8)
    loop = struct.pack("<HHHIIHHIII", 2, 0x8769, 4, 1, 8, 0x8825, 4, 1, 8, 8)
    yield _taken("exif_5000_entries_of_4_gigabytes", block(b"II*\0\x08\0\0\0" + struct.pack("<H", 5000) + entry * 5000))
    yield _taken("exif_pointing_at_itself", block(b"II*\0\x08\0\0\0" + loop))
    yield _taken("exif_garbage", block(Random(4).randbytes(2000)))
    yield _taken("exif_cut", block(b"MM\0*\0\0\0\x08\0\x40"))
    yield _taken("comments_9_megabytes", with_segments(jpeg(), *[segment(0xFE, bytes(65000))] * 140))
    yield _taken("segments_10000", with_segments(jpeg(), segment(0xEA) * 10_000))


def sizes() -> Iterator[Case]:
    yield _taken("15_mebibytes", jpeg() + bytes(MAX_BYTES - len(jpeg())))
    yield _refused(413, "15_mebibytes_and_a_byte", jpeg() + bytes(MAX_BYTES - len(jpeg()) + 1))
    yield _taken("600_pixels", encoded(card(600, 380)))
    yield _refused(422, "599_pixels", encoded(card(599, 380)))
    yield _refused(422, "1_pixel", encoded(Image.new("RGB", (1, 1))))
    yield _taken("six_times_as_wide", encoded(card(1200, 200)))
    yield _refused(422, "more_than_six_times_as_wide", encoded(card(1200, 199)))


def _made_once(group: Callable[[], Iterator[Case]]) -> Callable[[], tuple[Case, ...]]:
    """All together are about three seconds to make, so a group is made when it is wanted."""
    return lru_cache(maxsize=1)(wraps(group)(lambda: tuple(group())))


GROUPS = tuple(_made_once(group) for group in (
    ordinary, turned, private, named, carriers, not_images, other_formats, moving, damaged, bombs, odd_metadata, sizes,
))


def case_of(name: str) -> Case:
    [found] = (case for group in GROUPS for case in group() if case.name == name)
    return found
