"""The strokes of a picture: rectangles, texts, lines, areas and arrowheads, drawn in order, later ones on top.

``svg.py`` and ``png.py`` draw the same strokes, so a graph looks the same in both formats.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from autograd.picture.places import Group, Point

FONT = 12.0
LINE = 16.0
ADVANCE = 0.61  # the width of a character of a monospaced font, in font sizes: 0.60 in nearly all of them


@dataclass(frozen=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float
    radius: float
    fill: str
    border: str
    tooltip: str = ""  # shown on hover
    opacity: float = 1.0


@dataclass(frozen=True)
class Text:
    x: float
    y: float  # of the baseline
    text: str
    style: str
    size: float = FONT
    bold: bool = False


@dataclass(frozen=True)
class Curve:
    """A curve through the points: alternately straight and curved."""

    points: tuple[Point, ...]
    upright: bool  # whether the straight segments are vertical instead of horizontal
    style: str = "edge"
    width: float = 1.2
    dashed: bool = False


@dataclass(frozen=True)
class Arrowhead:
    tip: Point
    direction: Point
    style: str = "edge"

    def corners(self) -> list[Point]:
        """The tip, and the two back corners: 7 pixels behind the tip, and 3.5 pixels to either side."""
        (x, y), (dx, dy) = self.tip, self.direction
        return [self.tip, *((x - 7.0 * dx + side * dy, y - 7.0 * dy + side * dx) for side in (3.5, -3.5))]


@dataclass(frozen=True)
class Polyline:
    """Straight lines from point to point."""

    points: tuple[Point, ...]
    style: str = "edge"
    width: float = 1.2
    dash: tuple[float, float] | None = None  # the lengths of dashes and of gaps


@dataclass(frozen=True)
class Area:
    """One area of one or more polygons, which may touch."""

    polygons: tuple[tuple[Point, ...], ...]
    fill: str
    border: str = ""
    opacity: float = 1.0
    tooltip: str = ""


Stroke = Rectangle | Text | Curve | Arrowhead | Polyline | Area


@dataclass
class Sketch:
    """All strokes of a picture, in drawing order, and its size in pixels.

    Attributes:
        boxes: for each box of the diagram, where its strokes begin and end; the first is its rectangle, if it has one.
        numbers: for each box, the indices of the strokes of its value and gradient, by their styles.
        frames: the rectangle around each group.
        routes: the whole line of each arrow, of which the strokes draw shared parts only once.
    """

    width: float
    height: float
    strokes: list[Stroke] = field(default_factory=list)
    boxes: list[tuple[int, int]] = field(default_factory=list)
    numbers: list[dict[str, int]] = field(default_factory=list)
    frames: dict[Group, Rectangle] = field(default_factory=dict)
    routes: list[Curve] = field(default_factory=list)


def text_width(text: str, size: float = FONT) -> float:
    """The width of a text in a monospaced font, in pixels; East Asian characters take two places, accents none."""
    places = 0
    for letter in text:
        if not unicodedata.combining(letter):
            places += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
    return places * ADVANCE * size
