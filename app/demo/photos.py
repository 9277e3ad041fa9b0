"""Invented photos for the demo and the tests: a sample card on a table, a signature on paper, a selfie with the card.

Drawn with Pillow, the same bytes for the same arguments, every card marked CONTOH. The cartoon face belongs to the NIK,
so the card and the selfie of one person match. Less than half a second each, kept for the next call.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from app.demo.drawing import Sketch, fade, laid_on, letters, lit, noise, photographed, tinted, wood
from app.demo.people import Looks, bust, looks_of, palm_and_arm, thumb

SAMPLE_NIK, SAMPLE_NAME = "3574014505900001", "SITI CONTOH AMINAH"
SAMPLE_ADDRESS = "Jl. Contoh Mawar 5, RT 02/RW 03, Ketapang, Kademangan"

TABLES = (((96, 62, 40), (176, 126, 84)), ((70, 52, 44), (132, 100, 80)), ((140, 104, 70), (214, 176, 130)))
WALLS = (((222, 214, 200), (186, 174, 156)), ((196, 212, 214), (150, 172, 178)), ((226, 208, 184), (196, 168, 140)))


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
    scene = wood(rng, (1600, 1200), *rng.choice(TABLES))
    front = card(Holder(nik, name, address))
    laid_on(scene, front, (800, 604), angle=rng.uniform(-3.5, 3.5), height=14)
    return photographed(lit(scene, brightest=(0.35, 0.3)), rng)


@lru_cache(maxsize=32)
def realistic_signature(*, name: str = SAMPLE_NAME, seed: int = 0) -> bytes:
    """JPEG of a signature in blue ink on a sheet of paper, a pen beside it, 1600x1200 px."""
    rng = Random(f"sheet {name} {seed}")  # noqa: S311 (a drawing, not a secret)
    scene = wood(rng, (1600, 1200), *rng.choice(TABLES))
    laid_on(scene, sheet(rng), (790, 590), angle=rng.uniform(-2.5, 2.5), height=10)
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
    scene = room(rng.choice(WALLS))
    laid_on(scene, bust(looks, unit=2.5, smiling=True), (640, 865), angle=0, height=22)
    _hold(scene, card(holder), looks)
    return photographed(lit(scene, brightest=(0.3, 0.25), falloff=48), rng)


def sheet(rng: Random, size: tuple[int, int] = (1400, 1000)) -> Image.Image:
    """A sheet of white paper, a little uneven, faintly ruled."""
    paper = tinted(noise(rng, (9, 7), size), (232, 230, 224), (250, 249, 245))
    draw = ImageDraw.Draw(paper)
    for y in range(120, size[1], 110):
        draw.line([(0, y), (size[0], y)], fill=(206, 216, 230), width=2)
    paper.putalpha(255)
    return paper


def _pen() -> Image.Image:
    pen = Sketch((640, 60))
    pen.polygon([(8, 30), (70, 16), (70, 44)], (206, 170, 110))
    pen.polygon([(8, 30), (26, 26), (26, 34)], (60, 60, 66))
    pen.stroke([(84, 30), (600, 30)], 30, (28, 58, 120))
    pen.stroke([(90, 23), (596, 23)], 5, (96, 130, 190))
    pen.polygon([(404, 14), (420, 14), (420, 46), (404, 46)], (214, 216, 222))
    pen.stroke([(424, 10), (590, 10)], 7, (214, 216, 222))
    return pen.finished()


def room(wall: tuple) -> Image.Image:
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
    behind = fade((300, 400), *wall)
    seen = things.finished()
    behind.paste(seen, mask=seen.getchannel("A"))
    return behind.filter(ImageFilter.GaussianBlur(3.5)).resize((1200, 1600), Image.Resampling.BICUBIC)


def _hold(scene: Image.Image, front: Image.Image, looks: Looks) -> None:
    """The hand, the card in it and the thumb over the card, below the person's chin."""
    laid_on(scene, palm_and_arm(looks, 1.7), (330, 1290), angle=-8, height=10)
    laid_on(scene, front.resize((620, 391), Image.Resampling.LANCZOS), (500, 1270), angle=6, height=10)
    laid_on(scene, thumb(looks, 1.5), (246, 1296), angle=-4, height=5)


