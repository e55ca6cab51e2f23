"""Chains of maxima and minima: one call, and only where nothing else reads what is left out."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Program, Value, maximum, minimum, square, tanh
from autograd.engine.graph import evaluate, topological_order
from autograd.program.chains import chains
from autograd.program.machine import NumpyExecutor

rng = np.random.default_rng(0)


def inputs(count: int) -> list[Value]:
    return [Value(float(number), f"x{i}") for i, number in enumerate(rng.normal(size=count))]


def lengths(program: Program) -> list[int]:
    """How many instructions each chain has."""
    return sorted(len(chain.instructions) for chain in chains(program.plan, program._places["batched"]))


def calls(program: Program) -> int:
    machine: NumpyExecutor = program._machine(4)
    return len(machine.all_calls)


@pytest.mark.parametrize("f", [maximum, minimum])
def test_a_chain_is_one_call(f: Any) -> None:
    x = inputs(10)
    program = Program(2.0 * f(x), x)
    assert (lengths(program), calls(program)) == ([9], 2)
    batch = rng.normal(size=(10, 7))
    assert (program(batch) == 2.0 * (batch.max(0) if f is maximum else batch.min(0))).all()
    assert program.verify(batch) == 0.0


def test_a_short_chain_and_one_of_two_operations_are_left_alone() -> None:
    x = inputs(6)
    assert lengths(Program(maximum(x[:3]), x)) == []
    y = x[0]
    for i, other in enumerate(x[1:]):
        y = (maximum if i % 2 else minimum)(y, other)
    assert lengths(Program(y, x)) == []


def test_what_is_read_elsewhere_is_computed() -> None:
    x = inputs(8)
    so_far = maximum(x[:4])
    y = so_far
    for other in x[4:]:
        y = maximum(y, other)
    batch = rng.normal(size=(8, 5))
    for outputs in ([y, so_far], [y * so_far]):
        found = Program(outputs, x)(batch)
        wanted = [batch.max(0), batch[:4].max(0)] if len(outputs) == 2 else [batch.max(0) * batch[:4].max(0)]
        assert np.array_equal(np.array(found).reshape(len(wanted), -1), wanted)


def test_chains_side_by_side_are_one_chain() -> None:
    x = inputs(12)
    program = Program([maximum(x[0::3]), maximum(x[1::3]), maximum(x[2::3])], x)
    batch = rng.normal(size=(12, 5))
    assert np.array_equal(program(batch), batch.reshape(4, 3, 5).max(0))
    assert calls(program) == 1


def test_nan_and_the_sign_of_zero_are_those_of_pairs() -> None:
    x = inputs(4)
    program = Program(maximum(x), x)
    for numbers in ([0.0, -0.0, -0.0, -1.0], [-0.0, 0.0, -1.0, -0.0]):
        pairs = np.maximum(np.maximum(np.maximum(*numbers[:2]), numbers[2]), numbers[3])
        assert np.copysign(1.0, program(*numbers)[0]) == np.copysign(1.0, pairs)


@given(st.integers(0, 100_000))
def test_random_chains(seed: int) -> None:
    """Maxima of values that die early and share rows with others, and parts of which are read again."""
    choose = random.Random(seed)
    x = inputs(choose.randint(4, 8))
    known = [*x]
    for _ in range(choose.randint(1, 4)):
        f, some = choose.choice([maximum, minimum]), [choose.choice(known) for _ in range(choose.randint(2, 7))]
        if choose.random() < 0.5:
            start = choose.randrange(len(x) - 3)
            some = x[start:] if choose.random() < 0.5 else [square(y) for y in x[start:]]
        y = some[0]
        for other in some[1:]:
            y = f(y, other)
            if choose.random() < 0.1:
                known.append(y)
        known += [y, y * choose.choice(x) + 1.0]
    outputs = choose.sample(known[len(x) :], min(2, len(known) - len(x)))
    program = Program(outputs, x)
    batch = rng.normal(size=(len(x), 3))
    assert program.verify(batch) < 1e-12
    each = np.array(program(batch)).reshape(len(outputs), -1).T
    for column, found in zip(batch.T, each, strict=True):
        at = evaluate(topological_order(*outputs), dict(zip(x, column.tolist(), strict=True)))
        assert found == pytest.approx([at[y] for y in outputs], rel=1e-12)


def of_late_values(seed: int) -> tuple[list[Value], list[Value]]:
    """Inputs, and the largest of values some of which take long to compute, with other values that stay in memory."""
    choose = random.Random(seed)
    x = inputs(choose.randint(4, 7))
    late = []
    for y in x:
        for _ in range(choose.choice([0, 0, 0, 1, 2, 3, 5])):
            y = choose.choice([square, lambda v: v - 0.5, tanh])(y)
        late.append(y)
    return x, [maximum(late), *(square(y) for y in late if choose.random() < 0.2)]


@pytest.mark.parametrize("seed", [6369, 6803, 7856, 9361, *range(100)])
def test_rows_that_were_given_away_meanwhile(seed: int) -> None:
    """In the first four, a late value takes the row of one that an earlier maximum has read."""
    x, outputs = of_late_values(seed)
    batch = rng.normal(size=(len(x), 3))
    found = np.array(Program(outputs, x)(batch)).reshape(len(outputs), -1)
    for column, numbers in zip(batch.T.tolist(), found.T, strict=True):
        at = evaluate(topological_order(*outputs), dict(zip(x, column, strict=True)))
        assert numbers == pytest.approx([at[y] for y in outputs], rel=1e-12)
