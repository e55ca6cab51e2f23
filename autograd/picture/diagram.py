"""The content of a picture of a graph: boxes and arrows.  A *closed* module is one box, to save space."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from autograd.engine.checks import describe, integer
from autograd.engine.graph import local_partials, topological_order
from autograd.engine.notation import Names, in_picture
from autograd.engine.value import Value

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


@dataclass(frozen=True)
class Arrow:
    """From box number ``source`` to box number ``target``, as the ``slot``-th of ``slots`` arguments."""

    source: int
    target: int
    slot: int = 0
    slots: int = 1
    partial: float | None = None


@dataclass
class Diagram:
    """The boxes and arrows of one picture."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)


def diagram(
    ends: Value | Sequence[Value],
    depth: int | None = None,
    max_nodes: int | None = 150,
    partials: bool = False,
    expanded: Collection[Path] = (),
    gradients: Mapping[Value, float] | None = None,
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
        names: the names of the nodes; None for their labels.
        gradients: the gradients of the nodes; None for those of the last backward pass.

    Raises:
        TypeError: ends are not Values.
        ValueError: depth or max_nodes is less than 1, or there are no ends.
    """
    ends = _as_values(ends)
    for name, limit in (("depth", depth), ("max_nodes", max_nodes)):
        if limit is not None:
            integer(name, limit)
    order = topological_order(*ends)
    paths = {node: tuple(node.scope.split("/")) if node.scope else () for node in order}
    deepest = max(map(len, paths.values()))
    if depth is None:
        levels = [deepest + 1, *range(deepest, 0, -1)]
        depth = next((level for level in levels if _fits(paths.values(), level, max_nodes)), 1)
    module = {node: closed for node, path in paths.items() if (closed := closed_module(path, depth, expanded))}
    shown = _nearest(order, ends, module, max_nodes)
    found = Diagram()
    index = _add_boxes(found, order, shown, paths, module)
    read = _add_arrows(found, order, index, module, partials)
    for node in [*read, *(end for end in ends if end in module and module[end] in shown)]:
        _add_result(found.boxes[index[module[node]]], node)
    if gradients is not None:
        for box in found.boxes:
            if box.node is not None:
                box.grad = gradients[box.node]
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


def _fits(paths: Iterable[Path], depth: int, max_nodes: int | None) -> bool:
    modules: set[Path] = set()
    nodes = 0
    for path in paths:
        if len(path) >= depth:
            modules.add(path[:depth])
        else:
            nodes += 1
    return max_nodes is None or nodes + len(modules) <= max_nodes


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
    paths: dict[Value, Path],
    module: dict[Value, Path],
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
            found.boxes.append(_module_box(key) if isinstance(key, tuple) else _node_box(node, names, paths[node]))
    return index


def _node_box(node: Value, names: Names, path: Path) -> Box:
    operation = in_picture(node.op, [None if isinstance(x, Value) else x for x in node.args]) if node.op else ""
    return Box("node", names[node], operation, node.data, node._grad, path, node=node, labelled=bool(node.label))


def _module_box(path: Path) -> Box:
    return Box("module", path[-1], group=path[:-1])


def _add_arrows(
    found: Diagram,
    order: list[Value],
    index: dict[Key, int],
    module: dict[Value, Path],
    partials: bool,
) -> dict[Value, None]:
    """Add an arrow for each argument that is a node; return nodes of closed modules that others read."""
    arrows: dict[Arrow, None] = {}
    read: dict[Value, None] = {}
    hidden = 0 if found.boxes[0].kind == "more" else -1
    for node in order:
        key = module.get(node, node)
        target = index[key]
        if target == hidden:
            continue
        slope = _partials(node) if partials and node.op and key is node else [None] * len(node.args)
        operands = [(x, slope[i]) for i, x in enumerate(node.args) if isinstance(x, Value)]
        for slot, (x, partial) in enumerate(operands):
            source = index[module.get(x, x)]
            if source == target:
                continue
            if x in module and source != hidden:
                read[x] = None
            arrow = Arrow(source, target, slot, len(operands), partial) if key is node else Arrow(source, target)
            arrows[arrow] = None
    found.arrows = list(arrows)
    return read


def _partials(node: Value) -> list[float | None]:
    """The local derivatives; nan for all if one does not exist."""
    try:
        return local_partials(node)
    except (ArithmeticError, ValueError):
        return [math.nan if isinstance(x, Value) else None for x in node.args]


def _add_result(box: Box, node: Value) -> None:
    """Show the number of a module that has a single result."""
    if box.node is None:
        box.node, box.value, box.grad = node, node.data, node._grad
    elif box.node is not node:
        box.value = None
