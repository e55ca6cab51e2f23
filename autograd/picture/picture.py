"""Drawing a graph."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.engine.checks import describe
from autograd.engine.graph import adjoints, topological_order
from autograd.engine.notation import Names
from autograd.engine.value import Value
from autograd.output.files import write_file
from autograd.output.theme import PATHS
from autograd.picture.diagram import Diagram, diagram
from autograd.picture.dot import digraph
from autograd.picture.page import sketch
from autograd.picture.png import png
from autograd.picture.strokes import Sketch
from autograd.picture.svg import html, svg

if TYPE_CHECKING:
    import graphviz

WIDEST = 1_333.0  # pixels: at the 1,000 of a notebook, texts of 12 pixels then have 9, the smallest that can be read
DIRECTIONS = ("LR", "RL", "TB", "BT")
ENGINES = ("dot", "neato", "fdp", "sfdp", "circo", "twopi", "osage", "patchwork")


def draw(
    y: Value | Sequence[Value],
    direction: str = "LR",
    depth: int | None = None,
    values: bool = True,
    gradients: bool = True,
    partials: bool = False,
    max_nodes: int | None = 150,
    engine: str | None = None,
    flow: bool = False,
    heat: bool = False,
    fold: bool = False,
    paths: Iterable[Sequence[Value]] = (),
) -> Picture:
    """Draw the graph of a Value.

    Each box shows the name (v1, v2, ... for nodes without a label), the operation, the value (green) and the gradient
    (red; a dash before a backward pass).  Modules are frames, or single boxes where they are closed.

    Arguments:
        y: the Value, or several.
        direction: where the arrows point: "LR" to the right, "RL" to the left, "TB" down, "BT" up.
        depth: how many levels of modules to open: 1 shows each outermost module as one box.  None opens as many as can
            be read at the width of a notebook; a line below the picture then says how to see more.
        values, gradients: whether to write the numbers into the boxes.
        partials: whether to write the local derivative dz/dx on the arrow from x to z.
        max_nodes: the maximum number of boxes; those farthest from y are left out and counted.  None for no limit.
        engine: None for the layout of this library, which needs no program outside Python, or a Graphviz program,
            such as "dot", which must be on the PATH.
        flow: whether the width of an arrow shows what flows back along it, |dL/dz * dz/dx|, and its color the sign.
        heat: whether boxes are shaded by |dL/dz|, on a logarithmic scale.  L is y, or the sum of several.
        fold: whether a sum of products is one box, so that a neuron is a sum and an activation.
        paths: at most six paths, each in a color of its own: ``explain(y, x)``, or lists of nodes, each of which is an
            argument of the one before it.

    Raises:
        TypeError, ValueError: an argument is invalid.
        RuntimeError: when the picture is shown or saved, if the engine's program is not on the PATH.

    >>> x = Value(2.0, label="x")
    >>> draw(x * x)
    <Picture of a computation graph, 2 nodes, 2 boxes; save it with .save('graph.svg')>
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, not {direction!r}")
    if engine is not None and engine not in ENGINES:
        raise ValueError(f"engine must be None or one of {', '.join(ENGINES)}, not {engine!r}")
    lines = _lines(paths)
    if flow and lines:
        raise ValueError("flow and paths both give the arrows their color: draw one of them at a time")
    found = diagram(y, depth, max_nodes, partials, flow=flow, fold=fold, paths=lines)
    ends = [y] if isinstance(y, Value) else list(y)
    shade = adjoints(topological_order(*ends), dict.fromkeys(ends, 1.0)) if heat else None
    about = _about(lines, ends)
    picture = Picture(found, direction, values, gradients, engine, shade, about)
    while depth is None and max_nodes is not None and found.depth > 1 and picture.sketch.width > WIDEST:
        found = diagram(y, found.depth - 1, max_nodes, partials, flow=flow, fold=fold, paths=lines)
        picture = Picture(found, direction, values, gradients, engine, shade, about)
    return picture


def _lines(paths: Any) -> list[tuple[Value, ...]]:
    """The nodes of each path.

    Raises:
        TypeError: these are not paths.
        ValueError: there are too many to tell them apart.
    """
    try:
        lines = [tuple(path) for path in paths]
    except TypeError:
        lines = [()]
    if not all(line and all(isinstance(node, Value) for node in line) for line in lines):
        raise TypeError(f"paths must be explain(y, x), or a list of lists of Values, not {describe(paths)}")
    if len(lines) > PATHS:
        raise ValueError(f"a picture can show {PATHS} paths, not {len(lines):,}: choose some of explain(y, x).paths")
    return lines


def _about(lines: list[tuple[Value, ...]], ends: list[Value]) -> list[str]:
    """What is written about each path: the names of its nodes."""
    if not lines:
        return []
    names = Names(topological_order(*ends))
    return [" → ".join(names[node] for node in path) for path in lines]


