"""An interactive graph, in a notebook or as a page of its own.

Python computes where everything is, and writes the graph and its derivatives as JavaScript; the script of the page
computes the numbers, also for other leaves.
"""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autograd.engine.checks import describe, finite, integer
from autograd.engine.graph import adjoints, contributing_edges, evaluate, topological_order
from autograd.engine.notation import Names, in_mathml
from autograd.engine.value import Value
from autograd.javascript.graph import Rows, engine, real
from autograd.javascript.writing import NoJavaScriptError
from autograd.live.views import Views
from autograd.output import notebook
from autograd.output.files import write_file
from autograd.picture.picture import draw

MOST = 5_000  # nodes
SCRIPTS = ("formulas.js", "stage.js", "card.js", "explorer.js")


class Explorer:
    """A graph to explore.  See ``explore``.

    Arguments:
        y, depth: as for ``explore``.
        plays: play the steps as soon as the page is opened.
        parameters: as for ``explore``.

    Attributes:
        y: the end of the graph, which is a copy of that given.
        views: the views of the graph.
    """

    def __init__(
        self, y: Value, depth: int | None = None, plays: bool = False, parameters: Iterable[Value] | None = None
    ) -> None:
        if not isinstance(y, Value):
            raise TypeError(f"explore(y) needs a Value, not {describe(y)}")
        self._moved = None if parameters is None else _places_of(parameters, y)
        self.y = copy.deepcopy(y)  # an independent graph, whose numbers sliders may change
        self._order = topological_order(self.y)
        if len(self._order) > MOST:
            raise ValueError(
                f"this graph has {len(self._order):,} nodes; at most {MOST:,} can be explored: draw(y) closes modules "
                "until it fits"
            )
        self.views = Views(self._order)
        if depth is not None:
            integer("the depth", depth, most=self.views.deepest)
        self._first, self._plays = self.views.first(depth), plays
        self._names = Names(self._order)
        self._rows = Rows()
        self._lacking = ""  # why the numbers cannot be computed in the page
        try:
            self._nodes = self._rows.nodes(self._order)
        except NoJavaScriptError as error:
            self._nodes, self._lacking = [], str(error)
        if not all(math.isfinite(node.data) for node in self._order):
            self._lacking = (
                "a number of this graph is not finite, so that the page has only the numbers that Python computed"
            )
        for node, gradient in adjoints(self._order, {self.y: 1.0}).items():  # an error if a derivative does not exist
            node.grad = gradient

    def data(self, every: bool = False) -> dict[str, Any]:
        """Everything that the page shows, as plain data.

        Arguments:
            every: include the views that a page without Python can open.
        """
        forms: dict[str, int] = {}
        infos = [
            {
                "name": self._names[node],
                "op": node.op.name if node.op else "",
                "form": forms.setdefault(in_mathml(node.op), len(forms)) if node.op else -1,
                "args": [self.views.place[x] if isinstance(x, Value) else [real(x)] for x in node.args],
                "scope": node.scope,
            }
            for node in self._order
        ]
        first = self._first
        return {
            "title": self._title(),
            "infos": infos,
            "forms": list(forms),
            "nodes": self._nodes,
            "lacking": self._lacking,
            "recorded": self.numbers() if self._lacking else None,
            "views": self.views.without_python(first) if every else {first: self.views.get(first)},
            "view": first,
            "moved": self._moved,
            "levels": self.views.levels,
            "plays": self._plays,
        }

    def numbers(self, changed: Mapping[int, float] | None = None) -> dict[str, Any]:
        """The number at every node, its adjoint, and the arguments through which its gradient flows, with the slopes.

        Arguments:
            changed: other numbers for some leaves, by their place in the order of the graph.

        Raises:
            ArithmeticError, ValueError: an operation, or a derivative, does not exist for these numbers.
        """
        order = self._order
        numbers = evaluate(order, {order[i]: x for i, x in (changed or {}).items()})
        before = [node.data for node in order]
        try:
            for node in order:
                node.data = numbers[node]
            adjoint = adjoints(order, {self.y: 1.0})
            through = contributing_edges(order, [self.y])
            reached = {self.y}
            slopes: list[list[list[Any]]] = [[] for _ in order]
            for i in range(len(order) - 1, -1, -1):
                if order[i] in reached:
                    found = through(order[i])
                    reached.update(x for x, _ in found)
                    slopes[i] = self._numbered(order[i], found)
        finally:
            for node, x in zip(order, before, strict=True):
                node.data = x
        return {
            "values": [real(numbers[node]) for node in order],
            "adjoints": [real(adjoint[node]) for node in order],
            "slopes": slopes,
        }

    def _numbered(self, z: Value, found: list[tuple[Value, float]]) -> list[list[Any]]:
        """The slopes of a node, each with the place of the argument among all arguments, and that of its node."""
        numbered, k = [], -1
        for x, slope in found:
            k = next(i for i in range(k + 1, len(z.args)) if z.args[i] is x)
            numbered.append([k, self.views.place[x], real(slope)])
        return numbered

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What the widget asks for: the numbers for ``changed`` leaves, or the ``view`` with a given key.

        Raises:
            ArithmeticError, ValueError: an operation is not defined for the numbers, or the view has too many boxes.
        """
        found: dict[str, Any] = {}
        if "changed" in request:
            found["recorded"] = self.numbers(self._changed(request["changed"]))
        if "view" in request:
            found |= {"views": {request["view"]: self.views.get(request["view"])}, "view": request["view"]}
        return found

    def _changed(self, given: Any) -> dict[int, float]:
        """The numbers for leaves in a request: a finite number for the index of each leaf, which is a string."""
        if not isinstance(given, Mapping):
            raise ValueError(f"changed must be an object with a number for each leaf, not {given!r:.40}")
        changed = {}
        for key in given:
            i = int(key) if isinstance(key, int) or (isinstance(key, str) and key.isdecimal() and len(key) < 9) else -1
            if not 0 <= i < len(self._order) or self._order[i].op is not None:
                raise ValueError(f"only leaves can be moved, and node {key!r:.40} is not one")
            changed[i] = finite(f"the number for {key!r:.40}", given[key])
        return changed

    @property
    def script(self) -> str:
        """The script of the page and of the widget, with the rows of this graph."""
        parts = [notebook.asset("autograd.live", name) for name in SCRIPTS]
        return notebook.script(engine(), self._rows.code, *parts)

    @property
    def page(self) -> str:
        """A standalone page: it needs no server, no network and no other file."""
        return notebook.page(self._title(), self.script, self.style, self.data(every=True))

    @property
    def style(self) -> str:
        """The style of the page and of the widget."""
        return notebook.style("autograd.live", "explorer.css")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, ``page.html``.

        Raises:
            ValueError: the ending is not .html.
        """
        if Path(path).suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"save the page as .html, not as {Path(path).name!r}")
        return write_file(path, self.page)

    def _title(self) -> str:
        return f"graph of {self._names[self.y]}"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget if anywidget is installed, and in any case the page, and a static picture where it is removed."""
        return notebook.mimebundle(self.widget, {"text/plain": repr(self), "text/html": self.framed()}, options)

    def framed(self, height: int = 640) -> str:
        """The page in a frame, as HTML for a notebook, with a static picture for where frames are removed.

        Arguments:
            height: the height of the frame, in pixels.
        """
        return notebook.framed(self.page, self._title(), draw(self.y, max_nodes=60)._repr_html_(), height)

    def widget(self) -> Any:
        """The anywidget, for marimo and for pages of ipywidgets.

        Raises:
            ImportError: anywidget is not installed.
        """
        return notebook.widget("Explorer", self.script, self.style, self.data(), self.answer)

    def __repr__(self) -> str:
        return f"<Explorer: {self._title()}, {len(self._order):,} nodes>"


def _places_of(parameters: Iterable[Value], y: Value) -> list[int]:
    """The places of some leaves in the order of the graph of y.

    Raises:
        TypeError, ValueError: one of them is not a Value, or not a leaf of this graph.
    """
    place = {node: i for i, node in enumerate(topological_order(y)) if node.op is None}
    found = []
    for leaf in parameters:
        if not isinstance(leaf, Value):
            raise TypeError(f"the parameters must be Values, not {describe(leaf)}")
        if leaf not in place:
            raise ValueError(f"a parameter must be a leaf of the graph, not {leaf!r}")
        found.append(place[leaf])
    return found


def explore(y: Value, depth: int | None = None, parameters: Iterable[Value] | None = None) -> Explorer:
    """An interactive graph: step forward and back through both passes, play, click a node, open and close modules.

    The slider of a leaf recomputes all values and gradients, and a button takes a step of gradient descent.
    ``save("page.html")`` writes a page that does all of this without Python, a server or a network.  In a notebook it
    requires the package anywidget; without it, the picture is static.

    Arguments:
        y: the output of the graph, which may have at most 5,000 nodes.
        depth: the number of levels of boxes shown at first: 1 shows each outermost module as one box; None chooses the
            most levels with at most 60 boxes.
        parameters: the leaves that gradient descent changes, until others are chosen in the page; None for those that
            belong to a module or, if there are none, all.

    Raises:
        TypeError: y, or a parameter, is not a Value.
        ValueError: the graph has too many nodes, the depth is not from 1 to its number of levels, or a parameter is not
            a leaf of the graph.
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist, such as that of sqrt at 0.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> explore(a * b)
    <Explorer: graph of y, 3 nodes>
    """
    return Explorer(y, depth, parameters=parameters)
