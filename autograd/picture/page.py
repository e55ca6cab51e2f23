"""Drawing a diagram: its layout, and the strokes of its boxes and arrows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from autograd.engine.notation import short
from autograd.engine.value import Value
from autograd.picture.boxes import Line, box_size, box_strokes, lines, wrapped
from autograd.picture.diagram import Diagram
from autograd.picture.layout import layout
from autograd.picture.legends import MARGIN, beside, flow_legend, flowing, heat_legend, path_legend, shaded
from autograd.picture.places import Edge, Group, Layout, Point, Spacing
from autograd.picture.strokes import Arrowhead, Curve, Rectangle, Sketch, Stroke, Text, text_width


def sketch(
    diagram: Diagram,
    direction: str = "LR",
    values: bool = True,
    gradients: bool = True,
    heat: Mapping[Value, float] | None = None,
    note: str = "",
    reserve: bool = False,
    paths: Sequence[str] = (),
) -> Sketch:
    """Lay out a diagram and draw it.

    Arguments:
        diagram: the boxes and arrows.
        direction: where the arrows point: "LR" to the right, "RL" to the left, "TB" down, "BT" up.
        values, gradients: whether to write the numbers into the boxes.
        heat: the gradients by which boxes are shaded.
        note: a line of text below the picture.
        reserve: leave room in the boxes for the longest number, because the numbers will change.
        paths: what to write about each path.
    """
    upright = direction in ("TB", "BT")
    inside = [lines(box, values, gradients, reserve) for box in diagram.boxes]
    sizes = [box_size(box, text) for box, text in zip(diagram.boxes, inside, strict=True)]
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
    page = _drawn(diagram, inside, sizes, edges, found, direction, heat or {})
    if any(arrow.flow is not None for arrow in diagram.arrows):
        _add_below(page, flow_legend(page.height))
    if heat:
        _add_below(page, heat_legend(page.height))
    for number, text in enumerate(paths):
        _add_below(page, path_legend(page.height, number, text))
    if note:
        _add_below(page, [Text(MARGIN, page.height + 8.0, note, "muted", 11.0)])
    return page


def _add_below(page: Sketch, strokes: Sequence[Stroke]) -> None:
    """Add a line below the picture, which grows."""
    page.strokes += strokes
    page.height += 22.0
    right = max((x.x + text_width(x.text, x.size) for x in strokes if isinstance(x, Text)), default=0.0)
    page.width = max(page.width, right + MARGIN)
    page.strokes[0] = Rectangle(0.0, 0.0, page.width, page.height, 0.0, "paper", "paper")


def _drawn(
    diagram: Diagram,
    text: list[list[Line]],
    sizes: list[tuple[float, float]],
    edges: list[Edge],
    found: Layout,
    direction: str,
    heat: Mapping[Value, float],
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
    most = max((abs(arrow.flow) for arrow in diagram.arrows if arrow.flow and math.isfinite(arrow.flow)), default=0.0)
    for edge, arrow in zip(edges, diagram.arrows, strict=True):
        points = tuple(turn(point) for point in found.routes[edge])
        route = flowing(Curve(points, upright), arrow.flow, most)
        page.routes.append(route)
        page.strokes += [replace(route, points=run) for run in ([points] if most else _new_runs(points, seen))]
    for edge, arrow, route in zip(edges, diagram.arrows, page.routes, strict=True):
        tip, before = turn(found.routes[edge][-1]), turn(found.routes[edge][-3])
        across = (0.0, 1.0 if tip[1] > before[1] else -1.0) if upright else (1.0 if tip[0] > before[0] else -1.0, 0.0)
        page.strokes += [*beside(route, arrow.paths), Arrowhead(tip, across, route.style)]
        if arrow.partial is not None:
            number = "–" if math.isnan(arrow.partial) else short(arrow.partial)
            page.strokes += _edge_label(number, tip, across, bool(diagram.boxes[arrow.target].group))
    for i, box in enumerate(diagram.boxes):
        start = len(page.strokes)
        inside = box_strokes(box, text[i], sizes[i], turn(found.centres[i]))
        page.strokes += inside
        if box.node is not None and box.node in heat:
            page.strokes[start:] = shaded(inside, heat[box.node])
        page.boxes.append((start, len(page.strokes)))
        texts = {stroke.style: j for j, stroke in enumerate(page.strokes[start:], start) if isinstance(stroke, Text)}
        page.numbers.append({style: texts[style] for style in ("value", "grad") if style in texts})
    return page


def _new_runs(points: tuple[Point, ...], seen: set[tuple[Point, ...]]) -> list[tuple[Point, ...]]:
    """The parts of a route that no route before it has drawn: routes that run together are drawn once."""
    runs: list[list[Point]] = []
    joined = False
    for i in range(0, len(points), 2):  # a straight line and a curve; at the end a straight line
        piece = points[i : i + 3]
        if piece in seen:
            joined = False
            continue
        seen.add(piece)
        if joined:
            runs[-1] += piece[1:]
        else:
            runs.append(list(piece))
        joined = True
    return [tuple(run) for run in runs]


def _frames(found: Layout, turn: Callable[[Point], Point], direction: str) -> dict[Group, tuple[Rectangle, Text]]:
    """The frame and the title of each group, outer ones first."""
    frames: dict[Group, tuple[Rectangle, Text]] = {}
    for group, (x, y, wide, high) in sorted(found.frames.items(), key=lambda item: len(item[0])):
        (x0, y0), (x1, y1) = turn((x, y)), turn((x + wide, y + high))
        left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        frame = Rectangle(left, top, right - left, bottom - top, 8.0, "frame", "frame-border", tooltip="/".join(group))
        title = " ".join(wrapped(group[-1])[:1])
        while len(title) > 1 and text_width(title, 11.0) > right - left - 16.0:
            title = title[:-2] + "…"
        base = bottom - 7.0 if direction == "BT" else top + 15.0
        frames[group] = frame, Text(left + 8.0, base, title, "muted", 11.0)
    return frames


def _edge_label(text: str, tip: Point, across: Point, framed: bool) -> Sequence[Stroke]:
    """A number next to the end of an edge, with a background that hides the lines behind it."""
    width, high = text_width(text, 10.0), 11.0
    x = tip[0] + (5.0 if across[1] else -10.0 * across[0] - (width if across[0] > 0 else 0.0))
    y = tip[1] + (-3.0 if across[0] else -9.0 if across[1] > 0 else 16.0)
    ground = "frame" if framed else "paper"
    return [
        Rectangle(x - 1.0, y - high + 2.0, width + 2.0, high, 2.0, ground, ground),
        Text(x, y, text, "partial", 10.0),
    ]
