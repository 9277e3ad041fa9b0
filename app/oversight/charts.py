"""Where the lines, bars and words of a chart stand: numbers in, places out, for a wide and a narrow screen.

`templates/oversight/charts.html` draws them as SVG, in black and white as well as in colour: bars are told apart by
hatching, lines by dashes, and each carries its name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

Values = Sequence[float | None]
# (class of the picture, width): for half a screen, for a third of it, for a phone; heights are the same
SIZES = (("wide-chart", 540), ("middle-chart", 390), ("narrow-chart", 300))
HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 200, 20, 24, 42, 82
NICE = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Series:
    """`style` is "line" or "dashed" for lines, "solid" or "hatched" for bars. `shown` writes a value in words."""

    name: str
    values: Values
    style: str


@dataclass(frozen=True)
class Chart:
    """`labels` name the places on the axis; `wall` is a line at this height; `spans` are (first, last, words) of places
    shaded grey. `low` is where the axis begins, `unit` stands behind its numbers."""

    title: str
    labels: list[str]
    bars: list[Series] = field(default_factory=list)
    lines: list[Series] = field(default_factory=list)
    unit: str = ""
    low: float = 0
    wall: float | None = None
    spans: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not any(value for series in (*self.bars, *self.lines) for value in series.values)

    @property
    def sizes(self) -> list["Drawing"]:
        return [draw(self, name, width) for name, width in SIZES]

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: label, and each value in words."""
        series = [*self.bars, *self.lines]
        return [(label, [said(one.values[i], self.unit) for one in series]) for i, label in enumerate(self.labels)]

    @property
    def names(self) -> list[str]:
        return [one.name for one in (*self.bars, *self.lines)]


@dataclass(frozen=True)
class Line:
    """`points` as SVG writes them, in pieces where a value is missing; `last` is (x, y, words, name), the name only
    where there are several."""

    style: str
    pieces: list[str]
    dots: list[tuple[float, float]]
    last: tuple[float, float, str, str] | None


@dataclass(frozen=True)
class Drawing:
    """`ticks` are (y, words), `marks` (x, words), `rects` (x, y, width, height, style), `spans` (x, width, words)."""

    name: str
    width: int
    height: int
    left: int
    right: float
    floor: float
    ticks: list[tuple[float, str]]
    marks: list[tuple[float, str]]
    rects: list[tuple[float, float, float, float, str]]
    lines: list[Line]
    spans: list[tuple[float, float, str]]
    wall: float | None


def draw(chart: Chart, name: str, width: int) -> Drawing:
    high = _high(chart)
    named = len(chart.lines) + len(chart.bars) > 1
    right = width - (RIGHT if chart.lines and named else 46 if chart.lines else 8)
    floor, count = HEIGHT - BOTTOM, max(1, len(chart.labels))
    step = (right - LEFT) / count

    def x(place: float) -> float:
        return round(LEFT + step * (place + 0.5), 1)

    def y(value: float) -> float:
        return round(floor - (min(value, high) - chart.low) / (high - chart.low) * (floor - TOP), 1)

    ticks = [(y(value), said(value, chart.unit)) for value in _ticks(chart.low, high)]
    every = max(1, -(-count * 46 // (right - LEFT)))  # a date needs 46 px
    marks = [(x(i), label) for i, label in enumerate(chart.labels) if i % every == 0]
    return Drawing(
        name, width, HEIGHT, LEFT, right, floor, ticks, marks, _rects(chart, x, y, step, floor),
        [_line(one, x, y, chart.unit, named) for one in chart.lines],
        [(round(x(a) - step / 2, 1), round(step * (b - a + 1), 1), words) for a, b, words in chart.spans],
        None if chart.wall is None else y(chart.wall),
    )


def _rects(chart: Chart, x, y, step: float, floor: float) -> list[tuple[float, float, float, float, str]]:
    thick = round(step * 0.72 / max(1, len(chart.bars)), 1)
    found = []
    for number, series in enumerate(chart.bars):
        shift = (number - len(chart.bars) / 2) * thick
        for place, value in enumerate(series.values):
            if value:
                found.append((round(x(place) + shift, 1), y(value), thick, round(floor - y(value), 1), series.style))
    return found


def _line(series: Series, x, y, unit: str, is_named: bool) -> Line:
    pieces, piece, dots = [], [], []
    for place, value in enumerate(series.values):
        if value is None:
            pieces, piece = ([*pieces, piece] if piece else pieces), []
            continue
        dots.append((x(place), y(value)))
        piece.append(dots[-1])
    pieces = [*pieces, piece] if piece else pieces
    newest = next((value for value in reversed(series.values) if value is not None), None)
    last = (*dots[-1], said(newest, unit), series.name if is_named else "") if dots else None
    return Line(series.style, [" ".join(f"{a},{b}" for a, b in one) for one in pieces], dots, last)


def _high(chart: Chart) -> float:
    found = [value for one in (*chart.bars, *chart.lines) for value in one.values if value is not None]
    most = max([*found, chart.wall or 0, chart.low + 1])
    if chart.wall is not None and most <= chart.wall:
        return chart.wall
    step = _step(chart.low, most)
    return chart.low + step * -(-(most - chart.low) // step)


def _ticks(low: float, high: float) -> list[float]:
    step = _step(low, high)
    return [low + step * n for n in range(int((high - low) / step + 0.001) + 1)]


def _step(low: float, high: float) -> float:
    """So that three to five lines stand between them, at round numbers."""
    rough, power = (high - low) / 4, 1.0
    while rough > 10 * power:
        power *= 10
    return max(1, next(nice * power for nice in NICE if rough <= nice * power and (nice * power) % 1 == 0))


def said(value: float | None, unit: str = "") -> str:
    """12, 96,4% and -."""
    if value is None:
        return "-"
    text = f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return text.replace(".", ",") + unit


@dataclass(frozen=True)
class Spark:
    """A line of some months in a small picture: `points` as SVG writes them, `before` and `last` are dots."""

    points: str
    before: tuple[float, float]
    last: tuple[float, float]


def spark(values: Values) -> Spark | None:
    """None when fewer than two months are known."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(value for _, value in known), max(value for _, value in known)
    dots = [
        (round(5 + 78 * place / (len(values) - 1), 1), round(29 - 24 * (value - low) / ((high - low) or 1), 1))
        for place, value in known
    ]
    return Spark(" ".join(f"{a},{b}" for a, b in dots), dots[-2], dots[-1])


@dataclass(frozen=True)
class Bar:
    """One row of a table with a bar in it: `part` and `before` are percent of the longest or of the scale."""

    label: str
    words: str
    part: float
    before: float | None = None
    strong: bool = False


def bars(rows: Sequence[tuple[str, float]], most: float | None = None, unit: str = "") -> list[Bar]:
    high = most or max((value for _, value in rows), default=0) or 1
    return [Bar(label, said(value, unit), round(100 * value / high, 1)) for label, value in rows]
