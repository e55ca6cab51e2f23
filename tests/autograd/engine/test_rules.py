"""The table: every row against mpmath, to second order, and its values where they are easily wrong."""

from __future__ import annotations

import math
import pickle
import random
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from points import NO_SLOPE, POINTS

import autograd
from autograd import TABLE, Op, Value, check_grads, grad, gradients, jvp

ROWS = [pytest.param(row, id=row.name) for row in TABLE]


def worst(found: float, exact: Any) -> float:
    """The relative error; absolute where the exact number is small, as a derivative that is zero."""
    return float(abs(mp.mpf(found) - exact) / max(1, abs(exact)))


def derivative(f: Any, point: tuple[float, ...], orders: tuple[int, ...]) -> Any:
    """A partial derivative by mpmath, with 40 digits.

    By an argument of ``where`` that decides, and of a constant piece, it is zero, which mpmath finds too.
    """
    with mp.workdps(40):
        return mp.diff(f, tuple(map(mp.mpf, point)), orders)


def unit(i: int, n: int) -> tuple[int, ...]:
    return tuple(int(j == i) for j in range(n))


def test_every_row_has_points() -> None:
    assert {row.name for row in TABLE} == set(POINTS)


def test_every_row_is_public_and_told() -> None:
    for row in TABLE:
        assert getattr(autograd, row.name) is row
        assert row.__doc__
        assert row.__doc__.startswith(f"{row.name}(")


@pytest.mark.parametrize("row", ROWS)
def test_value(row: Op) -> None:
    exact, points = POINTS[row.name]
    for point in points:
        assert worst(row(*point), exact(*map(mp.mpf, point))) < 1e-14


@pytest.mark.parametrize("row", ROWS)
def test_first_derivative(row: Op) -> None:
    exact, points = POINTS[row.name]
    for point in points:
        xs = [Value(x) for x in point]
        row(*xs).backward()
        for i, x in enumerate(xs):
            if (row.name, i) in NO_SLOPE:
                assert x.grad == 0.0
                continue
            assert worst(x.grad, derivative(exact, point, unit(i, len(xs)))) < 1e-13


@pytest.mark.parametrize("row", ROWS)
def test_second_derivative(row: Op) -> None:
    exact, points = POINTS[row.name]
    for point in points:
        xs = [Value(x) for x in point]
        for i, slope in enumerate(gradients(row(*xs), xs)):
            for j, curvature in enumerate(gradients(slope, xs)):
                orders = tuple(a + b for a, b in zip(unit(i, len(xs)), unit(j, len(xs)), strict=True))
                if any(orders[k] and (row.name, k) in NO_SLOPE for k in range(len(xs))):
                    assert curvature.data == 0.0
                    continue
                assert worst(curvature.data, derivative(exact, point, orders)) < 1e-12


@pytest.mark.parametrize("row", ROWS)
def test_function_and_method_agree(row: Op) -> None:
    point = POINTS[row.name][1][0]
    xs = [Value(x) for x in point]
    assert row(*xs).data == row(*point)
    if hasattr(Value, row.name):
        assert getattr(xs[0], row.name)(*xs[1:]).op is row


@pytest.mark.parametrize("row", ROWS)
def test_arrays_element_by_element(row: Op) -> None:
    point = POINTS[row.name][1][0]
    arrays = [np.array([x, x]) for x in point]
    assert row(*arrays).tolist() == [row(*point)] * 2


@pytest.mark.parametrize("row", ROWS)
def test_pickled_by_name(row: Op) -> None:
    assert pickle.loads(pickle.dumps(row)) is row


def test_stable_far_out() -> None:
    assert autograd.sigmoid(-1000.0) == 0.0
    assert autograd.sigmoid(1000.0) == 1.0
    assert autograd.softplus(1000.0) == 1000.0
    assert autograd.softplus(-1000.0) == 0.0
    assert autograd.tanh(1000.0) == 1.0
    assert autograd.expm1(1e-12) == pytest.approx(1e-12, rel=1e-11)
    assert autograd.log1p(1e-12) == pytest.approx(1e-12, rel=1e-11)
    assert autograd.gelu(-30.0) == pytest.approx(-30.0 * float(bell(-30.0)), rel=1e-10)
    assert autograd.hypot(1e200, 1e200) == pytest.approx(math.sqrt(2.0) * 1e200)


