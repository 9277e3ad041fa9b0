"""The cartoon people of the demo: a face made from the digits of an invented NIK, and a hand that holds a card."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from PIL import Image

from app.demo.drawing import Colour, Sketch

BUST = (400, 620)

_SKINS = ((244, 205, 170), (232, 186, 146), (214, 163, 122), (190, 138, 98))
_HAIRS = ((34, 28, 28), (48, 36, 32), (24, 24, 30))
_CLOTHES = ((58, 110, 165), (176, 74, 72), (70, 128, 98), (120, 88, 150), (198, 140, 62), (64, 78, 98))
_SCARVES = ((92, 124, 158), (158, 98, 112), (110, 138, 112), (214, 190, 170), (86, 84, 120), (190, 150, 96))
_WHITE, _LIP, _DARK = (250, 249, 246), (186, 92, 84), (40, 30, 28)


@dataclass(frozen=True)
class Looks:
    """What tells two cartoon people apart. `hair` is one of 'scarf', 'long', 'bun', 'short', 'side', 'peci'."""

    skin: Colour
    hair_colour: Colour
    clothes: Colour
    scarf: Colour
    hair: str
    glasses: bool
    moustache: bool
    jaw: float
    brow: float


def looks_of(nik: str, *, woman: bool) -> Looks:
    """The same looks for the same NIK, on the card and on the selfie."""
    rng = Random(f"looks {nik}")  # noqa: S311 (a drawing, not a secret)
    return Looks(
        skin=rng.choice(_SKINS),
        hair_colour=rng.choice(_HAIRS),
        clothes=rng.choice(_CLOTHES),
        scarf=rng.choice(_SCARVES),
        hair=rng.choice(("scarf", "scarf", "long", "bun") if woman else ("short", "side", "side", "peci")),
        glasses=rng.random() < 0.3,
        moustache=not woman and rng.random() < 0.35,
        jaw=rng.uniform(-5, 7),
        brow=rng.uniform(5, 8),
    )


def bust(looks: Looks, *, unit: float, smiling: bool = False) -> Image.Image:
    """Head and upper body on a transparent ground, 400x620 units of `unit` px; the shoulders end at 480."""
    person = Sketch(BUST, unit)
    _hair_behind(person, looks)
    for part in (_shoulders, _head):  # each on a sheet of its own: light and shade stay off the hair behind
        sheet = Sketch(BUST, unit)
        part(sheet, looks)
        person.image.alpha_composite(sheet.image)
    _eyes(person, looks)
    _nose_and_mouth(person, looks, smiling)
    _hair_in_front(person, looks)
    if looks.glasses:
        _glasses(person)
    return person.finished()


def shaded(colour: Colour, by: float) -> Colour:
    """Darker for `by` below 1, lighter above."""
    return tuple(min(255, round(part * by)) for part in colour)


def _mirrored(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points and, backwards, their mirror images about the middle of the face."""
    return points + [(400 - x, y) for x, y in reversed(points) if x != 200]


def _shoulders(sketch: Sketch, looks: Looks) -> None:
    skin = shaded(looks.skin, 0.93)
    sketch.blob(_mirrored([(4, 700), (2, 520), (22, 440), (70, 404), (140, 386), (168, 372)]), looks.clothes)
    sketch.blob(_mirrored([(164, 300), (166, 366), (150, 388), (178, 412)]), skin)
    sketch.glow((200, 352), (52, 22), (*shaded(looks.skin, 0.6), 120), 9)
    sketch.polygon([(146, 384), (200, 440), (182, 464), (126, 398)], shaded(looks.clothes, 1.18))
    sketch.polygon([(254, 384), (200, 440), (218, 464), (274, 398)], shaded(looks.clothes, 1.12))
    sketch.stroke([(200, 442), (201, 640)], 2.5, shaded(looks.clothes, 0.75))
    for y in (486, 552):
        sketch.oval((209, y), (4, 4), shaded(looks.clothes, 1.35))
    for side in (56, 344):
        sketch.stroke([(side, 462), (side + (200 - side) * 0.07, 540), (side, 640)], 3, shaded(looks.clothes, 0.8))


def _head(sketch: Sketch, looks: Looks) -> None:
    skin, jaw = looks.skin, looks.jaw
    if looks.hair != "scarf":
        for x in (107, 293):
            sketch.oval((x, 232), (17, 27), shaded(skin, 0.93))
            sketch.oval((x, 234), (9, 16), shaded(skin, 0.8))
    side = [(200, 92), (150, 104), (116, 146), (106, 206), (112, 262), (134 - jaw, 312), (168 - jaw, 342)]
    sketch.blob([*side, (200, 351), *[(400 - x, y) for x, y in reversed(side[1:])]], skin)
    sketch.glow((276, 250), (34, 110), (*shaded(skin, 0.78), 120), 16)
    sketch.glow((172, 150), (46, 34), (*shaded(skin, 1.1), 130), 14)
    for x in (140, 260):
        sketch.glow((x, 276), (24, 15), (222, 112, 96, 64), 9)


