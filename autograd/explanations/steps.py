"""Backpropagation and forward mode, step by step.

No derivative rules are defined here: partials come from the table of operations, through graph.py.  A step describes
what ``backward()`` does with them at one node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from autograd.engine.graph import contributing_edges, topological_order
from autograd.engine.notation import Names, formula, short
from autograd.engine.value import Value
from autograd.explanations.between import between, check_values


@dataclass(frozen=True)
class Contribution:
    """What one node contributes to the adjoint of one of its operands.

    Attributes:
        operand: the node that receives it.
        partial: the local derivative.
        amount: the contribution; in the backward pass, adjoint times partial.
        total: the running sum, including this contribution.
    """

    operand: Value
    partial: float
    amount: float
    total: float


@dataclass(frozen=True)
class Step:
    """One node's turn in the backward pass.

    Attributes:
        node: the node.
        adjoint: dL/dnode; it is complete, since all nodes that use this one come before it.
        contributions: what it contributes to each operand.
        names: the names of the nodes.
        end: the output, L.
    """

    node: Value
    adjoint: float
    contributions: tuple[Contribution, ...]
    names: Names = field(repr=False)
    end: Value = field(repr=False)

    def __str__(self) -> str:
        name, end = self.names[self.node], self.names[self.end]
        if not self.contributions:
            return f"d{end}/d{name} = {short(self.adjoint)}"
        lines = []
        for part in self.contributions:
            x = self.names[part.operand]
            line = (
                f"d{end}/d{x} += d{end}/d{name} * d{name}/d{x} = {short(self.adjoint)} * {short(part.partial)}"
                f" = {short(part.amount)}"
            )
            lines.append(line if part.total == part.amount else f"{line}, so far {short(part.total)}")
        return "\n".join(lines)


def backward_steps(y: Value) -> Iterator[Step]:
    """The backward pass, one node at a time, from y to the leaves; no ``grad`` attribute changes.

    Arguments:
        y: the Value to differentiate.

    Raises:
        TypeError: y is not a Value.
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> L = a * b
    >>> L.label = "L"
    >>> for step in backward_steps(L):
    ...     print(step)
    dL/da += dL/dL * dL/da = 1 * -3 = -3
    dL/db += dL/dL * dL/db = 1 * 2 = 2
    dL/db = 2
    dL/da = -3
    """
    check_values(y)
    order = topological_order(y)
    names, edges = Names(order), contributing_edges(order, [y])
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[y] = 1.0
    for node in reversed(order):
        parts = []
        dz = adjoint[node]
        # Compute the partials even if the adjoint is 0, so that a missing derivative raises an error.
        if node.op is not None and (dz != 0.0 or node.op.may_lack_slope):
            for x, partial in edges(node):
                if dz != 0.0:
                    adjoint[x] += dz * partial
                    parts.append(Contribution(x, partial, dz * partial, adjoint[x]))
        yield Step(node, dz, tuple(parts), names, y)


@dataclass(frozen=True)
class ForwardStep:
    """One node's turn in forward mode.

    Attributes:
        node: the node.
        tangent: dnode/dx; it is complete, since the operands come first.
        contributions: for each operand that depends on x, its partial, and the partial times its tangent.
        read: the tangents of these operands.
        names: the names of the nodes.
        start: x.
    """

    node: Value
    tangent: float
    contributions: tuple[Contribution, ...]
    read: tuple[float, ...]
    names: Names = field(repr=False)
    start: Value = field(repr=False)

    def __str__(self) -> str:
        name, x = self.names[self.node], self.names[self.start]
        if not self.contributions:
            return f"d{name}/d{x} = {short(self.tangent)}"
        terms = [f"d{name}/d{self.names[c.operand]} * d{self.names[c.operand]}/d{x}" for c in self.contributions]
        numbers = [
            f"{short(c.partial)} * {short(tangent)}" for c, tangent in zip(self.contributions, self.read, strict=True)
        ]
        return f"d{name}/d{x} = {' + '.join(terms)} = {' + '.join(numbers)} = {short(self.tangent)}"


def forward_steps(y: Value, x: Value) -> Iterator[ForwardStep]:
    """Forward mode, one node at a time, from x to y: the derivative of each node with respect to x.

    Arguments:
        y: the last node.
        x: the node to differentiate with respect to; each pass handles only one such node.

    Raises:
        TypeError: y or x is not a Value.
        ValueError: y does not depend on x.
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist.

    >>> a = Value(2.0, "a")
    >>> b = a * a
    >>> b.label = "b"
    >>> print(*forward_steps(b * 3.0, a), sep="\\n")
    da/da = 1
    db/da = db/da * da/da + db/da * da/da = 2 * 1 + 2 * 1 = 4
    dy/da = dy/db * db/da = 3 * 4 = 12
    """
    order = between(y, x)
    names, edges = Names(topological_order(y)), contributing_edges(topological_order(y), [y])
    tangent = {x: 1.0}
    yield ForwardStep(x, 1.0, (), (), names, x)
    for node in order[1:]:
        parts = []
        for operand, partial in edges(node):
            if operand in tangent:
                tangent[node] = tangent.get(node, 0.0) + partial * tangent[operand]
                parts.append(Contribution(operand, partial, partial * tangent[operand], tangent[node]))
        read = tuple(tangent[part.operand] for part in parts)
        if parts:  # otherwise x is only in a branch that was not taken
            yield ForwardStep(node, tangent[node], tuple(parts), read, names, x)


def forward_caption(node: Value, names: Names) -> str:
    """The computation at a node, in symbols and in numbers."""
    if node.op is None:
        return f"{names[node]} = {short(node.data)}"
    args = [names[x] if isinstance(x, Value) else f"{x:g}" for x in node.args]
    numbers = [short(x.data if isinstance(x, Value) else x) for x in node.args]
    return f"{names[node]} = {formula(node.op, args)} = {formula(node.op, numbers)} = {short(node.data)}"
