"""Programs with a gradient: weights, a term added once, other outputs; checked by graphs of the whole batch."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from autograd import Program, Value, gradients, mean, square
from nn import MLP

MODEL = MLP(2, [3, 2], activation="tanh", seed=1)
X1, X2, T, W = (Value(0.5, name) for name in ("x1", "x2", "t", "weight"))


def errors(outputs: Any, target: Any) -> Value:
    found: Value = square(outputs[0] - target) + outputs[1] ** 2
    return found


def penalty() -> Value:
    found: Value = 0.3 * sum(map(square, MODEL.parameters()), 0.0) + 2.0
    return found


OUTPUTS = MODEL([X1, X2])
PARTS = list(itertools.product(("mean", "sum"), (False, True), (False, True), (False, True)))


def build(reduction: str, weighted: bool, plus: bool, others: bool, dtype: Any = float) -> Any:
    return Program.value_and_grad(
        errors(OUTPUTS, T),
        [X1, X2, T, *([W] if weighted else [])],
        MODEL.parameters(),
        reduction,
        dtype,
        plus=penalty() if plus else None,
        weight=W if weighted else None,
        outputs=OUTPUTS if others else (),
    )


def columns(samples: int, weighted: bool) -> Any:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(size=(3, samples)), *([rng.random((1, samples))] if weighted else [])])


def of_the_batch(data: Any, reduction: str, weighted: bool, plus: bool) -> tuple[float, list[float]]:
    """The same number and gradient from one graph for the whole batch."""
    losses = [errors(MODEL(row[:2]), row[2]) * (row[3] if weighted else 1.0) for row in data.T.tolist()]
    size = 1.0 if reduction == "sum" else sum(data[3].tolist()) if weighted else len(losses)
    total = mean(losses) * len(losses) / size + (penalty() if plus else 0.0)
    return total.data, [g.data if isinstance(g, Value) else g for g in gradients(total, MODEL.parameters())]


@pytest.mark.parametrize(("reduction", "weighted", "plus", "others"), PARTS)
@pytest.mark.parametrize("samples", [1, 7])
def test_the_value_and_the_gradient_are_those_of_the_batch(
    reduction: str, weighted: bool, plus: bool, others: bool, samples: int
) -> None:
    step = build(reduction, weighted, plus, others)
    data = columns(samples, weighted)
    found = step(*data)
    value, gradient = of_the_batch(data, reduction, weighted, plus)
    assert found[0] == pytest.approx(value, rel=1e-12)
    assert found[1] == pytest.approx(np.array(gradient), rel=1e-12)
    if others:
        assert pytest.approx(np.array(MODEL.predict(data[:2].T.tolist()))) == found[2].T
    assert len(found) == 2 + others

    names: dict[str, Any] = {}
    exec(step.source, names)
    again = names["value_and_grad"](data, np.array([p.data for p in step.parameters]))
    for ours, written in zip(found, again, strict=True):
        assert written == pytest.approx(ours, rel=1e-12)

    single = build(reduction, weighted, plus, others, np.float32)(*data)
    assert single[0] == pytest.approx(value, rel=1e-5)
    assert single[1] == pytest.approx(np.array(gradient), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("samples", [63, 64, 65, 10_000, 100_001])
def test_many_blocks_give_the_same(samples: int) -> None:
    step = build("mean", True, True, True)
    data = columns(samples, True)
    value, gradient, outputs = step(data)
    half = samples // 2
    parts = [step(part) for part in (data[:, :half], data[:, half:])]
    weights = [data[3, :half].sum(), data[3, half:].sum()]
    assert value == pytest.approx(np.average([part[0] for part in parts], weights=weights))
    assert gradient == pytest.approx(np.average([part[1] for part in parts], axis=0, weights=weights))
    assert np.array_equal(outputs, np.concatenate([part[2] for part in parts], axis=1)) or outputs == pytest.approx(
        np.concatenate([part[2] for part in parts], axis=1), rel=1e-14
    )


def test_inputs_in_one_array_or_several() -> None:
    step = build("mean", False, False, False)
    data = columns(5, False)
    one_by_one = step(*data)
    for given in ([data], [data[:2], data[2]], [data[0], data[1:]], [data.tolist()]):
        assert step(*given)[0] == one_by_one[0]
    program = Program(X1 * X2, [X1, X2])
    assert program(data[:2]) == pytest.approx(data[0] * data[1])
    assert program(np.zeros((2, 0))).shape == (0,)
    with pytest.raises(TypeError, match=r"takes 3 array\(s\), but 4 were given"):
        step(data, data[0])
    with pytest.raises(ValueError, match=r"shape \(k, B\) for k inputs, not \(2, 5\), \(4,\)"):
        step(data[:2], data[2, :4])


def test_given_parameters_are_used_in_every_block() -> None:
    step = build("sum", False, True, False)
    data = columns(5_000, False)
    vector = np.linspace(-1.0, 1.0, len(step.parameters))
    before = [p.data for p in step.parameters]
    value, gradient = step(data, parameters=vector)
    assert [p.data for p in step.parameters] == before
    try:
        for parameter, number in zip(step.parameters, vector.tolist(), strict=True):
            parameter.data = number
        again = step(data)
    finally:
        for parameter, number in zip(step.parameters, before, strict=True):
            parameter.data = number
    assert (value, gradient.tolist()) == (again[0], again[1].tolist())


def test_with_respect_to_some_of_the_parameters() -> None:
    batch = [[0.1, 0.5, -0.3], [0.2, 0.4, 0.6], [1.0, -1.0, 0.0]]
    every = build("mean", False, True, True)(*batch)
    parameters = MODEL.parameters()
    some = [parameters[3], parameters[0]]
    program = Program.value_and_grad(
        errors(OUTPUTS, T), [X1, X2, T], parameters, wrt=some, plus=penalty(), outputs=OUTPUTS
    )
    value, gradient, outputs = program(*batch)
    assert value == every[0]
    assert gradient == pytest.approx(every[1][[3, 0]], rel=1e-14)
    assert np.array_equal(outputs, every[2])
    names: dict[str, Any] = {}
    exec(program.source, names)
    vector = np.array([p.data for p in parameters])
    assert names["value_and_grad"](np.array(batch), vector)[1] == pytest.approx(gradient, rel=1e-12)
    with pytest.raises(ValueError, match="wrt must list some of the parameters"):
        Program.value_and_grad(errors(OUTPUTS, T), [X1, X2, T], parameters, wrt=[X1])
    with pytest.raises(ValueError, match="without wrt="):
        Program.value_and_grad(errors(OUTPUTS, T), [X1, X2, T], parameters, wrt=some).to_javascript()


def test_mistakes() -> None:
    with pytest.raises(ValueError, match="must not depend on an input"):
        Program.value_and_grad(X1 * X1, [X1], [], plus=X1 * 2.0)
    with pytest.raises(ValueError, match="the weight must be one of the inputs"):
        Program.value_and_grad(X1 * X1, [X1], [], weight=W)
    with pytest.raises(TypeError, match="an output of a program must be a Value"):
        Program.value_and_grad(X1 * X1, [X1], [], outputs=[3.0])  # type: ignore[list-item]
    step = build("mean", True, False, False)
    with pytest.raises(ZeroDivisionError, match="weights of the samples sum to 0"):
        step(columns(3, True) * [[1.0], [1.0], [1.0], [0.0]])
    with pytest.raises(ValueError, match="at least one sample"):
        step(np.zeros((4, 0)))
    with pytest.raises(ValueError, match="only a program with a loss alone"):
        step.to_javascript()


@pytest.mark.parametrize("rows", [[0, 1, 2, 3], [0, 2, 4, 6], [0, 0, 0, 0], [3, 2, 1, 0]])
def test_sums_of_products_over_the_samples(rows: list[int]) -> None:
    """Of rows that follow one another, are apart, repeat, or go backwards: those are views of different strides."""
    xs, ys, w = [Value(0.5) for _ in range(7)], [Value(0.25) for _ in range(4)], Value(2.0)
    loss = w * sum(xs[i] * y for i, y in zip(rows, ys, strict=True))
    step = Program.value_and_grad(loss, [*xs, *ys], [w], "sum")
    data = np.random.default_rng(0).normal(size=(11, 5))
    for factor in (1.0, -3.0):  # also when the same buffers are filled again
        data *= factor
        wanted = float((data[rows] * data[7:]).sum())
        value, gradient = step(data)
        assert (value, gradient[0]) == pytest.approx((2.0 * wanted, wanted))
