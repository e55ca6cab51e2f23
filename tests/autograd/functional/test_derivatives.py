"""Derivatives of functions."""

from __future__ import annotations

import copy
import gc
import itertools
import math
import pickle
import threading
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Op,
    Value,
    cos,
    exp,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    sin,
    tanh,
    topological_order,
    value_and_grad,
    vectorize,
    vjp,
)


def test_gradients_can_be_differentiated_again() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x**3 * y
    dx, dy = gradients(z, [x, y])
    assert (dx.data, dy.data) == (36.0, 8.0)
    assert [v.data for v in gradients(dx, [x, y])] == [36.0, 12.0]
    assert x._grad is None


def test_gradients_by_inner_nodes_and_by_strangers() -> None:
    x, stranger = Value(2.0), Value(1.0)
    h = x * x
    y = h * 3.0 + x
    assert [v.data for v in gradients(y, [h, x, y, stranger])] == [3.0, 13.0, 1.0, 0.0]


def test_gradients_visit_only_what_is_asked_for() -> None:
    """The exponent's slope, log(-2), does not exist; but no one asks for it."""
    x, n = Value(-2.0), Value(2.0)
    assert gradients(x**n, [x])[0].data == -4.0
    with pytest.raises(ValueError, match="derivative of pow"):
        gradients(x**n, [n])


@pytest.mark.parametrize(("y", "xs"), [(1.0, [Value(1.0)]), (Value(1.0), Value(1.0)), (Value(1.0), [1.0])])
def test_gradients_of_what_is_no_value(y: Any, xs: Any) -> None:
    with pytest.raises(TypeError, match=r"gradients\(y, xs\) needs"):
        gradients(y, xs)


@pytest.mark.parametrize("order", range(1, 6))
def test_grad_composes(order: int) -> None:
    f: Any = tanh
    for _ in range(order):
        f = grad(f)
    assert f(0.3) == pytest.approx(float(mp.diff(mp.tanh, 0.3, order)), rel=1e-12)


def test_given_values_gives_values() -> None:
    x = Value(2.0)
    slope = grad(lambda t: t**3)(x)
    assert isinstance(slope, Value)
    assert gradients(slope, [x])[0].data == 12.0
    assert isinstance(grad(lambda t: 2.0 * t)(x), Value)


def test_derivatives_by_what_the_function_uses_from_outside() -> None:
    """A derivative by the input is still a function of the weight: what a physics-informed loss needs."""
    w = Value(3.0)
    slope = grad(lambda x: w * x**2)(2.0)
    slope.backward()
    assert (slope.data, w.grad) == (12.0, 4.0)


