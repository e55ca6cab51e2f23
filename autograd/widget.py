"""The graph to explore: stepped, played, clicked, in a notebook or as a page of its own.

Python computes: places, numbers, steps, and what they say.  ``widget.js`` only shows it.
"""

from __future__ import annotations

import copy
import json
import math
import os
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from autograd import live
from autograd.animation import forward_caption
from autograd.diagram import Diagram, diagram
from autograd.explain import Names, backward_steps
from autograd.files import write_file
from autograd.graph import adjoints, replay, topological_order
from autograd.live import asset, mimebundle
from autograd.picture import draw
from autograd.rules import describe
from autograd.strokes import Rectangle, Text, sketch
from autograd.svg import stroke_markup
from autograd.value import Value

MOST = 5_000  # nodes
MOST_BOXES = 2_500  # in one view


class Explorer:
    """A graph to explore.  See ``explore``.

    Attributes:
        y: the end of the graph, which is a copy of that given.
        depth: how many levels of modules are open at first.
    """

    def __init__(self, y: Value, depth: int | None = None) -> None:
        if not isinstance(y, Value):
            raise TypeError(f"explore(y) needs a Value, not {describe(y)}")
        self.y = copy.deepcopy(y)  # a graph of its own, whose numbers sliders may change
        self._order = topological_order(self.y)
        if len(self._order) > MOST:
            raise ValueError(
                f"this graph has {len(self._order):,} nodes; {MOST:,} are the most that can be explored: draw(y) "
                "closes modules until it fits"
            )
        deepest = max((len(node.scope.split("/")) for node in self._order if node.scope), default=0) + 1
        self._depths = [d for d in range(1, deepest + 1) if self._count(d) <= MOST_BOXES] or [1]
        if depth is not None and depth not in range(1, deepest + 1):
            raise ValueError(f"the depth is a whole number from 1 to {deepest}, not {depth!r}")
        fitting = [d for d in self._depths if self._count(d) <= 60]
        self.depth = depth or (fitting[-1] if fitting else self._depths[0])
        self._names = Names(self._order)
        self._index = {node: i for i, node in enumerate(self._order)}

    def _count(self, depth: int) -> int:
        """How many boxes there are with so many levels open."""
        paths = [tuple(node.scope.split("/")) if node.scope else () for node in self._order]
        return len({path[:depth] for path in paths if len(path) >= depth}) + sum(len(path) < depth for path in paths)

    def data(self, changed: Mapping[int, float] | None = None) -> dict[str, Any]:
        """All that the page shows: views by depth, nodes, and steps, as plain data.

        Arguments:
            changed: other numbers for some leaves, by their place in the order of the graph.
        """
        order, names = self._order, self._names
        numbers = replay(order, {order[i]: x for i, x in (changed or {}).items()})
        for node in order:
            node.data = numbers[node]
        adjoint = adjoints(order, {self.y: 1.0})
        steps = [{"node": i, "text": forward_caption(node, names)} for i, node in enumerate(order)]
        partials: dict[int, list[str]] = {}
        for step in backward_steps(self.y):
            i = self._index[step.node]
            head = f"d{names[self.y]}/d{names[step.node]} = {_short(step.adjoint)}"
            steps.append({"node": i, "text": f"{head}\n{step}" if step.contributions else head})
            partials[i] = [f"d{names[step.node]}/d{names[c.operand]} = {_short(c.partial)}" for c in step.contributions]
        views = [self._view(depth, adjoint) for depth in self._depths]
        return {
            "title": f"graph of {names[self.y]}",
            "views": views,
            "view": self._depths.index(self.depth) if self.depth in self._depths else 0,
            "steps": steps,
            "nodes": [
                {
                    "name": names[node],
                    "op": node.op.name if node.op else "",
                    "scope": node.scope,
                    "value": _short(numbers[node]),
                    "grad": _short(adjoint[node]),
                    "number": numbers[node] if node.op is None and math.isfinite(numbers[node]) else None,
                    "partials": partials.get(i, []),
                }
                for i, node in enumerate(order)
            ],
        }

    def _view(self, depth: int, adjoint: Mapping[Value, float]) -> dict[str, Any]:
        """One view: what always stands there, and for each box its place and the nodes in it."""
        found: Diagram = diagram(self.y, depth=depth, max_nodes=None)
        inside: dict[tuple[str, ...], list[Value]] = {}
        for node in self._order:
            path = tuple(node.scope.split("/")) if node.scope else ()
            if len(path) >= depth:
                inside.setdefault(path[:depth], []).append(node)
        results: list[Value | None] = []
        for box in found.boxes:
            members = inside.get((*box.group, box.title), []) if box.kind == "module" else []
            result = members[-1] if members else box.node
            if result is not None:
                box.value, box.grad = result.data, adjoint[result]
                if box.kind == "node":
                    box.title = self._names[result]
            results.append(result)
        page = sketch(found)
        boxes = []
        hidden = set()
        for i, (start, end) in enumerate(page.boxes):
            rectangle = page.strokes[start]
            places: dict[str, list[float]] = {}
            for j in range(start, end):
                stroke = page.strokes[j]
                if results[i] is not None and isinstance(stroke, Text) and stroke.style in ("value", "grad"):
                    places[stroke.style] = [stroke.x, stroke.y]
                    hidden.add(j)
            box = found.boxes[i]
            result = results[i]
            if isinstance(rectangle, Rectangle) and result is not None:
                path = (*box.group, box.title)
                nodes = inside[path] if box.kind == "module" else [result]
                boxes.append(
                    {
                        "box": i,
                        "kind": box.kind,
                        "at": [rectangle.x, rectangle.y, rectangle.width, rectangle.height],
                        "places": places,
                        "result": self._index[result],
                        "nodes": [self._index[node] for node in nodes],
                        "title": "/".join((*box.group, box.title)) if box.kind == "module" else box.title,
                    }
                )
        markup = "".join(stroke_markup(s) for j, s in enumerate(page.strokes) if j not in hidden and j > 0)
        return {
            "depth": depth,
            "size": [page.width, page.height],
            "markup": markup,
            "boxes": boxes,
            "arrows": [[arrow.source, arrow.target] for arrow in found.arrows],
        }

    @property
    def page(self) -> str:
        """A page of its own: it needs no server, no network, and nothing beside itself."""
        data = json.dumps(self.data()).replace("<", "\\u003c")  # no text can end the script
        script = asset("autograd", "widget.js").replace("export default", "const widget =")
        style = ":root{color-scheme:light dark}body{margin:0}#root{min-height:100vh}\n" + asset(
            "autograd", "widget.css"
        )
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
            ValueError: the ending is not .html.
        """
        if Path(path).suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"the page is saved as .html, not as {Path(path).name!r}")
        return write_file(path, self.page)

    def _title(self) -> str:
        return f"graph of {self._names[self.y]}"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The live widget where anywidget is installed; with it, and without it, the picture that stays."""
        still = {"text/plain": repr(self), "text/html": draw(self.y, max_nodes=60)._repr_html_()}
        return mimebundle(self.widget, still, options)

    def widget(self) -> Any:
        """The anywidget, for marimo and for pages of ipywidgets.

        Raises:
            ImportError: anywidget is not installed.
        """

        def moved(request: dict[str, Any]) -> dict[str, Any]:
            return self.data({int(i): float(x) for i, x in request.items()})

        return live.widget(asset("autograd", "widget.js"), asset("autograd", "widget.css"), self.data(), moved)

    def __repr__(self) -> str:
        return f"<Explorer: {self._title()}, {len(self._order):,} nodes>"


def explore(y: Value, depth: int | None = None) -> Explorer:
    """The graph to explore: step forward and back through both passes, play, click a node, open and close modules.

    In a notebook it is live: a slider on any leaf computes values and gradients anew.  That needs the package
    anywidget; without it the picture stands still.  ``save("page.html")`` writes a page that needs nothing.

    Arguments:
        y: the Value whose graph it is; of 5,000 nodes at most.
        depth: how many levels of modules are open at first; None for as many as are easy to look at.

    Raises:
        TypeError: y is no Value.
        ValueError: the graph has too many nodes, or the depth is none of its levels.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> explore(a * b)
    <Explorer: graph of y, 3 nodes>
    """
    return Explorer(y, depth)


def _short(x: float) -> str:
    return f"{x:.6g}"
