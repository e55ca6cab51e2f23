"""Sums, means and their like over lists."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Program, Value, check_grads, dot, grad, gradients, hessian, logsumexp, mean, topological_order

NUMBERS = st.lists(st.floats(-30.0, 30.0), min_size=1, max_size=6)


@given(NUMBERS)
def test_values(xs: list[float]) -> None:
    assert dot(xs, xs) == pytest.approx(math.fsum(x * x for x in xs))
    assert mean(xs) == pytest.approx(math.fsum(xs) / len(xs), abs=1e-12)
    assert logsumexp(xs) == pytest.approx(float(mp.log(sum(map(mp.exp, xs)))), rel=1e-12, abs=1e-12)


@given(NUMBERS)
def test_the_gradient_of_logsumexp_is_the_softmax(xs: list[float]) -> None:
    total = sum(map(mp.exp, xs))
    shares = [float(mp.exp(x) / total) for x in xs]
    assert grad(logsumexp)(xs) == pytest.approx(shares, rel=1e-9, abs=1e-12)
    for i, row in enumerate(hessian(logsumexp)(xs)):
        exact = [shares[i] * ((i == j) - shares[j]) for j in range(len(xs))]
        assert row == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_gradients_are_those_of_differences() -> None:
    xs = [0.3, -1.2, 2.0]
    assert check_grads(logsumexp, xs, order=3).worst < 1e-5
    assert check_grads(lambda xs: dot(xs, xs) * mean(xs), xs, order=2).worst < 1e-5


def test_no_overflow_and_any_kind_of_list() -> None:
    assert logsumexp([1000.0, 1000.0]) == pytest.approx(1000.0 + math.log(2.0))
    assert logsumexp(np.array([-1000.0, -1000.0])) == pytest.approx(-1000.0 + math.log(2.0))
    assert dot((x for x in [1, 2]), {3: 0, 4: 0}.keys()) == 11
    assert dot(np.array([1.0, 2.0]), [Value(3.0), Value(4.0)]).data == 11.0


def test_no_node_for_a_start_at_zero() -> None:
    xs = [Value(1.0), Value(2.0)]
    assert [node.op.name for node in topological_order(dot(xs, xs)) if node.op] == ["mul", "mul", "add"]


def test_replayed() -> None:
    xs = [Value(0.1), Value(0.2), Value(0.3)]
    y = logsumexp(xs)
    program = Program([y, *gradients(y, xs)], xs)
    columns = np.random.default_rng(0).normal(size=(3, 5)) * 100.0
    found = program(*columns)
    for i in range(5):
        assert found[0][i] == pytest.approx(logsumexp(columns[:, i].tolist()))
    assert np.sum(found[1:], axis=0) == pytest.approx(np.ones(5))


@pytest.mark.parametrize(
    ("compute", "kind", "message"),
    [
        (lambda: mean([]), ValueError, "mean of no numbers"),
        (lambda: logsumexp(3.0), TypeError, "logsumexp works on lists of numbers, not on float"),
        (lambda: dot([1.0], [1.0, 2.0]), ValueError, "of 1 and 2 numbers"),
        (lambda: dot("ab", [1.0, 2.0]), TypeError, "dot works on lists of numbers, not on str"),
        (lambda: mean(np.ones((2, 1), np.int8)), TypeError, "mean works on lists of numbers, not of arrays"),
    ],
)
def test_mistakes(compute: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        compute()


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int16, np.float16, np.float32, np.int64])
def test_numbers_of_small_types(kind: Any) -> None:
    """A sum of 8-bit integers has 8 bits, and one of 16-bit floats has three digits."""
    numbers = [100, 120, 90, 77]
    xs = [kind(x) for x in numbers]
    assert (mean(xs), dot(xs, xs), logsumexp(xs)) == (mean(numbers), dot(numbers, numbers), logsumexp(numbers))
    assert mean(np.array(numbers, kind)) == mean(numbers)


def test_long_lists_have_equal_lengths() -> None:
    count = 1_000  # integers above 256 are equal without being the same object
    assert dot([1.0] * count, tuple([2.0] * count)) == 2_000.0
    with pytest.raises(ValueError, match=r"1,?000"):
        dot([1.0] * count, [2.0] * (count + 1))
