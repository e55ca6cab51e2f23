"""Rows are shared, and never by two numbers that are needed at the same time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_graphs import random_graph

from autograd import Program, Value, flatten, gradients, square, topological_order
from autograd.program import buffers
from autograd.program.buffers import RowAllocator, allocate_rows
from autograd.program.lower import Lowering, Request
from autograd.program.plan import BATCHED, blocks
from nn import MLP


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


@pytest.fixture(scope="module")
def small_ones_too() -> Iterator[None]:
    """Also operations on few rows work in place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffers, "SMALL", 1)
        yield


@pytest.mark.usefixtures("small_ones_too")
@pytest.mark.parametrize("in_place", [True, False])
@given(seed=st.integers(0, 10_000))
def test_no_number_is_overwritten_before_its_last_use(seed: int, in_place: bool) -> None:
    y, leaves = random_graph(seed)
    order = topological_order(y)
    plan = Lowering(Request([y, *gradients(y, leaves)], [x for x in leaves if x in order], [])).plan
    row = allocate_rows(plan, lambda plan, instruction: in_place)
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


@pytest.mark.usefixtures("small_ones_too")
def test_a_chain_of_operations_works_in_place() -> None:
    x = Value(0.5)
    y = (x * 2.0).tanh().sin().exp()
    plan = Lowering(Request([y], [x], [])).plan
    assert {*allocate_rows(plan, lambda plan, instruction: True).tolist()} == {0}
    assert {*allocate_rows(plan).tolist()} == {0, 1}


@pytest.mark.parametrize("seed", range(40))
def test_in_place_is_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    y, leaves = random_graph(seed)
    order = topological_order(y)
    leaves = [x for x in leaves if x in order]
    batch = np.random.default_rng(seed).normal(size=(len(leaves), 3))
    wanted = Program([y, *gradients(y, leaves)], leaves)(*batch)  # there are too few rows to work in place
    monkeypatch.setattr(buffers, "SMALL", 1)
    assert np.array_equal(Program([y, *gradients(y, leaves)], leaves)(*batch), wanted, equal_nan=True)


@pytest.mark.usefixtures("small_ones_too")
def test_an_error_shows_the_number_that_was_given() -> None:
    """The logarithm is written over its operand."""
    x = Value(2.0)
    program = Program((x - 1.0).log() * 2.0, [x])
    with pytest.raises(ValueError, match=r"sample 1, log\(-1\.5\)"):
        program([3.0, -0.5])


@pytest.mark.parametrize("seed", range(60))
def test_totals_in_the_order_of_the_gradient(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums over the samples, each in the place of its output: for small graphs, too, and where no slice stays one."""
    monkeypatch.setattr(buffers, "FEW", 0)
    rng, choose = np.random.default_rng(seed), random.Random(seed)
    sizes = [choose.randint(1, 4) for _ in range(choose.randint(1, 3))]
    model = MLP(2, [*sizes, choose.randint(1, 3)], choose.choice(["tanh", "relu"]), seed=seed)
    parameters = model.parameters()
    first, twice = parameters[0], choose.random() < 0.5

    def loss(x: list[Any]) -> Any:
        outputs = flatten(model(x))[0]
        squares = sum(map(square, outputs), 0.0)
        return squares + first * sum(outputs, 0.0) if twice else squares  # one slope is made in another way

    if choose.random() < 0.5:
        choose.shuffle(parameters)
        parameters.append(Value(1.0))  # the loss does not depend on it
    inputs, batch = [Value(0.1), Value(0.2)], rng.normal(size=(2, 7))
    value, gradient = Program.value_and_grad(loss(inputs), inputs, parameters, "sum")(batch)
    total = sum((loss(column) for column in batch.T.tolist()), 0.0)
    total.backward()
    assert value == pytest.approx(total.data, rel=1e-12)
    assert gradient == pytest.approx([p.grad for p in parameters], rel=1e-10, abs=1e-12)
