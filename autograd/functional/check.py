"""Gradient checking: backpropagation compared with central differences, at every node of a graph.

The difference quotient at a node comes from setting the node to a slightly larger and a slightly smaller value, and
recomputing all nodes that depend on it.  It does not use the chain rule, so it is an independent check.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.engine.checks import describe, integer
from autograd.engine.graph import adjoints, evaluate, local_partials, topological_order
from autograd.engine.modes import enable_grad
from autograd.engine.rules import stop_gradient
from autograd.engine.value import Value
from autograd.functional.derivatives import gradients
from autograd.functional.structure import flatten


class GradientError(AssertionError):
    """A gradient is wrong: the message gives the node, both values, and the path from the output to the node.

    Attributes:
        report: all comparisons.
    """

    report: GradientReport


class KinkWarning(UserWarning):
    """The function has a kink, a jump or the edge of its domain here, or its slope is lost to rounding error."""


@dataclass(frozen=True)
class Row:
    """One comparison at one node: the gradient from backpropagation and the one from finite differences."""

    node: Value
    name: str
    order: int
    backward: float
    difference: float
    error: float
    note: str = ""


@dataclass(repr=False)
class GradientReport:
    """The result of check_grads; it prints as a table, with the largest error first.

    Attributes:
        rows: one Row for each comparison, largest error first.
        skipped: the number of nodes that were not checked.
    """

    rows: list[Row] = field(default_factory=list)
    skipped: int = 0

    @property
    def worst(self) -> float:
        """The largest error, ignoring rows with a note, such as kinks."""
        return max((row.error for row in self.rows if not row.note), default=0.0)

    def __repr__(self) -> str:
        head = f"{'node':<24}{'order':>6}{'backward':>18}{'difference':>18}{'error':>10}"
        lines = [
            f"{row.name:<24.23}{row.order:>6}{row.backward:>18.9g}{row.difference:>18.9g}{row.error:>10.1e}"
            + (f"  {row.note}" if row.note else "")
            for row in self.rows
        ]
        tail = [f"{self.skipped} more node(s) were not checked (see max_nodes and nodes)"] if self.skipped else []
        return "\n".join([head, *lines, *tail])


def check_grads(
    y_or_f: Value | Callable[..., Any],
    *args: Any,
    order: int = 1,
    tolerance: float = 1e-5,
    max_nodes: int = 1000,
    nodes: Iterable[Value] | None = None,
) -> GradientReport:
    """Compare the gradients from backpropagation with central differences, at every node of a graph.

    Arguments:
        y_or_f: a Value, or a function.
        args: the arguments of the function: numbers, or lists, tuples, dictionaries or arrays of numbers.
        order: 1 checks the gradient at every node; 2 also checks the second derivatives with respect to the leaves,
            and so on.
        tolerance: the largest allowed error, which is  |backward - difference|  divided by the largest of |backward|,
            |difference| and 0.0001.
        max_nodes: check at most this many nodes, evenly spaced in topological order.
        nodes: the nodes to check; None checks all.

    Returns:
        A GradientReport, which prints as a table with the largest error first.

    Raises:
        GradientError: a gradient is wrong.  The message names the first wrong node, starting from the output.
        TypeError: y_or_f is neither a Value nor a function, or the function returns no number.
        ValueError: order or max_nodes is less than 1.

    Warns:
        KinkWarning: a node has no derivative to compare with.  At a kink, any gradient between the slopes on the two
            sides is accepted; at a jump, at the edge of the domain, or where the slope is lost to rounding error, the
            gradient is not checked.

    >>> x = Value(0.5, label="x")
    >>> report = check_grads(x.sin() * x)
    >>> len(report.rows), report.worst < 1e-8
    (3, True)
    """
    y = y_or_f if isinstance(y_or_f, Value) else _call(y_or_f, args)
    for what, number in (("order", order), ("max_nodes", max_nodes)):
        integer(what, number)
    report = GradientReport()
    wrong: list[Row] = []
    for rows in (_first_order(y, tolerance, max_nodes, nodes), _higher_orders(y, order, tolerance)):
        for row in rows:
            report.rows.append(row)
            if row.note:
                warnings.warn(f"at {row.name} (order {row.order}): {row.note}", KinkWarning, stacklevel=2)
            elif not row.error <= tolerance:
                wrong.append(row)
        if wrong:
            break  # if a gradient is wrong, so is every higher derivative
    report.skipped = len(topological_order(y)) - sum(row.order == 1 for row in report.rows)
    report.rows.sort(key=lambda row: -row.error if row.error == row.error else -float("inf"))
    if wrong:
        error = GradientError(_complaint(y, wrong[0], len(wrong), report))
        error.report = report
        raise error
    return report


def _call(f: Callable[..., Any], args: tuple[Any, ...]) -> Value:
    """Call f on new leaves that replace the numbers in args; several results become one weighted sum."""
    if not callable(f):
        raise TypeError(f"check_grads needs a Value, or a function and its arguments, not {describe(f)}")
    numbers, unflatten = flatten(args)
    with enable_grad():
        fresh = (Value(x.data if isinstance(x, Value) else x, f"x{i}") for i, x in enumerate(numbers))
        outputs = flatten(f(*unflatten(fresh)))[0]
        return _mixed(outputs)


def _mixed(values: Sequence[Any]) -> Value:
    """A weighted sum of the values, to check all of them at once.  Unequal weights keep errors from canceling."""
    if not values:
        raise TypeError("check_grads needs a function that returns at least one number")
    total = values[0] if len(values) == 1 else sum(x * (1.0 / (i + 1.0)) for i, x in enumerate(values))
    return total if isinstance(total, Value) else Value(total)


def _first_order(y: Value, tolerance: float, max_nodes: int, nodes: Iterable[Value] | None) -> Iterator[Row]:
    """One row for each node, in order from the output to the leaves."""
    order = topological_order(y)
    found = adjoints(order, {y: 1.0})
    wanted = None if nodes is None else set(nodes)
    positions = [i for i in reversed(range(len(order))) if wanted is None or order[i] in wanted]
    for position in positions[:: -(-len(positions) // max_nodes) or 1]:
        node = order[position]
        still, follow = _followers(order, position)

        def at(number: float, node: Value = node, still: Any = still, follow: list[Value] = follow) -> float:
            # Behind stop_gradient, y may not depend on the node.
            return evaluate(follow, still | {node: number}).get(y, y.data)

        yield _compare(node, 1, found[node], at, y.data, tolerance)


def _followers(order: list[Value], position: int) -> tuple[dict[Value, float], list[Value]]:
    """The values that stay fixed when a node changes, as far as they are read, and the nodes to evaluate again."""
    moving = {order[position]: None}
    for node in order[position + 1 :]:
        if node.op is not stop_gradient and any(x in moving for x in node.args):
            moving[node] = None
    around = (x for node in moving for x in node.args if isinstance(x, Value) and x not in moving)
    still = {x: x.data for x in around}
    return still, [*still, *moving]


def _higher_orders(y: Value, orders: int, tolerance: float) -> Iterator[Row]:
    """One row for each order from 2 and each leaf, with differences of the derivative one order lower."""
    leaves = [node for node in topological_order(y) if node.op is None]
    for order in range(2, orders + 1):
        target = _derivative(y, leaves, order - 1)
        for leaf, backward in zip(leaves, gradients(target, leaves), strict=True):

            def at(number: float, leaf: Value = leaf, depth: int = order - 1) -> float:
                moved, moved_leaves = _recorded_again(y, leaves, leaf, number)
                return _derivative(moved, moved_leaves, depth).data

            yield _compare(leaf, order, backward.data, at, target.data, tolerance)


def _derivative(y: Value, leaves: list[Value], order: int) -> Value:
    """A scalar of this order: repeatedly replace y by the weighted sum of its first derivatives."""
    for _ in range(order):
        y = _mixed(gradients(y, leaves))
    return y


def _recorded_again(y: Value, leaves: list[Value], changed: Value, number: float) -> tuple[Value, list[Value]]:
    """The graph of y, rebuilt with a new number in one leaf."""
    new: dict[Any, Value] = {}
    with enable_grad():
        for node in topological_order(y):
            if node.op is None or node.op is stop_gradient:
                new[node] = Value(number if node is changed else node.data)
            else:
                new[node] = node.op(*(new.get(x, x) for x in node.args))
    return new[y], [new[leaf] for leaf in leaves]


def _compare(node: Value, order: int, backward: float, at: Callable[[float], float], y: float, tolerance: float) -> Row:
    """Compare the gradient at a node with the central difference of ``at``, for several step sizes.

    For a smooth function they agree at the first step size or, where it is steep or strongly curved, at another one.
    At a kink, the slopes on the two sides differ at every step size, and any gradient between them is accepted.
    """
    best: tuple[float, float, float, float] | None = None  # error, slope, slope on the left, slope on the right
    seen: list[tuple[float, float]] = []  # step, difference
    rounding = math.inf  # the error that rounding alone can cause
    for h in _steps(node.data):
        h = (node.data + h) - node.data  # so that data + h is exact in floating point
        if not h > 0.0:
            continue
        try:
            above, below = at(node.data + h), at(node.data - h)
        except (ArithmeticError, ValueError):
            continue
        slope = (above - below) / (2.0 * h)
        scale = max(abs(backward), abs(slope), 1e-4)
        error = abs(backward - slope) / scale
        rounding = min(rounding, 4e-16 * max(abs(above), abs(below)) / h / scale)
        seen.append((h, abs(above - below)))
        if best is None or error < best[0]:
            best = error, slope, (y - below) / h, (above - y) / h
        if error <= tolerance:
            break
    name = _name(node)
    if best is None:
        return Row(node, name, order, backward, math.nan, math.nan, "edge of the domain, not checked")
    error, slope, left, right = best
    note = ""
    if not error <= tolerance:
        scale = max(1.0, abs(left), abs(right))
        between = min(left, right) - 1e-3 * scale <= backward <= max(left, right) + 1e-3 * scale
        (longest, far), (shortest, near) = max(seen), min(seen)
        if near > 1e-9 and longest > 50.0 * shortest and near > 0.5 * far:
            note = f"a jump of {near:.4g}, not checked"
        elif error <= 2.0 * rounding:
            note = "lost to rounding error, not checked"
        elif abs(right - left) > 1e-3 * scale and between:
            note = f"a kink: slope {left:.4g} on the left, {right:.4g} on the right"
    return Row(node, name, order, backward, slope, error, note)


def _steps(x: float) -> list[float]:
    """Step sizes near the cube root of the machine epsilon, absolute and relative to x."""
    units = dict.fromkeys([max(1.0, abs(x)), 1.0, abs(x)])
    return [unit * step for step in (6e-6, 6e-5, 6e-4, 6e-7, 6e-8) for unit in units]


def _name(node: Value) -> str:
    return node.label or (node.op.name if node.op else f"{node.data:g}")


def _complaint(y: Value, row: Row, count: int, report: GradientReport) -> str:
    path = _path(y, row.node)
    reader = _suspect(y, row.node) if row.order == 1 else None
    kind = "gradient" if row.order == 1 else f"derivative of order {row.order}"
    return (
        f"wrong {kind} at {row.name}: backward gives {row.backward!r}, finite differences give {row.difference!r}\n"
        f"path: {' <- '.join(_name(node) for node in path)}\n"
        + (f"check the partials of {reader!r} first\n" if reader else "")
        + f"{count} of {len(report.rows)} comparisons failed:\n{report}"
    )


def _suspect(y: Value, node: Value) -> str:
    """Of the operations that read the node, the one whose partial differs most from its finite difference."""
    worst, name = 1e-4, ""
    for z in topological_order(y):
        if z.op is None or node not in z.args:
            continue
        try:
            error = max(_error_of_partial(z, i) for i, x in enumerate(z.args) if x is node)
        except (ArithmeticError, ValueError):
            continue
        if error > worst:
            worst, name = error, z.op.name
    return name


def _error_of_partial(z: Value, i: int) -> float:
    """The error of the partial of z by argument i, compared with the central difference of this operation."""
    assert z.op is not None
    numbers = [x.data if isinstance(x, Value) else x for x in z.args]
    dzdx = local_partials(z)[i] or 0.0
    h = 6e-6 * max(1.0, abs(numbers[i]))
    above = z.op.value(*numbers[:i], numbers[i] + h, *numbers[i + 1 :])
    below = z.op.value(*numbers[:i], numbers[i] - h, *numbers[i + 1 :])
    return float(abs((above - below) / (2.0 * h) - dzdx) / max(1.0, abs(dzdx)))


def _path(y: Value, node: Value) -> list[Value]:
    """A shortest path from y down to the node."""
    came: dict[Value, Value | None] = {y: None}
    queue = [y]
    for here in queue:
        if here is node:
            break
        for x in here.args:
            if isinstance(x, Value) and x not in came:
                came[x] = here
                queue.append(x)
    path: list[Value] = []
    step: Value | None = node
    while step is not None:
        path.append(step)
        step = came[step]
    return path[::-1]