CARD = (1280, 808)
_INK, _RED = (22, 26, 44), (190, 30, 45)


@dataclass(frozen=True)
class Holder:
    """The invented person on a card. Sex and date of birth are read out of the NIK: 40 is added to a woman's day."""

    nik: str
    name: str
    address: str

    @property
    def woman(self) -> bool:
        return self.nik[6] in "4567"

    @property
    def born(self) -> str:
        day, month, year = int(self.nik[6:8]) - (40 if self.woman else 0), self.nik[8:10], int(self.nik[10:12])
        return f"{day:02d}-{month}-{(1900 if year > 30 else 2000) + year}"

    def fields(self) -> list[tuple[str, str]]:
        """Labels and values in the order of the card."""
        street, *rest = [part.strip().upper() for part in self.address.split(",")]
        place = dict(zip(("RT/RW", "Kel/Desa", "Kecamatan"), [*rest, "", "", ""], strict=False))
        return [
            ("Nama", self.name),
            ("Tempat/Tgl Lahir", f"PROBOLINGGO, {self.born}"),
            ("Jenis Kelamin", "PEREMPUAN" if self.woman else "LAKI-LAKI"),
            ("Alamat", street),
            ("    RT/RW", place["RT/RW"].replace("RT ", "").replace("RW ", "")),
            ("    Kel/Desa", place["Kel/Desa"]),
            ("    Kecamatan", place["Kecamatan"]),
            ("Status", "BELUM KAWIN" if self.nik[-1] in "135" else "KAWIN"),
            ("Pekerjaan", Random(self.nik).choice(("WIRASWASTA", "GURU", "PEDAGANG", "PETANI"))),  # noqa: S311
            ("Kewarganegaraan", "WNI"),
            ("Berlaku Hingga", "SEUMUR HIDUP"),
        ]


@lru_cache(maxsize=8)
def card(holder: Holder) -> Image.Image:
    """The front of the card with round corners on a transparent ground, 1280x808 px."""
    front = _background(holder)
    draw = ImageDraw.Draw(front)
    for y, text in ((34, "PROVINSI JAWA TIMUR"), (80, "KOTA PROBOLINGGO")):
        draw.text((640, y), text, _INK, letters(40), anchor="ma", stroke_width=1)
    draw.text((48, 150), "NIK", _INK, letters(50), stroke_width=1)
    draw.text((240, 150), f":  {holder.nik}", _INK, letters(50), stroke_width=1)
    for row, (label, value) in enumerate(holder.fields()):
        y = 226 + row * 47
        draw.text((48, y), label, _INK, letters(30))
        draw.text((316, y), f":  {value}" if value else ":", _INK, letters(30), stroke_width=0.5)
    _portrait(front, holder)
    front.alpha_composite(_stamp())
    front.putalpha(_rounded(CARD, 44))
    return front


def _background(holder: Holder) -> Image.Image:
    front = fade(CARD, (206, 230, 244), (158, 200, 228)).convert("RGBA")
    waves = Sketch(CARD)
    rng = Random(holder.nik)  # noqa: S311 (a drawing, not a secret)
    for line in range(26):
        phase, height = rng.uniform(0, 6.3), rng.uniform(10, 34)
        points = [(x, 34 * line - 20 + height * math.sin(x / 130 + phase)) for x in range(-40, 1360, 80)]
        waves.stroke(points, 2.2, (255, 255, 255, 90) if line % 2 else (110, 168, 206, 80))
    front.alpha_composite(waves.finished())
    return front