def bell(x: float) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


@pytest.mark.parametrize(
    ("function", "point", "slopes"),
    [
        (autograd.relu, (0.0,), [0.0]),
        (autograd.leaky_relu, (0.0,), [0.01]),
        (autograd.elu, (0.0,), [1.0]),
        (autograd.abs, (0.0,), [0.0]),
        (autograd.sign, (0.0,), [0.0]),
        (autograd.step, (0.0,), [0.0]),
        (autograd.maximum, (2.0, 2.0), [1.0, 0.0]),
        (autograd.minimum, (2.0, 2.0), [1.0, 0.0]),
    ],
)
def test_conventions_at_kinks(function: Op, point: tuple[float, ...], slopes: list[float]) -> None:
    xs = [Value(x) for x in point]
    function(*xs).backward()
    assert [x.grad for x in xs] == slopes


def test_nan_is_passed_on() -> None:
    for row in (autograd.relu, autograd.leaky_relu, autograd.elu):
        assert math.isnan(row(math.nan))
    for row in (autograd.maximum, autograd.minimum):
        assert math.isnan(row(math.nan, 1.0))
        assert math.isnan(row(1.0, math.nan))


def test_a_polynomial_at_zero_to_the_end() -> None:
    x = Value(0.0)
    y = x**2
    found = []
    for _ in range(4):
        (y,) = gradients(y, [x])
        found.append(y.data)
    assert found == [0.0, 2.0, 0.0, 0.0]


def test_no_logarithm_for_a_constant_exponent() -> None:
    x = Value(-3.0)
    (x**2).backward()
    assert x.grad == -6.0


def test_zero_to_a_value_that_is_zero() -> None:
    """x^0 is 1 for all x, so that its slope is 0, in every mode and also at 0; by the exponent there is none."""
    x, n = Value(0.0), Value(0.0)
    assert gradients(x**n, [x])[0].data == 0.0
    assert jvp(lambda t: t**n, 0.0, 1.0)[1].data == 0.0
    assert grad(grad(lambda t: t ** Value(0.0)))(0.0).data == 0.0
    with pytest.raises(ValueError, match="derivative of pow"):
        gradients(x**n, [n])


def test_zero_to_a_value() -> None:
    base, exponent = Value(0.0), Value(2.0)
    (base**exponent).backward()
    assert (base.grad, exponent.grad) == (0.0, 0.0)


