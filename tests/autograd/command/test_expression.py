"""Expressions typed by a user: what is understood, and what is refused and where."""

from __future__ import annotations

import math

import pytest

from autograd import Value
from autograd.command.expression import assignment, evaluate


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 + 2 * 3", 7.0),
        ("-2 ** 2", -4.0),
        ("+(2)", 2.0),
        ("x**2 / 4", 2.25),
        ("tanh(x) + where(x, 1, 2)", math.tanh(3.0) + 1.0),
        ("pi * e", math.pi * math.e),
        ("  hypot( x ,4 ) ", 5.0),
        ("(x\n + 1)", 4.0),
        ("1e3", 1000.0),
        ("ä * 2", 10.0),
    ],
)
def test_what_is_understood(text: str, number: float) -> None:
    found = evaluate(text, {"x": Value(3.0), "ä": Value(5.0)})
    assert (found.data if isinstance(found, Value) else found) == pytest.approx(number)


def test_a_variable_goes_before_a_constant() -> None:
    assert evaluate("e", {"e": 2.0}) == 2.0


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("__import__('os').system('ls')", 1, "only numbers, names"),
        ("1 + x.data", 5, "only numbers, names"),
        ("1 + y", 5, "'y' has no value: add one, e.g. y=1.5"),
        ("2 * sinus(x)", 5, "there is no function 'sinus'"),
        ("ln(x)", 1, r"there is no function 'ln'; did you mean log\?"),
        ("tahn(x)", 1, r"there is no function 'tahn'; did you mean tan or tanh"),
        ("(x\n + $)", 7, "invalid syntax"),
        ("2 * tanh", 5, "write tanh"),
        ("tanh(x, x)", 1, r"takes 1 argument\(s\), not 2"),
        ("hypot(*x)", 1, "unpacking with . is not allowed"),
        ("tanh(x=x)", 1, "only numbers, names"),
        ("x ^ 2", 3, r"write a power as x\*\*y"),
        ("ä*x ^ 2", 5, r"write a power as x\*\*y"),
        ("1 + 2x", 6, r"write 2\*x"),
        ("1.5 x", 5, r"write 1\.5\*x"),
        ("3(x + 1)", 2, r"write 3\*\(\.\.\.\)"),
        ("(x + 1)(x - 1)", 8, r"write \(\.\.\.\)\*\(\.\.\.\)"),
        ("(x + 1)x", 8, r"write \(\.\.\.\)\*x"),
        ("x // 2", 1, "only numbers, names"),
        ("x < 2", 1, "only numbers, names"),
        ("[x]", 1, "only numbers, names"),
        ("'a'", 1, "only numbers, names"),
        ("True", 1, "only numbers, names"),
        ("1j", 1, "only numbers, names"),
        ("(lambda: x)()", 1, "only numbers, names"),
        ("x if x else x", 1, "only numbers, names"),
        ("(y := 2)", 2, "only numbers, names"),
        ("ä + y", 5, "'y' has no value"),
        ("x +", 4, "the expression ends too early"),
        ("", 1, "the expression is empty"),
        ("(x", 1, "was never closed"),
        ("x x", 3, "invalid syntax"),
    ],
)
def test_what_is_refused_and_where(text: str, column: int, why: str) -> None:
    with pytest.raises(ValueError, match=why) as error:
        evaluate(text, {"x": Value(3.0), "ä": Value(5.0)})
    lines = str(error.value).splitlines()
    assert lines[0].startswith(f"column {column}: ")
    if text:
        assert lines[2].index("^") == column + 1  # two blanks stand before the text


def test_of_a_long_expression_the_part_around_the_error_is_shown() -> None:
    text = "+".join(["x"] * 40) + "+y+" + "+".join(["x"] * 40)
    with pytest.raises(ValueError, match="column 81: 'y' has no value") as error:
        evaluate(text, {"x": Value(1.0)})
    _, shown, caret = str(error.value).splitlines()
    assert shown == "  " + text[40:120]
    assert shown[caret.index("^")] == "y"


@pytest.mark.parametrize("text", ["(" * 10_000 + "x" + ")" * 10_000, "-" * 90_000 + "x", "+".join(["x"] * 30_000)])
def test_too_deep(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested too deeply|too many nested"):
        evaluate(text, {"x": 1.0})


def test_too_long() -> None:
    with pytest.raises(ValueError, match="longer than 100,000"):
        evaluate("x" * 100_001, {})


def test_numbers_too_large_stay_floats() -> None:
    with pytest.raises(OverflowError, match="pow"):
        evaluate("9**9**9**9", {})
    with pytest.raises(ValueError, match="column 5: a number too large"):
        evaluate("1 + " + "9" * 400, {})


def test_assignments() -> None:
    assert assignment(" x1 = -1.5e3 ") == ("x1", -1500.0)
    assert assignment("x=pi") == ("x", math.pi)
    for text, why in [
        ("x", "NAME=NUMBER"),
        ("1x=2", "NAME=NUMBER"),
        ("x=two", "must be a finite number"),
        ("x=nan", "must be a finite number"),
        ("x=1e400", "must be a finite number"),
        ("tanh=1", "name of an op"),
    ]:
        with pytest.raises(ValueError, match=why):
            assignment(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x +\f\n y * q", r"column 11: 'q' has no value"),
        ("9" * 5_000 + " * x", "column 1: a number of 5,000 digits"),
        ("x * 1e400", "column 5: a number too large"),
        ("x * \x07", "column 5: the character '.x07' is not allowed"),
        ("\ud800 * x", "column 1: the character '.ud800' is not allowed"),
    ],
)
def test_columns_of_odd_texts(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate(text, {"x": Value(1.0), "y": Value(2.0)})


def test_functions_of_any_number_of_arguments() -> None:
    assert evaluate("maximum(x, 1, 5, 2)", {"x": Value(3.0)}).data == 5.0
