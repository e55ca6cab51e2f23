"""Sums of products as one box: a neuron is then a sum and an activation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from autograd.engine.graph import edges
from autograd.engine.rules import add, mul, sub
from autograd.engine.value import Value

Operand = tuple[Value, float]  # what a sum reads, and the slope of the sum by it along this way


def folded(order: Sequence[Value], kept: Collection[Value]) -> tuple[dict[Value, list[Operand]], set[Value]]:
    """The sums that are drawn as one box, with what they read, and the nodes inside them, which get no box.

    A sum takes in the sums and products that it alone reads, that have no label, and that belong to the same module.

    Arguments:
        order: the nodes, arguments first.
        kept: nodes that are drawn in any case.
    """
    readers = Counter(x for z in order for x in z.args if isinstance(x, Value))
    inside: set[Value] = set()
    for z in reversed(order):
        if z.op in (add, sub):
            for x in z.args:
                if not isinstance(x, Value) or x.op not in (add, sub, mul) or readers[x] > 1 or x in kept:
                    continue
                if not x.label and x.scope == z.scope:
                    inside.add(x)
    sums: dict[Value, list[Operand]] = {}
    for z in order:
        if z.op in (add, sub) and z not in inside and any(x in inside for x in z.args):
            sums[z] = _operands(z, inside)
    return sums, inside


def _operands(z: Value, inside: set[Value]) -> list[Operand]:
    """What a sum reads, term by term, with the product of the local derivatives on the way."""
    found: list[Operand] = []
    stack = [(z, 1.0)]
    while stack:
        node, slope = stack.pop()
        if node is z or node in inside:
            stack += [(x, slope * dzdx) for x, dzdx in reversed(edges(node))]
        else:
            found.append((node, slope))
    return found