def test_one_row_is_all_that_a_new_operation_takes() -> None:
    cube = Op("cube", lambda x: x * x * x, (lambda z, x: 3.0 * x * x,))
    x = Value(2.0)
    (slope,) = gradients(cube(x), [x])
    (curvature,) = gradients(slope, [x])
    assert (cube(2.0), slope.data, curvature.data) == (8.0, 12.0, 12.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", abs, (1.0,)), "name of an operation"),
        ((3, abs, (1.0,)), "name of an operation"),
        (("f", 3, (1.0,)), "value of operation 'f'"),
        (("f", abs, ()), "one entry for each argument"),
        (("f", abs, lambda z, x: 1.0), "with the comma"),
        (("f", abs, ("x",)), "must be a number or a function, not str 'x'"),
    ],
)
def test_a_row_that_is_none(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Op(*arguments)


def test_wrong_number_of_arguments() -> None:
    with pytest.raises(TypeError, match=r"tanh\(\) takes 1 argument\(s\), 2 given"):
        autograd.tanh(1.0, 2.0)


@pytest.mark.parametrize("bad", ["x", None, 1j, [1.0]])
def test_neither_number_nor_value(bad: object) -> None:
    with pytest.raises(TypeError, match=type(bad).__name__):
        autograd.tanh(bad)


def test_domain_error_of_plain_numbers() -> None:
    with pytest.raises(ValueError, match=r"log\(-1.0\): "):
        autograd.log(-1.0)
    with pytest.raises(OverflowError, match=r"exp\(1000.0\): "):
        autograd.exp(1000.0)
    with pytest.raises(ZeroDivisionError, match=r"reciprocal\(0\): "):
        autograd.reciprocal(0)


def test_operations_of_any_number_of_arguments() -> None:
    xs = [Value(1.0), Value(3.0), Value(2.0)]
    y = autograd.maximum(xs)
    y.backward()
    assert (y.data, [x.grad for x in xs]) == (3.0, [0.0, 1.0, 0.0])
    assert autograd.minimum(4, 2, 3) == 2.0
    assert autograd.maximum(np.array([1.0, 5.0])) == 5.0
    assert autograd.maximum(iter([7.0])) == 7.0
    assert autograd.hypot(1.0, 2.0, 2.0) == 3.0
    for bad, kind in [((), ValueError), (([],), ValueError), (("ab",), TypeError), ((None,), TypeError)]:
        with pytest.raises(kind, match=r"maximum\(\)"):
            autograd.maximum(*bad)


@pytest.mark.parametrize("junk", [None, "1.0", [1.0], 1j, np.ones(2)])
def test_a_row_that_gives_no_number(junk: Any) -> None:
    forgotten = Op("f", lambda x: x, (lambda z, x: junk,))
    x = Value(1.0)
    for use in (
        lambda: forgotten(x).backward(),
        lambda: gradients(forgotten(x), [x]),
        lambda: jvp(forgotten, 1.0, 1.0),
    ):
        with pytest.raises(TypeError, match="the partial of operation 'f' with respect to argument 0 must be a number"):
            use()
    with pytest.raises(TypeError, match=r"the value of operation 'g' must be a number, but for 1\.0"):
        Op("g", lambda x: junk, (1.0,))(x)


def test_a_forgotten_return_is_named() -> None:
    with pytest.raises(TypeError, match="is a return missing"):
        Op("f", lambda x: None, (1.0,))(1.0)  # type: ignore[arg-type, return-value]


def test_results_of_a_row_become_floats() -> None:
    op = Op("f", lambda x: np.float32(x) + 1, (lambda z, x: np.int64(3),))
    x = Value(1.0)
    y = op(x)
    y.backward()
    assert (type(y.data), type(x.grad), x.grad) == (float, float, 3.0)


@pytest.mark.parametrize("row", [row for row in TABLE if row.interior], ids=lambda row: row.name)
def test_every_slope_exists_at_the_interior_point(row: Op) -> None:
    assert row.interior is not None
    point = row.interior(*[Value(0.5) for _ in row.partials])
    xs = [Value(x) for x in point or ()]
    for slope in gradients(row(*xs), xs):
        assert all(math.isfinite(curvature.data) for curvature in gradients(slope, xs))


EDGES = {
    "pow": [(0.0, 0.5), (0.0, 2.0)],
    "xlogy": [(0.0, 0.0)],
    "sqrt": [(0.0,)],
    "cbrt": [(0.0,)],
    "hypot": [(0.0, 0.0)],
    "arcsin": [(-1.0,), (1.0,)],
    "arccos": [(-1.0,), (1.0,)],
    "arctan2": [(0.0, 0.0)],
    "arccosh": [(1.0,)],
}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_row_without_an_interior_point_has_a_slope_wherever_it_has_a_value(row: Op) -> None:
    rng = random.Random(row.name)
    special = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-300, -1e-300, 1e300, 5e-324, -700.0, 700.0]
    points = [tuple(rng.choice(special) for _ in row.partials) for _ in range(300)] + EDGES.get(row.name, [])
    missing = 0
    for point in points:
        xs = [Value(x) for x in point]
        try:
            y = row(*xs)
        except (ArithmeticError, ValueError):
            continue
        try:
            y.backward()
        except (ArithmeticError, ValueError):
            missing += 1
    assert (missing > 0) == (row.interior is not None)


@pytest.mark.parametrize(
    ("row", "point", "slopes"),
    [
        (autograd.arctan2, (1e-200, 1e-200), [5e199, -5e199]),
        (autograd.arctan2, (1e200, 1e200), [5e-201, -5e-201]),
        (autograd.arccosh, (1e200,), [1e-200]),
        (autograd.silu, (math.inf,), [1.0]),
        (autograd.silu, (-math.inf,), [0.0]),
        (autograd.gelu, (math.inf,), [1.0]),
        (autograd.gelu, (-math.inf,), [0.0]),
    ],
)
def test_slopes_far_out(row: Op, point: tuple[float, ...], slopes: list[float]) -> None:
    xs = [Value(x) for x in point]
    y = row(*xs)
    y.backward()
    assert [x.grad for x in xs] == pytest.approx(slopes, rel=1e-12, abs=0.0)
    assert not math.isnan(y.data)


