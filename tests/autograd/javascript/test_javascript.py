"""JavaScript as text; that it computes what Python computes is tried in tests/browser."""

from __future__ import annotations

import math
import pickle
import re
from typing import Any

import pytest

import autograd
from autograd import NoJavaScriptError, Op, Program, Value, dot, exp, sigmoid, tanh, to_javascript, where
from autograd.javascript.graph import Rows, real
from autograd.javascript.writing import Writer
from autograd.output.notebook import to_json


def body(y: Any, *inputs: Value) -> str:
    """What the function returns."""
    return to_javascript(y, inputs).splitlines()[-2].removeprefix("  return ").removesuffix(";")


def test_parentheses_stand_where_they_are_needed_and_nowhere_else() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    assert body(x - (y - x), x, y) == "x - (y - x)"
    assert body(x - y - x, x, y) == "x - y - x"
    assert body((x + y) * 2.0 / (x * y), x, y) == "(x + y) * 2 / (x * y)"
    assert body(-(x + y) - -x, x, y) == "-(x + y) - -x"
    assert body((-x).__neg__() * -1.5, x, y) == "-(-x) * -1.5"
    assert body(where(x, y, 1.0) + where(y, x, 0.0), x, y) == "(x !== 0 ? y : 1) + (y !== 0 ? x : 0)"
    assert body(x**2 + y**-1.0, x, y) == "x * x + 1 / y"
    assert body((x + y) ** 2 + (y - x) ** 2.5, x, y) == "square(x + y) + Math.pow(y - x, 2.5)"


def test_what_is_read_twice_is_computed_once() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    shared = x * y
    assert to_javascript([shared.exp() + shared, shared], [x, y]).splitlines() == [
        "function f(inputs) {",
        "  const [x, y] = inputs;",
        "  const t1 = x * y;",
        "  return [Math.exp(t1) + t1, t1];",
        "}",
    ]


def test_functions_stand_before_what_calls_them() -> None:
    x = Value(2.0, "x")
    text = to_javascript(autograd.gelu(sigmoid(x)), [x])
    assert re.findall(r"^function (\w+)", text, re.MULTILINE) == ["sigmoid", "gelu", "erfc", "erf", "f"]


def test_many_inputs_are_read_by_their_place() -> None:
    xs, ws = [Value(1.0, f"x{i}") for i in range(20)], [Value(1.0, f"w{i}") for i in range(20)]
    text = to_javascript(dot(xs, ws), xs, ws, name="weighted_sum")
    assert "function weighted_sum(inputs, parameters)" in text
    assert "inputs[19] * parameters[19]" in text
    labels = [Value(1.0, "erf"), Value(1.0, "class"), Value(1.0, "t1"), Value(1.0, "a b"), Value(1.0)]
    for label in labels:  # no name for a constant in JavaScript
        assert "inputs[0] + 1" in to_javascript(label + 1.0, [label])
    twice = [Value(1.0, "a"), Value(1.0, "a")]
    assert "inputs[0] * inputs[1]" in to_javascript(twice[0] * twice[1], twice)


def test_a_name_of_an_operation_that_is_taken() -> None:
    x = Value(2.0, "sigmoid")
    text = to_javascript(sigmoid(x), [x])
    assert "function sigmoid_2(x)" in text
    assert "sigmoid_2(sigmoid)" in text


def test_numbers() -> None:
    x = Value(1.0, "x")
    for number, text in ((1e-7, "1e-07"), (-2.0, "-2"), (math.inf, "Infinity"), (0.1, "0.1"), (-0.0, "-0")):
        assert body(x + number, x) == f"x + {text}"
    assert body(x + math.nan, x) == "x + NaN"
    assert [real(number) for number in (1.5, math.nan, math.inf, -math.inf)] == [1.5, "NaN", "Infinity", "-Infinity"]
    assert to_json({"text": "</script>"}) == '{"text": "\\u003c/script>"}'


def test_constants_are_those_of_the_program() -> None:
    x, c = Value(1.0, "x"), Value(-2.0)
    program = Program(-c * x, inputs=[x], parameters=[])
    c.data = 5.0
    assert program([1.0]).tolist() == [2.0]
    assert "return -(-2) * x;" in program.to_javascript()


