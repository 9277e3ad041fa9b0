"""Photos of the many who wait at the same time: as `photos.py` draws them, a third smaller, with light, grain and
walls made once for all. A third of the time; card, face, hand, table and sheet are each person's own."""

from functools import lru_cache
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageFilter

from app.demo import photos
from app.demo.drawing import laid_on, lit, noise, wood
from app.demo.people import bust, looks_of, palm_and_arm, thumb
from app.demo.photos import Holder

WIDE, TALL = (1000, 750), (750, 1000)


def set_of(holder: Holder, attempt: int = 1) -> dict[str, bytes]:
    """The three JPEGs of one invented person by kind, like `photos.set_of`; taken anew at each `attempt`."""
    rng, front = Random(f"quick {holder.nik} {attempt}"), photos.card(holder)  # noqa: S311 (a drawing, not a secret)
    return {"ktp": _ktp(rng, front), "signature": _signature(rng, holder), "selfie": _selfie(rng, holder, front)}


def _ktp(rng: Random, front: Image.Image) -> bytes:
    scene, width = _table(rng), rng.randint(720, 800)
    small = front.resize((width, width * front.height // front.width), Image.Resampling.BILINEAR, reducing_gap=1.5)
    laid_on(scene, small, (500 + rng.randint(-20, 20), 375 + rng.randint(-20, 20)), angle=rng.uniform(-3.5, 3.5),
            height=8)
    return _photographed(scene, rng)


def _signature(rng: Random, holder: Holder) -> bytes:
    scene = _table(rng)
    laid_on(scene, photos.sheet(rng, (875, 625)), (493 + rng.randint(-25, 25), 368 + rng.randint(-17, 17)),
            angle=rng.uniform(-3, 3), height=7)
    ink = photos.signature(holder.name, 0).resize((625, 275), Image.Resampling.BILINEAR, reducing_gap=1.5)
    ink = ink.rotate(rng.uniform(0, 5), Image.Resampling.BILINEAR)
    scene.paste(ink, (175 + rng.randint(-25, 33), 208 + rng.randint(-33, 50)), ink)
    return _photographed(scene, rng)


def _selfie(rng: Random, holder: Holder, front: Image.Image) -> bytes:
    looks, scene = looks_of(holder.nik, woman=holder.woman), _room(rng.randrange(3)).copy()
    across, down = rng.randint(-58, 58), rng.randint(-50, 50)
    laid_on(scene, bust(looks, unit=1.5625, smiling=True), (400 + across, 541 + down), angle=0, height=13)
    laid_on(scene, palm_and_arm(looks, 1.06), (206 + across, 806 + down), angle=-8, height=7)
    small = front.resize((388, 244), Image.Resampling.BILINEAR, reducing_gap=1.5)
    laid_on(scene, small, (312 + across, 793 + down), angle=6, height=7)
    laid_on(scene, thumb(looks, 0.94), (154 + across, 810 + down), angle=-4, height=3)
    return _photographed(scene, rng)


def _table(rng: Random) -> Image.Image:
    return ImageChops.multiply(wood(rng, WIDE, *rng.choice(photos.TABLES)), _light())


@lru_cache(maxsize=1)
def _light() -> Image.Image:
    return lit(Image.new("RGB", WIDE, (255, 255, 255)), brightest=(0.35, 0.3))


@lru_cache(maxsize=3)
def _room(number: int) -> Image.Image:
    return lit(photos.room(photos.WALLS[number]).resize(TALL), brightest=(0.3, 0.25), falloff=48)


@lru_cache(maxsize=2)
def _grain(size: tuple[int, int]) -> Image.Image:
    return noise(Random("grain"), size, size).filter(ImageFilter.BoxBlur(1)).convert("RGB")  # noqa: S311


def _photographed(scene: Image.Image, rng: Random) -> bytes:
    out = BytesIO()
    Image.blend(scene, _grain(scene.size), rng.uniform(0.04, 0.05)).save(out, "JPEG", quality=86)
    return out.getvalue()
