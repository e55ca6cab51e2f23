"""The part of a graph between two Values."""

from __future__ import annotations

from autograd.engine.checks import describe
from autograd.engine.graph import dependents, topological_order
from autograd.engine.value import Value


def check_values(*values: object) -> None:
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"expected a Value, not {describe(value)}")


def between(y: Value, x: Value) -> list[Value]:
    """The nodes on paths from x to y, in topological order, x first.

    Raises:
        TypeError: y or x is not a Value.
        ValueError: y does not depend on x.
    """
    check_values(y, x)
    order = topological_order(y)
    found = dependents(order, [x])
    if y not in found or x not in order:
        raise ValueError(f"{y!r} does not depend on {x!r}")
    return [x, *(node for node in order if node in found and node is not x)]  # y depends on every node in order