def test_a_pickled_program_has_no_graph() -> None:
    x = Value(1.0, "x")
    with pytest.raises(RuntimeError, match="call to_javascript on the original program"):
        pickle.loads(pickle.dumps(Program(x * 2.0, [x]))).to_javascript()


def test_the_loss_and_its_gradient() -> None:
    x, y, w = Value(1.0, "x"), Value(3.0, "y"), Value(2.0, "w")
    step = Program.value_and_grad((w * x - y) ** 2, inputs=[x, y], parameters=[w])
    text = step.to_javascript()
    assert "const t1 = w * x - y;" in text
    assert "return [t1 * t1, 2 * t1 * x];" in text
    assert "value / batch.length" in text
    total = Program.value_and_grad((w * x - y) ** 2, [x, y], [w], reduction="sum")
    assert "/ batch.length" not in total.to_javascript()


# -------------------------------------------------------------------------------------------- operations of one's own


def test_an_operation_of_ones_own() -> None:
    gaussian = Op(
        "bell curve", lambda x: math.exp(-x * x), (lambda z, x: -2.0 * x * z,), array=lambda xp, x: xp.exp(-x * x)
    )
    x = Value(2.0, "x")
    assert body(gaussian(x) + 1.0, x) == "Math.exp(-x * x) + 1"
    assert body(gaussian(x * 3.0), x) == "bell_curve(x * 3)"
    rows = Rows()
    rows.nodes([x, gaussian(x)])
    assert "partials: [(z, x) => -2 * x * z]" in rows.code
    assert 'name: ""' in rows.code  # no text of the user's stands in code


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (Op("mine", lambda x: x, (1.0,)), "give its Op an array form"),
        (Op("mine", lambda x: x, (1.0,), array=lambda xp, x: xp.sinc(x)), r"calls xp\.sinc, .* there are .*sqrt"),
    ],
)
def test_what_has_no_javascript(op: Op, message: str) -> None:
    x = Value(0.5, "x")
    with pytest.raises(NoJavaScriptError, match=rf"operation 'mine' has no JavaScript: .*{message}"):
        to_javascript(op(x), [x])


def test_a_row_that_is_defined_nowhere_near() -> None:
    def value(x: float) -> float:
        if x < 1000.0:
            raise ValueError("math domain error")
        return x

    op = Op("far", value, (1.0,), array=lambda xp, x: +x)
    x = Value(2000.0)
    with pytest.raises(NoJavaScriptError, match="'far' has no JavaScript: it is not defined"):
        Rows().nodes([x, op(x)])


def test_a_partial_that_branches_has_no_javascript() -> None:
    op = Op("branch", abs, (lambda z, x: 1.0 if x > 0.0 else -1.0,), array=lambda xp, x: xp.abs(x))
    x = Value(2.0)
    with pytest.raises(NoJavaScriptError, match=r"'branch' has no JavaScript: .* cannot use a branch"):
        Rows().nodes([x, op(x)])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3.0, []), TypeError, "not iterable|must be a Value"),
        ((Value(1.0), [3.0]), TypeError, "an input must be a Value, not float 3.0"),
        ((Value(1.0), [tanh(Value(1.0))]), ValueError, "are leaves, not the result of tanh"),
        ((Value(1.0), [], [], "a b"), ValueError, "letters, digits and _, not 'a b'"),
        ((Value(1.0), [], [], "class"), ValueError, "not 'class'"),
    ],
)
def test_wrong_arguments(arguments: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        to_javascript(*arguments)
    x = Value(1.0)
    with pytest.raises(ValueError, match="given twice"):
        to_javascript(x * 2.0, [x, x])


def test_the_name_of_a_function_is_not_used_twice() -> None:
    writer = Writer()
    ops = [Op("f", exp.value, (1.0,), array=lambda xp, x: xp.exp(x) * xp.cos(x)) for _ in range(2)]
    x = Value(1.0)
    writer.statements([ops[0](x), ops[1](x), ops[0](x + 1.0), ops[1](x + 2.0)], {x: "x"})
    assert list(writer.functions) == ["f", "f_2"]
