"""The order of a graph, and the chain rule over it.

A node is anything with ``_data``, its number, ``op`` and ``args``: ``op`` is None for a leaf, and an argument is a node
or a float.  The functions here only read the graph.  What they find they return in a dictionary from nodes to results;
to store it is the caller's business.

Why the order matters.  In

    a = Value(2.0);  b = a * 3.0;  c = b + a * b;  c.backward()

two paths lead from c to b, one direct and one through ``a * b``.  A pass that visits b before ``a * b`` hands on dc/db
when only the direct path, 1.0, has paid in, and misses the 2.0 that comes later: it finds dc/da = 9 instead of 15.  So
a node may hand on its adjoint only after all nodes that read it have paid in; that is what the reverse of a topological
order promises.

Why a zero may not be skipped.  In

    x = Value(0.0);  y = cbrt(x) ** 3;  y.backward()

the outer slope is 3 * 0**2 = 0 and the inner one is infinite.  Their product is not 0: y is x, and its slope is 1.  So
there is one rule, in reverse and in forward mode, on numbers and on graphs: a path has no part in a derivative if an
argument on it is not *taken*, as what ``where`` or ``relu`` passes over, or if a slope on it is the constant 0; on all
other paths every slope must exist, also under a factor that happens to be 0, or the derivative is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd.modes import as_expression
from autograd.rules import maximum, text, undefined, where

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
    numbers = [x if type(x) is float else x._data for x in z.args]
    return [
        None if type(x) is float else partial(z._data, *numbers) if callable(partial) else partial
        for x, partial in zip(z.args, z.op.partials, strict=True)
    ]


def local_partial(z: Node, i: int) -> float:
    """The partial of z by its argument i at z's numbers.

    Raises:
        ZeroDivisionError, ValueError, OverflowError: it does not exist; the message names the operation.
    """
    partial = z.op.partials[i]
    try:
        return float(partial(z._data, *_numbers(z)) if callable(partial) else partial)
    except (ArithmeticError, ValueError) as error:
        raise no_derivative(z, error) from None


def _partial_graph(z: Node, i: int, here: Node, args: tuple[Node | float, ...]) -> Any:
    """The partial of z by its argument i as a node, or a number, written with z as ``here`` and its arguments."""
    partial = z.op.partials[i]
    try:
        if callable(partial):
            return as_expression(partial, here, *args) if z.op.own else partial(here, *args)
        return partial
    except (ArithmeticError, ValueError) as error:
        raise no_derivative(z, error) from None


def _numbers(z: Node) -> list[float]:
    return [x if type(x) is float else x._data for x in z.args]


def adjoints(
    order: list[Node], seeds: Mapping[Node, float], sources: Iterable[Node] | None = None
) -> dict[Node, float]:
    """The adjoint dL/dnode of every node: reverse mode, on numbers.

    dL/dx is the sum over all z that read x of  dL/dz * dz/dx.

    Arguments:
        order: the nodes, arguments first.
        seeds: where L is read, and with which weight: ``{L: 1.0}`` for L itself.
        sources: the nodes whose adjoints are wanted; None for all.

    Raises:
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist at a node's values.
    """
    adjoint = dict.fromkeys(order, 0.0)
    adjoint.update(seeds)
    doubtful = []  # nodes with the adjoint 0, which hands on nothing but zeros if the slopes exist
    try:
        for z in reversed(order):
            dz = adjoint[z]
            if z.op is None:
                continue
            if dz == 0.0:
                if z.op.edges:
                    doubtful.append(z)
                continue
            # The same sum twice: written out for two arguments, because most of the time of backward() passes there.
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
                for x, dzdx in zip(z.args, local_partials(z), strict=True):
                    if dzdx is not None:
                        adjoint[x] += dz * dzdx
        for z in doubtful:
            local_partials(z)
    except (ArithmeticError, ValueError):
        return _adjoints_of_taken_paths(order, seeds, order if sources is None else sources)
    return adjoint


def _adjoints_of_taken_paths(
    order: list[Node], seeds: Mapping[Node, float], sources: Iterable[Node]
) -> dict[Node, float]:
    """The same sum, where some slope does not exist: only over paths that have a part in the derivative."""
    adjoint = {**dict.fromkeys(order, 0.0), **seeds}
    between, reached = moving(order, sources), taken(order, seeds)
    for z in reversed(order):
        if z.op is not None and z in reached:
            for i, (x, is_taken) in enumerate(zip(z.args, taken_arguments(z), strict=True)):
                if is_taken and x in between:
                    adjoint[x] += adjoint[z] * local_partial(z, i)
    return adjoint


def adjoint_graph(order: list[Node], seeds: Mapping[Node, Any], sources: Iterable[Node]) -> dict[Node, Any]:
    """The same sum with nodes in place of numbers, so that each adjoint is a graph and can be differentiated again.

    Only what lies between the seeds and the sources is visited.  An adjoint is a float where it is constant, and
    missing where no path leads.
    """
    sources = list(sources)
    try:
        return _adjoint_graph(order, seeds, depending(order, sources))
    except (ArithmeticError, ValueError):  # a slope that does not exist may be that of something that stands still
        return _adjoint_graph(order, seeds, moving(order, sources))


def _adjoint_graph(order: list[Node], seeds: Mapping[Node, Any], between: set[Node]) -> dict[Node, Any]:
    """The adjoints of the nodes in ``between`` as nodes."""
    choices = _choices(order, seeds)
    adjoint = {node: seed for node, seed in seeds.items() if node in between}
    z = None  # named in the error below
    try:
        for z in reversed(order):
            if z.op is None or z not in adjoint:
                continue
            here, args = z, z.args
            if choices and z in choices:
                here, args = _interior(z, choices[z])
            for x, partial in zip(z.args, z.op.partials, strict=True):
                if x in between:
                    if callable(partial):
                        dzdx = as_expression(partial, here, *args) if z.op.own else partial(here, *args)
                    else:
                        dzdx = partial
                    if type(dzdx) is not float or dzdx != 0.0:
                        term = times(adjoint[z], dzdx)
                        adjoint[x] = plus(adjoint[x], term) if x in adjoint else term
    except (ArithmeticError, ValueError) as error:
        raise no_derivative(z, error) from None
    return adjoint


def tangents(
    order: list[Node], seeds: Mapping[Node, Any], ends: Iterable[Node], graph: bool = False
) -> dict[Node, Any]:
    """The tangent dnode/dt of every node that moves with the seeds: forward mode.

    dz/dt is the sum over the arguments x of z of  dz/dx * dx/dt.

    Arguments:
        order: the nodes, arguments first.
        seeds: how fast the nodes named here move: ``{x: 1.0}`` for the derivative with respect to x.
        ends: the nodes whose tangents are wanted.
        graph: give nodes, which can be differentiated again, instead of numbers.

    Raises:
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist at a node's values.
    """
    tangent = dict(seeds)
    reached = leading(order, ends) if graph else taken(order, ends)
    choices = _choices(order, ends) if graph else {}
    for z in order:
        if z.op is None or z in tangent or z not in reached or tangent.keys().isdisjoint(z.args):
            continue
        here, args = _interior(z, choices[z]) if z in choices else (z, z.args)
        for i, (x, is_taken) in enumerate(zip(z.args, taken_arguments(z, graph), strict=True)):
            if x in tangent and not constantly_zero(is_taken):
                term = times(tangent[x], _partial_graph(z, i, here, args) if graph else local_partial(z, i))
                tangent[z] = plus(tangent[z], term) if z in tangent else term
    return tangent


# ------------------------------------------------------------------------ which paths have a part in a derivative


def depending(order: list[Node], sources: Iterable[Node]) -> set[Node]:
    """The sources, and all nodes that are made of one."""
    found = set(sources)
    for z in order:
        if not found.isdisjoint(z.args):
            found.add(z)
    return found


def moving(order: list[Node], sources: Iterable[Node]) -> set[Node]:
    """The sources, and all nodes that move with one: those with an argument that moves and a slope that is not 0."""
    found = set(sources)
    for z in order:
        if any(x in found and not is_flat(z, i) for i, x in enumerate(z.args)):
            found.add(z)
    return found


def leading(order: list[Node], ends: Iterable[Node]) -> set[Node]:
    """The ends, and all nodes by which one of them may move: those that one reads with a slope that is not 0."""
    found = set(ends)
    for z in reversed(order):
        if z in found:
            found.update(x for i, x in enumerate(z.args) if type(x) is not float and not is_flat(z, i))
    return found


def is_flat(z: Node, i: int) -> bool:
    """Whether the partial of z by argument i is 0 for all numbers that the nodes may hold, as that of x * 0.0 is."""
    partial = z.op.partials[i]
    if not callable(partial) or float not in map(type, z.args):
        return constantly_zero(partial)
    try:
        return constantly_zero(partial(z, *z.args))
    except (ArithmeticError, ValueError):  # it does not exist for those that they hold now
        return False


def taken_arguments(z: Node, graph: bool = False) -> list[Any]:
    """For each argument of z whether it has a part in derivatives: 0 if it is not taken or its slope is constantly 0.

    Arguments:
        graph: give a node where that depends on the numbers, instead of a number.
    """
    here, *args = (z, *z.args) if graph else (z._data, *_numbers(z))
    return [
        0.0 if is_flat(z, i) else is_taken(here, *args) if callable(is_taken) else is_taken
        for i, is_taken in enumerate(z.op.taken or [1.0] * len(args))
    ]


def taken(order: list[Node], ends: Iterable[Node], graph: bool = False) -> dict[Node, Any]:
    """The nodes that lead to an end by taken arguments alone.

    Arguments:
        graph: give all nodes that may lead there, each with a node, or the number 1, that is 1 where it does, else 0.
    """
    found: dict[Node, Any] = dict.fromkeys(ends, 1.0)
    for z in reversed(order):
        if z.op is not None and z in found:
            for x, is_taken in zip(z.args, taken_arguments(z, graph), strict=True):
                by_z = times(found[z], is_taken)
                if type(x) is not float and not constantly_zero(by_z):
                    one = type(by_z) is float or (type(found.get(x)) is float)
                    found[x] = 1.0 if one else maximum(found[x], by_z) if x in found else by_z
    return found


def partials_of_taken(order: list[Node], ends: Iterable[Node]) -> Callable[[Node], list[float | None]]:
    """A function that gives the partials of a node: None for plain numbers, and for what lacks one but is not taken."""
    reached: dict[Node, Any] = {}

    def partials(z: Node) -> list[float | None]:
        try:
            return local_partials(z)
        except (ArithmeticError, ValueError):
            if not reached:
                reached.update(taken(order, ends))
            parts = taken_arguments(z) if z in reached else [0.0] * len(z.args)
            return [
                local_partial(z, i) if is_taken and type(x) is not float else None
                for i, (x, is_taken) in enumerate(zip(z.args, parts, strict=True))
            ]

    return partials


def _choices(order: list[Node], ends: Iterable[Node]) -> dict[Node, Any]:
    """For each node that may lack a slope, and is not taken for all numbers, a node that says whether it is taken."""
    ops = {z.op for z in order} - {None}
    if not any(op.interior for op in ops) or not any(op.taken for op in ops):
        return {}
    always = set(ends)  # nodes that are taken for all numbers
    for z in reversed(order):
        if z in always and z.op is not None and z.op.taken is None:
            always.update(x for x in z.args if type(x) is not float)
    doubtful = [z for z in order if z.op and z.op.interior and z not in always and z.op.interior(*z.args)]
    found = taken(order, ends, graph=True) if doubtful else {}
    return {z: found[z] for z in doubtful if z in found}


def _interior(z: Node, is_taken: Node) -> tuple[Node, tuple[Node | float, ...]]:
    """z and its arguments where it is taken, and elsewhere the same operation at its interior point.

    There its slopes are numbers, and the adjoint of z is 0, and so are their products.
    """
    args = tuple(where(is_taken, x, point) for x, point in zip(z.args, z.op.interior(*z.args), strict=True))
    return z.op(*args), args


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
                number[z] = z._data
            else:
                numbers = [x if type(x) is float else number[x] for x in z.args]
                number[z] = z.op.value(*numbers)
    except (ArithmeticError, ValueError) as error:
        labels = [getattr(x, "label", "") for x in z.args] if z is not None else []
        name = z.op.name if z is not None else ""
        raise undefined(f"{name}({', '.join(map(str, numbers))})", error, labels) from None
    return number


def constantly_zero(x: Any) -> bool:
    """Whether x is the number 0, and not a node that holds it at the moment."""
    return type(x) is float and x == 0.0


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


def plus(a: Any, b: Any) -> Any:
    """a + b, without a node for it where a term is the number 0."""
    if type(a) is float or type(b) is float:
        return b if constantly_zero(a) else a if constantly_zero(b) else a + b
    return a + b


def no_derivative(z: Node, error: Exception) -> Exception:
    """The error for a derivative that does not exist, with the operation, its numbers and the labels."""
    numbers = ", ".join(text(x if type(x) is float else x._data) for x in z.args)
    labels = [getattr(x, "label", "") for x in (*z.args, z)]
    return undefined(f"the derivative of {z.op.name}({numbers})", error, labels)
