"""Drawing basics of the demo pictures: smooth shapes in units of the picture, textures, light and a camera's grain.

Pillow only; every random byte comes from the generator passed in, so a picture is the same on each run.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

Point = tuple[float, float]
Colour = tuple[int, ...]


class Sketch:
    """Draws on a transparent picture of `size` units, `unit` px each, at twice the size, then halved: smooth edges."""

    def __init__(self, size: tuple[float, float], unit: float = 1.0) -> None:
        self._zoom = unit * 2
        self.image = Image.new("RGBA", (round(size[0] * self._zoom), round(size[1] * self._zoom)))
        self._draw = ImageDraw.Draw(self.image)

    def blob(self, corners: Sequence[Point], fill: Colour) -> None:
        """A closed shape running smoothly through the corners."""
        self.polygon(smooth(corners, closed=True), fill)

    def polygon(self, corners: Sequence[Point], fill: Colour) -> None:
        self._draw.polygon(self._scaled(corners), fill=fill)

    def oval(self, centre: Point, radii: Point, fill: Colour) -> None:
        (x, y), (across, down) = centre, radii
        self._draw.ellipse(self._scaled([(x - across, y - down), (x + across, y + down)]), fill=fill)

    def stroke(self, through: Sequence[Point], width: float, fill: Colour) -> None:
        """A line with round ends running smoothly through the points."""
        line, half = self._scaled(smooth(through, closed=False)), width * self._zoom / 2
        self._draw.line(line, fill=fill, width=max(1, round(half * 2)))
        for x, y in line if half > 2 else ():
            self._draw.ellipse([x - half, y - half, x + half - 1, y + half - 1], fill=fill)

    def glow(self, centre: Point, radii: Point, fill: Colour, blur: float) -> None:
        """A soft spot of light, blush or shade, `fill[3]` strong, kept inside what is drawn already."""
        reach = [radius + 2 * blur for radius in radii]
        box = [round(part * self._zoom) for part in
               (centre[0] - reach[0], centre[1] - reach[1], centre[0] + reach[0], centre[1] + reach[1])]
        under = self.image.crop(box)
        spot, edge = Image.new("L", under.size), 2 * blur * self._zoom
        ImageDraw.Draw(spot).ellipse([edge, edge, under.width - edge, under.height - edge], fill=fill[3])
        soft = spot.filter(ImageFilter.BoxBlur(blur * self._zoom))
        under.paste(fill[:3], mask=ImageChops.multiply(soft, under.getchannel("A")))
        self.image.paste(under, box[:2])

    def finished(self) -> Image.Image:
        return self.image.reduce(2)

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self._zoom, y * self._zoom) for x, y in points]


def smooth(points: Sequence[Point], *, closed: bool, steps: int = 14) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    around = [points[-1], *points, *points[:2]] if closed else [points[0], *points, points[-1]]
    curve = [
        _between(around[i : i + 4], step / steps)
        for i in range(len(around) - 3)
        for step in range(steps)
    ]
    return curve if closed else [*curve, points[-1]]


def _between(four: Sequence[Point], t: float) -> Point:
    x, y = (
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(*four, strict=True)
    )
    return x, y


def letters(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType: the demo pictures need its scalable font")
    return font


def noise(rng: Random, cells: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    """Gray clouds: `cells` random values stretched smoothly over `size`."""
    values = Image.frombytes("L", cells, rng.randbytes(cells[0] * cells[1]))
    return values.resize(size, Image.Resampling.BICUBIC)


def tinted(gray: Image.Image, dark: Colour, light: Colour) -> Image.Image:
    return ImageOps.colorize(gray, dark, light)


def fade(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """A vertical run from one colour to another."""
    return tinted(Image.linear_gradient("L").resize(size), top, bottom)


def wood(rng: Random, size: tuple[int, int], dark: Colour, light: Colour) -> Image.Image:
    """A table top: long grain, broad bands and the joints of the planks."""
    grain = Image.blend(noise(rng, (5, 420), size), noise(rng, (3, 60), size), 0.55)
    draw = ImageDraw.Draw(grain)
    for y in (size[1] * 0.31, size[1] * 0.72):
        draw.line([(0, y), (size[0], y + 6)], fill=0, width=4)
    return tinted(grain.filter(ImageFilter.BoxBlur(1)), dark, light)


def laid_on(scene: Image.Image, thing: Image.Image, centre: tuple[int, int], *, angle: float, height: int) -> None:
    """Put a picture on the scene, turned by `angle` degrees, with the shadow of something `height` px above it."""
    edged = ImageOps.expand(thing, 2, (0, 0, 0, 0))
    turned = edged.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    left, top = centre[0] - turned.width // 2, centre[1] - turned.height // 2
    edge = 3 * height  # as far as the blurred shadow reaches
    shade = Image.new("L", (turned.width + 2 * edge, turned.height + 2 * edge))
    dimmed = turned.getchannel("A").point([alpha * 11 // 20 for alpha in range(256)])
    shade.paste(dimmed, (edge + height, edge + height))
    scene.paste((18, 14, 12), (left - edge, top - edge), shade.filter(ImageFilter.BoxBlur(height)))
    scene.paste(turned, (left, top), turned)


def lit(scene: Image.Image, *, brightest: Point, falloff: int = 70) -> Image.Image:
    """Light from a lamp or window near `brightest` (shares of the picture), darker by `falloff` levels far away."""
    width, height = scene.size
    spot = Image.radial_gradient("L").resize((width * 2, height * 2))
    left, top = round(width - brightest[0] * width), round(height - brightest[1] * height)
    reach = spot.crop((left, top, left + width, top + height))
    light = reach.point([255 - level * falloff // 255 for level in range(256)])
    return ImageChops.multiply(scene, Image.merge("RGB", (light, light, light)))


def photographed(scene: Image.Image, rng: Random) -> bytes:
    """JPEG bytes of the scene with the grain of a small camera sensor."""
    grain = Image.frombytes("L", scene.size, rng.randbytes(scene.width * scene.height))
    grain = grain.filter(ImageFilter.BoxBlur(1))
    out = BytesIO()
    Image.blend(scene, Image.merge("RGB", (grain, grain, grain)), 0.045).save(out, "JPEG", quality=88)
    return out.getvalue()
