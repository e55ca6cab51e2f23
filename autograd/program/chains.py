"""Chains of pairwise maxima or minima, such as that of a softmax:  max(max(max(x0, x1), x2), x3).

The graph has a node for each pair, and to compute them one by one takes a call each.  One reduction computes the last
of them; the others are not needed, unless something else reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from autograd.engine.op import Op
from autograd.engine.rules import maximum, minimum
from autograd.program.plan import BATCHED, Block, Elementwise, Index, Plan, blocks, strides

REDUCTIONS = {maximum: np.maximum, minimum: np.minimum}
SHORTEST = 3  # fewer calls take as long as a reduction


@dataclass(frozen=True)
class Chain:
    """Instructions that together compute the largest, or the smallest, of several values.

    Attributes:
        instructions: their numbers, in order.
        op: their operation.
        rows: the rows of memory that hold the values, along the first axis.
        steps: the step of the rows along each axis.
        out: the result of the last instruction.
    """

    instructions: list[int]
    op: Op
    rows: Index
    steps: tuple[int, ...]
    out: Block


def chains(plan: Plan, row: Index) -> list[Chain]:
    """The chains of a plan that can be computed at the place of their last instruction.

    Arguments:
        plan: the plan.
        row: for each batched value the row of memory that holds it.  Values that are not needed any more share theirs,
            so what a chain reads must not have been overwritten by then.
    """
    found = []
    for numbers in _candidates(plan):
        members = [x for number in numbers if isinstance(x := plan.instructions[number], Elementwise)]
        read = [members[0].operands[0], *(member.operands[1] for member in members)]
        rows = row[np.stack([block.index for block in read])]
        steps = strides(rows)
        if steps is not None and not _overwritten(plan, numbers, rows, row):
            found.append(Chain(numbers, members[0].op, rows, steps, members[-1].out))
    return found


def _candidates(plan: Plan) -> Iterator[list[int]]:
    """The numbers of instructions each of which only the next one reads, as its first operand."""
    made: dict[tuple[Op, bytes], int] = {}  # from an operation and the places of its result to the instruction
    after: dict[int, int] = {}
    for number, instruction in enumerate(plan.instructions):
        if not isinstance(instruction, Elementwise) or instruction.op not in REDUCTIONS:
            continue
        if all(block.array == BATCHED for block in blocks(instruction)):
            before = made.get((instruction.op, instruction.operands[0].index.tobytes()))
            if before is not None:
                after[before] = number
            made[instruction.op, instruction.out.index.tobytes()] = number
    if not after:
        return
    reads = np.zeros(plan.sizes[BATCHED], np.intp)
    for instruction in plan.instructions:
        for block in blocks(instruction)[:-1]:
            if block.array == BATCHED:
                np.add.at(reads, block.index, 1)
    followers = set(after.values())
    reads[[place for array, place in plan.outputs if array == BATCHED]] += 1
    for start in made.values():
        if start not in followers:
            numbers = [start]
            while (reads[plan.instructions[numbers[-1]].out.index] == 1).all() and numbers[-1] in after:
                numbers.append(after[numbers[-1]])
            if len(numbers) >= SHORTEST:
                yield numbers


def _overwritten(plan: Plan, numbers: list[int], rows: Index, row: Index) -> bool:
    """Whether another instruction writes to some rows between the first and the last of a chain."""
    others = sorted({*range(numbers[0], numbers[-1])} - {*numbers})
    outs = [plan.instructions[i].out for i in others]
    return any(np.isin(row[out.index], rows).any() for out in outs if out.array == BATCHED)
