"""Invented photos for the demo and the tests: a sample card on a table, a signature on paper, a selfie with the card.

Drawn with Pillow, the same bytes for the same arguments, every card marked CONTOH. The cartoon face belongs to the NIK,
so the card and the selfie of one person match. Less than half a second each, kept for the next call.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from app.demo.card import Holder, card, signature
from app.demo.drawing import Sketch, fade, laid_on, lit, noise, photographed, tinted, wood
from app.demo.people import Looks, bust, looks_of, palm_and_arm, thumb

SAMPLE_NIK, SAMPLE_NAME = "3574014505900001", "SITI CONTOH AMINAH"
SAMPLE_ADDRESS = "Jl. Contoh Mawar 5, RT 02/RW 03, Ketapang, Kademangan"

_TABLES = (((96, 62, 40), (176, 126, 84)), ((70, 52, 44), (132, 100, 80)), ((140, 104, 70), (214, 176, 130)))
_WALLS = (((222, 214, 200), (186, 174, 156)), ((196, 212, 214), (150, 172, 178)), ((226, 208, 184), (196, 168, 140)))


def set_of(*, nik: str, name: str, address: str = SAMPLE_ADDRESS) -> dict[str, bytes]:
    """The three photos of one invented person by kind: 'ktp', 'signature', 'selfie'."""
    return {
        "ktp": realistic_ktp(nik=nik, name=name, address=address),
        "signature": realistic_signature(name=name),
        "selfie": realistic_selfie(nik=nik, name=name, address=address),
    }


@lru_cache(maxsize=32)
def realistic_ktp(*, nik: str = SAMPLE_NIK, name: str = SAMPLE_NAME, address: str = SAMPLE_ADDRESS) -> bytes:
    """JPEG of a sample card on a wooden table, 1600x1200 px."""
    rng = Random(f"ktp {nik}")  # noqa: S311 (a drawing, not a secret)
    scene = wood(rng, (1600, 1200), *rng.choice(_TABLES))
    front = card(Holder(nik, name, address))
    laid_on(scene, front, (800, 604), angle=rng.uniform(-3.5, 3.5), height=14)
    return photographed(lit(scene, brightest=(0.35, 0.3)), rng)


@lru_cache(maxsize=32)
def realistic_signature(*, name: str = SAMPLE_NAME, seed: int = 0) -> bytes:
    """JPEG of a signature in blue ink on a sheet of paper, a pen beside it, 1600x1200 px."""
    rng = Random(f"sheet {name} {seed}")  # noqa: S311 (a drawing, not a secret)
    scene = wood(rng, (1600, 1200), *rng.choice(_TABLES))
    laid_on(scene, _sheet(rng), (790, 590), angle=rng.uniform(-2.5, 2.5), height=10)
    ink = signature(name, seed).rotate(rng.uniform(0, 5), Image.Resampling.BICUBIC)
    scene.paste(ink, (280, 330), ink)
    laid_on(scene, _pen(), (1190, 930), angle=rng.uniform(14, 26), height=12)
    return photographed(lit(scene, brightest=(0.4, 0.35), falloff=56), rng)


@lru_cache(maxsize=32)
def realistic_selfie(*, nik: str = SAMPLE_NIK, name: str = SAMPLE_NAME, address: str = SAMPLE_ADDRESS) -> bytes:
    """JPEG of a drawn person holding their sample card beside the chin, 1200x1600 px, upright."""
    rng = Random(f"selfie {nik}")  # noqa: S311 (a drawing, not a secret)
    holder = Holder(nik, name, address)
    looks = looks_of(nik, woman=holder.woman)
    scene = _room(rng)
    laid_on(scene, bust(looks, unit=2.5, smiling=True), (640, 865), angle=0, height=22)
    _hold(scene, card(holder), looks)
    return photographed(lit(scene, brightest=(0.3, 0.25), falloff=48), rng)


def _sheet(rng: Random) -> Image.Image:
    """A sheet of white paper, a little uneven, faintly ruled."""
    size = (1400, 1000)
    sheet = tinted(noise(rng, (9, 7), size), (232, 230, 224), (250, 249, 245))
    draw = ImageDraw.Draw(sheet)
    for y in range(120, 1000, 110):
        draw.line([(0, y), (1400, y)], fill=(206, 216, 230), width=2)
    sheet.putalpha(255)
    return sheet


def _pen() -> Image.Image:
    pen = Sketch((640, 60))
    pen.polygon([(8, 30), (70, 16), (70, 44)], (206, 170, 110))
    pen.polygon([(8, 30), (26, 26), (26, 34)], (60, 60, 66))
    pen.stroke([(84, 30), (600, 30)], 30, (28, 58, 120))
    pen.stroke([(90, 23), (596, 23)], 5, (96, 130, 190))
    pen.polygon([(404, 14), (420, 14), (420, 46), (404, 46)], (214, 216, 222))
    pen.stroke([(424, 10), (590, 10)], 7, (214, 216, 222))
    return pen.finished()


def _room(rng: Random) -> Image.Image:
    """A wall with a window, a picture and a plant, out of focus: drawn at a quarter of 1200x1600 px and enlarged."""
    things = Sketch((1200, 1600), 0.25)
    things.polygon([(60, 120), (400, 120), (400, 640), (60, 640)], (240, 246, 250))
    for bar in ([(230, 120), (230, 640)], [(60, 380), (400, 380)]):
        things.stroke(bar, 16, (198, 190, 176))
    things.polygon([(860, 160), (1120, 160), (1120, 420), (860, 420)], (120, 92, 70))
    things.polygon([(884, 184), (1096, 184), (1096, 396), (884, 396)], (206, 190, 150))
    for lean in (-150, -90, -30, 40, 110):
        things.stroke([(1080, 1000), (1080 + lean * 0.7, 820), (1080 + lean, 700 + abs(lean))], 34, (92, 132, 88))
    things.polygon([(1010, 980), (1150, 980), (1130, 1140), (1030, 1140)], (170, 96, 70))
    room = fade((300, 400), *rng.choice(_WALLS))
    seen = things.finished()
    room.paste(seen, mask=seen.getchannel("A"))
    return room.filter(ImageFilter.GaussianBlur(3.5)).resize((1200, 1600), Image.Resampling.BICUBIC)


def _hold(scene: Image.Image, front: Image.Image, looks: Looks) -> None:
    """The hand, the card in it and the thumb over the card, below the person's chin."""
    laid_on(scene, palm_and_arm(looks, 1.7), (330, 1290), angle=-8, height=10)
    laid_on(scene, front.resize((620, 391), Image.Resampling.LANCZOS), (500, 1270), angle=6, height=10)
    laid_on(scene, thumb(looks, 1.5), (246, 1296), angle=-4, height=5)
