"""The order of a graph and the sweeps over it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_graphs import random_graph

from autograd import (
    Op,
    Program,
    Value,
    arccos,
    arccosh,
    cbrt,
    explain,
    grad,
    gradients,
    hessian,
    hypot,
    jacobian,
    jvp,
    maximum,
    minimum,
    relu,
    sqrt,
    step,
    stop_gradient,
    topological_order,
    vectorize,
    vjp,
    where,
)
from autograd.engine.graph import adjoints, evaluate, local_partials, scale, tangents


@given(st.integers(0, 10_000))
def test_every_node_comes_once_and_after_its_arguments(seed: int) -> None:
    y, _ = random_graph(seed)
    order = topological_order(y)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is y
    for node in order:
        assert all(place[x] < place[node] for x in node.args if isinstance(x, Value))


def test_arguments_from_left_to_right() -> None:
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    ab = a * b
    y = ab + c
    assert topological_order(y) == [a, b, ab, c, y]


def test_several_ends() -> None:
    a = Value(1.0)
    b, c = a + 1.0, a + 2.0
    assert topological_order(c, b) == [a, c, b]
    assert topological_order() == []


def test_the_program_that_goes_wrong_without_the_order() -> None:
    """The example in the docstring of the module, with the right order and with a wrong one."""
    a = Value(2.0)
    b = a * 3.0
    ab = a * b
    c = b + ab
    assert adjoints([a, b, ab, c], {c: 1.0})[a] == 15.0
    assert adjoints([a, ab, b, c], {c: 1.0})[a] == 9.0  # b hands on before a * b has paid in


@given(st.integers(0, 10_000))
def test_forward_and_reverse_mode_agree(seed: int) -> None:
    y, leaves = random_graph(seed)
    order = topological_order(y)
    reverse = adjoints(order, {y: 1.0})
    for x in leaves:
        forward = tangents(order, {x: 1.0}, [y], graph=False).get(y, 0.0)
        assert abs(forward - reverse.get(x, 0.0)) <= 1e-9 * max(1.0, abs(forward))


def test_local_partials() -> None:
    a, b = Value(2.0), Value(-3.0)
    assert local_partials(a * b) == [-3.0, 2.0]
    assert local_partials(a**3) == [12.0, None]


def test_replay_with_other_numbers() -> None:
    a, b = Value(2.0), Value(-3.0)
    c = a * b
    y = c + 1.0
    assert evaluate(topological_order(y), {})[y] == -5.0
    assert evaluate(topological_order(y), {a: 5.0})[y] == -14.0
    assert evaluate(topological_order(y), {c: 10.0})[y] == 11.0
    x = Value(1.0, "height")
    with pytest.raises(ValueError, match=r"^log\(-2\.0\) at 'height': "):
        evaluate(topological_order(x.log()), {x: -2.0})


def test_products_with_nothing_to_compute_make_no_node() -> None:
    x = Value(3.0)
    assert scale(1.0, x) is x
    assert scale(x, 1.0) is x
    assert scale(0.0, x) == 0.0
    assert scale(x, -1.0).op.name == "neg"
    assert scale(x, 2.0).op.name == "mul"


# ------------------------------------------------------------------------------------------- slopes that do not exist


def elsewhere_than(f: Callable[[Any], Any], at: float) -> float:
    """A number beside ``at`` for which f has a value."""
    for x in (0.5, 1.5):
        with contextlib.suppress(ValueError):
            f(x)
            return x
    raise AssertionError(f"f has a value at {at} alone")


def derivatives(f: Callable[[Any], Any], at: float) -> list[float]:
    """f'(at) in every mode."""
    x = Value(at)
    f(x).backward()
    return [
        x.grad,
        gradients(f(x), [x])[0].data,
        grad(f)(at),
        jvp(f, at, 1.0)[1],
        jvp(f, Value(at), 1.0)[1].data,
        jacobian(lambda x: [f(x)], mode="forward")(at)[0],
        float(Program(gradients(f(x), [x]), [x])([at])[0][0]),
        float(vectorize(f).value_and_grad([at])[1][0][0]),
    ]