def _eyes(sketch: Sketch, looks: Looks) -> None:
    for x, outward in ((156, -1), (244, 1)):
        sketch.blob([(x - 21, 224), (x, 211), (x + 21, 224), (x, 235)], _WHITE)
        sketch.oval((x, 223), (10.5, 11.5), (84, 54, 38))
        sketch.oval((x, 223), (5.5, 6), (18, 14, 14))
        sketch.oval((x + 4, 218), (3, 3), _WHITE)
        sketch.stroke([(x - 22, 224), (x - 8, 213), (x + 8, 213), (x + 22, 224)], 4.5, _DARK)
        sketch.stroke([(x - 14, 234), (x, 237), (x + 14, 234)], 1.6, shaded(looks.skin, 0.66))
        brow = [(x - 24 * outward, 196), (x, 186), (x + 27 * outward, 195)]
        sketch.stroke(brow, looks.brow, shaded(looks.hair_colour, 1.2))


def _nose_and_mouth(sketch: Sketch, looks: Looks, smiling: bool) -> None:
    shade = shaded(looks.skin, 0.72)
    sketch.glow((208, 250), (11, 32), (*shaded(looks.skin, 0.84), 150), 5)
    sketch.stroke([(184, 268), (190, 276), (200, 279), (210, 276), (216, 268)], 3.4, shade)
    sketch.glow((196, 258), (7, 12), (*shaded(looks.skin, 1.12), 140), 4)
    if looks.moustache:
        sketch.blob([(164, 300), (182, 287), (200, 290), (218, 287), (236, 300), (200, 297)], looks.hair_colour)
    if smiling:
        sketch.blob([(162, 300), (200, 308), (238, 300), (222, 322), (200, 329), (178, 322)], _LIP)
        sketch.blob([(172, 304), (200, 310), (228, 304), (216, 315), (200, 318), (184, 315)], _WHITE)
        for x in (157, 243):
            sketch.stroke([(x - 2, 294), (x + (4 if x < 200 else -4), 303)], 2.4, shade)
        return
    sketch.blob([(168, 308), (186, 302), (200, 305), (214, 302), (232, 308), (216, 317), (200, 319), (184, 317)], _LIP)
    sketch.stroke([(168, 308), (186, 309), (200, 310), (214, 309), (232, 308)], 2.4, shaded(_LIP, 0.65))


def _hair_behind(sketch: Sketch, looks: Looks) -> None:
    colour = shaded(looks.hair_colour, 0.9)
    if looks.hair == "scarf":
        sketch.blob(_mirrored([(200, 52), (124, 74), (78, 150), (74, 250), (88, 340), (130, 400)]), looks.scarf)
    elif looks.hair == "long":
        sketch.blob(_mirrored([(200, 58), (120, 78), (76, 160), (70, 280), (62, 400), (110, 436)]), colour)
    elif looks.hair == "bun":
        sketch.oval((200, 58), (48, 40), colour)
        sketch.blob(_mirrored([(200, 70), (122, 92), (94, 160), (98, 240), (140, 300)]), colour)


def _hair_in_front(sketch: Sketch, looks: Looks) -> None:
    {"scarf": _scarf, "long": _parted, "bun": _parted, "short": _cropped, "side": _side_parted, "peci": _peci}[
        looks.hair
    ](sketch, looks)


def _scarf(sketch: Sketch, looks: Looks) -> None:
    dark, light = shaded(looks.scarf, 0.82), shaded(looks.scarf, 1.12)
    band = [(118, 178), (130, 132), (164, 106), (200, 100), (236, 106), (270, 132), (282, 178)]
    sketch.blob([*band, (262, 142), (232, 122), (200, 117), (168, 122), (138, 142)], shaded(looks.scarf, 0.62))
    for points in ([(124, 300), (104, 230), (110, 160), (146, 104), (200, 86)],):
        rim = [*points, *[(400 - x, y) for x, y in reversed(points[:-1])]]
        sketch.stroke(rim, 22, looks.scarf)
        sketch.stroke([(x + (4 if x < 200 else -4), y + 4) for x, y in rim], 3, dark)
    drape = [(96, 290), (130, 330), (168, 358), (200, 366), (232, 358), (270, 330), (304, 290)]
    sketch.blob([*drape, (338, 380), (352, 440), (280, 482), (200, 490), (120, 482), (48, 440), (62, 380)], looks.scarf)
    sketch.stroke([(122, 316), (162, 358), (200, 370), (238, 358), (278, 316)], 4, dark)
    sketch.stroke([(278, 322), (216, 400), (120, 440), (64, 440)], 4, dark)
    sketch.stroke([(290, 336), (240, 420), (170, 466)], 3, dark)
    sketch.stroke([(104, 340), (84, 392), (78, 430)], 3, dark)
    sketch.stroke([(112, 130), (150, 84), (200, 70)], 5, light)


