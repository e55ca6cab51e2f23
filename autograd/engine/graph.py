"""Topological order, and the chain rule in reverse and forward mode.

A node is any object with ``_data`` (its number), ``op`` (None for a leaf) and ``args`` (nodes and floats).  The
functions here only read the graph.  They return a dictionary from nodes to results; the caller decides what to store.

Why the order matters.  In

    a = Value(2.0);  b = a * 3.0;  c = b + a * b;  c.backward()

two paths lead from c to b, one direct and one through ``a * b``.  A pass that visits b before ``a * b``
propagates dc/db when only the direct path, 1.0, has been accumulated, and misses the 2.0 that comes later: it finds
dc/da = 9 instead of 15.  So a node may propagate its adjoint only after all nodes that read it have contributed; the
reverse of a topological order guarantees that.

Where a slope does not exist, the chain rule sums only over the paths that contribute to the derivative; paths.py states
the rule, with an example that goes wrong without it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from autograd.engine.checks import text
from autograd.engine.op import undefined_error
from autograd.engine.paths import (
    at_interior_point,
    by_numbers,
    by_structure,
    choice_conditions,
    nodes_leading_to,
    nodes_reached_from,
    plus,
    scale,
)

Node = Any  # a Value; only the three fields named above are used here


def topological_order(*ends: Node) -> list[Node]:
    """All nodes from which the ends are computed, each once, and after its arguments.

    A depth-first search, arguments from left to right, with an explicit stack instead of recursion, so that a chain
    of a million nodes does not reach Python's recursion limit.  Each node is popped twice.  The first time it is pushed
    back, marked by a None above it, and its arguments are pushed on top; the second time they are all in the order.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack = list(reversed(ends))
    push, pop, emit, visit = stack.append, stack.pop, order.append, seen.add
    while stack:
        node = pop()
        if node is None:
            emit(pop())
        elif node not in seen:
            visit(node)
            push(node)
            push(None)
            for x in reversed(node.args):
                if type(x) is not float and x not in seen:
                    push(x)
    return order


# ----------------------------------------------------------------------------------------------- the slopes of one node


def local_partials(z: Node) -> list[float | None]:
    """The partials dz/dx at the current numbers, one for each argument x; None where x is a plain number."""
    numbers = [x if type(x) is float else x._data for x in z.args]
    return [
        None if type(x) is float else partial(z._data, *numbers) if callable(partial) else partial
        for x, partial in zip(z.args, z.op.partials, strict=True)
    ]


def local_partial(z: Node, i: int) -> float:
    """The partial of z with respect to its argument i, at the current numbers.

    Raises:
        ZeroDivisionError, ValueError, OverflowError: it does not exist; the message names the operation.
    """
    partial = z.op.partials[i]
    try:
        return float(
            partial(z._data, *[x if type(x) is float else x._data for x in z.args]) if callable(partial) else partial
        )
    except (ArithmeticError, ValueError) as error:
        raise no_derivative_error(z, error) from None


def edges(z: Node) -> list[tuple[Node, float]]:
    """The arguments x of z that are nodes, each with the partial dz/dx at the current numbers."""
    if z.op is None:
        return []
    return [(x, dzdx) for x, dzdx in zip(z.args, local_partials(z), strict=True) if dzdx is not None]


# --------------------------------------------------------------------------------------------- reverse mode, on numbers