@pytest.mark.parametrize(
    ("f", "at"),
    [
        (lambda x: cbrt(x) ** 3, 0.0),  # the slope is 1: 0 times infinity is not 0
        (lambda x: sqrt(x) * sqrt(x), 0.0),
        (lambda x: arccos(x) ** 2, 1.0),
        (lambda x: arccosh(x) ** 2, 1.0),
        (lambda x: hypot(x, 0.0) * x, 0.0),
        (lambda x: relu(sqrt(x)), 0.0),  # at the kink both sides count
        (lambda x: maximum(sqrt(x), 0.0), 0.0),
        (lambda x: x**0.94 - x**0.94, 0.0),
    ],
)
def test_a_zero_before_a_slope_that_does_not_exist_is_an_error(f: Any, at: float) -> None:
    modes: list[Any] = [
        lambda: f(Value(at)).backward(),
        lambda: gradients(f(x := Value(at)), [x]),
        lambda: grad(f)(at),
        lambda: jvp(f, at, 1.0),
        lambda: jvp(f, Value(at), 1.0),
        lambda: jacobian(f, mode="forward")(at),
        lambda: vectorize(f).value_and_grad([at]),
    ]
    for mode in modes:
        with pytest.raises((ArithmeticError, ValueError), match=r"the derivative of \w+\("):
            mode()
    x = Value(elsewhere_than(f, at))
    program = Program(gradients(f(x), [x]), [x])  # recorded where the slope exists
    with pytest.raises((ArithmeticError, ValueError)):
        program([at])


@pytest.mark.parametrize(
    ("f", "at", "slope"),
    [
        (lambda x: where(step(x), sqrt(x), 3.0 * x), 0.0, 3.0),
        (lambda x: maximum(sqrt(x) - 1.0, x), 0.0, 1.0),
        (lambda x: minimum(cbrt(x) + 1.0, x), 0.0, 1.0),
        (lambda x: relu(hypot(x, x) - 1.0) + 2.0 * x, 0.0, 2.0),
        (lambda x: where(0.0, sqrt(x), x), 0.0, 1.0),
        (lambda x: 0.0 * sqrt(x) + x, 0.0, 1.0),
        (lambda x: stop_gradient(sqrt(x)) + x, 0.0, 1.0),
        (lambda x: sqrt(step(x) + x), 1.0, 0.5 / math.sqrt(2.0)),
        (lambda x: relu(relu(arccos(x) - 1.0) - 1.0) - x, 1.0, -1.0),
    ],
)
def test_what_is_not_taken_does_no_harm(f: Any, at: float, slope: float) -> None:
    assert derivatives(f, at) == pytest.approx([slope] * 8)


def test_second_derivatives_beside_a_branch_that_is_not_taken() -> None:
    def f(x: Any) -> Any:
        return where(step(x), sqrt(x), x * x)

    assert grad(grad(f))(0.0) == 2.0
    assert hessian(lambda xs: f(xs[0]) * xs[1])([0.0, 3.0]) == [[6.0, 0.0], [0.0, 0.0]]
    assert grad(grad(f))(4.0) == pytest.approx(-0.25 * 4.0**-1.5)


def test_one_program_for_samples_on_both_sides() -> None:
    f = vectorize(lambda x: where(step(x), sqrt(x), 3.0 * x))
    assert f.value_and_grad([4.0, 0.0, 1.0])[1][0].tolist() == [0.25, 3.0, 0.5]
    assert f.value_and_grad([0.0, 4.0])[1][0].tolist() == [3.0, 0.25]


def test_a_direction_of_zero_does_not_move() -> None:
    assert jvp(lambda xs: xs[0] + sqrt(xs[1]), [1.0, 0.0], [1.0, 0.0])[1] == 1.0
    assert vjp(lambda x: [x, sqrt(x)], 0.0)[1]([1.0, 0.0]) == 1.0


def test_the_slope_of_an_inner_node_may_be_missing_too() -> None:
    """By x the slope of sqrt(step(x)) is 0, but by step(x), which backward() finds as well, there is none at 0."""
    assert grad(lambda x: sqrt(step(x)) + x)(-1.0) == 1.0
    with pytest.raises(ZeroDivisionError, match="derivative of sqrt"):
        (sqrt(step(Value(-1.0)))).backward()


def test_a_missing_slope_off_the_path_that_contributes() -> None:
    x = Value(0.0, "x")
    y = where(1.0, 3.0 * x, sqrt(x))  # sqrt has no slope at 0, but is not selected
    assert explain(y, x).total == 3.0
    assert [path.product for path in explain(y, x).paths] == [3.0]
    assert gradients(y, [x])[0].data == 3.0


def test_a_partial_that_branches_on_a_number_builds_no_graph() -> None:
    size = Op("size", abs, (lambda z, x: 1.0 if x > 0.0 else -1.0,))
    x = Value(-2.0)
    size(x).backward()
    assert x.grad == -1.0
    with pytest.raises(TypeError, match="a partial of an operation must be an expression of its arguments"):
        gradients(size(x) * x, [x])
