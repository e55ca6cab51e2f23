"""The content of a picture of a graph: boxes and arrows.  A *closed* module is one box, to save space."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, islice, pairwise, product
from typing import Literal

from autograd.engine.checks import describe, integer
from autograd.engine.graph import adjoints, edges, topological_order
from autograd.engine.notation import Names, in_picture
from autograd.engine.value import Value
from autograd.picture.folding import Operand, folded

Path = tuple[str, ...]  # the names of modules, from the outside in


@dataclass
class Box:
    """One box.

    Attributes:
        kind: a "node" of the graph, a closed "module", or the nodes left out ("more").
        title: the name of the node, the name of the module, or the number.
        operation: the symbol of the operation; empty for a leaf.
        value: the number, if there is one to show.
        grad: the gradient; None before a backward pass.
        group: the modules around it, from the outside in.
        count: the number of nodes in a module, or of nodes left out.
        node: the node itself, where the box shows one.
        labelled: whether the node has a label; else its name is one such as v1.
        remark: a further line of text, and its style.
    """

    kind: Literal["node", "module", "more"]
    title: str = ""
    operation: str = ""
    value: float | None = None
    grad: float | None = None
    group: Path = ()
    count: int = 1
    node: Value | None = None
    labelled: bool = True
    remark: tuple[str, str] | None = None


@dataclass(frozen=True)
class Arrow:
    """From box number ``source`` to box number ``target``, as the ``slot``-th of ``slots`` arguments.

    ``partial`` is the local derivative; ``flow`` is what flows back along the arrow, adjoint times local derivative;
    ``paths`` are the numbers of the paths along it.
    """

    source: int
    target: int
    slot: int = 0
    slots: int = 1
    partial: float | None = None
    flow: float | None = None
    paths: tuple[int, ...] = ()


@dataclass
class Diagram:
    """The boxes and arrows of one picture.

    Attributes:
        depth, deepest: how many levels of modules are open, and how many there are.
    """

    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    depth: int = 1
    deepest: int = 1


def diagram(
    ends: Value | Sequence[Value],
    depth: int | None = None,
    max_nodes: int | None = 150,
    partials: bool = False,
    expanded: Collection[Path] = (),
    gradients: Mapping[Value, float] | None = None,
    flow: bool = False,
    fold: bool = False,
    paths: Sequence[Sequence[Value]] = (),
    remarks: Mapping[Value, tuple[str, str]] | None = None,
) -> Diagram:
    """The boxes and arrows that show the graph below one Value or several.

    Arguments:
        ends: the results.
        depth: how many levels of modules to open: 1 shows each outermost module as one box.  None opens all, or as
            many as fit into ``max_nodes``.
        max_nodes: the maximum number of boxes; those farthest from the results are left out and counted.  None for no
            limit.
        partials: whether arrows carry the local derivative.
        expanded: modules to open in addition to those of the first ``depth`` levels, as paths of names.
        gradients: the gradients of the nodes; None for those of the last backward pass.
        flow: whether arrows carry what flows back along them.
        fold: whether a sum of products is one box.
        paths: nodes, each of which is an argument of the one before it; the arrows along them carry their numbers.
        remarks: for some nodes a further line of text, and its style.

    Raises:
        TypeError: ends are not Values.
        ValueError: depth or max_nodes is less than 1, or there are no ends.
    """
    ends = _as_values(ends)
    for name, limit in (("depth", depth), ("max_nodes", max_nodes)):
        if limit is not None:
            integer(name, limit)
    order = topological_order(*ends)
    scopes = {node: tuple(node.scope.split("/")) if node.scope else () for node in order}
    deepest = max(map(len, scopes.values()))
    if depth is None:
        levels = [deepest + 1, *range(deepest, 0, -1)]
        depth = next((level for level in levels if _fits(scopes.values(), level, max_nodes)), 1)
    module = {
        node: closed for node, path in scopes.items() if path and (closed := closed_module(path, depth, expanded))
    }
    shown = _nearest(order, ends, module, max_nodes)
    found = Diagram(depth=depth, deepest=deepest + 1)
    sums, inside = folded(order, {*ends, *module}) if fold else ({}, set())
    shown = {key: None for key in shown if key not in inside}
    drawn = [node for node in order if node not in inside]
    index = _add_boxes(found, drawn, shown, scopes, module, sums)
    adjoint = adjoints(order, dict.fromkeys(ends, 1.0)) if flow else {}
    edges = _Edges(sums, partials, adjoint)
    if paths and not set(order).issuperset(node for path in paths for node in path):
        raise ValueError("a path has nodes of another graph: explain the Value that is drawn, and not one built anew")
    along = _along([[node for node in path if node not in inside] for path in paths], edges)
    read = _add_arrows(found, drawn, index, module, edges, along)
    for node in [*read, *(end for end in ends if end in module and module[end] in shown)]:
        _add_result(found.boxes[index[module[node]]], node)
    if gradients is not None:
        for box in found.boxes:
            if box.node is not None:
                box.grad = gradients[box.node]
    for box in found.boxes:
        if remarks and box.node is not None:
            box.remark = remarks.get(box.node)
    return found


def _as_values(ends: Value | Sequence[Value]) -> list[Value]:
    values = [ends] if isinstance(ends, Value) else list(ends) if isinstance(ends, Iterable) else []
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"a picture shows a Value or a list of Values, not {describe(value)}")
    if not values:
        hint = "; draw its result, e.g. draw(model(x))" if callable(ends) else ""
        raise TypeError(f"a picture shows a Value or a non-empty list of Values, not {describe(ends)}{hint}")
    return values


def closed_module(path: Path, depth: int, expanded: Collection[Path]) -> Path:
    """The outermost closed module on a path; empty if all are open."""
    levels = range(depth, len(path) + 1)
    return next((path[:level] for level in levels if path[:level] not in expanded), ())


def _fits(paths: Collection[Path], depth: int, max_nodes: int | None) -> bool:
    modules = {path[:depth] for path in paths if len(path) >= depth}
    return max_nodes is None or len(modules) + sum(len(path) < depth for path in paths) <= max_nodes


Key = Value | Path  # represented by one box: a node, or the path of a closed module


def _nearest(
    order: list[Value], ends: list[Value], module: dict[Value, Path], max_nodes: int | None
) -> dict[Key, None]:
    """The boxes to show, breadth first from the ends."""
    members: dict[Key, list[Value]] = {}
    for node in order:
        members.setdefault(module.get(node, node), []).append(node)
    limit = len(members) if max_nodes is None else max_nodes
    shown: dict[Key, None] = dict.fromkeys(list(dict.fromkeys(module.get(end, end) for end in ends))[:limit])
    queue = list(shown)
    for key in queue:
        for node in members[key]:
            for x in node.args:
                if isinstance(x, Value):
                    below = module.get(x, x)
                    if below not in shown:
                        if len(shown) >= limit:
                            return shown
                        shown[below] = None
                        queue.append(below)
    return shown


def _add_boxes(
    found: Diagram,
    order: list[Value],
    shown: dict[Key, None],
    scopes: dict[Value, Path],
    module: dict[Value, Path],
    sums: Collection[Value],
) -> dict[Key, int]:
    """Add a box for each key that is shown, and first, if needed, one for all others; return the number of each box."""
    hidden = sum(module.get(node, node) not in shown for node in order)
    if hidden:
        found.boxes.append(Box("more", f"{hidden:,} more", count=hidden))
    index: dict[Key, int] = {}
    names = Names(order)
    for node in order:
        key = module.get(node, node)
        if key not in shown:
            index[key] = 0
        elif key in index:
            found.boxes[index[key]].count += 1
        else:
            index[key] = len(found.boxes)
            box = _module_box(key) if isinstance(key, tuple) else _node_box(node, names, scopes[node])
            box.operation = "Σ" if node in sums and key is node else box.operation
            found.boxes.append(box)
    return index


def _node_box(node: Value, names: Names, path: Path) -> Box:
    operation = in_picture(node.op, [None if isinstance(x, Value) else x for x in node.args]) if node.op else ""
    return Box("node", names[node], operation, node.data, node._grad, path, node=node, labelled=bool(node.label))


def _module_box(path: Path) -> Box:
    return Box("module", path[-1], group=path[:-1])


@dataclass
class _Edges:
    """What is said at the arrows.

    Attributes:
        sums: the operands of sums that are drawn as one box, with the slopes.
        partials: whether arrows carry the local derivative.
        adjoint: the adjoint of each node, if arrows carry what flows back along them.
    """

    sums: Mapping[Value, list[Operand]]
    partials: bool
    adjoint: Mapping[Value, float]

    def into(self, node: Value) -> list[tuple[Value, float | None]]:
        """What a box reads, each with the local derivative, or nan where one does not exist."""
        if node in self.sums:
            return list(self.sums[node])
        if not (self.partials or self.adjoint) or node.op is None:
            return [(x, None) for x in node.args if isinstance(x, Value)]
        try:
            return list(edges(node))
        except (ArithmeticError, ValueError):
            return [(x, math.nan) for x in node.args if isinstance(x, Value)]


def _along(paths: Sequence[Sequence[Value]], edges: _Edges) -> dict[tuple[Value, int], list[int]]:
    """The numbers of the paths through each argument of each node.

    Raises:
        ValueError: a node is not an argument of the one before it.
    """
    along: dict[tuple[Value, int], list[int]] = {}
    alike: dict[tuple[Value, ...], int] = {}  # how many paths had the same nodes: x * x has two to x
    for number, path in enumerate(paths):
        ways = [[(z, i) for i, (x, _) in enumerate(edges.into(z)) if x is below] for z, below in pairwise(path)]
        if not all(ways):
            raise ValueError(f"path {number} is not a path: each of its nodes must be an argument of the one before it")
        turn = alike.get(tuple(path), 0)
        alike[tuple(path)] = turn + 1
        for edge in next(islice(cycle(product(*ways)), turn, None)):
            along.setdefault(edge, []).append(number)
    return along


def _add_arrows(
    found: Diagram,
    order: list[Value],
    index: dict[Key, int],
    module: dict[Value, Path],
    edges: _Edges,
    along: Mapping[tuple[Value, int], list[int]],
) -> dict[Value, None]:
    """Add an arrow for each argument that is a node; return nodes of closed modules that others read."""
    arrows: dict[Arrow, float | None] = {}
    paths: dict[Arrow, dict[int, None]] = {}
    read: dict[Value, None] = {}
    hidden = 0 if found.boxes[0].kind == "more" else -1
    for node in order:
        key = module.get(node, node)
        target = index[key]
        if target == hidden:
            continue
        operands = edges.into(node)
        for slot, (x, partial) in enumerate(operands):
            source = index[module.get(x, x)]
            if source == target:
                continue
            if x in module and source != hidden:
                read[x] = None
            label = partial if edges.partials else None
            arrow = Arrow(source, target, slot, len(operands), label) if key is node else Arrow(source, target)
            flow = None if partial is None or not edges.adjoint else partial * edges.adjoint[node]
            arrows[arrow] = flow if flow is None else (arrows.get(arrow) or 0.0) + flow
            paths.setdefault(arrow, {}).update(dict.fromkeys(along.get((node, slot), ())))
    found.arrows = [replace(arrow, flow=flow, paths=tuple(paths[arrow])) for arrow, flow in arrows.items()]
    return read


def _add_result(box: Box, node: Value) -> None:
    """Show the number of a module that has a single result."""
    if box.node is None:
        box.node, box.value, box.grad = node, node.data, node._grad
    elif box.node is not node:
        box.value = None
