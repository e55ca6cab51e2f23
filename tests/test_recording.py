"""A function is recorded once; what would not be the same the next time is refused."""

from __future__ import annotations

import random
from typing import Any

import pytest

from autograd import Value, record, relu


def test_the_graph_of_one_call() -> None:
    recording = record(lambda x, y: {"sum": x + y, "list": [x * y, 3.0]}, (2.0, 5.0))
    assert [y.data for y in recording.outputs] == [7.0, 10.0, 3.0]
    assert [x.data for x in recording.inputs] == [2.0, 5.0]
    assert recording.rebuild(iter("abc")) == {"sum": "a", "list": ["b", "c"]}


def test_the_same_graph_for_other_numbers_is_accepted() -> None:
    w = Value(3.0)
    assert len(record(lambda x: relu(w * x) + x**2, (1.0,), (-2.0,)).outputs) == 1
    record(lambda x: x.log(), (1.0,), (-2.0,))  # no number there: a replay will say so


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x * x.data, "a number in mul was 1.0 and 2.0"),
        (lambda x: x + Value(x.data), "a constant was 1.0 and 2.0"),
        (lambda x: x.sin() if x.data < 1.5 else x.cos(), "it did sin and cos"),
        (lambda x: x if x.data < 1.5 else x + 1.0, "it took its arguments in another order|it made"),
        (lambda x: [x] * int(x.data), "it gave 1 results and 2"),
        (lambda x: x * random.random(), "a number in mul was"),
    ],
)
def test_what_changes_with_the_numbers_is_refused(f: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"does not do the same for all numbers.*({message})"):
        record(f, (1.0,), (2.0,))


def test_a_branch_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot replay a branch"):
        record(lambda x: x if x > 0.0 else -x, (1.0,))


def test_an_argument_that_goes_nowhere() -> None:
    with pytest.raises(ValueError, match="argument 1 of <lambda> does not reach its result"):
        record(lambda x, y: x * y.data, (1.0, 2.0))
    assert len(record(lambda x, y: x * 2.0, (1.0, 2.0), unused=True).inputs) == 2


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="needs the numbers"):
        record(lambda x: x)
    with pytest.raises(TypeError, match="expected a number"):
        record(lambda x: "text", (1.0,))
