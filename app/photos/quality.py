"""Hints about a photo that is hard to read: blurred, dark, glaring, a pale signature. Hints, never refusals.

The thresholds were measured on drawn cards: calibrate them on real photos.
The sharpness is taken after shrinking to a fixed side and smoothing, over the sharpest tiles, because the plain
variance of the Laplacian grows with size and takes sensor noise for sharpness. A sharp photo is judged in about 3 ms, a
blurred one in 7, in the child that opened it (`app/photos/child.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageChops, ImageFilter, ImageStat

BLURRED, DARK, GLARING, PALE = "buram", "gelap", "silau", "pucat"

# One table for two judges: this one, and the one in the phone (static/js/photo.js), which gets it with the page.
# side: pixels of the long side that is looked at. Levels are of 255. sharp: see is_sharp(). A picture is dark below
# `mean`, or when its brightest twentieth is below `bright`; glaring when more than `glare_share` is at `glare_level`.
THRESHOLDS: dict[str, float] = {
    "side": 800, "sharp": 60.0, "mean": 50, "bright": 100, "glare_level": 250, "glare_share": 0.08, "ink": 60,
}
SAME_BITS = 6  # two perceptual hashes that differ in at most so many of 64 bits are of one picture
_TILES_PER_SIDE, _SHARPEST_TILES = 4, 4
_BANDS = (1, 2, 0, 3)  # of tiles, the middle first: there is what was photographed
_EDGE_REACH, _INK_REACH = 4, 16  # pixels around a band that its smoothed edges, its paper depend on
_INK_SHARE = 0.005
# Halved to keep a hard edge inside the 8 bits of a filtered image; the variance is scaled back by 4.
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=2, offset=128)


def card_hints(photo: Image.Image) -> tuple[str, ...]:
    """Hints for an RGB photo of a card or of a person holding one: any of 'buram', 'gelap', 'silau'."""
    gray = _gray(photo)
    levels = gray.histogram()
    dark = _is_dark(levels)
    found = (
        (BLURRED, not dark and not is_sharp(gray)),  # too little light blurs every edge
        (DARK, dark),
        (GLARING, _share_from(levels, int(THRESHOLDS["glare_level"])) > THRESHOLDS["glare_share"]),
    )
    return tuple(hint for hint, present in found if present)


def signature_hints(photo: Image.Image) -> tuple[str, ...]:
    """For an RGB photo of a signature: 'gelap', or 'pucat' when the ink hardly stands out from the paper around it."""
    gray = _gray(photo)
    if _is_dark(gray.histogram()):
        return (DARK,)
    return () if has_ink(gray) else (PALE,)


def is_same_picture(one: str, other: str) -> bool:
    """Whether two perceptual hashes (hex) are of one picture, perhaps resaved or made smaller."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= SAME_BITS


def no_hints(_photo: Image.Image) -> tuple[str, ...]:
    """Attachments may show anything, so nothing is hinted."""
    return ()


def is_sharp(gray: Image.Image) -> bool:
    """Whether the variance of the Laplacian, its mean over the sharpest four of 16 tiles, reaches its threshold; of an
    'L' image with a long side of 800 px. Further tiles only add to it, so none is looked at once it does."""
    found: list[float] = []
    for variances in _tile_variances(gray):
        found = sorted(found + variances, reverse=True)[:_SHARPEST_TILES]
        if sum(found) / _SHARPEST_TILES >= THRESHOLDS["sharp"]:
            return True
    return False


def _tile_variances(gray: Image.Image) -> Iterator[list[float]]:
    """Of each band of tiles. The border, which comes out of the filter as it went in, belongs to none."""
    across, down = (gray.width - 2) // _TILES_PER_SIDE, (gray.height - 2) // _TILES_PER_SIDE
    for band in _BANDS:
        part, top = _band(gray, 1 + band * down, down, _EDGE_REACH)
        edges = part.filter(ImageFilter.GaussianBlur(0.8)).filter(_LAPLACIAN)
        boxes = [(1 + x * across, top, 1 + (x + 1) * across, top + down) for x in range(_TILES_PER_SIDE)]
        yield [ImageStat.Stat(edges.crop(box)).var[0] * 4 for box in boxes]


def _band(gray: Image.Image, top: int, height: int, reach: int) -> tuple[Image.Image, int]:
    """These rows with `reach` more above and below, as far as there are any; and where in it they begin."""
    above = max(0, top - reach)
    return gray.crop((0, above, gray.width, min(gray.height, top + height + reach))), top - above


def has_ink(gray: Image.Image) -> bool:
    """Whether the darkest half percent stands out from the paper beside it; shadows do not count. As soon as enough of
    it is found, nothing more is looked at."""
    wanted, height = _INK_SHARE * gray.width * gray.height, -(-gray.height // len(_BANDS))
    found = 0
    for band in _BANDS:
        part, top = _band(gray, band * height, height, _INK_REACH)
        paper = brightest_of_nine(part).filter(ImageFilter.BoxBlur(12))
        darker = ImageChops.subtract(paper, part).crop((0, top, part.width, min(part.height, top + height)))
        found += sum(darker.histogram()[int(THRESHOLDS["ink"]):])
        if found > wanted:
            return True
    return False


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


# of a gray picture, how many of its pixels have each level


def _is_dark(levels: list[int]) -> bool:
    mean = sum(level * count for level, count in enumerate(levels)) / sum(levels)
    return mean < THRESHOLDS["mean"] or _level_of_share(levels, 0.95) < THRESHOLDS["bright"]


def _share_from(levels: list[int], level: int) -> float:
    return sum(levels[level:]) / sum(levels)


def _level_of_share(levels: list[int], share: float) -> int:
    """The level below which `share` of the pixels lie."""
    left = share * sum(levels)
    for level, count in enumerate(levels):
        left -= count
        if left <= 0:
            return level
    return 255
