"""The judge of a photo takes shortcuts; they change no verdict."""

from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageEnhance, ImageFilter

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


@pytest.mark.parametrize("number", [20, pytest.param(200, marks=pytest.mark.long)])
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
            measured = {"sharp": quality.sharpness(gray), "ink": quality.ink_contrast(gray)}
            assert any(abs(value / limits[name] - 1) < NEAR for name, value in measured.items()), measured
            different += 1
    assert len(set(judged)) > 4 and different <= number / 50
