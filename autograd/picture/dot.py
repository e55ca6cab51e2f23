"""A diagram for Graphviz."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from autograd.engine.notation import short
from autograd.output.theme import PALETTE
from autograd.picture.boxes import Line, Part, fill, lines, wrapped
from autograd.picture.diagram import Box, Diagram

if TYPE_CHECKING:
    import graphviz


def digraph(diagram: Diagram, direction: str = "LR", values: bool = True, gradients: bool = True) -> graphviz.Digraph:
    """The diagram as a ``graphviz.Digraph``, with modules as clusters.  No Graphviz program is needed.

    Raises:
        ImportError: the package graphviz is not installed.
    """
    try:
        import graphviz
    except ImportError as error:
        raise ImportError("to_dot() needs the package graphviz: pip install graphviz") from error
    graph = graphviz.Digraph("computation")
    graph.attr(rankdir=direction, fontname="monospace", fontsize="11")
    graph.attr("node", shape="box", style="rounded,filled", fontname="monospace", fontsize="12", color=_day("border"))
    graph.attr("edge", color=_day("edge"), fontname="monospace", fontsize="10", fontcolor=_day("partial"))
    _add(graph, (), list(enumerate(diagram.boxes)), values, gradients)
    for arrow in diagram.arrows:
        label = "" if arrow.partial is None else short(arrow.partial)
        graph.edge(f"n{arrow.source}", f"n{arrow.target}", label=label)
    return graph


def _add(
    graph: graphviz.Digraph, group: tuple[str, ...], boxes: list[tuple[int, Box]], values: bool, gradients: bool
) -> None:
    """The boxes of a group, and a cluster for each group directly in it."""
    inner: dict[tuple[str, ...], list[tuple[int, Box]]] = {}
    for i, box in boxes:
        if box.group == group:
            graph.node(f"n{i}", label=_label(lines(box, values, gradients)), fillcolor=_day(fill(box)))
        else:
            inner.setdefault(box.group[: len(group) + 1], []).append((i, box))
    for number, (path, members) in enumerate(inner.items()):
        name = f"{graph.name}_{number}" if group else f"cluster_{number}"
        with graph.subgraph(name=name) as cluster:
            title = [[Part(line, "muted")] for line in wrapped(path[-1])]
            cluster.attr(label=_label(title), labeljust="l", style="rounded,filled")
            cluster.attr(fillcolor=_day("frame"), color=_day("frame-border"))
            _add(cluster, path, members, values, gradients)


def _label(text: list[Line]) -> str:
    """The lines of a box as Graphviz's HTML-like label, in which text must be escaped."""
    rows = ["".join(map(_styled, line)) for line in text]
    return f"<{'<br/>'.join(rows) or ' '}>"


def _styled(part: Part) -> str:
    shown = f'<font color="{_day(part.style)}">{escape(part.text)}</font>'
    return f"<b>{shown}</b>" if part.bold else shown


def _day(style: str) -> str:
    return PALETTE[style][0]
