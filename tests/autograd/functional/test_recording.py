"""A function is recorded once; what would not be the same the next time is refused."""

from __future__ import annotations

import copy
import itertools
import math
import pickle
import random
from typing import Any

import pytest

from autograd import Program, Value, grad, gradients, no_grad, record, relu, topological_order
from autograd.engine.graph import evaluate


def test_the_graph_of_one_call() -> None:
    recording = record(lambda x, y: {"sum": x + y, "list": [x * y, 3.0]}, (2.0, 5.0))
    assert [y.data for y in recording.outputs] == [7.0, 10.0, 3.0]
    assert [x.data for x in recording.inputs] == [2.0, 5.0]
    assert recording.unflatten(iter("abc")) == {"sum": "a", "list": ["b", "c"]}


def test_the_same_graph_for_other_numbers_is_accepted() -> None:
    w = Value(3.0)
    assert len(record(lambda x: relu(w * x) + x**2, (1.0,), (-2.0,)).outputs) == 1
    record(lambda x: x.log(), (1.0,), (-2.0,))  # no number there: a replay will say so


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * x.data,
        lambda x: x.sin() if (x * 2.0).data < 1.5 else x.cos(),
        lambda x: [x] * int(x.item()),
        lambda x: x * x.grad,
        lambda x: x * math.floor(x.sin().data),
        lambda x: x * float(f"{x:.3f}"),
        lambda x: x * copy.copy(x),
        lambda x: x * copy.deepcopy(x),
        lambda x: x * pickle.loads(pickle.dumps(x)),
    ],
)
def test_what_reads_a_number_is_refused(f: Any) -> None:
    """Even at a single example: another might take another way."""
    with pytest.raises(TypeError, match=r"cannot replay (the number|the \.grad|a copy) of a Value"):
        record(f, (1.0,))


CALLS = itertools.count()


def test_numbers_can_be_read_again_after_the_recording() -> None:
    kept = []

    def f(x: Value) -> Value:
        kept.append(x * 2.0)
        return x.sin()

    recording = record(f, (1.0,))
    assert (kept[0].data, recording.inputs[0].data) == (2.0, 1.0)
    with pytest.raises(ZeroDivisionError):
        record(lambda x: [kept.append(x * 3.0), 1.0 / 0.0], (1.0,))
    assert kept[1].data == 3.0


def test_the_text_of_a_value_does_not_tell_its_number() -> None:
    """print(x) is allowed in a function that is recorded, and a branch on the text would be replayed."""
    shown = []
    w = Value(3.0, "w")
    record(lambda x: [shown.append(f"{x} {w!r}"), x * w][1], (1.0,))
    assert shown == ["Value(data=?) Value(data=?, label='w')"]


def test_the_results_of_a_program_are_numbers_too() -> None:
    x, w = Value(0.0), Value(3.0)
    program = Program(x * w, [x])
    with pytest.raises(TypeError, match="cannot replay the results of a program"):
        record(lambda x: x * program([2.0])[0], (1.0,))


def test_parameters_are_not_read_either() -> None:
    """They are other numbers after the next step."""
    w = Value(3.0)
    with pytest.raises(TypeError, match="cannot replay the number of a Value"):
        record(lambda x: x * w if w.data > 0.0 else x, (1.0,))
    assert record(lambda x: x * w.detach(), (1.0,)).outputs[0].data == 3.0


def test_constants_of_the_input_are_replayed() -> None:
    """detach() and no_grad() cut gradients, and not what a replay computes."""

    def f(x: Value) -> Value:
        with no_grad():
            square = x * x
        return square * x + x.detach() * x

    recording = record(f, (3.0,), (5.0,))
    (y,), (x,) = recording.outputs, recording.inputs
    assert gradients(y, [x])[0].data == 9.0 + 3.0
    assert evaluate(topological_order(y), {x: 5.0})[y] == 125.0 + 25.0


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x * random.random(), "a number in mul was"),
        (lambda x: x * Value(1.0 + next(CALLS)), "a constant was 1.0, then 2.0"),
        (lambda x: x * (1.0 + next(CALLS)), "a number in mul was 1.0, then 2.0"),
        (lambda x: [x] * (1 + next(CALLS)), "it returned 1 results, then 2"),
        (lambda x: x.cos() if next(CALLS) else x.sin(), "an operation was sin, then cos"),
    ],
)
def test_what_is_different_each_time_is_refused(f: Any, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "CALLS", itertools.count())
    with pytest.raises(ValueError, match=f"cannot be replayed, since two calls recorded different graphs: ({message})"):
        record(f, (1.0,), (2.0,))