def _parted(sketch: Sketch, looks: Looks) -> None:
    sketch.blob(
        [(200, 60), (130, 78), (92, 150), (90, 262), (112, 236), (122, 176), (160, 136), (196, 108), (206, 108),
         (244, 138), (280, 178), (290, 236), (310, 262), (308, 150), (270, 78)],
        looks.hair_colour,
    )
    for x in (132, 268):
        strand = [(200, 82), (x + (200 - x) * 0.35, 92), (x - (200 - x) * 0.2, 150)]
        sketch.stroke(strand, 4, shaded(looks.hair_colour, 1.7))


def _cropped(sketch: Sketch, looks: Looks) -> None:
    sketch.blob(
        [(200, 62), (140, 72), (100, 122), (96, 204), (112, 210), (122, 168), (140, 138), (200, 130), (260, 138),
         (278, 168), (288, 210), (304, 204), (300, 122), (260, 72)],
        looks.hair_colour,
    )
    sketch.stroke([(136, 104), (170, 84), (216, 80)], 5, shaded(looks.hair_colour, 1.6))


def _side_parted(sketch: Sketch, looks: Looks) -> None:
    sketch.blob(
        [(160, 66), (112, 96), (94, 158), (98, 210), (112, 208), (120, 166), (142, 128), (196, 150), (256, 142),
         (278, 166), (288, 210), (304, 204), (306, 140), (280, 86), (224, 58)],
        looks.hair_colour,
    )
    sketch.stroke([(142, 126), (186, 96), (250, 96)], 4, shaded(looks.hair_colour, 1.7))
    sketch.stroke([(150, 112), (200, 80), (252, 82)], 3, shaded(looks.hair_colour, 1.5))


def _peci(sketch: Sketch, looks: Looks) -> None:
    for x in (112, 288):
        sketch.stroke([(x, 150), (x, 200)], 15, looks.hair_colour)
    crown = [(104, 152), (108, 90), (124, 62), (200, 54), (276, 62), (292, 90), (296, 152), (200, 136)]
    sketch.blob(crown, (30, 30, 36))
    sketch.stroke([(122, 70), (200, 60), (278, 70)], 4, (70, 70, 80))
    sketch.stroke([(118, 140), (200, 126), (282, 140)], 3, (58, 58, 66))


def _glasses(sketch: Sketch) -> None:
    for x in (156, 244):
        ring = [(x - 35, 222), (x - 28, 202), (x, 197), (x + 28, 202), (x + 35, 222), (x + 24, 246), (x, 252),
                (x - 24, 246), (x - 35, 222)]
        sketch.stroke(ring, 4.5, (52, 44, 44))
    sketch.stroke([(190, 218), (200, 214), (210, 218)], 4.5, (52, 44, 44))
    for x, ear in ((121, 106), (279, 294)):
        sketch.stroke([(x, 216), (ear, 214)], 4.5, (52, 44, 44))


def palm_and_arm(looks: Looks, unit: float) -> Image.Image:
    """The arm that comes up from the lower left and the hand behind the card, 400x420 units."""
    sketch, skin = Sketch((400, 420), unit), looks.skin
    sleeve = shaded(looks.clothes, 0.88)
    sketch.blob([(-40, 440), (20, 330), (70, 250), (170, 290), (190, 350), (170, 440)], sleeve)
    sketch.stroke([(64, 252), (116, 276), (178, 292)], 22, shaded(looks.clothes, 1.1))
    sketch.blob([(84, 246), (92, 180), (130, 120), (200, 100), (240, 150), (216, 220), (170, 276)], shaded(skin, 0.95))
    sketch.glow((150, 220), (50, 40), (*shaded(skin, 0.78), 110), 12)
    for index, (x, y) in enumerate(((176, 54), (214, 40), (252, 44), (286, 60))):
        tone = shaded(skin, 0.98 - index * 0.03)
        sketch.stroke([(170 + index * 18, 150), (x - 6, y + 50), (x, y)], 33, shaded(tone, 0.82))
        sketch.stroke([(168 + index * 18, 150), (x - 8, y + 50), (x - 2, y)], 31, tone)
    return sketch.finished()


def thumb(looks: Looks, unit: float) -> Image.Image:
    """The thumb in front of the card, pointing right and a little up, 200x120 units."""
    sketch, skin = Sketch((200, 120), unit), looks.skin
    sketch.stroke([(34, 92), (74, 82), (114, 62), (152, 46)], 45, shaded(skin, 0.78))
    sketch.stroke([(32, 88), (72, 78), (112, 58), (150, 42)], 42, skin)
    sketch.glow((84, 62), (36, 12), (*shaded(skin, 1.12), 130), 6)
    sketch.glow((30, 96), (26, 22), (*shaded(skin, 0.9), 150), 9)
    sketch.blob([(144, 27), (160, 23), (171, 32), (167, 46), (150, 49)], shaded(skin, 1.14))
    for x in (88, 94):
        sketch.stroke([(x, 62), (x + 5, 72)], 1.8, shaded(skin, 0.82))
    return sketch.finished()
