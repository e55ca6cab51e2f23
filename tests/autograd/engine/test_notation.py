"""How operations, numbers and nodes are written."""

from __future__ import annotations

import pytest

from autograd import Op, Value, add, div, exp, mul, pow, scope, sub, tanh, topological_order, where
from autograd.engine.notation import Names, formula, in_mathml, in_picture, short


def names(y: Value) -> list[str]:
    order = topological_order(y)
    found = Names(order)
    return [found[node] for node in order]


def test_nodes_without_a_label_are_numbered_from_1_in_their_order() -> None:
    a = Value(2.0, "a")
    assert names((a * 3.0).tanh() + a) == ["a", "v1", "v2", "y"]


def test_a_label_that_looks_like_a_number_is_left_out() -> None:
    v1 = Value(2.0, "v1")
    assert names((v1 * 3.0).tanh() + 1.0) == ["v1", "v2", "v3", "y"]
    y = Value(2.0, "y")
    assert names(y * 3.0) == ["y", "v1"]


def test_labels_that_are_shared_are_told_apart() -> None:
    with scope("layers.1/neurons.2"):
        first = Value(1.0, "w")
    second, third = Value(2.0, "w"), Value(3.0, "w")
    assert names(first * second + third) == ["w[1,2]", "w", "v1", "w'", "y"]
    end = first * second
    end.label = "w"
    assert names(end) == ["w[1,2]", "w'", "w"]  # the result keeps its label


def test_what_cannot_be_printed_is_a_dot() -> None:
    assert names(Value(1.0, "a\x00b") * 2.0) == ["a·b", "y"]


@pytest.mark.parametrize(
    ("op", "constants", "text"),
    [
        (add, (None, 7.0), "+ 7"),
        (add, (7.0, None), "+ 7"),
        (mul, (None, -0.5), "× -0.5"),
        (sub, (None, 1.0), "− 1"),
        (sub, (1.0, None), "1 − x"),
        (div, (1.0, None), "1 ÷ x"),
        (div, (None, 3.0), "÷ 3"),
        (pow, (None, 2.0), "x²"),
        (pow, (None, -3.0), "x⁻³"),
        (pow, (None, 0.5), "x^0.5"),
        (pow, (2.0, None), "2ˣ"),
        (where, (None, 1.0, None), "where(x, 1, y)"),
        (tanh, (None,), "tanh"),
        (exp, (None,), "eˣ"),
    ],
)
def test_operations_in_a_picture(op: Op, constants: tuple[float | None, ...], text: str) -> None:
    assert in_picture(op, constants) == text


def test_formulas_in_python_and_in_mathml() -> None:
    assert formula(sub, ["a", "b"]) == "a - b"
    assert formula(where, ["c", "a", "b"]) == "where(c, a, b)"
    assert in_mathml(div) == "<mfrac>{0}{1}</mfrac>"
    assert in_mathml(where) == "<mi>where</mi><mo>(</mo>{0}<mo>,</mo>{1}<mo>,</mo>{2}<mo>)</mo>"


@pytest.mark.parametrize(
    ("x", "text"), [(0.25561, "0.2556"), (-3.0, "-3"), (12345.6, "1.235e+04"), (1.0983e-6, "1.098e-06")]
)
def test_numbers_have_four_digits(x: float, text: str) -> None:
    assert short(x) == text


@pytest.mark.parametrize(
    ("label", "latex"),
    [("x", "x"), ("W1", "W_{1}"), ("W_1", "W_{1}"), ("O21", "O_{21}"), ("α", "α"), ("a_1_2", r"\text{a\_1\_2}")],
)
def test_names_in_latex(label: str, latex: str) -> None:
    x = Value(1.0, label)
    assert Names([x]).latex(x) == latex


def test_an_operation_of_five_operands() -> None:
    op = Op("five", lambda *xs: sum(xs), (1.0,) * 5)
    assert in_picture(op, (None, 2.0, None, None, None)) == "five(x0, 2, x1, x2, x3)"
