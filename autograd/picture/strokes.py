"""The strokes of a picture: rectangles, texts, curves and arrowheads, one drawn over the other.

``svg.py`` and ``png.py`` print the same strokes, so a graph looks the same in either.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograd.picture.diagram import Box, Diagram
from autograd.picture.layout import Edge, Group, Layout, Point, Spacing, layout

FONT = 12.0
LINE = 16.0
ADVANCE = 0.61  # the width of a letter of a monospaced font, in font sizes: 0.60 in nearly all of them
WRAP = 36  # letters of a label on one line
LINES = 5  # lines of a label; the rest is in the tip


@dataclass(frozen=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float
    radius: float
    fill: str
    border: str
    tip: str = ""  # shown where the mouse rests


@dataclass(frozen=True)
class Text:
    x: float
    y: float  # of the base line
    text: str
    style: str
    size: float = FONT
    bold: bool = False


@dataclass(frozen=True)
class Curve:
    """Through the points: straight over the first stretch, curved over the second, and so on in turn."""

    points: tuple[Point, ...]
    upright: bool  # the straight stretches run up and down, not left and right


@dataclass(frozen=True)
class Arrowhead:
    tip: Point
    direction: Point

    def corners(self) -> list[Point]:
        """The tip, and two corners back from it, half as far to both sides."""
        (x, y), (dx, dy) = self.tip, self.direction
        return [self.tip, *((x - 7.0 * dx + side * dy, y - 7.0 * dy + side * dx) for side in (3.5, -3.5))]


Stroke = Rectangle | Text | Curve | Arrowhead


@dataclass
class Sketch:
    """All strokes of a picture, in drawing order, and its size in pixels.

    Attributes:
        boxes: for each box of the diagram where its strokes begin and end; the first is its rectangle, if it has one.
        numbers: for each box where the strokes of its value and gradient are, by their styles.
        frames: the rectangle around each group.
    """

    width: float
    height: float
    strokes: list[Stroke] = field(default_factory=list)
    boxes: list[tuple[int, int]] = field(default_factory=list)
    numbers: list[dict[str, int]] = field(default_factory=list)
    frames: dict[Group, Rectangle] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A piece of a line of text in one style."""

    text: str
    style: str
    bold: bool = False


Line = list[Part]


def text_width(text: str, size: float = FONT) -> float:
    """How wide a text in a monospaced font is, in pixels; East Asian letters take two places, accents none."""
    places = 0
    for letter in text:
        if not unicodedata.combining(letter):
            places += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
    return places * ADVANCE * size


def lines(box: Box, values: bool, gradients: bool) -> list[Line]:
    """What stands in a box: the label and the operation, the number, the gradient (a dash before backward)."""
    if box.kind in ("constant", "more"):
        return [[Part(box.title, "muted")]]
    title = wrapped(box.title)
    text = [[Part(line, "ink", bold=True)] for line in title]
    if box.operation:
        operation = Part(box.operation, "muted" if title else "ink", bold=not title)
        if title:
            text[-1] += [Part("  ", "muted"), operation]
        else:
            text.append([operation])
    if box.kind == "module":
        text.append([Part(f"{box.count:,} node{'s' if box.count > 1 else ''}", "muted")])
    if values and box.value is not None:
        text.append([Part("data ", "muted"), Part(f"{box.value:.4g}", "value")])
    if gradients and box.value is not None:
        text.append([Part("grad ", "muted"), Part("–" if box.grad is None else f"{box.grad:.4g}", "grad")])
    return text


def wrapped(title: str) -> list[str]:
    """A label on as many lines as it takes, control characters made visible."""
    visible = "".join(letter if letter.isprintable() else "·" for letter in " ".join(title.split()))
    found = textwrap.wrap(visible, WRAP)
    return found if len(found) <= LINES else [*found[: LINES - 1], found[LINES - 1][: WRAP - 1] + "…"]


def sketch(diagram: Diagram, direction: str = "LR", values: bool = True, gradients: bool = True) -> Sketch:
    """Lay out a diagram and draw it.

    Arguments:
        diagram: the boxes and arrows.
        direction: where the arrows lead: "LR" to the right, "RL" to the left, "TB" down, "BT" up.
        values, gradients: whether to write the numbers into the boxes.
    """
    upright = direction in ("TB", "BT")
    text = [lines(box, values, gradients) for box in diagram.boxes]
    sizes = [_size(box, inside) for box, inside in zip(diagram.boxes, text, strict=True)]
    edges = [Edge(arrow.source, arrow.target, arrow.slot, arrow.slots) for arrow in diagram.arrows]
    labelled = any(arrow.partial is not None for arrow in diagram.arrows)
    spacing = Spacing(
        column=(34.0 if upright else 72.0) if labelled else 34.0,
        row=(44.0 if upright else 14.0) if labelled else 12.0,
        above=4.0 if upright else 16.0,
        ahead=16.0 if upright else 0.0,
    )
    found = layout(
        {i: size[::-1] if upright else size for i, size in enumerate(sizes)},
        edges,
        {i: box.group for i, box in enumerate(diagram.boxes)},
        spacing,
    )
    return _drawn(diagram, text, sizes, edges, found, direction)


def _size(box: Box, inside: list[Line]) -> tuple[float, float]:
    widest = max((sum(text_width(part.text) for part in line) for line in inside), default=0.0)
    if box.kind == "constant":
        return widest + 8.0, LINE + 2.0
    return max(widest + 18.0, 34.0), max(LINE * len(inside) + 10.0, 26.0)


MARGIN = 14.0


