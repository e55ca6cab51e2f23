"""An interactive graph, in a notebook or as a standalone page.

Python computes positions, numbers, steps and captions; explorer.js only displays them.
"""

from __future__ import annotations

import copy
import json
import math
import os
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from autograd.engine.checks import describe, finite, integer
from autograd.engine.graph import adjoints, evaluate, topological_order
from autograd.engine.notation import Names, short
from autograd.engine.value import Value
from autograd.lessons.steps import backward_steps, forward_caption
from autograd.output import notebook
from autograd.output.files import write_file
from autograd.picture.diagram import Diagram, closed_module, diagram
from autograd.picture.page import sketch
from autograd.picture.picture import draw
from autograd.picture.strokes import Rectangle, Sketch, Stroke, Text, text_width
from autograd.picture.svg import stroke_markup

MOST = 5_000  # nodes
MOST_BOXES = 2_500  # in one view
MOST_BOXES_IN_PAGE = 3_000  # in all views of a standalone page, which cannot ask Python for more

Expanded = frozenset[tuple[str, ...]]  # the modules that are open, as paths of names


class Explorer:
    """An interactive graph.  See ``explore``.

    Attributes:
        y: the output, in a copy of the given graph.
    """

    def __init__(self, y: Value, depth: int | None = None) -> None:
        if not isinstance(y, Value):
            raise TypeError(f"explore(y) needs a Value, not {describe(y)}")
        self.y = copy.deepcopy(y)  # a copy, since sliders change its numbers
        self._order = topological_order(self.y)
        if len(self._order) > MOST:
            raise ValueError(
                f"this graph has {len(self._order):,} nodes; explore() can show at most {MOST:,}: use draw(y), which "
                "closes modules until the graph fits"
            )
        self._paths = {node: tuple(node.scope.split("/")) if node.scope else () for node in self._order}
        self._modules = {path[:i] for path in self._paths.values() for i in range(1, len(path) + 1)}
        deepest = max(map(len, self._modules), default=0) + 1
        if depth is not None:
            integer("the depth", depth, most=deepest)
        self._levels = [level for level in map(self._level, range(1, deepest + 1)) if self._count(level) <= MOST_BOXES]
        self._levels = self._levels or [frozenset()]
        fitting = [level for level in self._levels if self._count(level) <= 60]
        self._first = self._level(depth) if depth else fitting[-1] if fitting else self._levels[0]
        self._names = Names(self._order)
        self._index = {node: i for i, node in enumerate(self._order)}
        self._views: dict[Expanded, dict[str, Any]] = {}
        self.numbers()  # sets the gradients that the views show

    def _level(self, depth: int) -> Expanded:
        """The modules to open so that this many levels of boxes are visible."""
        return frozenset(path for path in self._modules if len(path) < depth)

    def _count(self, expanded: Expanded) -> int:
        """The number of boxes when these modules are open."""
        closed = [closed_module(path, 1, expanded) for path in self._paths.values()]
        return len({path for path in closed if path}) + sum(not path for path in closed)

    def data(self, every: bool = False) -> dict[str, Any]:
        """Everything that the page shows, as plain data: nodes, steps, and the first view.

        Arguments:
            every: also include the views of all levels, and a view for each module, with only this module and those
                around it open; views that would exceed the limit on boxes are left out.
        """
        views = [self._first]
        if every:
            alone = [_outer(path) | {path} for path in sorted(self._modules, key=lambda path: (len(path), path))]
            budget = MOST_BOXES_IN_PAGE
            for expanded in dict.fromkeys([self._first, *self._levels, *alone]):
                count = self._count(expanded)
                if expanded != self._first and count <= min(budget, MOST_BOXES):
                    budget -= count
                    views.append(expanded)
        return {
            "title": self._title(),
            "views": {_key(expanded): self.view(expanded) for expanded in views},
            "view": _key(self._first),
            "levels": [_key(level) for level in self._levels],
            **self.numbers(),
        }

    def numbers(self, changed: Mapping[int, float] | None = None) -> dict[str, Any]:
        """The nodes, and the caption of each step, as plain data.

        Arguments:
            changed: new numbers for some leaves, by their index in topological order.
        """
        order, names = self._order, self._names
        numbers = evaluate(order, {order[i]: x for i, x in (changed or {}).items()})
        adjoint = self._move(numbers)
        steps = [{"node": i, "text": forward_caption(node, names)} for i, node in enumerate(order)]
        partials: dict[int, list[str]] = {}
        for step in backward_steps(self.y):
            i = self._index[step.node]
            head = f"d{names[self.y]}/d{names[step.node]} = {short(step.adjoint)}"
            steps.append({"node": i, "text": f"{head}\n{step}" if step.contributions else head})
            operands = [c.operand for c in step.contributions]
            partials[i] = [
                f"d{names[step.node]}/d{names[c.operand]} = {short(c.partial)}"
                + (f" (argument {slot})" if operands.count(c.operand) > 1 else "")
                for slot, c in enumerate(step.contributions, start=1)
            ]
        return {
            "steps": steps,
            "nodes": [
                {
                    "name": names[node],
                    "op": node.op.name if node.op else "",
                    "scope": node.scope,
                    "value": short(numbers[node]),
                    "grad": short(adjoint[node]),
                    "number": numbers[node] if node.op is None and math.isfinite(numbers[node]) else None,
                    "partials": partials.get(i, []),
                }
                for i, node in enumerate(order)
            ],
        }

    def _move(self, numbers: Mapping[Value, float]) -> dict[Value, float]:
        """Set the numbers and the gradients of all nodes, and return the gradients; on an error, nothing changes."""
        before = {node: node.data for node in self._order}
        try:
            for node in self._order:
                node.data = numbers[node]
            adjoint = adjoints(self._order, {self.y: 1.0})
        except (ArithmeticError, ValueError):
            for node in self._order:
                node.data = before[node]
            raise
        for node in self._order:
            node.grad = adjoint[node]
        return adjoint

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The reply to a request of the widget: the numbers for ``changed`` leaves, the requested ``view``, or both.

        Raises:
            ArithmeticError, ValueError: the request is not valid, an operation is not defined for the numbers, or the
                view has too many boxes.
        """
        found: dict[str, Any] = {}
        if "changed" in request:
            found |= self.numbers(self._changed(request["changed"]))
        if "view" in request:
            try:
                expanded = frozenset(tuple(name.split("/")) for name in json.loads(request["view"]))
            except (TypeError, AttributeError, ValueError, RecursionError):
                raise ValueError(f"the view must be a list of modules in JSON, not {request['view']!r:.40}") from None
            if not expanded <= self._modules:
                raise ValueError(f"there is no such view: {request['view']!r:.40}")
            if (count := self._count(expanded)) > MOST_BOXES:
                raise ValueError(f"with this module open, there would be {count:,} boxes, more than {MOST_BOXES:,}")
            found |= {"views": {request["view"]: self.view(expanded)}, "view": request["view"]}
        return found

    def _changed(self, given: Any) -> dict[int, float]:
        """The changed leaves of a request, checked: a finite number for the index of each leaf."""
        if not isinstance(given, Mapping):
            raise ValueError(f"changed must be an object with a number for each leaf, not {given!r:.40}")
        changed = {}
        for key in given:
            i = int(key) if isinstance(key, int) or (isinstance(key, str) and key.isdecimal() and len(key) < 9) else -1
            if not 0 <= i < len(self._order) or self._order[i].op is not None:
                raise ValueError(f"only leaves can be changed, and node {key!r:.40} is not a leaf")
            changed[i] = finite(f"the number for {key!r:.40}", given[key])
        return changed

    def view(self, expanded: Expanded) -> dict[str, Any]:
        """One view: the static strokes, the boxes with their positions and nodes, and the frames of open modules.

        Arguments:
            expanded: the modules that are open, as paths of names.
        """
        if expanded not in self._views:
            self._views[expanded] = self._view(expanded)
        return self._views[expanded]

    def _view(self, expanded: Expanded) -> dict[str, Any]:
        gradients = {node: node.grad for node in self._order}
        found = diagram(self.y, depth=1, max_nodes=None, expanded=expanded, gradients=gradients)
        inside: dict[tuple[str, ...], list[Value]] = {}
        for node, path in self._paths.items():
            if closed := closed_module(path, 1, expanded):
                inside.setdefault(closed, []).append(node)
        members = []  # the nodes of each box
        for box in found.boxes:
            path = (*box.group, box.title)
            nodes = inside[path] if box.kind == "module" else [] if box.node is None else [box.node]
            members.append(nodes)
        page = sketch(found)
        boxes = [self._box(found, page, i, nodes, expanded) for i, nodes in enumerate(members) if nodes]
        written = {j for box in boxes for j in box.pop("written")}
        return {
            "size": [page.width, page.height],
            "markup": "".join(_markup(s) for j, s in enumerate(page.strokes) if j not in written and j > 0),
            "boxes": boxes,
            "frames": [_frame(path, frame, expanded) for path, frame in page.frames.items()],
            "arrows": [[arrow.source, arrow.target] for arrow in found.arrows],
        }

    def _box(self, found: Diagram, page: Sketch, i: int, nodes: list[Value], expanded: Expanded) -> dict[str, Any]:
        """One box: its position, and the positions of its numbers, which the script fills in."""
        box, rectangle = found.boxes[i], page.strokes[page.boxes[i][0]]
        assert isinstance(rectangle, Rectangle)
        numbers = {style: page.strokes[j] for style, j in page.numbers[i].items()}
        path = (*box.group, box.title)
        result = nodes[-1] if box.node is None else box.node
        shown: dict[str, Any] = {
            "box": i,
            "kind": box.kind,
            "at": _place(rectangle),
            "places": {style: [text.x, text.y] for style, text in numbers.items() if isinstance(text, Text)},
            "written": list(page.numbers[i].values()),
            "result": self._index[result],
            "single": box.value is not None,  # a module may have several outputs
            "nodes": [self._index[node] for node in nodes],
            "title": "/".join(path) if box.kind == "module" else box.title,
        }
        if box.kind == "module":
            shown |= {"opens": _key(expanded | {path}), "alone": _key(_outer(path) | {path})}
        return shown

    @property
    def page(self) -> str:
        """A standalone HTML page: it needs no server, no network and no other file."""
        data = json.dumps(self.data(every=True)).replace("<", "\\u003c")  # so that no label can end the script element
        script = notebook.script("autograd.live", "explorer.js").replace("export default", "const widget =")
        around = ":root{color-scheme:light dark}body{margin:0}#root{min-height:100vh}\n"
        style = around + notebook.style()
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{escape(self._title())}</title>\n<style>{style}</style></head>\n"
            f'<body><div id="root"></div>\n<script type="application/json" id="data">{data}</script>\n'
            f'<script type="module">\n{script}\n'
            'const data = JSON.parse(document.getElementById("data").textContent);\n'
            'widget.show(document.getElementById("root"), data, null);\n</script></body></html>\n'
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, ``page.html``.

        Raises:
            ValueError: the suffix is not .html or .htm.
        """
        if Path(path).suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"save the page as .html, not as {Path(path).name!r}")
        return write_file(path, self.page)

    def _title(self) -> str:
        return f"graph of {self._names[self.y]}"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The static picture and, if anywidget is installed, the widget."""
        still = {"text/plain": repr(self), "text/html": draw(self.y, max_nodes=60)._repr_html_()}
        return notebook.mimebundle(self.widget, still, options)

    def widget(self) -> Any:
        """The anywidget object, for use in marimo or in an ipywidgets layout.

        Raises:
            ImportError: anywidget is not installed.
        """
        script = notebook.script("autograd.live", "explorer.js")
        return notebook.widget(script, notebook.style(), self.data(), self.answer)

    def __repr__(self) -> str:
        return f"<Explorer: {self._title()}, {len(self._order):,} nodes>"


def explore(y: Value, depth: int | None = None) -> Explorer:
    """An interactive graph: step forward and back through both passes, play, click a node, open and close modules.

    In a notebook, sliders on the leaves recompute all values and gradients.  This requires the package anywidget;
    without it, the picture is static.  ``save("page.html")`` writes a standalone page, without the sliders.

    Arguments:
        y: the output of the graph, which may have at most 5,000 nodes.
        depth: the number of levels of boxes shown at first: 1 shows each outermost module as one box; None chooses the
            most levels with at most 60 boxes.

    Raises:
        TypeError: y is not a Value.
        ValueError: the graph has too many nodes, or the depth is not from 1 to its number of levels.
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist, e.g. that of sqrt at 0.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> explore(a * b)
    <Explorer: graph of y, 3 nodes>
    """
    return Explorer(y, depth)


def _outer(path: tuple[str, ...]) -> Expanded:
    """The modules that contain a module."""
    return frozenset(path[:i] for i in range(1, len(path)))


def _key(expanded: Expanded) -> str:
    """The name of the view with these modules open."""
    return json.dumps(sorted("/".join(path) for path in expanded))


def _markup(stroke: Stroke) -> str:
    """A stroke as SVG, without its tooltip, whose numbers may change."""
    return stroke_markup(replace(stroke, tooltip="") if isinstance(stroke, Rectangle) else stroke)


def _frame(path: tuple[str, ...], frame: Rectangle, expanded: Expanded) -> dict[str, Any]:
    """The frame around an open module, and the names of the views to show when it is closed."""
    left = frozenset(other for other in expanded if other[: len(path)] != path)
    beside = frame.x + 20.0 + min(text_width(path[-1], 11.0), frame.width - 32.0)  # the title
    at = [beside, frame.y + 11.0]
    return {"title": "/".join(path), "at": at, "closes": _key(left), "alone": _key(_outer(path))}


def _place(rectangle: Rectangle) -> list[float]:
    return [rectangle.x, rectangle.y, rectangle.width, rectangle.height]
