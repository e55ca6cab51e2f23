"""Objectives: means and sums over examples, terms that are added once, weights, metrics; both engines agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import square
from nn import MLP, accuracy, cross_entropy, data, fit, l2, mae, mse
from nn.train.metrics import metrics_of

MOONS = data.moons(48, seed=1)
NUMBERS = [x[0] - x[1] for x in MOONS.X]
WEIGHTS = [0.5 * (i % 4) for i in range(len(MOONS.X))]


def mean_with_a_prior(outputs: Any, targets: Any, model: Any) -> Any:
    return mse(outputs, targets) + 0.01 * l2(model.parameters())


def sum_with_a_prior(outputs: Any, targets: Any, model: Any) -> Any:
    return 0.1 * l2(model.parameters()) + sum(0.1 * square(o - t) for o, t in zip(outputs, targets, strict=True)) - 1.0


def sum_alone(outputs: Any, targets: Any) -> Any:
    return sum(0.1 * square(o - t) for o, t in zip(outputs, targets, strict=True))


def classes_with_a_prior(outputs: Any, targets: Any, model: Any) -> Any:
    return cross_entropy(outputs, targets) + 0.01 * l2(model.parameters())


def train(loss: Any, y: Any, **options: Any) -> tuple[Any, list[float]]:
    model = MLP(2, [5, 2 if y is MOONS.y else 1], activation="tanh", seed=1)
    options = {"epochs": 4, "batch_size": 16, "progress": False, "seed": 0, **options}
    history = fit(model, MOONS.X, y, loss, "sgd", **options)
    return history, [p.data for p in model.parameters()]


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (mean_with_a_prior, NUMBERS),
        (sum_with_a_prior, NUMBERS),
        (sum_alone, NUMBERS),
        (classes_with_a_prior, MOONS.y),
    ],
)
def test_both_engines_minimize_the_same(loss: Any, y: Any) -> None:
    ends = [train(loss, y, engine=engine, validation=(MOONS.X, y)) for engine in ("program", "eager")]
    assert ends[0][1] == pytest.approx(ends[1][1], rel=1e-9)
    assert ends[0][0].columns() == {name: pytest.approx(x) for name, x in ends[1][0].columns().items()}
    assert ends[0][0].validation_loss[-1] < ends[0][0].loss[0]


@pytest.mark.parametrize(("loss", "y"), [("mse", NUMBERS), (mean_with_a_prior, NUMBERS), ("cross_entropy", MOONS.y)])
def test_weights(loss: Any, y: Any) -> None:
    ends = [train(loss, y, engine=engine, sample_weight=WEIGHTS) for engine in ("program", "eager")]
    assert ends[0][1] == pytest.approx(ends[1][1], rel=1e-9)
    assert ends[0][0].columns() == {name: pytest.approx(x) for name, x in ends[1][0].columns().items()}


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_a_weight_counts_as_often_as_it_says(engine: str) -> None:
    often = [i for i in range(len(MOONS.X)) for _ in range(i % 3)]
    copies = [MOONS.X[i] for i in often], [NUMBERS[i] for i in often]
    ends = []
    for X, y, weights in ((*copies, None), (MOONS.X, NUMBERS, [i % 3 for i in range(len(MOONS.X))])):
        model = MLP(2, [5, 1], activation="tanh", seed=1)
        options: Any = {"epochs": 20, "batch_size": 1_000, "progress": False, "engine": engine}
        history = fit(model, X, y, "mse", "sgd", sample_weight=weights, **options)
        ends.append([*history.loss, *(p.data for p in model.parameters())])
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_wrong_weights(engine: str) -> None:
    for weights, message in (
        ([1.0], r"1 weight\(s\) for 48 example\(s\)"),
        ([-1.0] * 48, "the weight of example 0 must be a non-negative number"),
        ([0.0] * 48, "nothing to learn"),
    ):
        with pytest.raises(ValueError, match=message):
            train("mse", NUMBERS, sample_weight=weights, engine=engine)
    with pytest.raises(ValueError, match="the mean"):
        train(sum_alone, NUMBERS, sample_weight=WEIGHTS, engine=engine)


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_metrics_are_computed_once_for_all_examples(engine: str) -> None:
    calls = []

    def spread(outputs: Any, targets: Any) -> float:
        calls.append((len(outputs), list(targets)))
        return float(np.max(outputs) - np.min(outputs))

    held = (MOONS.X[:8], NUMBERS[:8])
    history, _ = train(
        "mse", NUMBERS, engine=engine, metrics={"error": mae, "spread": spread}, validation=held, batch_size=20
    )
    assert list(history.columns()) == ["loss", "error", "spread", "validation_loss", "validation_error", *SPREAD]
    assert calls == [(48, NUMBERS), (8, NUMBERS[:8])] * 4
    assert len(history["spread"]) == len(history["validation_error"]) == 4
    assert "validation_spread" in str(history).replace(" ", "_")
    with pytest.raises(KeyError, match="the history has no series 'accuracy'; choose from loss, error, spread"):
        history["accuracy"]


SPREAD = ["validation_spread"]


def test_metrics_of_both_engines_agree() -> None:
    for loss, y, metrics in (
        ("mse", NUMBERS, ["mae", mse]),
        ("cross_entropy", MOONS.y, "accuracy"),
        (classes_with_a_prior, MOONS.y, accuracy),
    ):
        ours, eager = (train(loss, y, engine=engine, metrics=metrics)[0].columns() for engine in ("program", "eager"))
        assert len(ours) >= 2
        assert ours == {name: pytest.approx(x, rel=1e-9) for name, x in eager.items()}


def test_mistakes_in_metrics() -> None:
    for given, message in (
        ("recall", "there is no metric 'recall'; choose from accuracy, mse"),
        ([lambda o, t: 0.0, lambda o, t: 1.0], "two metrics have the same name"),
        ({"loss": mae}, "a metric needs another name than 'loss'"),
        ({"validation_x": mae}, "a metric needs another name than 'validation_x'"),
    ):
        with pytest.raises(ValueError, match=message):
            metrics_of(given, mse)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a metric must be a function of the outputs and the targets, not 3"):
        metrics_of({"three": 3}, mse)  # type: ignore[dict-item]


@pytest.mark.parametrize(("loss", "y"), [("mse", NUMBERS), (sum_alone, NUMBERS), ("cross_entropy", MOONS.y)])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_accumulated_gradients(loss: Any, y: Any, weights: Any) -> None:
    if loss is sum_alone and weights:
        return
    options: Any = {"sample_weight": weights, "batch_size": 5, "accumulate": 4}
    ends = [train(loss, y, engine=engine, **options) for engine in ("program", "eager")]
    assert ends[0][1] == pytest.approx(ends[1][1], rel=1e-9)
    assert ends[0][0].loss == pytest.approx(ends[1][0].loss)
    if loss is not sum_alone:  # a mean of means, weighted by their sizes, is the mean of a larger batch
        at_once = train(loss, y, sample_weight=weights, batch_size=20)
        assert ends[0][1] == pytest.approx(at_once[1], rel=1e-9)
        assert ends[0][0].loss == pytest.approx(at_once[0].loss)
    with pytest.raises(ValueError, match="accumulate must be a positive integer"):
        train(loss, y, accumulate=0)
