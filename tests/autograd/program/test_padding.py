"""Sums that differ only in how many terms they have: one instruction, and the same numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from random_graphs import random_triangle

from autograd import Program, Value, dot, exp, tanh
from autograd.program.plan import MatMul, Sum


def squares(outputs: list[Any]) -> Any:
    return dot([tanh(y) for y in outputs], [tanh(y) for y in outputs])


@pytest.mark.parametrize("seed", range(60))
def test_triangles(seed: int) -> None:
    outputs, leaves = random_triangle(seed)
    rng = np.random.default_rng(seed)
    batch = rng.normal(size=(len(leaves), 5))
    values = Program(outputs, leaves)
    assert values.verify(*batch) < 1e-12
    step = Program.value_and_grad(squares(outputs), leaves[::2], leaves[1::2])
    assert step.verify(*batch[::2]) < 1e-12
    names: dict[str, Any] = {}
    exec(step.source, names)
    vector = rng.normal(size=len(leaves[1::2]))
    for again in range(2):  # the zeros are still zeros in the second run
        found, wanted = names["value_and_grad"](batch[::2] + again, vector), step(batch[::2] + again, parameters=vector)
        assert found[0] == pytest.approx(wanted[0], rel=1e-12)
        assert found[1] == pytest.approx(wanted[1], rel=1e-9, abs=1e-12)


def attention(count: int, width: int = 3, weight: Any = None) -> tuple[list[Value], list[Value]]:
    """Causal attention over some positions, each with a query, a key and a value of some numbers; and the inputs.

    Arguments:
        count, width: how many positions, and how many numbers.
        weight: a factor of all numbers; None for none.
    """
    leaves = [[[Value(0.1, f"{name}{i}") for _ in range(width)] for i in range(count)] for name in "qkv"]
    parts = [[[x if weight is None else weight * x for x in row] for row in part] for part in leaves]
    outputs: list[Value] = []
    for i, q in enumerate(parts[0]):
        powers = [exp(dot(q, k)) for k in parts[1][: i + 1]]
        shares = [a / sum(powers[1:], powers[0]) for a in powers]
        outputs += [dot(shares, column) for column in zip(*parts[2][: i + 1], strict=True)]
    return outputs, [x for part in leaves for row in part for x in row]


def test_longer_sequences_take_no_more_instructions() -> None:
    counts = [len(Program(*attention(count)).plan.instructions) for count in (6, 9, 12)]
    assert counts[0] == counts[1] == counts[2] < 12
    counts = []
    for count in (6, 9, 12):
        weight = Value(0.7, "weight")
        outputs, inputs = attention(count, weight=weight)
        step = Program.value_and_grad(squares(outputs), inputs, [weight])
        assert step.verify(*np.random.default_rng(0).normal(size=(len(inputs), 3))) < 1e-12
        counts.append(len(step.plan.instructions))
    assert counts[0] == counts[1] == counts[2] < 60


def test_scores_and_outputs_are_matrix_products() -> None:
    program = Program(*attention(8))
    products = [
        (term.left.index.shape, term.right.index.shape)
        for instruction in program.plan.instructions
        if isinstance(instruction, Sum)
        for _, term in instruction.terms
        if isinstance(term, MatMul)
    ]
    assert products == [((1, 8, 3), (1, 3, 8)), ((1, 3, 8), (1, 8, 8))]
    assert program.source.count("np.zeros((1, B))") == 1


def test_what_a_sum_lacks_counts_nothing_even_if_it_is_infinite() -> None:
    """The matrix product has a term 0 * inf there, which is nan."""
    s, v = ([Value(0.5, f"{name}{i}") for i in range(6)] for name in "sv")
    values = [b * 2.0 for b in v]
    sums = [dot([exp(a * float(i)) for a in s[: i + 1]], values[: i + 1]) for i in range(6)]
    program = Program(sums, [*s, *v])
    numbers = np.full((12, 3), 0.5)
    numbers[-1] = [math.inf, 1.0, -math.inf]
    found = np.array(program(numbers))
    assert np.isfinite(found[:5]).all()
    assert found[5].tolist() == [math.inf, pytest.approx(found[5, 1]), -math.inf]
    assert program.verify(*numbers) < 1e-12


def test_scores_that_no_one_reads_may_overflow() -> None:
    """The upper triangle of the scores is computed, and not used."""
    outputs, inputs = attention(5, 1)
    program = Program(outputs, inputs)
    numbers = np.full((15, 2), 0.5)
    numbers[0] = 1e200  # the first query,
    numbers[5, :], numbers[6:10, :] = 0.0, 1e200  # which would meet the other keys
    numbers[1:5] = 0.0
    with np.errstate(all="raise"):
        found = np.array(program(numbers))
    assert np.isfinite(found).all()
    assert program.verify(*numbers) < 1e-12


def test_few_sums_with_nothing_in_common_are_left_alone() -> None:
    x = [Value(float(i)) for i in range(40)]
    tanhs = [tanh(a) for a in x]
    sums = [
        *(dot(tanhs[i : i + 2], tanhs[i + 8 : i + 10]) for i in range(0, 8, 2)),
        *(dot(tanhs[i : i + 3], tanhs[i + 12 : i + 15]) for i in range(12, 24, 3)),
    ]
    program = Program(sums, x)
    assert "zeros" not in program.source
    assert program.verify(*np.arange(80.0).reshape(40, 2) / 80.0) < 1e-12


def test_an_operation_on_the_same_numbers_is_done_once() -> None:
    """The slope of x / y by x is 1 / y, which a softmax has once for each x."""
    x = [Value(0.1 * i, f"x{i}") for i in range(30)]
    powers = [exp(a) for a in x]
    whole = sum(powers[1:], powers[0])
    step = Program.value_and_grad(squares([a / whole for a in powers]), [], x)
    sizes = [i.out.index.size for i in step.plan.instructions if not isinstance(i, Sum) and i.op.name == "div"]
    assert sum(sizes) == 30 + 1 + 30  # x / y, 1 / y, and -x / y / y
    assert step.verify() < 1e-12
    assert step.scalars > sum(i.out.index.size for i in step.plan.instructions)


def test_labels_that_the_code_uses_itself() -> None:
    outputs, inputs = attention(4)
    inputs[0].label = outputs[3].label = "zeros"
    program = Program(outputs, inputs)
    names: dict[str, Any] = {}
    exec(program.source, names)
    batch = np.random.default_rng(0).normal(size=(len(inputs), 3))
    assert names["program"](batch, np.zeros(0)) == pytest.approx(np.array(program(batch)))


@pytest.mark.parametrize("samples", [0, 1, 3000])
def test_any_number_of_samples(samples: int) -> None:
    outputs, inputs = attention(5)
    program = Program(outputs, inputs)
    batch = np.random.default_rng(0).normal(size=(len(inputs), samples))
    found = np.array(program(batch))
    assert found.shape == (len(outputs), samples)
    for i in range(0, samples, 500):
        assert found[:, i] == pytest.approx(np.array(program(batch[:, [i]]))[:, 0], rel=1e-12)