def adjoints(
    order: list[Node], seeds: Mapping[Node, float], sources: Iterable[Node] | None = None
) -> dict[Node, float]:
    """The adjoint dL/dnode of every node: reverse mode, on numbers.

    dL/dx is the sum over all z that read x of  dL/dz * dz/dx.

    Arguments:
        order: the nodes, arguments first.
        seeds: the adjoints to start from: ``{L: 1.0}`` for L itself.
        sources: the nodes whose adjoints are needed; None for all.  Used only where a slope does not exist: on paths
            to other nodes it does not matter.

    Raises:
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist at a node's values.
    """
    adjoint = dict.fromkeys(order, 0.0)
    adjoint.update(seeds)
    doubtful = []  # nodes whose adjoint is 0: they contribute nothing, if their slopes exist
    try:
        for z in reversed(order):
            dz = adjoint[z]
            if z.op is None:
                continue
            if dz == 0.0:
                if z.op.may_lack_slope:
                    doubtful.append(z)
                continue
            # Written out for two arguments, where backward() spends most of its time; the loop below does the same.
            if len(z.args) == 2:
                x, y = z.args
                dzdx, dzdy = z.op.partials
                a = x if type(x) is float else x._data
                b = y if type(y) is float else y._data
                if type(x) is not float:
                    adjoint[x] += dz * (dzdx if type(dzdx) is float else dzdx(z._data, a, b))
                if type(y) is not float:
                    adjoint[y] += dz * (dzdy if type(dzdy) is float else dzdy(z._data, a, b))
            else:
                for x, dzdx in edges(z):
                    adjoint[x] += dz * dzdx
        for z in doubtful:
            local_partials(z)  # only for its error, if a slope does not exist
    except (ArithmeticError, ValueError):
        # A slope does not exist.  That is rare, so only now find out which paths need it.
        return _adjoints_of_contributing_paths(order, seeds, order if sources is None else sources)
    return adjoint


def _adjoints_of_contributing_paths(
    order: list[Node], seeds: Mapping[Node, float], sources: Iterable[Node]
) -> dict[Node, float]:
    """The same sum where some slope does not exist: only over the paths that contribute to the derivative."""
    adjoint = {**dict.fromkeys(order, 0.0), **seeds}
    above, below = nodes_leading_to(order, seeds, by_numbers), nodes_reached_from(order, sources, by_numbers)
    for z in reversed(order):
        if z.op is not None and z in above:
            for i, x in enumerate(z.args):
                if x in below and by_numbers(z, i):
                    adjoint[x] += adjoint[z] * local_partial(z, i)
    return adjoint


def contributing_edges(order: list[Node], ends: Iterable[Node]) -> Callable[[Node], list[tuple[Node, float]]]:
    """``edges`` for missing slopes: if a partial of z does not exist, only edges that contribute to the derivative."""
    above: dict[Node, Any] = {}  # the nodes that lead to the ends, found when they are first needed

    def found(z: Node) -> list[tuple[Node, float]]:
        try:
            return edges(z)
        except (ArithmeticError, ValueError):
            if not above:
                above.update(nodes_leading_to(order, ends, by_numbers))
            indices = [i for i, x in enumerate(z.args) if type(x) is not float and z in above and by_numbers(z, i)]
            return [(z.args[i], local_partial(z, i)) for i in indices]

    return found


# --------------------------------------------------------------------------------------------- reverse mode, as a graph


def adjoint_graph(order: list[Node], seeds: Mapping[Node, Any], sources: Iterable[Node]) -> dict[Node, Any]:
    """The same sum with nodes in place of numbers, so that each adjoint is a graph and can be differentiated again.

    Only nodes between the seeds and the sources are visited.  A constant adjoint is a float; a node that no path
    reaches has no entry.
    """
    sources = list(sources)
    try:
        return _adjoint_graph(order, seeds, sources, dependents(order, sources))
    except (ArithmeticError, ValueError):
        # Perhaps the missing slope is only on paths with a constant factor 0: try again without these paths.
        return _adjoint_graph(order, seeds, sources, nodes_reached_from(order, sources, by_structure))


