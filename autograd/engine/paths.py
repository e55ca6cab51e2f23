"""Which paths of a graph have a part in a derivative.

Why a zero may not be skipped.  In

    x = Value(0.0);  y = cbrt(x) ** 3;  y.backward()

the outer slope is 3 * 0**2 = 0 and the inner one is infinite.  Their product is not 0: y is x, and its slope is 1.  So
there is one rule, in reverse and in forward mode, on numbers and on graphs: a path has no part in a derivative if an
argument on it is not *taken*, as what ``where`` or ``relu`` passes over, or if a slope on it is the constant 0; on all
other paths every slope must exist, also under a factor that happens to be 0, or the derivative is an error.

An edge of the graph is an operation z and the number i of an argument.  Whether it has a part is a number, 0 or 1, or,
for graphs that are computed again for other numbers, a node that is 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd.engine.rules import maximum, where

Node = Any  # as in graph.py
Part = Callable[[Node, int], Any]  # from an edge to whether it has a part


# ---------------------------------------------------------------------------------------------------------- one edge


def by_structure(z: Node, i: int) -> float:
    """0 if the partial of z by argument i is 0 for all numbers that the nodes may hold, as for x * 0.0; else 1."""
    partial = z.op.partials[i]
    if callable(partial):
        if float not in map(type, z.args):
            return 1.0
        try:
            partial = partial(z, *z.args)
        except (ArithmeticError, ValueError):  # it does not exist for the numbers that they hold now
            return 1.0
    return 0.0 if constantly_zero(partial) else 1.0


def by_numbers(z: Node, i: int) -> float:
    """The same, and 0 if the argument is not taken at the numbers that the nodes hold."""
    if z.op.taken is None:
        return by_structure(z, i)
    taken: float = _taken(z, i, z._data, [x if type(x) is float else x._data for x in z.args])
    return taken and by_structure(z, i)


def as_graph(z: Node, i: int) -> Any:
    """The same, as a node where it depends on the numbers."""
    return scale(by_structure(z, i), 1.0 if z.op.taken is None else _taken(z, i, z, z.args))


def without_choice(z: Node, i: int) -> float:
    """1 if the edge has a part whatever numbers the nodes hold."""
    return by_structure(z, i) if z.op.taken is None else 0.0


def _taken(z: Node, i: int, here: Any, args: Iterable[Any]) -> Any:
    taken = z.op.taken[i]
    return taken(here, *args) if callable(taken) else taken


# --------------------------------------------------------------------------------------------------------- all paths


def nodes_leading_to(order: list[Node], ends: Iterable[Node], part: Part) -> dict[Node, Any]:
    """The nodes from which a path leads to an end, and whether it has a part; those of which none has are left out."""
    found: dict[Node, Any] = dict.fromkeys(ends, 1.0)
    for z in reversed(order):
        if z.op is not None and z in found:
            for i, x in enumerate(z.args):
                if type(x) is not float:
                    _add(found, x, scale(found[z], part(z, i)))
    return found


def nodes_reached_from(order: list[Node], sources: Iterable[Node], part: Part) -> dict[Node, Any]:
    """The nodes to which a path leads from a source, likewise."""
    sources = dict.fromkeys(sources, 1.0)
    found: dict[Node, Any] = dict(sources)
    for z in order:
        if z.op is not None and z not in sources:
            for i, x in enumerate(z.args):
                if x in found:
                    _add(found, z, scale(found[x], part(z, i)))
    return found


def _add(found: dict[Node, Any], node: Node, by_edge: Any) -> None:
    """Note one more way to a node: it has a part if one of them has."""
    if constantly_zero(by_edge):
        return
    if type(by_edge) is float or type(found.get(node)) is float:
        found[node] = 1.0
    else:
        found[node] = maximum(found[node], by_edge) if node in found else by_edge


def choice_conditions(order: list[Node], sources: Iterable[Node], ends: Iterable[Node]) -> dict[Node, Node]:
    """For each node that may lack a slope, and has a part for some numbers only, a node that says for which."""
    ops = {z.op for z in order} - {None}
    if not any(op.interior for op in ops) or not any(op.taken for op in ops):
        return {}
    sources, ends = list(sources), list(ends)
    above, below = nodes_leading_to(order, ends, without_choice), nodes_reached_from(order, sources, without_choice)
    doubtful = [
        z for z in order if z.op and z.op.interior and not (z in above and z in below) and z.op.interior(*z.args)
    ]
    if not doubtful:
        return {}
    leads, moves = nodes_leading_to(order, ends, as_graph), nodes_reached_from(order, sources, as_graph)
    found = {z: scale(leads[z], moves[z]) for z in doubtful if z in leads and z in moves}
    return {z: has_part for z, has_part in found.items() if type(has_part) is not float}


def at_interior_point(z: Node, has_part: Node) -> tuple[Node, tuple[Node | float, ...]]:
    """z and its arguments where z has a part, and elsewhere the same operation at its interior point.

    There its slopes are numbers; what they are multiplied by, or their product, is multiplied by 0 on the way.
    """
    args = tuple(where(has_part, x, point) for x, point in zip(z.args, z.op.interior(*z.args), strict=True))
    return z.op(*args), args


# ------------------------------------------------------------------------------- arithmetic without needless nodes


def constantly_zero(x: Any) -> bool:
    """Whether x is the number 0, and not a node that holds it at the moment."""
    return type(x) is float and x == 0.0


def scale(a: Any, b: Any) -> Any:
    """a * b, without a node for it where a factor is the number 0, 1 or -1."""
    if type(a) is float or type(b) is float:
        for x, y in ((a, b), (b, a)):
            if type(x) is float:
                if x == 0.0:
                    return 0.0
                if x == 1.0:
                    return y
                if x == -1.0:
                    return -y
    return a * b


def plus(a: Any, b: Any) -> Any:
    """a + b, without a node for it where a term is the number 0."""
    if type(a) is float or type(b) is float:
        return b if constantly_zero(a) else a if constantly_zero(b) else a + b
    return a + b