def shown(value: Value) -> str | None:
    """What a notebook shows for a Value that ends a cell: its graph, with modules closed if it is large.

    None for a graph of more than 5,000 nodes, which would take a while to draw.
    """
    return draw(value, max_nodes=60)._repr_html_() if len(topological_order(value)) <= 5_000 else None


def draw_dot(root: Value, format: str = "svg", rankdir: str = "LR") -> Picture:
    """micrograd's name for ``draw``; ``draw_dot(root).to_dot()`` is the ``graphviz.Digraph``.

    >>> draw_dot(Value(2.0) + 1.0).source.splitlines()[0]
    'digraph computation {'
    """
    if format not in ("svg", "png"):
        raise ValueError(f"format must be 'svg' or 'png', not {format!r}; for other formats use draw(root).save(path)")
    picture = draw(root, direction=rankdir)
    picture.format = format
    return picture


def kind_of(path: str | os.PathLike[str]) -> str:
    """The file ending of a path, if pictures can be saved in that format."""
    kind = Path(path).suffix.lower()
    if kind not in (".svg", ".png", ".pdf", ".dot"):
        raise ValueError(f"a picture can be saved as .svg, .png, .pdf or .dot, not as {Path(path).name!r}")
    return kind


@dataclass(eq=False, repr=False)
class Picture:
    """A drawn graph.  A notebook displays it, and ``save()`` writes it to a file.

    Attributes:
        diagram: the boxes and arrows.
        direction, values, gradients, engine: as for ``draw``.
        heat: the gradients by which the boxes are shaded.
        paths: what is written about each path.
        format: the format of ``render``.
    """

    diagram: Diagram
    direction: str = "LR"
    values: bool = True
    gradients: bool = True
    engine: str | None = None
    heat: Mapping[Value, float] | None = None
    paths: Sequence[str] = ()
    format: str = field(default="svg", init=False)

    @functools.cached_property
    def sketch(self) -> Sketch:
        """The picture as strokes on a page."""
        return sketch(
            self.diagram, self.direction, self.values, self.gradients, self.heat, self._note(), paths=self.paths
        )

    def _note(self) -> str:
        """How to see more, if modules are closed."""
        found = self.diagram
        if all(box.kind != "module" for box in found.boxes):
            return ""
        more = f"draw(y, depth={found.depth + 1}) opens one more, max_nodes=None all"
        return f"{found.depth} of {found.deepest} levels are open: {more}"

    @functools.cached_property
    def svg(self) -> str:
        """The picture as an SVG document."""
        return self._graphviz("svg").decode() if self.engine else svg(self.sketch, self._title())

    def to_dot(self) -> graphviz.Digraph:
        """The picture as a ``graphviz.Digraph``; this needs the Python package graphviz, but not its programs."""
        return digraph(self.diagram, self.direction, self.values, self.gradients)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, in the format of its ending: .svg, .png, .pdf or .dot.

        A PNG image needs Pillow, and a PDF needs the program ``dot`` of Graphviz.

        Returns:
            The path.

        Raises:
            ValueError: the file ending is not one of these.
            ImportError, RuntimeError: what the format needs is not installed.
            OSError: the file cannot be written.  Nothing is left half-written.
        """
        kind = kind_of(path)
        if kind == ".svg":
            content: str | bytes = self.svg
        elif kind == ".dot":
            content = self.to_dot().source
        elif kind == ".pdf" or self.engine:
            content = self._graphviz(kind[1:])
        else:
            content = png(self.sketch)
        return write_file(path, content)

    def render(self, filename: str | os.PathLike[str] = "graph", format: str | None = None) -> Path:
        """graphviz's name for ``save``: the ending is added to the name.

        Arguments:
            filename: the path without its ending.
            format: the ending; None for the format given to ``draw_dot``, or "svg".
        """
        return self.save(f"{os.fspath(filename)}.{format or self.format}")

    @property
    def source(self) -> str:
        """The picture in the DOT language, as graphviz calls it."""
        return str(self.to_dot().source)

    def _graphviz(self, format: str) -> bytes:
        """The output of a Graphviz program for the picture."""
        import graphviz

        engine = self.engine or "dot"
        try:
            return bytes(self.to_dot().pipe(format=format, engine=engine))
        except graphviz.ExecutableNotFound:
            raise RuntimeError(
                f"this needs Graphviz's program {engine!r}, which is not on the PATH: install Graphviz with "
                "'apt install graphviz', 'brew install graphviz' or from graphviz.org, or leave out engine=... and "
                "save as .svg or .png, which do not need Graphviz"
            ) from None

    def _title(self) -> str:
        boxes = self.diagram.boxes
        return f"computation graph, {sum(box.count for box in boxes):,} nodes"

    def _repr_html_(self) -> str:
        if self.engine:
            return f'<div style="overflow:auto">{self.svg[self.svg.index("<svg") :]}</div>'
        return html(self.sketch, self._title())

    def __repr__(self) -> str:
        boxes = len(self.diagram.boxes)
        return f"<Picture of a {self._title()}, {boxes} boxes; save it with .save('graph.svg')>"
