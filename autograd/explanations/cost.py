"""The cost of derivatives by finite differences, forward mode and reverse mode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd.engine.graph import dependents, topological_order
from autograd.engine.value import Value
from autograd.explanations.between import check_values


@dataclass(frozen=True)
class Cost:
    """Operation counts of three ways to compute all derivatives.  See ``count_operations``.

    Attributes:
        inputs: the number of derivatives.
        forward_pass: the number of operations in one forward pass.
        finite_differences, forward_mode, reverse_mode: the number of operations for all derivatives.
    """

    inputs: int
    forward_pass: int
    finite_differences: int
    forward_mode: int
    reverse_mode: int

    def __str__(self) -> str:
        rows = [
            ("central differences", 2 * self.inputs, "forward passes", self.finite_differences),
            ("forward mode", self.inputs, "forward passes, with tangents", self.forward_mode),
            ("reverse mode", 1, "forward and backward pass", self.reverse_mode),
        ]
        lines = [f"{self.inputs} derivatives of one number that takes {self.forward_pass:,} operations"]
        return "\n".join(
            [*lines, *(f"{name:<20}{n:>6} {what:<30}{total:>12,} operations" for name, n, what, total in rows)]
        )


def count_operations(y: Value, xs: Sequence[Value]) -> Cost:
    """Count the operations to compute dy/dx for all xs by finite differences, forward mode and reverse mode.

    Each operation of the graph counts as one, and so does each multiplication and each addition of the chain rule.

    Source: Griewank, Walther, "Evaluating Derivatives", 2nd edition, SIAM 2008, chapter 3.

    >>> xs = [Value(1.0), Value(2.0), Value(3.0)]
    >>> count_operations(xs[0] * xs[1] * xs[2], xs).reverse_mode
    10
    """
    check_values(y)
    order = topological_order(y)
    passes = sum(node.op is not None for node in order)
    edges = sum(isinstance(x, Value) for node in order for x in node.args)
    forward_mode = 0
    for x in xs:
        moving = dependents(order, [x])
        forward_mode += passes + 2 * sum(operand in moving for node in order for operand in node.args)
    # Each central difference takes two forward passes, a subtraction and a division.
    return Cost(len(xs), passes, len(xs) * (2 * passes + 2), forward_mode, passes + 2 * edges)
