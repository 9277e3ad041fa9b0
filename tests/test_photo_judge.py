"""The judge of a photo takes shortcuts; they change no verdict."""

from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageStat

from app.demo.photos import realistic_ktp, realistic_selfie, realistic_signature
from app.photos import quality

NEAR = 0.06  # of a threshold: there a shortcut may tip the scales


def spoilt(picture: Image.Image, chance: Random) -> Image.Image:
    """As careless hands photograph it: blurred, dark, in the glare of a lamp or pale, of any size."""
    side = chance.choice((900, 1200, 1600, 1800, 2000, 2016))
    photo = picture.resize((side, round(side * picture.height / picture.width)), Image.Resampling.BILINEAR)
    photo = photo.filter(ImageFilter.GaussianBlur(chance.choice((0, chance.uniform(0, 5))) * side / 1600))
    photo = ImageEnhance.Brightness(photo).enhance(chance.choice((1, chance.uniform(0.1, 1.6))))
    photo = ImageEnhance.Contrast(photo).enhance(chance.choice((1, chance.uniform(0.1, 1))))
    lamp = chance.choice((0, round(side * chance.uniform(0, 0.45))))
    photo.paste((255, 255, 255), (0, 0, lamp, lamp))
    return photo


def whole_gray(photo: Image.Image) -> Image.Image:
    """Every pixel weighed, as no hurry would have it."""
    scale = quality.THRESHOLDS["side"] / max(photo.size)
    size = (round(photo.width * scale), round(photo.height * scale))
    return photo.convert("L").resize(size, Image.Resampling.BICUBIC)


def whole_sharpness(gray: Image.Image) -> float:
    """Of all 16 tiles, filtered in one piece."""
    filtered = gray.filter(ImageFilter.GaussianBlur(0.8)).filter(quality._LAPLACIAN)
    edges = filtered.crop((1, 1, filtered.width - 1, filtered.height - 1))
    across, down = edges.width // 4, edges.height // 4
    tiles = [edges.crop((x * across, y * down, (x + 1) * across, (y + 1) * down)) for x in range(4) for y in range(4)]
    return sum(sorted(ImageStat.Stat(tile).var[0] * 4 for tile in tiles)[-4:]) / 4


def whole_ink_contrast(gray: Image.Image) -> int:
    """How much darker (levels of 255) the darkest half percent is than the paper beside it."""
    paper = gray.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.BoxBlur(12))
    return quality._level_of_share(ImageChops.subtract(paper, gray).histogram(), 0.995)


@pytest.mark.parametrize("number", [9, pytest.param(200, marks=pytest.mark.long)])
def test_shortcuts_of_the_judge_change_no_verdict(monkeypatch, number):
    chance = Random(number)
    scenes = [Image.open(BytesIO(draw())) for draw in (realistic_ktp, realistic_selfie, realistic_signature)]
    photos = [spoilt(chance.choice(scenes), chance) for _ in range(number)]
    judged = [(quality.card_hints(photo), quality.signature_hints(photo)) for photo in photos]
    monkeypatch.setattr(quality, "_gray", whole_gray)
    different = 0
    for photo, before in zip(photos, judged, strict=True):
        if (quality.card_hints(photo), quality.signature_hints(photo)) != before:
            gray, limits = whole_gray(photo), quality.THRESHOLDS
            measured = {"sharp": whole_sharpness(gray), "ink": whole_ink_contrast(gray)}
            assert any(abs(value / limits[name] - 1) < NEAR for name, value in measured.items()), measured
            different += 1
    assert len(set(judged)) > 4 and different <= number / 50


@pytest.mark.parametrize("number", [8, pytest.param(200, marks=pytest.mark.long)])
def test_a_judge_who_stops_when_sure_says_what_the_whole_picture_says(number):
    chance = Random(number + 1)
    scenes = [Image.open(BytesIO(draw())) for draw in (realistic_ktp, realistic_selfie, realistic_signature)]
    said = set()
    for _ in range(number):
        photo = spoilt(chance.choice(scenes), chance)
        gray = quality._gray(photo.crop((0, 0, photo.width, chance.choice((photo.height, photo.height // 3 + 1)))))
        sharp, ink = (whole_sharpness(gray), whole_ink_contrast(gray))
        assert quality.is_sharp(gray) == (sharp >= quality.THRESHOLDS["sharp"]), sharp
        assert quality.has_ink(gray) == (ink >= quality.THRESHOLDS["ink"]), ink
        said.add((quality.is_sharp(gray), quality.has_ink(gray)))
    assert len(said) >= 3