def test_no_perturbation_confusion() -> None:
    """d/dx (x * d/dy (x + y)) at y = 1 is 1: the standard example.  Source: Siskind, Pearlmutter, 2005."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, 1.0, 1.0)[1], 1.0, 1.0) == (1.0, 1.0)
    assert grad(lambda x: x * jvp(lambda y: x + y, 1.0, 1.0)[1])(1.0) == 1.0
    assert jvp(lambda x: x * grad(lambda y: x + y)(1.0), 1.0, 1.0) == (1.0, 1.0)


def test_the_inner_variable_is_not_the_outer_one() -> None:
    """The example in the docstring of the module: d/dx (x * x) = 2 x, and not 4 x."""
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6.0


def test_structure_of_the_argument() -> None:
    def f(p: Any) -> Any:
        return p["w"][0] * p["w"][1] + p["b"]

    assert grad(f)({"w": (2.0, 3.0), "b": 1.0}) == {"w": (3.0, 2.0), "b": 1.0}
    found = grad(lambda x: (x * x).sum())(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert found.dtype == float
    assert found.tolist() == [[2.0, 4.0], [6.0, 8.0]]


def test_argnum() -> None:
    def f(x: Any, y: Any, scale: float = 1.0) -> Any:
        return scale * x * y

    assert grad(f)(2.0, 3.0) == 3.0
    assert grad(f, 1)(2.0, 3.0, scale=10.0) == 20.0
    assert grad(f, (0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert value_and_grad(f, -1)(2.0, 3.0) == (6.0, 2.0)
    with pytest.raises(TypeError, match="cannot differentiate with respect to argument 2"):
        grad(f, 2)(2.0, 3.0)
    with pytest.raises(TypeError, match="cannot differentiate with respect to argument"):
        grad(f, (0, -2))(2.0, 3.0)


def test_functions_that_give_no_single_number() -> None:
    with pytest.raises(TypeError, match="returned 2; use jacobian"):
        grad(lambda x: [x, x])(1.0)
    with pytest.raises(TypeError, match=r"must return numbers.*NoneType"):
        grad(lambda x: None)(1.0)


def test_functions_that_do_not_use_their_argument() -> None:
    assert grad(lambda x: 3)(1.0) == 0.0
    assert jacobian(lambda x: [x, 3.0])(1.0) == [1.0, 0.0]
    assert hessian(lambda x: 2.0 * x)(1.0) == 0.0


def test_grad_works_under_no_grad() -> None:
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert hvp(lambda x: x[0] ** 3, [2.0], [1.0]) == [12.0]
    assert no_grad()(grad(grad(lambda x: x**3)))(2.0) == 12.0


def polar(p: Any) -> list[Any]:
    return [p[0] * cos(p[1]), p[0] * sin(p[1])]


def test_jacobian() -> None:
    r, t = 2.0, 0.5
    exact = [[math.cos(t), -r * math.sin(t)], [math.sin(t), r * math.cos(t)]]
    assert jacobian(polar)([r, t]) == [pytest.approx(row) for row in exact]
    array = jacobian(lambda p: np.array(polar(p)))(np.array([r, t]))
    assert array.shape == (2, 2)
    assert array.tolist() == [pytest.approx(row) for row in exact]
    assert jacobian(lambda x: {"y": x[0] * x[1][0]})([2.0, (3.0,)]) == {"y": [3.0, (2.0,)]}


def rosenbrock(x: Any) -> Any:
    return sum((100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in itertools.pairwise(x)), 0.0)


def test_hessian_of_rosenbrock() -> None:
    x, y = -1.2, 1.0
    exact = [[1200.0 * x * x - 400.0 * y + 2.0, -400.0 * x], [-400.0 * x, 200.0]]
    assert hessian(rosenbrock)([x, y]) == [pytest.approx(row) for row in exact]


@given(st.lists(st.floats(-2.0, 2.0), min_size=2, max_size=5), st.integers(0, 1000))
def test_all_ways_to_a_directional_derivative_agree(x: list[float], seed: int) -> None:
    v = [math.sin(seed + i) for i in range(len(x))]
    slope = grad(rosenbrock)(x)
    value, along = jvp(rosenbrock, x, v)
    same, pull = vjp(rosenbrock, x)
    assert value == same == pytest.approx(rosenbrock(x))
    assert along == pytest.approx(sum(a * b for a, b in zip(slope, v, strict=True)), rel=1e-9, abs=1e-6)
    assert pull(1.0) == pytest.approx(slope)
    full = hessian(rosenbrock)(x)
    product = [sum(a * b for a, b in zip(row, v, strict=True)) for row in full]
    assert hvp(rosenbrock, x, v) == pytest.approx(product, rel=1e-9, abs=1e-6)


def test_vjp_of_several_outputs() -> None:
    y, pull = vjp(polar, [2.0, 0.0])
    assert y == [2.0, 0.0]
    assert pull([1.0, 10.0]) == pytest.approx([1.0, 20.0])
    assert vjp(lambda x: [x, x], 1.0)[1]([1.0, 10.0]) == 11.0


def test_a_direction_of_the_wrong_length() -> None:
    with pytest.raises(ValueError, match="direction vs needs a list of 2 entries"):
        jvp(polar, [1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="the vector needs a list of 2 entries"):
        vjp(polar, [1.0, 2.0])[1]([1.0, 2.0, 3.0])


def test_directions_are_matched_by_key_and_shape() -> None:
    assert jvp(lambda x: x * x, 3.0, 2)[1] == 12.0
    assert jvp(lambda x: x[0] * x[1], [2.0, 3.0], np.array([1.0, 10.0]))[1] == 23.0
    assert jvp(lambda p: 10.0 * p["a"] + p["b"], {"a": 1.0, "b": 2.0}, {"b": 0.0, "a": 1.0})[1] == 10.0
    assert hvp(lambda p: p["a"] ** 2, {"a": 1.0, "b": 2.0}, {"b": 0.0, "a": 1.0}) == {"a": 2.0, "b": 0.0}
    for bad in ({"a": 1.0}, [1.0, 0.0], 1.0):
        with pytest.raises(ValueError, match="needs the keys 'a', 'b'"):
            jvp(lambda p: p["a"], {"a": 1.0, "b": 2.0}, bad)
    with pytest.raises(ValueError, match=r"needs the shape \(2,\) here, not \(3,\)"):
        jvp(lambda x: x.sum(), np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="a single number"):
        jvp(lambda x: x, 1.0, [1.0])


def test_slopes_belong_to_the_caller() -> None:
    x, w = Value(2.0), Value(3.0, "w")
    (slope,) = gradients(x * w, iter([x]))
    slope.label = "slope"
    w.data = 5.0
    assert (slope.data, w.label) == (3.0, "w")
    assert gradients(slope, [w])[0].data == 1.0


def test_jvp_differentiates_by_its_direction_too() -> None:
    assert grad(lambda v: jvp(lambda x: exp(2.0 * x), 0.0, v)[1])(3.0) == 2.0


def test_results_hold_no_more_graph_than_they_need() -> None:
    x = Value(2.0)
    (slope,) = gradients(x * 3.0 + x, [x])
    assert len(topological_order(slope)) == 1


# ------------------------------------------------------------------------- derivatives that use what is around them


def test_an_inner_function_that_uses_the_outer_variable() -> None:
    """d/dw (d/dy (w y^2) at 3) = 6.  As a number the inner derivative would leave the outer one 0."""
    assert grad(lambda w: grad(lambda y: w * y * y)(3.0))(2.0) == 6.0
    assert grad(lambda w: jvp(lambda y: w * y * y, 3.0, 1.0)[1])(2.0) == 6.0
    assert jvp(lambda w: grad(lambda y: w * y * y)(3.0), 2.0, 1.0)[1] == 6.0
    assert grad(lambda w: value_and_grad(lambda y: w * y * y)(3.0)[0])(2.0) == 9.0
    assert grad(lambda w: vjp(lambda y: w * y * y, 3.0)[1](1.0))(2.0) == 6.0
    assert grad(lambda w: jacobian(lambda y: [w * y, w])(3.0)[0])(2.0) == 1.0
    assert grad(lambda w: hessian(lambda y: w * y**3)(3.0))(2.0) == 18.0
    assert grad(lambda w: hvp(lambda y: w * y[0] ** 3, [3.0], [2.0])[0])(2.0) == 36.0
    assert hessian(lambda w: grad(lambda y: w**3 * y)(1.0))(2.0) == 12.0


def test_results_are_numbers_again_outside() -> None:
    inside: list[Any] = []
    outside = grad(lambda w: inside.append(grad(lambda y: w * y * y)(3.0)) or inside[0])(2.0)
    assert isinstance(inside[0], Value)
    assert isinstance(outside, float)
    assert grad(lambda w: w * grad(lambda y: y * y)(3.0))(2.0) == 6.0  # w has no part in the inner one
    assert isinstance(grad(lambda w: inside[0] * w)(2.0), float)  # its variable's function has returned


def test_an_inner_derivative_in_a_thread_of_its_own() -> None:
    def in_a_thread(w: Any) -> Any:
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(grad(lambda y: w * y * y)(3.0)))
        thread.start()
        thread.join()
        return found[0]

    assert grad(in_a_thread)(2.0) == 6.0


def test_a_pull_that_is_kept() -> None:
    y, pull = vjp(lambda x: x * x, 3.0)
    assert grad(lambda v: pull(v) * v)(2.0) == 24.0
    assert (y, pull(1.0)) == (9.0, 6.0)


def test_a_program_inside_of_a_derivative() -> None:
    assert grad(lambda w: w * vectorize(lambda x: x * x)([3.0])[0])(2.0) == 9.0
    with pytest.raises(TypeError, match=r"the derivative with respect to .*, which it reads, would be lost here"):
        grad(lambda w: vectorize(lambda x: w * x)([3.0])[0])(2.0)


# --------------------------------------------------------------------------------------------------------- options


def test_something_besides_the_number() -> None:
    def f(x: Any) -> Any:
        return x[0] * x[1], {"sum": x[0] + x[1], "names": ("a", None), "array": np.array([x[0]])}

    (value, aux), slope = value_and_grad(f, has_aux=True)([2.0, 3.0])
    assert (value, slope, aux["sum"], aux["names"]) == (6.0, [3.0, 2.0], 5.0, ("a", None))
    assert aux["array"].tolist() == [2.0]
    slope, aux = grad(f, has_aux=True)([2.0, 3.0])
    assert (slope, aux["sum"]) == ([3.0, 2.0], 5.0)
    with pytest.raises(TypeError, match=r"with has_aux, identity must return \(number, auxiliary data\)"):
        grad(identity, has_aux=True)(1.0)


def identity(x: Any) -> Any:
    return x


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
def test_jacobians_in_both_modes(mode: str | None) -> None:
    calls = []

    def f(x: Any, y: Any) -> Any:
        calls.append(1)
        return {"a": x[0] * y, "b": (x[1] ** 2, 3.0)}

    assert jacobian(f, mode=mode)([2.0, 5.0], 3.0) == {"a": [3.0, 0.0], "b": ([0.0, 10.0], [0.0, 0.0])}
    assert jacobian(f, argnum=1, mode=mode)([2.0, 5.0], 3.0) == {"a": 2.0, "b": (0.0, 0.0)}
    assert jacobian(f, argnum=(1, 0), mode=mode)([2.0, 5.0], 3.0)["a"] == (2.0, [3.0, 0.0])
    assert len(calls) == 3
    w = Value(2.0)
    inner = jacobian(lambda x: [x * w, x * x * w], mode=mode)(3.0)
    assert [y.data for y in inner] == [2.0, 12.0]
    assert gradients(inner[1], [w])[0].data == 6.0


def test_a_jacobian_goes_the_shorter_way() -> None:
    """One number in, many out: as many products as the forward mode takes, and not as many as the reverse mode does."""
    counted = []
    square = Op("square", lambda x: x * x, (lambda z, x: counted.append(1) or 2.0 * x,))
    assert jacobian(lambda x: [square(x) * float(i) for i in range(1, 11)])(3.0) == [6.0 * i for i in range(1, 11)]
    assert len(counted) == 10
    counted.clear()
    assert jacobian(lambda xs: square(sum(xs, 0.0)))([1.0] * 10) == [20.0] * 10
    assert len(counted) == 1
    with pytest.raises(ValueError, match="mode must be 'forward', 'reverse' or None, not 'backward'"):
        jacobian(square, mode="backward")


def test_the_collector_of_garbage_pauses_while_a_function_is_recorded() -> None:
    seen = []
    grad(lambda x: seen.append(gc.isenabled()) or x * x)(1.0)
    assert (seen, gc.isenabled()) == ([False], True)


def test_a_variable_is_not_copied_while_its_function_runs() -> None:
    """A copy is a constant, and the derivative would be lost."""
    for duplicate in (copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
        with pytest.raises(TypeError, match="the derivative would miss it"):
            grad(lambda x, duplicate=duplicate: duplicate(x) * x)(3.0)
    with pytest.raises(TypeError, match="the derivative would miss it"):
        grad(lambda v: copy.deepcopy(v)[0] * v[1])([2.0, 3.0])