def test_a_function_that_has_come_to_do_something_else() -> None:
    sign = [1.0]
    recording = record(lambda x: x * 2.0 if sign[0] > 0.0 else x * -3.0, (1.0,), (2.0,))
    recording.confirm([[5.0]])
    sign[0] = -1.0
    with pytest.raises(ValueError, match=r"for \(5\) <lambda> gives \[-15\.0\], but its recording gives \[10\.0\]: a "):
        recording.confirm([[5.0]])


@pytest.mark.parametrize("branch", [max, min, lambda xs: sorted(xs)[0], lambda xs: xs[0] if xs[0] > 0.0 else xs[1]])
def test_a_branch_is_refused(branch: Any) -> None:
    with pytest.raises(TypeError, match=r"cannot replay a branch.*max\(\), min\(\), sorted\(\)"):
        record(lambda x: branch([x, -x]), (1.0,))


def test_an_argument_that_goes_nowhere() -> None:
    with pytest.raises(ValueError, match="the result of <lambda> does not depend on argument 1"):
        record(lambda x, y: x * 2.0, (1.0, 2.0))
    assert len(record(lambda x, y: x * 2.0, (1.0, 2.0), unused=True).inputs) == 2


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="needs an example"):
        record(lambda x: x)
    with pytest.raises(TypeError, match="expected a number"):
        record(lambda x: "text", (1.0,))


@pytest.mark.parametrize(
    "f", [lambda x: [x.sin().backward(), x][1], lambda x: [setattr(x, "data", 2.0), x][1]], ids=["backward", "data"]
)
def test_what_changes_values_is_refused(f: Any) -> None:
    with pytest.raises(TypeError, match=r"cannot replay (backward\(\)|a change of a Value's \.data)"):
        record(f, (1.0,))


def test_a_value_made_once_outside() -> None:
    w = Value(1.0)
    twice = w * 2.0
    recording = record(lambda x: twice * x, (1.0,))
    w.data = 5.0
    with pytest.raises(ValueError, match="it uses a Value that was computed outside it"):
        recording.confirm([[3.0]])


def test_a_constant_made_inside_is_the_same_each_time() -> None:
    assert len(record(lambda x: x * Value(2.0) + Value(math.nan), (1.0,), (3.0,)).outputs) == 1


def test_a_constant_in_the_place_of_an_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "CALLS", itertools.count())
    with pytest.raises(ValueError, match="different graphs: an operation was a constant, then mul;"):
        record(lambda x: x * (x * 2.0 if next(CALLS) else Value(4.0)), (1.0,), (3.0,))


def test_every_sample_is_compared() -> None:
    """A sample for which the function is not defined is passed over, and those after it are not."""
    factor = [2.0]
    recording = record(lambda x: x.log() * factor[0], (1.0,))
    factor[0] = 3.0
    recording.confirm([[-1.0]])
    with pytest.raises(ValueError, match=r"for \(5\) <lambda> gives"):
        recording.confirm([[-1.0], [5.0]])


def test_nan_is_not_a_number_like_another() -> None:
    factor = [2.0]
    recording = record(lambda x: x * factor[0], (1.0,))
    factor[0] = math.nan
    with pytest.raises(ValueError, match=r"gives \[nan\], but its recording gives \[10\.0\]"):
        recording.confirm([[5.0]])


def test_a_derivative_under_no_grad_is_recorded() -> None:
    def f(x: Value) -> Value:
        with no_grad():
            return grad(lambda t: t**3)(x) * x

    recording = record(f, (2.0,), (3.0,))
    (y,), (x,) = recording.outputs, recording.inputs
    assert y.data == 24.0
    assert evaluate(topological_order(y), {x: 3.0})[y] == 81.0
