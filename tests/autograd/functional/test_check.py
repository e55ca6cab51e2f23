"""The gradient checker: right rules pass, wrong rules are named."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from points import POINTS
from random_graphs import random_graph

from autograd import (
    TABLE,
    GradientError,
    KinkWarning,
    Op,
    Value,
    check_grads,
    cos,
    exp,
    log,
    relu,
    sign,
    sin,
    sqrt,
    step,
    tanh,
)

WRONG = Op("wrong", lambda x: x**3, (lambda z, x: 2.0 * x * x,))
# Right on floats; on Values it gives a constant, so that the second derivative is lost.
WRONG_AT_SECOND_ORDER = Op(
    "wrong_later", lambda x: x**3, (lambda z, x: 3.0 * (x.detach() if isinstance(x, Value) else x) ** 2,)
)


@pytest.mark.parametrize("row", [row for row in TABLE if row.name not in ("where",)], ids=lambda row: row.name)
def test_every_row_passes_to_third_order(row: Op) -> None:
    for point in POINTS[row.name][1]:
        if row.name in ("abs", "sign", "step") or 0.0 not in point:
            check_grads(row, *point, order=3, tolerance=1e-4)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_every_node_of_a_random_graph(seed: int) -> None:
    y, _ = random_graph(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KinkWarning)
        report = check_grads(y)
    assert report.worst < 1e-5
    assert report.skipped == 0


def test_a_wrong_rule_is_named_with_numbers_and_path() -> None:
    with pytest.raises(GradientError) as error:
        check_grads(lambda x: 2.0 * WRONG(tanh(x)), 0.7)
    message = str(error.value)
    assert "wrong gradient at tanh: backward gives 1.461" in message
    assert "finite differences give 2.191" in message
    assert "path: mul <- wrong <- tanh" in message
    assert "check the partials of 'wrong' first" in message


def test_the_rule_that_is_wrong_is_named_among_several() -> None:
    def f(x: Value) -> Value:
        h = tanh(x)
        return h + WRONG(h) * 2.0

    with pytest.raises(GradientError, match="check the partials of 'wrong' first"):
        check_grads(f, 0.7)


def test_a_rule_that_is_wrong_only_at_second_order() -> None:
    assert check_grads(WRONG_AT_SECOND_ORDER, 0.7).worst < 1e-8
    with pytest.raises(GradientError, match="wrong derivative of order 2 at x0"):
        check_grads(WRONG_AT_SECOND_ORDER, 0.7, order=2)


def test_a_wrong_convention_at_a_kink() -> None:
    """Between the slopes of both sides anything is right; outside of them it is wrong."""
    bad = Op("bad", lambda x: max(x, 0.0), (lambda z, x: -1.0 if x == 0.0 else float(x > 0.0),))
    with pytest.raises(GradientError, match="wrong gradient at x0"):
        check_grads(bad, 0.0)
    with pytest.warns(KinkWarning, match="at x0 .*: a kink: slope 0 on the left, 1 on the right"):
        check_grads(relu, 0.0)


def test_the_edge_of_a_domain_is_not_checked() -> None:
    with pytest.warns(KinkWarning, match="edge of the domain"):
        check_grads(lambda x: log(x) + sqrt(x - 1.0), 1.0 + 1e-16 + 2.3e-16)


@pytest.mark.parametrize("row", [sign, step])
def test_a_jump_is_no_wrong_gradient(row: Op) -> None:
    with pytest.warns(KinkWarning, match="a jump of [12]"):
        check_grads(row, 0.0)


@pytest.mark.parametrize(
    ("f", "x"), [(sin, 1e8), (cos, 1e6), (lambda x: 1.0 / x, 1e-7), (lambda x: 1.0 / x, 1e-5), (exp, -50.0), (log, 1e9)]
)
def test_numbers_far_from_one(f: Any, x: float) -> None:
    check_grads(f, x)


def test_the_table_has_the_worst_error_first() -> None:
    x = Value(0.5, label="x")
    report = check_grads((x * 3.0).sin() + x, order=2)
    errors = [row.error for row in report.rows]
    assert errors == sorted(errors, reverse=True)
    assert str(report).splitlines()[0].split() == ["node", "order", "backward", "difference", "error"]
    assert {row.order for row in report.rows} == {1, 2}


def test_arguments_of_functions() -> None:
    assert len(check_grads(lambda x, y: x[0] * x[1] + y, [1.0, 2.0], 3.0).rows) == 5
    check_grads(lambda x: np.tanh(x), np.array([0.1, 0.2]))
    check_grads(lambda x: 3.0, 1.0)
    check_grads(lambda x: x * x, Value(3.0))


def test_of_a_large_graph_a_part_is_checked() -> None:
    x = Value(1.0)
    for _ in range(300):
        x = x * 1.001
    report = check_grads(x, max_nodes=50)
    assert len(report.rows) <= 51
    assert report.skipped == 301 - len(report.rows)
    assert f"{report.skipped} more node(s) were not checked" in str(report)


def test_a_small_gradient_of_the_wrong_sign() -> None:
    bad = Op("bad", lambda x: 1e-6 * x * x, (lambda z, x: -2e-6 * x,))
    with pytest.raises(GradientError):
        check_grads(bad, 1.0)


def test_what_drowns_in_rounding_is_not_judged() -> None:
    check_grads(lambda x: x + 1e6, 1.0)
    with pytest.warns(KinkWarning, match="lost to rounding error"):
        check_grads(lambda x: x + 1e14, 1.0)


@pytest.mark.parametrize("bad", [3.0, "x", None])
def test_what_cannot_be_checked(bad: Any) -> None:
    with pytest.raises(TypeError, match="check_grads needs a Value, or a function"):
        check_grads(bad)
    with pytest.raises(ValueError, match="order must be a positive integer"):
        check_grads(Value(1.0), order=0)
    with pytest.raises(ValueError, match="max_nodes must be a positive integer"):
        check_grads(Value(1.0), max_nodes=-3)
    with pytest.raises(TypeError, match="at least one number"):
        check_grads(lambda x: [], 1.0)


def test_the_report_shows_its_notes_and_no_others() -> None:
    with pytest.warns(KinkWarning):
        report = check_grads(lambda x, y: relu(x) + y * y, 0.0, 2.0)
    assert 0.0 < report.worst == max(row.error for row in report.rows if not row.note) < 1e-6
    assert max(row.error for row in report.rows if row.note) > 0.1
    lines = repr(report).splitlines()
    assert [("kink" in line) for line in lines].count(True) == 1
    assert all(line == line.rstrip() for line in lines)