def _portrait(front: Image.Image, holder: Holder) -> None:
    frame = Image.new("RGB", (300, 384), (198, 44, 52) if int(holder.nik[11]) % 2 else (46, 92, 170))
    person = bust(looks_of(holder.nik, woman=holder.woman), unit=0.8)
    frame.paste(person, (-10, 8), person)
    front.paste(frame, (934, 164))
    draw = ImageDraw.Draw(front)
    for y, text in ((566, "KOTA PROBOLINGGO"), (600, "01-02-2024")):
        draw.text((1084, y), text, _INK, letters(26), anchor="ma")
    ink = signature(holder.name, 0).resize((250, 110))
    front.paste(_INK, (960, 644), ink.getchannel("A"))


@lru_cache(maxsize=1)
def _stamp() -> Image.Image:
    """The words that keep the picture from being taken for a card."""
    stamp = Image.new("RGBA", CARD)
    draw = ImageDraw.Draw(stamp)
    draw.text((490, 480), "CONTOH", (*_RED, 72), letters(226), anchor="mm", stroke_width=4)
    stamp = stamp.rotate(18, Image.Resampling.BICUBIC, center=(490, 480))
    ImageDraw.Draw(stamp).text((1084, 770), "BUKAN KTP ASLI", (*_RED, 255), letters(24), anchor="mm", stroke_width=0.5)
    return stamp


def _rounded(size: tuple[int, int], radius: int) -> Image.Image:
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] * 2 - 1, size[1] * 2 - 1), radius * 2, fill=255)
    return mask.reduce(2)


# Ways to begin a signature: control points in a box of about 220x300, baseline at 280.
_FIRST_LETTERS = (
    ((0, 190), (60, 90), (140, 30), (90, 220), (20, 330), (-20, 300), (40, 230), (150, 150), (190, 190), (160, 280)),
    ((130, 110), (70, 60), (0, 140), (10, 250), (90, 290), (150, 220), (110, 160), (60, 210), (140, 290), (190, 260)),
    ((30, 300), (50, 160), (70, 40), (150, 60), (140, 140), (60, 170), (160, 190), (170, 270), (70, 300), (190, 270)),
    ((160, 80), (90, 40), (30, 100), (110, 170), (160, 230), (80, 310), (0, 270), (90, 240), (190, 270)),
)


def signature(name: str, seed: int) -> Image.Image:
    """Handwriting in blue ink on a transparent ground, 1000x440 px: a large first letter, loops, a sweep below."""
    rng = Random(f"signature {name} {seed}")  # noqa: S311 (a drawing, not a secret)
    sketch, ink = Sketch((1000, 440)), (24, 38, 112, 255)
    slant, squeeze = rng.uniform(-0.05, 0.4), rng.uniform(0.8, 1.1)
    first = [(x + 120, y) for x, y in rng.choice(_FIRST_LETTERS)]
    writing = _loops(rng, len(name.split()[0]))
    strokes = [(first, 8.5), (writing, 6.5), (_sweep(rng, writing[-1]), 5)]
    for stroke, width in strokes:
        sketch.stroke([(x * squeeze + (280 - y) * slant, y) for x, y in stroke], width, ink)
    return sketch.finished()


def _sweep(rng: Random, start: tuple[float, float]) -> list[tuple[float, float]]:
    """The line that runs back under the name, and on some people forward again."""
    back = rng.uniform(150, 300)
    low = rng.uniform(326, 360)
    line = [start, (880, 236), (890, 300), (640, low), (back, low + 24)]
    return [*line, (back - 40, low + 44), (back + 200, low + 40), (780, low)] if rng.random() < 0.6 else line


def _loops(rng: Random, letters_written: int) -> list[tuple[float, float]]:
    """Up and down strokes of some height, each leaning into the next as in joined writing."""
    count = max(4, min(letters_written, 8))
    step = rng.uniform(430, 520) / count
    points = []
    for letter in range(count):
        x, high = 310 + letter * step, rng.choice((46, 60, 76, 150)) + rng.uniform(-12, 12)
        points += [
            (x, 280 + rng.uniform(-12, 10)), (x + step * 0.8, 280 - high * 0.7), (x + step * 0.5, 280 - high),
            (x + step * 0.3, 280 - high * 0.4), (x + step * 0.62, 284 + rng.uniform(-8, 12)),
        ]
    return points