def test_a_stopped_gradient() -> None:
    x = Value(3.0)
    y = x * autograd.stop_gradient(x)
    y.backward()
    assert (y.data, x.grad) == (9.0, 3.0)
    assert grad(grad(lambda x: x**2 * autograd.stop_gradient(x)))(3.0) == 6.0
    assert check_grads(lambda x: x * autograd.stop_gradient(x).exp(), 0.5, order=2).worst < 1e-6


def test_a_partial_that_branches_is_refused_as_a_graph() -> None:
    """As numbers its slopes are right; but a graph would keep the branch of now for all numbers."""
    leak = Op("leak", lambda x: x if x > 0.0 else 0.1 * x, (lambda z, x: 1.0 if x > 0.0 else 0.1,))
    x = Value(-1.0)
    leak(x).backward()
    assert (x.grad, grad(leak)(2.0), jvp(leak, -1.0, 1.0)[1]) == (0.1, 1.0, 0.1)
    for use in (lambda: gradients(leak(x), [x]), lambda: autograd.Program.value_and_grad(leak(x))):
        with pytest.raises(TypeError, match=r"must be an expression of its arguments|cannot replay"):
            use()
    with pytest.raises(TypeError, match="cannot replay"):
        autograd.vectorize(lambda x: leak(x) * 2.0).value_and_grad([1.0, -1.0])


# ---------------------------------------------------------------------------------------------------------- array forms

ARRAYS = [pytest.param(row, id=row.name) for row in TABLE if row.array is not None]


class Namespace:
    """NumPy, with the functions that only Python's ``math`` has, element by element."""

    def __getattr__(self, name: str) -> Any:
        if hasattr(np, name):
            return getattr(np, name)
        return np.vectorize(getattr(math, name), otypes=[float])


@pytest.mark.parametrize("row", ARRAYS)
def test_the_array_form_computes_the_same(row: Op) -> None:
    points = [point for point in POINTS[row.name][1] if all(math.isfinite(x) for x in point)]
    assert row.array is not None
    with np.errstate(all="ignore"):
        found = row.array(Namespace(), *np.array(points, dtype=float).T)
    assert np.asarray(found, dtype=float) == pytest.approx(np.array([row.value(*p) for p in points]), rel=1e-12)


@pytest.mark.parametrize("y", [2.0, 1.0, 0.5, -1.0, 0.0, -0.5, -2.0, 3.0])
def test_the_array_form_of_constant_exponents(y: float) -> None:
    x = np.array([0.3, 1.0, 4.0])
    assert autograd.pow.array is not None
    assert autograd.pow.array(np, x, y) == pytest.approx(x**y, rel=1e-15)


def test_the_array_form_of_xlogy_at_zero() -> None:
    assert autograd.xlogy.array is not None
    found = autograd.xlogy.array(np, np.array([0.0, 0.0, 2.0]), np.array([0.0, -1.0, 3.0]))
    assert found == pytest.approx([0.0, 0.0, 2.0 * math.log(3.0)])


@pytest.mark.parametrize("n", [0.0, 1.0, 2.0, 3.0])
def test_derivatives_of_powers_at_zero_to_any_order(n: float) -> None:
    f: Any = lambda x: x**n  # noqa: E731
    for order in range(5):
        wanted = math.factorial(int(n)) if order == n else 0.0
        assert (f(Value(0.0)).data if order == 0 else f(0.0)) == (wanted if order else 0.0**n)
        f = grad(f)


# ---------------------------------------------------------------------------------------------- arrays and many numbers


def test_elementwise_results_are_floats_or_values() -> None:
    numbers = np.array([0.25, -0.5])
    assert autograd.tanh(numbers).dtype == float
    assert autograd.maximum(numbers, np.array([0.0, 3.0])).tolist() == [0.25, 3.0]
    assert autograd.maximum(numbers, np.array([0.0, 3.0])).dtype == float
    values = autograd.tanh(np.array([Value(0.25), Value(-0.5)], dtype=object))
    assert [type(value) for value in values] == [Value, Value]
    assert autograd.maximum(numbers, Value(0.0)).dtype == object


def test_an_operation_without_numbers() -> None:
    with pytest.raises(TypeError, match=r"tanh\(\) takes 1 argument\(s\), 0 given"):
        autograd.tanh()
    with pytest.raises(ValueError, match=r"maximum\(\) of no numbers is undefined"):
        autograd.maximum()
