"""Why the backward pass must visit nodes in topological order."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd.engine.graph import adjoints, contributing_edges, topological_order
from autograd.engine.notation import Names, short
from autograd.engine.value import Value
from autograd.explanations.between import check_values


@dataclass(frozen=True)
class OrderReport:
    """Gradients computed in topological order and in a wrong order.  See ``order_matters``.

    Attributes:
        right, wrong: dy/dleaf for each leaf.
        visited: the nodes in the wrong order.
        names: the names of the nodes.
    """

    right: dict[Value, float]
    wrong: dict[Value, float]
    visited: tuple[Value, ...]
    names: Names = field(repr=False)

    @property
    def differ(self) -> list[Value]:
        """The leaves whose gradient is wrong in the wrong order."""
        return [leaf for leaf in self.right if self.right[leaf] != self.wrong[leaf]]

    def __str__(self) -> str:
        name = self.names
        end = name[self.visited[0]]
        lines = [f"visited as they are met, nearest first: {', '.join(name[node] for node in self.visited)}"]
        for leaf in self.right:
            verdict = "wrong" if leaf in self.differ else "right by luck"
            lines.append(
                f"d{end}/d{name[leaf]} = {short(self.right[leaf])} in topological order, "
                f"{short(self.wrong[leaf])} in this one: {verdict}"
            )
        return "\n".join(lines)


def order_matters(y: Value | None = None) -> OrderReport:
    """Compare the backward pass in topological order with one in breadth-first order from y, which can go wrong.

    In breadth-first order, a node that is used twice may propagate its adjoint after the contribution of the nearer
    use, but before that of the farther one, which is then lost.

    Arguments:
        y: any Value; None for a four-line example that goes wrong:
            ``a = Value(2.0);  b = a * 3.0;  c = a * b;  y = b + c``

    >>> print(order_matters())
    visited as they are met, nearest first: y, b, c, a
    dy/da = 15 in topological order, 9 in this one: wrong
    """
    if y is None:
        a = Value(2.0, "a")
        b = a * 3.0
        c = a * b
        y = b + c
        b.label, c.label, y.label = "b", "c", "y"
    check_values(y)
    order = topological_order(y)
    edges = contributing_edges(order, [y])
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[y] = 1.0
    visited, queue = [], [y]
    met = {y}
    for node in queue:  # the queue grows during the loop
        visited.append(node)
        for x, partial in edges(node):
            adjoint[x] += adjoint[node] * partial
            if x not in met:
                met.add(x)
                queue.append(x)
    right = adjoints(order, {y: 1.0})
    leaves = [node for node in order if node.op is None]
    return OrderReport(
        {leaf: right[leaf] for leaf in leaves}, {leaf: adjoint[leaf] for leaf in leaves}, tuple(visited), Names(order)
    )
