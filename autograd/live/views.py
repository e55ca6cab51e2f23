"""The views of a graph that a reader opens and closes, as plain data: what is drawn where."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograd.engine.value import Value
from autograd.picture.diagram import Arrow, Diagram, closed_module, diagram
from autograd.picture.page import sketch
from autograd.picture.strokes import Arrowhead, Rectangle, Sketch, Stroke, Text, text_width
from autograd.picture.svg import curve_path, stroke_markup

MOST_BOXES = 2_500  # in one view
MOST_BOXES_IN_PAGE = 3_000  # in all views of a page that has no Python to ask
EASY = 60  # so many boxes are easy to look at

Expanded = frozenset[tuple[str, ...]]  # the modules that are open, as paths of names


class Views:
    """The views of one graph.  A view is named by a key: the list of the modules that are open, as JSON.

    Arguments:
        order: the nodes of the graph, arguments first.

    Attributes:
        levels: the views by depth: the outermost modules closed, those in them, and so on, as far as they are not
            too large.
        deepest: how many levels there are.
        place: for each node its index in the order.
    """

    def __init__(self, order: Sequence[Value]) -> None:
        self._end = order[-1]
        self.place = {node: i for i, node in enumerate(order)}
        self._paths = {node: tuple(node.scope.split("/")) if node.scope else () for node in order}
        self._modules = {path[:i] for path in self._paths.values() for i in range(1, len(path) + 1)}
        self.deepest = max(map(len, self._modules), default=0) + 1
        levels = [self._level(depth) for depth in range(1, self.deepest + 1)]
        self._levels = [level for level in levels if self._count(level) <= MOST_BOXES] or [frozenset()]
        self._drawn: dict[Expanded, dict[str, Any]] = {}

    @property
    def levels(self) -> list[str]:
        return [_key(level) for level in self._levels]

    def first(self, depth: int | None = None) -> str:
        """The view at first: that of a depth, or the deepest level that is easy to look at."""
        fitting = [level for level in self._levels if self._count(level) <= EASY]
        return _key(self._level(depth) if depth else fitting[-1] if fitting else self._levels[0])

    def _level(self, depth: int) -> Expanded:
        """The modules that are open where so many levels of boxes are visible."""
        return frozenset(path for path in self._modules if len(path) < depth)

    def _count(self, expanded: Expanded) -> int:
        """How many boxes there are with these modules open."""
        closed = [closed_module(path, 1, expanded) for path in self._paths.values()]
        return len({path for path in closed if path}) + sum(not path for path in closed)

    def get(self, key: str) -> dict[str, Any]:
        """The view of a key.

        Raises:
            ValueError: there is no such view, or it has too many boxes.
        """
        try:
            expanded = frozenset(tuple(name.split("/")) for name in json.loads(key))
        except (TypeError, AttributeError, ValueError, RecursionError):
            raise ValueError(f"a view must be given as a list of modules in JSON, not as {key!r:.40}") from None
        if not expanded <= self._modules:
            raise ValueError(f"there is no such view: {key!r:.40}")
        if (count := self._count(expanded)) > MOST_BOXES:
            raise ValueError(f"with this module open there are {count:,} boxes, more than {MOST_BOXES:,}")
        if expanded not in self._drawn:
            self._drawn[expanded] = self._draw(expanded)
        return self._drawn[expanded]

    def without_python(self, first: str) -> dict[str, dict[str, Any]]:
        """The views for a page that has no Python to ask: all levels, and each module opened by itself.

        Those that would make the page too large are left out; ``first`` is always among them.
        """
        alone = [_outer(path) | {path} for path in sorted(self._modules, key=lambda path: (len(path), path))]
        found, budget = {first: self.get(first)}, MOST_BOXES_IN_PAGE
        for expanded in dict.fromkeys([*self._levels, *alone]):
            count = self._count(expanded)
            if _key(expanded) not in found and count <= min(budget, MOST_BOXES):
                budget -= count
                found[_key(expanded)] = self.get(_key(expanded))
        return found

    def _draw(self, expanded: Expanded) -> dict[str, Any]:
        """One view: the size, the frames, the arrows, and the boxes with the nodes that are in them."""
        found = diagram(self._end, depth=1, max_nodes=None, expanded=expanded)
        inside: dict[tuple[str, ...], list[Value]] = {}
        for node, path in self._paths.items():
            if closed := closed_module(path, 1, expanded):
                inside.setdefault(closed, []).append(node)
        page = sketch(found, reserve=True)
        before = page.boxes[0][0]
        frames = [stroke for stroke in page.strokes[1:before] if isinstance(stroke, Rectangle | Text)]
        heads = [stroke for stroke in page.strokes[1:before] if isinstance(stroke, Arrowhead)]
        return {
            "size": [page.width, page.height],
            "markup": "".join(map(_markup, frames)),
            "arrows": [_arrow(arrow, page, i, heads[i]) for i, arrow in enumerate(found.arrows)],
            "boxes": [self._box(found, page, i, inside, expanded) for i in range(len(found.boxes))],
            "frames": [_frame(path, frame, expanded) for path, frame in page.frames.items()],
        }

    def _box(
        self, found: Diagram, page: Sketch, i: int, inside: dict[tuple[str, ...], list[Value]], expanded: Expanded
    ) -> dict[str, Any]:
        """One box: its place, what is always in it, and the places of its numbers, which the script fills in."""
        box, (start, end) = found.boxes[i], page.boxes[i]
        rectangle, numbers = page.strokes[start], page.numbers[i]
        assert isinstance(rectangle, Rectangle)
        path = (*box.group, box.title)
        nodes = inside[path] if box.kind == "module" else [] if box.node is None else [box.node]
        written = [page.strokes[j] for j in range(start, end) if j not in numbers.values()]
        places = {style: page.strokes[j] for style, j in numbers.items()}
        shown: dict[str, Any] = {
            "kind": box.kind,
            "at": [rectangle.x, rectangle.y, rectangle.width, rectangle.height],
            "markup": "".join(map(_markup, written)),
            "places": {style: [text.x, text.y] for style, text in places.items() if isinstance(text, Text)},
            "result": self.place[nodes[-1] if box.node is None else box.node],
            "single": box.value is not None,  # a module may give several numbers
            "nodes": [self.place[node] for node in nodes],
            "title": "/".join(path) if box.kind == "module" else box.title,
        }
        if box.kind == "module":
            shown |= {"opens": _key(expanded | {path}), "alone": _key(_outer(path) | {path})}
        return shown


def _arrow(arrow: Arrow, page: Sketch, i: int, head: Arrowhead) -> dict[str, Any]:
    """One arrow: the boxes that it joins, and its line."""
    line = page.routes[i]
    return {
        "source": arrow.source,
        "target": arrow.target,
        "slot": arrow.slot,
        "line": curve_path(line.points, line.upright),
        "head": [[round(x, 1), round(y, 1)] for x, y in head.corners()],
    }


def _outer(path: tuple[str, ...]) -> Expanded:
    """The modules around a module."""
    return frozenset(path[:i] for i in range(1, len(path)))


def _key(expanded: Expanded) -> str:
    """The key of the view with these modules open."""
    return json.dumps(sorted("/".join(path) for path in expanded))


def _markup(stroke: Stroke) -> str:
    """A stroke as SVG, without its tooltip, whose numbers may change."""
    return stroke_markup(replace(stroke, tooltip="") if isinstance(stroke, Rectangle) else stroke)


def _frame(path: tuple[str, ...], frame: Rectangle, expanded: Expanded) -> dict[str, Any]:
    """The frame around an open module, and which views there are when it is closed."""
    left = frozenset(other for other in expanded if other[: len(path)] != path)
    beside = frame.x + 20.0 + min(text_width(path[-1], 11.0), frame.width - 32.0)  # the title
    at = [beside, frame.y + 11.0]
    return {"title": "/".join(path), "at": at, "closes": _key(left), "alone": _key(_outer(path))}
