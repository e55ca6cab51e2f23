"""Which paths of a graph contribute to a derivative, where some slopes do not exist.

The chain rule is a sum over paths, and each term is the product of the slopes along a path.  A slope that does not
exist cannot be ignored because another factor is 0.  In

    x = Value(0.0);  y = cbrt(x) ** 3;  y.backward()

the outer slope is 3 * 0**2 = 0 and the inner slope is infinite.  Skipping the path would give dy/dx = 0, but y is x and
its slope is 1.  So this is an error.  ``relu(sqrt(x) - 1.0)`` at 0 is different: relu does not select its argument
there, so the argument's slope does not matter, and the derivative is 0.  The rule is the same in forward and reverse
mode, on numbers and on graphs:

- A path does not contribute to the derivative if an argument on it is not selected by its operation (``taken`` in
  rules.py), or if a slope on it is the constant 0, such as that of ``x * 0.0``.
- On every other path every slope must exist, even if another factor happens to be 0.  Otherwise an error is raised.

An edge of the graph is an operation z and the index i of an argument.  Whether an edge contributes (in names below: has
a part) is decided by one of four functions:

    function         contributes ...                      result      used for
    by_numbers       at the current numbers               0 or 1      backward(), jvp
    by_structure     for at least some numbers            0 or 1      grad of grad
    without_choice   for all numbers                      0 or 1      finding the nodes that need no condition
    as_graph         at the numbers of a later replay     a node      the condition for the other nodes

A condition is a node that is 1 where an operation contributes, else 0; ``at_interior_point`` says what it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd.engine.rules import maximum, where

Node = Any  # as in graph.py
Part = Callable[[Node, int], Any]  # from an edge to whether it contributes


# ---------------------------------------------------------------------------------------------------------- one edge


def by_structure(z: Node, i: int) -> float:
    """0 if the partial of z with respect to argument i is 0 whatever the numbers, as for x * 0.0; else 1."""
    partial = z.op.partials[i]
    if callable(partial):
        if float not in map(type, z.args):  # without a constant argument, no partial is constantly 0
            return 1.0
        try:
            partial = partial(z, *z.args)  # of nodes: only a constant comes out as a float
        except (ArithmeticError, ValueError):  # it does not exist at the current numbers
            return 1.0
    return 0.0 if constantly_zero(partial) else 1.0


def by_numbers(z: Node, i: int) -> float:
    """The same, and also 0 if the argument is not selected at the current numbers."""
    if z.op.taken is None:
        return by_structure(z, i)
    taken: float = _taken(z, i, z._data, [x if type(x) is float else x._data for x in z.args])
    return taken and by_structure(z, i)


def as_graph(z: Node, i: int) -> Any:
    """The same as a node, which a replay computes for other numbers; a float where it does not depend on them."""
    return scale(by_structure(z, i), 1.0 if z.op.taken is None else _taken(z, i, z, z.args))


def without_choice(z: Node, i: int) -> float:
    """1 if the edge contributes whatever the numbers."""
    return by_structure(z, i) if z.op.taken is None else 0.0


def _taken(z: Node, i: int, here: Any, args: Iterable[Any]) -> Any:
    taken = z.op.taken[i]
    return taken(here, *args) if callable(taken) else taken


# --------------------------------------------------------------------------------------------------------- all paths


def nodes_leading_to(order: list[Node], ends: Iterable[Node], part: Part) -> dict[Node, Any]:
    """The nodes from which a path leads to an end, each with whether one of these paths contributes.

    Nodes from which no path can contribute are left out, so with ``by_numbers`` all values are 1.
    """
    found: dict[Node, Any] = dict.fromkeys(ends, 1.0)
    for z in reversed(order):
        if z.op is not None and z in found:
            for i, x in enumerate(z.args):
                if type(x) is not float:
                    _add(found, x, scale(found[z], part(z, i)))
    return found


def nodes_reached_from(order: list[Node], sources: Iterable[Node], part: Part) -> dict[Node, Any]:
    """The nodes to which a path leads from a source, each with whether one of these paths contributes; as above."""
    sources = dict.fromkeys(sources, 1.0)
    found: dict[Node, Any] = dict(sources)
    for z in order:
        if z.op is not None and z not in sources:
            for i, x in enumerate(z.args):
                if x in found:
                    _add(found, z, scale(found[x], part(z, i)))
    return found


def _add(found: dict[Node, Any], node: Node, by_edge: Any) -> None:
    """Record one more path at a node, where ``by_edge`` is whether it contributes; one that does is enough."""
    if constantly_zero(by_edge):
        return
    if type(by_edge) is float or type(found.get(node)) is float:
        found[node] = 1.0
    else:
        found[node] = maximum(found[node], by_edge) if node in found else by_edge


def choice_conditions(order: list[Node], sources: Iterable[Node], ends: Iterable[Node]) -> dict[Node, Node]:
    """The nodes that may lack a slope and contribute only for some numbers, each with a node that is 1 for these."""
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
    above, below = nodes_leading_to(order, ends, as_graph), nodes_reached_from(order, sources, as_graph)
    found = {z: scale(above[z], below[z]) for z in doubtful if z in above and z in below}
    return {z: has_part for z, has_part in found.items() if type(has_part) is not float}


def at_interior_point(z: Node, has_part: Node) -> tuple[Node, tuple[Node | float, ...]]:
    """z and its arguments where z contributes, and elsewhere the same operation at its interior point.

    A graph computes every slope, even on paths that do not contribute.  In ``where(c, x, sqrt(x))`` the slope of sqrt
    would be an error at x = 0 even if c selects x.  So the slope of ``sqrt(where(has_part, x, 1.0))`` is used: where z
    does not contribute, that is some number, which the chain rule multiplies by 0.
    """
    args = tuple(where(has_part, x, point) for x, point in zip(z.args, z.op.interior(*z.args), strict=True))
    return z.op(*args), args


# ------------------------------------------------------------------------------- arithmetic without needless nodes


def constantly_zero(x: Any) -> bool:
    """Whether x is the constant 0, not a node that happens to be 0."""
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
