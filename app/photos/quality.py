"""Hints about a photo that is hard to read: blurred, dark, glaring, a pale signature. Hints, never refusals.

The thresholds were measured on drawn cards: calibrate them on real photos.
The sharpness is taken after shrinking to a fixed side and smoothing, over the sharpest tiles, because the plain
variance of the Laplacian grows with size and takes sensor noise for sharpness. A photo is judged in about 7 ms, in the
child that opened it (`app/photos/child.py`).
"""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter, ImageStat

BLURRED, DARK, GLARING, PALE = "buram", "gelap", "silau", "pucat"

# One table for two judges: this one, and the one in the phone (static/js/photo.js), which gets it with the page.
# side: pixels of the long side that is looked at. Levels are of 255. sharp: see sharpness(). A picture is dark below
# `mean`, or when its brightest twentieth is below `bright`; glaring when more than `glare_share` is at `glare_level`.
THRESHOLDS: dict[str, float] = {
    "side": 800, "sharp": 60.0, "mean": 50, "bright": 100, "glare_level": 250, "glare_share": 0.08, "ink": 60,
}
SAME_BITS = 6  # two perceptual hashes that differ in at most so many of 64 bits are of one picture
_TILES_PER_SIDE, _SHARPEST_TILES = 4, 4
_INK_SHARE = 0.005
# Halved to keep a hard edge inside the 8 bits of a filtered image; the variance is scaled back by 4.
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=2, offset=128)


def card_hints(photo: Image.Image) -> tuple[str, ...]:
    """Hints for an RGB photo of a card or of a person holding one: any of 'buram', 'gelap', 'silau'."""
    gray = _gray(photo)
    dark = _is_dark(gray)
    found = (
        (BLURRED, not dark and sharpness(gray) < THRESHOLDS["sharp"]),  # too little light blurs every edge
        (DARK, dark),
        (GLARING, _share_from(gray, int(THRESHOLDS["glare_level"])) > THRESHOLDS["glare_share"]),
    )
    return tuple(hint for hint, present in found if present)


def signature_hints(photo: Image.Image) -> tuple[str, ...]:
    """For an RGB photo of a signature: 'gelap', or 'pucat' when the ink hardly stands out from the paper around it."""
    gray = _gray(photo)
    if _is_dark(gray):
        return (DARK,)
    return (PALE,) if ink_contrast(gray) < THRESHOLDS["ink"] else ()


def is_same_picture(one: str, other: str) -> bool:
    """Whether two perceptual hashes (hex) are of one picture, perhaps resaved or made smaller."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= SAME_BITS


def no_hints(_photo: Image.Image) -> tuple[str, ...]:
    """Attachments may show anything, so nothing is hinted."""
    return ()


def sharpness(gray: Image.Image) -> float:
    """Mean variance of the Laplacian over the sharpest of 16 tiles, of an 'L' image with a long side of 800 px."""
    filtered = gray.filter(ImageFilter.GaussianBlur(0.8)).filter(_LAPLACIAN)
    edges = filtered.crop((1, 1, filtered.width - 1, filtered.height - 1))  # the border comes out unfiltered
    variances = sorted((ImageStat.Stat(edges.crop(box)).var[0] * 4 for box in _tiles(edges)), reverse=True)
    return sum(variances[:_SHARPEST_TILES]) / _SHARPEST_TILES


def ink_contrast(gray: Image.Image) -> int:
    """How much darker (levels of 255) the darkest half percent is than the paper beside it; shadows do not count."""
    paper = brightest_of_nine(gray).filter(ImageFilter.BoxBlur(12))
    return _level_of_share(ImageChops.subtract(paper, gray), 1 - _INK_SHARE)


def brightest_of_nine(gray: Image.Image) -> Image.Image:
    """Each pixel the brightest of the 9 by 9 around it: byte for byte Pillow's MaxFilter(9), a hundred times faster.

    The maximum of a square is the maximum of its rows, then of its columns, and nine in a row are four steps of
    doubling. As in MaxFilter, the border repeats outwards.
    """
    width, height = gray.size
    reach = 4
    wide = Image.new("L", (width + 2 * reach, height + 2 * reach))
    wide.paste(gray, (reach, reach))
    for step in range(reach):
        wide.paste(gray.crop((0, 0, 1, height)), (step, reach))
        wide.paste(gray.crop((width - 1, 0, width, height)), (width + reach + step, reach))
    for step in range(reach):
        wide.paste(wide.crop((0, reach, wide.width, reach + 1)), (0, step))
        wide.paste(wide.crop((0, height + reach - 1, wide.width, height + reach)), (0, height + reach + step))
    for across, down in ((1, 0), (0, 1)):
        for shift in (1, 2, 4, 1):
            wide = ImageChops.lighter(wide, ImageChops.offset(wide, -shift * across, -shift * down))
    return wide.crop((0, 0, width, height))


def _gray(photo: Image.Image) -> Image.Image:
    scale = THRESHOLDS["side"] / max(photo.size)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    # whole pixels are averaged first: a seventh of the time, and near the thresholds the same verdicts
    return photo.convert("L").resize(size, Image.Resampling.BICUBIC, reducing_gap=1.0)


def _tiles(image: Image.Image) -> list[tuple[int, int, int, int]]:
    across, down = image.width // _TILES_PER_SIDE, image.height // _TILES_PER_SIDE
    steps = range(_TILES_PER_SIDE)
    return [(x * across, y * down, (x + 1) * across, (y + 1) * down) for y in steps for x in steps]


def _is_dark(gray: Image.Image) -> bool:
    return ImageStat.Stat(gray).mean[0] < THRESHOLDS["mean"] or _level_of_share(gray, 0.95) < THRESHOLDS["bright"]


def _share_from(gray: Image.Image, level: int) -> float:
    counts = gray.histogram()
    return sum(counts[level:]) / sum(counts)


def _level_of_share(gray: Image.Image, share: float) -> int:
    """The level below which `share` of the pixels lie."""
    counts = gray.histogram()
    left = share * sum(counts)
    for level, count in enumerate(counts):
        left -= count
        if left <= 0:
            return level
    return 255
