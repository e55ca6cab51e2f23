"""Rows are shared, and never by two numbers that are needed at the same time."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from random_graphs import random_graph

from autograd import gradients, topological_order
from autograd.program.buffers import RowAllocator, allocate_rows
from autograd.program.lower import Lowering, Request
from autograd.program.plan import BATCHED, blocks


def test_gaps_are_used_again_and_grow_together() -> None:
    memory = RowAllocator()
    first, second, third = memory.take(2), memory.take(3), memory.take(1)
    assert (first, second, third, memory.size) == (0, 2, 5, 6)
    memory.free(0, 2)
    memory.free(2, 3)
    assert memory.take(5) == 0
    memory.free(5, 1)
    assert memory.take(2) == 5
    assert memory.size == 7


@given(st.integers(0, 1000))
def test_rows_in_use_are_not_given_out(seed: int) -> None:
    rng = random.Random(seed)
    memory, taken = RowAllocator(), {}
    for _ in range(60):
        if taken and rng.random() < 0.5:
            start = rng.choice(list(taken))
            memory.free(start, taken.pop(start))
        else:
            size = rng.randint(1, 6)
            start = memory.take(size)
            used = {row for begin, length in taken.items() for row in range(begin, begin + length)}
            assert used.isdisjoint(range(start, start + size))
            assert start + size <= memory.size
            taken[start] = size


@given(st.integers(0, 10_000))
def test_no_number_is_overwritten_before_its_last_use(seed: int) -> None:
    y, leaves = random_graph(seed)
    order = topological_order(y)
    plan = Lowering(Request([y, *gradients(y, leaves)], [x for x in leaves if x in order], [])).plan
    row = allocate_rows(plan)
    holds = dict(zip(row[: plan.inputs].tolist(), range(plan.inputs), strict=True))
    for instruction in plan.instructions:
        *operands, out = blocks(instruction)
        for block in operands:
            if block.array == BATCHED:
                assert all(holds[row[place]] == place for place in block.index.flat)
        if out.array == BATCHED:
            holds.update((row[place], place) for place in out.index.flat)
    for array, place in plan.outputs:
        assert array != BATCHED or holds[row[place]] == place
