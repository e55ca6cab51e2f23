"""The change predicted by the gradient, compared with the actual change."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.engine.graph import adjoints, evaluate, topological_order
from autograd.engine.notation import Names, short
from autograd.engine.value import Value
from autograd.explanations.between import between


@dataclass(frozen=True)
class WhatIf:
    """The change predicted by the gradient, and the actual change.  See ``what_if``.

    Attributes:
        gradient: dy/dx.
        delta: the change of x.
        predicted: gradient * delta.
        actual: the change of y when the recorded graph is evaluated again.
        names: the names of y and x.
    """

    gradient: float
    delta: float
    predicted: float
    actual: float
    names: tuple[str, str]

    def __str__(self) -> str:
        y, x = self.names
        return (
            f"{x} changes by {short(self.delta)}\n"
            f"predicted: d{y}/d{x} * {short(self.delta)} = {short(self.gradient)} * {short(self.delta)} = "
            f"{short(self.predicted)}\n"
            f"actual:    {y} changes by {short(self.actual)}"
        )


def what_if(y: Value, x: Value, delta: float) -> WhatIf:
    """Compare the change of y predicted by the gradient with the actual change.

    Arguments:
        y: the Value to observe.
        x: the Value to change; the graph itself is not changed.
        delta: the change of x.

    Raises:
        TypeError: y or x is not a Value.
        ValueError: y does not depend on x.
        ZeroDivisionError, ValueError, OverflowError: an operation is not defined at the changed x.

    >>> x = Value(3.0, "x")
    >>> print(what_if(x * x, x, 0.1))
    x changes by 0.1
    predicted: dy/dx * 0.1 = 6 * 0.1 = 0.6
    actual:    y changes by 0.61
    """
    between(y, x)
    order = topological_order(y)
    gradient = adjoints(order, {y: 1.0})[x]
    moved = evaluate(order, {x: x.data + delta})[y]
    names = Names(order)
    return WhatIf(gradient, delta, gradient * delta, moved - y.data, (names[y], names[x]))
