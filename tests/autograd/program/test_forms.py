"""Array forms: one expression from which a program computes, and its source is written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import TABLE, Op, Program, Value, gradients


def swish(array: Any) -> Op:
    return Op("swish", autograd.silu.value, autograd.silu.partials, array=array)


def stable(xp: Any, x: Any) -> Any:
    small = xp.exp(-xp.abs(x))
    return x * (xp.where(x < 0.0, small, 1.0) / (1.0 + small))


@pytest.mark.parametrize("row", [row for row in TABLE if row.name not in ("erf", "erfc", "gelu")], ids=repr)
def test_numpy_computes_with_the_array_form_of_a_row(row: Op) -> None:
    """Given NumPy itself, the form gives what the row gives for each number."""
    numbers = np.array([1.0, 1.5, 2.0]) if row.name == "arccosh" else np.array([0.25, 0.5, 0.75])
    args = [numbers + 0.1 * i for i in range(len(row.partials))]
    assert row.array is not None
    assert row.array(np, *args) == pytest.approx(row(*args), rel=1e-14)


def test_an_operation_of_ones_own_with_an_array_form() -> None:
    op = swish(stable)
    x = Value(0.5, "x")
    y = op(x)
    program = Program([y, *gradients(y, [x])], [x])
    numbers = np.linspace(-800.0, 800.0, 41)
    assert program.verify(numbers) < 1e-12
    assert np.array(program(numbers)) == pytest.approx(np.array(Program(gradients_of_silu(x), [x])(numbers)))
    assert not program.operations
    lines = program.source.splitlines()
    start = lines.index("def swish(x):")
    assert lines[start : start + 3] == [
        "def swish(x):",
        "    t1 = np.exp(-np.abs(x))",
        "    return x * (np.where(x < 0.0, t1, 1.0) / (1.0 + t1))",
    ]
    names: dict[str, Any] = {}
    exec(program.source, names)
    assert names["program"](numbers[None], np.zeros(0)) == pytest.approx(np.array(program(numbers)), rel=1e-14)


def gradients_of_silu(x: Value) -> list[Value]:
    y = x.silu()
    return [y, *gradients(y, [x])]


def test_a_form_that_reads_its_argument_once_is_written_where_it_is_read() -> None:
    op = Op(
        "clipped", lambda x: min(x, 1.0), (lambda z, x: autograd.step(1.0 - x),), array=lambda xp, x: xp.minimum(x, 1.0)
    )
    x = Value(0.5, "x")
    assert "np.minimum(x, 1.0)" in Program(op(x) * 2.0, [x]).source


def test_a_function_of_numpy_that_makes_a_new_array() -> None:
    """np.sinc takes no array to fill, and neither does np.round, which has a second argument."""
    op = Op("sinc", lambda x: float(np.sinc(x)), (lambda z, x: 0.0 * x,), array=lambda xp, x: xp.sinc(x))
    x = Value(0.5, "x")
    assert Program(op(x), [x])([0.0, 0.25]).tolist() == [1.0, np.sinc(0.25)]
    rounded = Op("rounded", lambda x: round(x, 2), (0.0,), array=lambda xp, x: xp.round(x, 2))
    assert Program(rounded(x), [x])([0.126, 0.25]).tolist() == [0.13, 0.25]


def test_an_argument_as_it_is() -> None:
    op = Op("same", lambda x: x, (1.0,), array=lambda xp, x: x)
    x = Value(0.5, "x")
    assert Program(op(x), [x])([1.0, 2.0]).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("array", "error", "message"),
    [
        (lambda xp, x: x + 1.0, ValueError, r"an array form does not compute the same as its operation: swish differs"),
        (
            lambda xp, x: 1.0,
            TypeError,
            r"the array form of operation 'swish' must be an expression .* returned float 1\.0",
        ),
        (lambda xp, x: x if x > 0.0 else -x, TypeError, r"cannot branch on its arguments; use xp\.where"),
        (
            lambda xp, x: xp.swish(x),
            TypeError,
            r"xp\.swish, which is neither a NumPy function nor an operation of the table",
        ),
    ],
)
def test_wrong_forms(array: Any, error: type[Exception], message: str) -> None:
    x = Value(0.5, "x")
    with pytest.raises(error, match=message):
        Program(swish(array)(x), [x])


def test_the_exponent_of_a_power_is_known_to_its_form() -> None:
    x, n = Value(2.0, "x"), Value(2.0, "n")
    assert "x ** 2" in Program(x**2, [x]).source
    assert "np.sqrt(x)" in Program(x**0.5, [x]).source
    assert "x ** 3.0" in Program(x**3, [x]).source
    assert "x ** n" in Program(x**n, [x]).source


def test_a_definition_has_a_letter_for_each_argument() -> None:
    def lerp(xp: Any, x: Any, y: Any, t: Any) -> Any:
        return x + (y - x) * t

    slopes = (lambda z, x, y, t: 1.0 - t, lambda z, x, y, t: t, lambda z, x, y, t: y - x)
    op = Op("lerp", lambda x, y, t: x + (y - x) * t, slopes, array=lerp)
    x, y, t = Value(1.0, "x"), Value(3.0, "y"), Value(0.5, "t")
    source = Program(op(x, y, t), [x, y, t]).source
    assert "def lerp(x, y, z):\n    return x + (y - x) * z\n" in source
    assert "lerp(" in source.split("def program")[1]


def test_array_forms_in_single_precision() -> None:
    """The comparison with the operation allows for what 32 bits can hold."""
    x = Value(0.1, "x")
    program = Program(swish(stable)(x), [x], dtype=np.float32)
    assert program([0.1]).dtype == np.float32