def _drawn(
    diagram: Diagram,
    text: list[list[Line]],
    sizes: list[tuple[float, float]],
    edges: list[Edge],
    found: Layout,
    direction: str,
) -> Sketch:
    """The strokes of a diagram that has been laid out from left to right, turned to its direction."""
    upright = direction in ("TB", "BT")
    width, height = (found.height, found.width) if upright else (found.width, found.height)

    def turn(point: Point) -> Point:
        x, y = point[::-1] if upright else point
        x = width - x if direction == "RL" else x
        y = height - y if direction == "BT" else y
        return x + MARGIN, y + MARGIN

    page = Sketch(width + 2.0 * MARGIN, height + 2.0 * MARGIN)
    page.strokes.append(Rectangle(0.0, 0.0, page.width, page.height, 0.0, "paper", "paper"))
    for group, strokes in _frames(found, turn, direction).items():
        page.frames[group] = strokes[0]
        page.strokes += strokes
    seen: set[tuple[Point, ...]] = set()
    for edge in edges:
        points = tuple(turn(point) for point in found.routes[edge])
        for piece in _pieces(points):
            if piece not in seen:  # edges that run together are drawn once
                seen.add(piece)
                page.strokes.append(Curve(piece, upright))
    for edge, arrow in zip(edges, diagram.arrows, strict=True):
        tip, before = turn(found.routes[edge][-1]), turn(found.routes[edge][-3])
        across = (0.0, 1.0 if tip[1] > before[1] else -1.0) if upright else (1.0 if tip[0] > before[0] else -1.0, 0.0)
        page.strokes.append(Arrowhead(tip, across))
        if arrow.partial is not None:
            number = "–" if math.isnan(arrow.partial) else f"{arrow.partial:.4g}"
            page.strokes += _edge_label(number, tip, across, bool(diagram.boxes[arrow.target].group))
    for i, box in enumerate(diagram.boxes):
        start = len(page.strokes)
        page.strokes += _box(box, text[i], sizes[i], turn(found.centres[i]))
        page.boxes.append((start, len(page.strokes)))
        texts = {stroke.style: j for j, stroke in enumerate(page.strokes[start:], start) if isinstance(stroke, Text)}
        page.numbers.append({style: texts[style] for style in ("value", "grad") if style in texts})
    return page


def _pieces(points: tuple[Point, ...]) -> list[tuple[Point, ...]]:
    """A route cut into pieces of a straight stretch, a curve and a straight stretch."""
    return [points[i : i + 4] for i in range(0, len(points) - 2, 2)]


def _frames(found: Layout, turn: Callable[[Point], Point], direction: str) -> dict[Group, tuple[Rectangle, Text]]:
    """The frame and the title of each group, outer ones first."""
    frames: dict[Group, tuple[Rectangle, Text]] = {}
    for group, (x, y, wide, high) in sorted(found.frames.items(), key=lambda item: len(item[0])):
        (x0, y0), (x1, y1) = turn((x, y)), turn((x + wide, y + high))
        left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        frame = Rectangle(left, top, right - left, bottom - top, 8.0, "frame", "frame-border", tip="/".join(group))
        title = " ".join(wrapped(group[-1])[:1])
        while len(title) > 1 and text_width(title, 11.0) > right - left - 16.0:
            title = title[:-2] + "…"
        base = bottom - 7.0 if direction == "BT" else top + 15.0
        frames[group] = frame, Text(left + 8.0, base, title, "muted", 11.0)
    return frames


def _edge_label(text: str, tip: Point, across: Point, framed: bool) -> Sequence[Stroke]:
    """A number beside the end of an edge, on ground of its own, so that no line runs through it."""
    width, high = text_width(text, 10.0), 11.0
    x = tip[0] + (5.0 if across[1] else -10.0 * across[0] - (width if across[0] > 0 else 0.0))
    y = tip[1] + (-3.0 if across[0] else -9.0 if across[1] > 0 else 16.0)
    ground = "frame" if framed else "paper"
    return [
        Rectangle(x - 1.0, y - high + 2.0, width + 2.0, high, 2.0, ground, ground),
        Text(x, y, text, "partial", 10.0),
    ]


def _box(box: Box, inside: list[Line], size: tuple[float, float], centre: Point) -> Sequence[Stroke]:
    (x, y), (width, height) = centre, size
    strokes: list[Stroke] = []
    if box.kind != "constant":
        left, top = x - width / 2.0, y - height / 2.0
        strokes.append(Rectangle(left, top, width, height, 6.0, fill(box), "border", tip(box)))
    base = y - LINE * len(inside) / 2.0 + 12.0
    for row, line in enumerate(inside):
        start = x - sum(text_width(part.text) for part in line) / 2.0
        for part in line:
            if part.text.strip():
                strokes.append(Text(start, base + LINE * row, part.text, part.style, bold=part.bold))
            start += text_width(part.text)
    return strokes


def fill(box: Box) -> str:
    """The style of a box: leaves are another colour than what is computed from them."""
    if box.kind == "node":
        return "node" if box.operation else "leaf"
    return "module" if box.kind == "module" else "frame"


def tip(box: Box) -> str:
    """What is said about a box where the mouse rests on it: all digits, and the whole label."""
    said = [box.title, f"{'/'.join(box.group)}" if box.group else ""]
    if box.node is not None:
        operation = box.node.op.name if box.node.op else ""
        said += [operation, f"data {box.node.data!r}", f"grad {'–' if box.grad is None else repr(box.grad)}"]
    elif box.kind == "more":
        said.append("nodes farther from the result; draw(..., max_nodes=None) shows all")
    return "\n".join(line for line in said if line)
