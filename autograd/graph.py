"""The order of a graph, and the chain rule over it.

A node is anything with ``data``, ``op`` and ``args``: ``op`` is None for a leaf, and an argument is a node or a float.
The functions here only read the graph.  What they find they return in a dictionary from nodes to results; to store it
is the caller's business.

Why the order matters.  In

    a = Value(2.0);  b = a * 3.0;  c = b + a * b;  c.backward()

two paths lead from c to b, one direct and one through ``a * b``.  A pass that visits b before ``a * b`` hands on dc/db
when only the direct path, 1.0, has paid in, and misses the 2.0 that comes later: it finds dc/da = 9 instead of 15.  So
a node may hand on its adjoint only after all nodes that read it have paid in; that is what the reverse of a topological
order promises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograd.rules import undefined

Node = Any  # a Value; this file needs no more of it than the three fields named above


def topological_order(*ends: Node) -> list[Node]:
    """All nodes that the ends are made of, each once, every node after its arguments.

    Depth-first search, arguments from left to right, with a stack of its own instead of recursion, so that a chain of
    a million nodes is no deeper than one of three.  A node is met on the stack twice: first to push its arguments on
    top of it, then, marked by a None above it, when they are all in the order.
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


def local_partials(z: Node) -> list[float | None]:
    """The partials dz/dx at z's numbers, one for each argument x; None for an argument that is a plain number."""
    numbers = [x if type(x) is float else x.data for x in z.args]
    return [
        None if type(x) is float else partial(z.data, *numbers) if callable(partial) else partial
        for x, partial in zip(z.args, z.op.partials, strict=True)
    ]


def adjoints(order: list[Node], seeds: Mapping[Node, float]) -> dict[Node, float]:
    """The adjoint dL/dnode of every node: reverse mode, on numbers.

    dL/dx is the sum over all z that read x of  dL/dz * dz/dx.

    Arguments:
        order: the nodes, arguments first.
        seeds: where L is read, and with which weight: ``{L: 1.0}`` for L itself.

    Raises:
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist at a node's values.
    """
    adjoint = dict.fromkeys(order, 0.0)
    adjoint.update(seeds)
    z = None  # named in the error below
    try:
        for z in reversed(order):
            dz = adjoint[z]
            if z.op is None or dz == 0.0:  # a zero hands on nothing, not even where a slope does not exist
                continue
            # The same sum twice: written out for two arguments, because most of the time of backward() passes there.
            if len(z.args) == 2:
                x, y = z.args
                dzdx, dzdy = z.op.partials
                a = x if type(x) is float else x.data
                b = y if type(y) is float else y.data
                if type(x) is not float:
                    adjoint[x] += dz * (dzdx if type(dzdx) is float else dzdx(z.data, a, b))
                if type(y) is not float:
                    adjoint[y] += dz * (dzdy if type(dzdy) is float else dzdy(z.data, a, b))
            else:
                for x, dzdx in zip(z.args, local_partials(z), strict=True):
                    if dzdx is not None:
                        adjoint[x] += dz * dzdx
    except (ArithmeticError, ValueError) as error:
        raise no_derivative(z, error) from None
    return adjoint


def adjoint_graph(order: list[Node], seeds: Mapping[Node, Any], sources: Iterable[Node]) -> dict[Node, Any]:
    """The same sum with nodes in place of numbers, so that each adjoint is a graph and can be differentiated again.

    Only what lies between the seeds and the sources is visited.  An adjoint is a float where it is constant, and
    missing where it is zero because no path leads there.
    """
    between = set(sources)
    for z in order:
        if not between.isdisjoint(z.args):
            between.add(z)
    adjoint = {node: seed for node, seed in seeds.items() if node in between}
    z = None
    try:
        for z in reversed(order):
            if z.op is None or z not in adjoint:
                continue
            for x, partial in zip(z.args, z.op.partials, strict=True):
                if x in between:
                    dzdx = partial(z, *z.args) if callable(partial) else partial
                    term = times(adjoint[z], dzdx)
                    if type(term) is not float or term != 0.0:
                        adjoint[x] = adjoint[x] + term if x in adjoint else term
    except (ArithmeticError, ValueError) as error:
        raise no_derivative(z, error) from None
    return adjoint


def tangents(order: list[Node], seeds: Mapping[Node, Any], graph: bool = False) -> dict[Node, Any]:
    """The tangent dnode/dt of every node that moves with the seeds: forward mode.

    dz/dt is the sum over the arguments x of z of  dz/dx * dx/dt.

    Arguments:
        order: the nodes, arguments first.
        seeds: how fast the nodes named here move: ``{x: 1.0}`` for the derivative with respect to x.
        graph: give nodes, which can be differentiated again, instead of numbers.
    """
    tangent = dict(seeds)
    z = None
    try:
        for z in order:
            if z.op is None or z in tangent:
                continue
            here = z.args if graph else [x if type(x) is float else x.data for x in z.args]
            for x, partial in zip(z.args, z.op.partials, strict=True):
                if x in tangent:
                    dzdx = partial(z if graph else z.data, *here) if callable(partial) else partial
                    term = times(tangent[x], dzdx)
                    tangent[z] = tangent[z] + term if z in tangent else term
    except (ArithmeticError, ValueError) as error:
        raise no_derivative(z, error) from None
    return tangent


def replay(order: list[Node], changed: Mapping[Node, float]) -> dict[Node, float]:
    """The number at every node when those named in ``changed``, leaves or not, are given other numbers.

    Raises:
        ZeroDivisionError, ValueError, OverflowError: an operation is not defined for them.
    """
    number: dict[Node, float] = {}
    z, numbers = None, []
    try:
        for z in order:
            if z in changed:
                number[z] = changed[z]
            elif z.op is None:
                number[z] = z.data
            else:
                numbers = [x if type(x) is float else number[x] for x in z.args]
                number[z] = z.op.value(*numbers)
    except (ArithmeticError, ValueError) as error:
        labels = [getattr(x, "label", "") for x in z.args] if z is not None else []
        name = z.op.name if z is not None else ""
        raise undefined(f"{name}({', '.join(map(str, numbers))})", error, labels) from None
    return number


def times(a: Any, b: Any) -> Any:
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


def no_derivative(z: Node, error: Exception) -> Exception:
    """The error for a derivative that does not exist, with the operation, its numbers and the labels."""
    numbers = ", ".join(str(x if type(x) is float else x.data) for x in z.args)
    labels = [getattr(x, "label", "") for x in (*z.args, z)]
    return undefined(f"the derivative of {z.op.name}({numbers})", error, labels)