def _adjoint_graph(
    order: list[Node], seeds: Mapping[Node, Any], sources: list[Node], between: Container[Node]
) -> dict[Node, Any]:
    """The adjoints of the nodes in ``between``, as nodes."""
    choices = choice_conditions(order, sources, seeds)
    adjoint = {node: seed for node, seed in seeds.items() if node in between}
    z = None  # named in the error below
    try:
        for z in reversed(order):
            if z.op is None or z not in adjoint:
                continue
            here, args = z, z.args
            if choices and z in choices:
                here, args = at_interior_point(z, choices[z])
            for x, partial in zip(z.args, z.op.partials, strict=True):
                if x in between:
                    dzdx = partial(here, *args) if callable(partial) else partial
                    if type(dzdx) is not float or dzdx != 0.0:
                        term = scale(adjoint[z], dzdx)
                        adjoint[x] = plus(adjoint[x], term) if x in adjoint else term
    except (ArithmeticError, ValueError) as error:
        raise no_derivative_error(z, error) from None
    return adjoint


def dependents(order: list[Node], sources: Iterable[Node]) -> set[Node]:
    """The nodes that depend on a source, and the sources themselves."""
    found = set(sources)
    for z in order:
        if not found.isdisjoint(z.args):
            found.add(z)
    return found


# --------------------------------------------------------------------------------------------------------- forward mode


def tangents(order: list[Node], seeds: Mapping[Node, Any], ends: Iterable[Node], graph: bool) -> dict[Node, Any]:
    """The tangent dnode/dt of every node that depends on the seeds: forward mode.

    dz/dt is the sum over the arguments x of z of  dz/dx * dx/dt.

    Arguments:
        order: the nodes, arguments first.
        seeds: the tangents to start from: ``{x: 1.0}`` for the derivative with respect to x.
        ends: the nodes whose tangents are needed.
        graph: return nodes, which can be differentiated again, instead of numbers.

    Raises:
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist at a node's values.
    """
    ends, part = list(ends), by_structure if graph else by_numbers
    leads = nodes_leading_to(order, ends, part)
    choices = choice_conditions(order, seeds, ends) if graph else {}
    tangent = dict(seeds)
    z = None
    try:
        for z in order:
            if z.op is None or z in tangent or z not in leads or tangent.keys().isdisjoint(z.args):
                continue
            if graph:
                here, args = at_interior_point(z, choices[z]) if z in choices else (z, z.args)
            else:
                here, args = z._data, [x if type(x) is float else x._data for x in z.args]
            for i, (x, partial) in enumerate(zip(z.args, z.op.partials, strict=True)):
                if x in tangent and part(z, i):
                    term = scale(tangent[x], partial(here, *args) if callable(partial) else partial)
                    tangent[z] = plus(tangent[z], term) if z in tangent else term
    except (ArithmeticError, ValueError) as error:
        raise no_derivative_error(z, error) from None
    return tangent


# -------------------------------------------------------------------------------------- the same graph at other numbers


def evaluate(order: list[Node], changed: Mapping[Node, float]) -> dict[Node, float]:
    """The number at every node when the nodes in ``changed``, leaves or not, are set to other numbers.

    Raises:
        ZeroDivisionError, ValueError, OverflowError: an operation is undefined for the new numbers.
    """
    number: dict[Node, float] = {}
    z, numbers = None, []
    try:
        for z in order:
            if z in changed:
                number[z] = changed[z]
            elif z.op is None:
                number[z] = z._data
            else:
                numbers = [x if type(x) is float else number[x] for x in z.args]
                number[z] = z.op.value(*numbers)
    except (ArithmeticError, ValueError) as error:
        labels = [getattr(x, "label", "") for x in z.args] if z is not None else []
        name = z.op.name if z is not None else ""
        raise undefined_error(f"{name}({', '.join(map(str, numbers))})", error, labels) from None
    return number


def no_derivative_error(z: Node, error: Exception) -> Exception:
    """The error for a derivative that does not exist, with the operation, its numbers and the labels."""
    numbers = ", ".join(text(x if type(x) is float else x._data) for x in z.args)
    labels = [getattr(x, "label", "") for x in (*z.args, z)]
    return undefined_error(f"the derivative of {z.op.name}({numbers})", error, labels)
