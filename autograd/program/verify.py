"""Compares a replay, node by node, with eager evaluation of the same graph."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from autograd.engine.value import Value
from autograd.program.machine import NumpyExecutor
from autograd.program.plan import BATCHED, REDUCED


def largest_difference(
    machine: NumpyExecutor,
    nodes: Sequence[Sequence[Value | None]],
    eager: Sequence[Mapping[Value, float]],
    tolerance: float,
) -> float:
    """Run the instructions one by one, and compare their results with the eager values.

    Arguments:
        machine: the executor, loaded with some samples.
        nodes: for each instruction the nodes that it computes, or sums over all samples, in order; None for a
            result that no node needs.
        eager: for each sample the value of each node.
        tolerance: the largest  |replayed - eager| / max(1, |eager|)  allowed.

    Returns:
        The largest difference found.

    Raises:
        AssertionError: a node differs; the message names it, with both numbers.
    """
    worst = 0.0
    for number, instruction in enumerate(machine.plan.instructions):
        machine.check(number, 0)
        array = instruction.out.array
        replayed = machine.numbers(array, instruction.out.index.ravel())
        for node, found in zip(nodes[number], replayed, strict=True):
            if node is None:
                continue
            if array == REDUCED:
                pairs = [(float(found), sum(sample[node] for sample in eager))]
            else:
                each = found.tolist() if array == BATCHED else [float(found)] * len(eager)
                pairs = [(got, sample[node]) for got, sample in zip(each, eager, strict=True)]
            for got, wanted in pairs:
                same = got == wanted or (math.isnan(got) and math.isnan(wanted))
                difference = 0.0 if same else abs(got - wanted) / max(1.0, abs(wanted))
                if not difference <= tolerance:
                    name = node.label or (node.op.name if node.op else "a leaf")
                    where = f" in {node.scope}" if node.scope else ""
                    raise AssertionError(f"{name}{where} differs: the program gives {got!r}, the graph {wanted!r}")
                worst = max(worst, difference)
    return worst
