"""What opening one photo costs, in CPU, beside the least that any program pays for it.

Ours is `clean_photo` with everything it starts: the web process, the launcher and the child in its box. The limit for a
JPEG is turbojpeg alone, without a box or a judgement: decode at the scale that fits, encode, decode small, encode.
It comes with simplejpeg (`pip install simplejpeg`; nothing of the product uses it); without it only ours is printed.
The limit for other formats is Pillow's decoder alone. Medians of five, by turns. Beside each size of JPEG stands what
other programs take for the same two pictures, where they are installed: libjpeg's djpeg and cjpeg, pyvips, and Pillow
used without a thought.
"""

import math
import os
import random
import resource
import statistics
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pillow_heif
from PIL import Image, ImageDraw, ImageFilter

from app.photos import pool
from app.photos.cleaning import clean_photo
from app.photos.wire import MAX_SIDE, THUMBNAIL_SIDE
from bench._table import note

TURNS = 5
JPEG_BAR, OTHER_BAR = 1.2, 1.15  # times the least
TICK = os.sysconf("SC_CLK_TCK")
SIZES = {"1600 px": (1600, 1200), "3 MP": (2048, 1536), "12 MP": (4032, 3024), "50 MP": (8160, 6120)}


def main() -> None:
    pillow_heif.register_heif_opener()
    pool.start()
    picture = a_card((4032, 3024))
    for title, size in SIZES.items():
        data = encoded(picture.resize(size) if size != picture.size else picture, "JPEG", quality=88)
        for kind in ("ktp", "signature", "selfie"):
            _show(f"JPEG {title} {kind}", data, kind, lambda data=data: turbojpeg(data))
        _show_others(title, data)
    small = picture.resize((1080, 2400))
    for name, data in (
        ("WebP 12 MP", encoded(picture, "WEBP", quality=80)), ("HEIC 12 MP", encoded(picture, "HEIF", quality=60)),
        ("PNG 1080x2400", encoded(small, "PNG")),
    ):
        _show(f"{name} ktp", data, "ktp", lambda data=data: Image.open(BytesIO(data)).load())


def a_card(size: tuple[int, int], seed: int = 7) -> Image.Image:
    """Something with the fine grain of a sensor, soft areas and lettering."""
    chance = random.Random(seed)
    soft = Image.frombytes("RGB", (96, 72), chance.randbytes(96 * 72 * 3)).resize(size, Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", (size[0] // 4, size[1] // 4), chance.randbytes(size[0] * size[1] // 16)).resize(size)
    picture = Image.blend(soft, Image.merge("RGB", [grain.filter(ImageFilter.GaussianBlur(2))] * 3), 0.25)
    draw = ImageDraw.Draw(picture)
    for line in range(12):
        place = size[0] // 10, size[1] * (line + 1) // 14
        draw.text(place, "3574021708990001 CONTOH", fill=(20, 20, 40), font_size=size[1] // 24)
    return picture


def encoded(picture: Image.Image, name: str, **options) -> bytes:
    out = BytesIO()
    picture.save(out, name, **options)
    return out.getvalue()


def turbojpeg(data: bytes) -> None:
    import simplejpeg

    height, width, *_ = simplejpeg.decode_jpeg_header(data)
    for side, quality in ((MAX_SIDE, 85), (THUMBNAIL_SIDE, 80)):
        scale = min(1.0, 1.02 * side / max(width, height))
        least = {"min_height": int(height * scale), "min_width": int(width * scale), "min_factor": 1}
        pixels = simplejpeg.decode_jpeg(data, **least)
        simplejpeg.encode_jpeg(pixels, quality, "RGB", "420")


def _show(title: str, data: bytes, kind: str, least: Callable[[], object]) -> None:
    ours, limit = [], []
    for _ in range(TURNS + 1):
        ours.append(cpu_ms(lambda: clean_photo(data, kind=kind)))
        try:
            limit.append(cpu_ms(least))
        except ModuleNotFoundError:
            limit.append(float("nan"))
    mine, bar = statistics.median(ours[1:]), statistics.median(limit[1:])
    note(f"photo, {title}, CPU", mine, None, "ms")
    note(f"photo, {title}, the least", bar, None, "ms")
    note(f"photo, {title}", mine / bar, JPEG_BAR if title.startswith("JPEG") else OTHER_BAR, "x least")


def _show_others(title: str, data: bytes) -> None:
    for name, act in (("djpeg and cjpeg", _by_libjpeg), ("pyvips", _by_vips), ("naive Pillow", _naive)):
        try:
            act(data)
            took = statistics.median(cpu_ms(lambda act=act: act(data)) for _ in range(3))
        except (ModuleNotFoundError, FileNotFoundError):  # not installed here
            took = math.nan
        note(f"photo, JPEG {title}, by {name}", took, None, "ms")


def _by_libjpeg(data: bytes) -> None:
    for options, quality in ((["-scale", "1/2"] if len(data) > 1 << 20 else [], 85), (["-scale", "1/8"], 80)):
        pixels = subprocess.run(["djpeg", *options], input=data, capture_output=True, check=True).stdout
        subprocess.run(["cjpeg", "-quality", str(quality)], input=pixels, capture_output=True, check=True)


def _by_vips(data: bytes) -> None:
    import pyvips

    for side, quality in ((MAX_SIDE, 85), (THUMBNAIL_SIDE, 80)):
        pyvips.Image.thumbnail_buffer(data, side, size="down").jpegsave_buffer(Q=quality)


def _naive(data: bytes) -> None:
    picture = Image.open(BytesIO(data)).convert("RGB")
    for side, quality in ((MAX_SIDE, 85), (THUMBNAIL_SIDE, 80)):
        picture.thumbnail((side, side))
        picture.save(BytesIO(), "JPEG", quality=quality)


def cpu_ms(work: Callable[[], object]) -> float:
    begun = _cpu()
    work()
    _settle()
    return 1000 * (_cpu() - begun)


def _cpu() -> float:
    """Seconds of this process, of programs it ran, and of the launcher with the children it has buried."""
    own, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime + _launcher_seconds()


def _launcher_seconds() -> float:
    fields = Path(f"/proc/{pool.start()}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK


def _settle() -> None:
    """Until the launcher has buried its child: its time counts only then."""
    pid = pool.start()
    while Path(f"/proc/{pid}/task/{pid}/children").read_text().strip():
        os.sched_yield()


if __name__ == "__main__":
    main()
