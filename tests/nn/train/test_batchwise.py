"""Models and losses for which a batch is more than its examples; both engines agree."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from nn import BatchNorm, Dropout, Layer, Parallel, Residual, Sequential, data, fit, training

MOONS = data.moons(40, seed=1)
NUMBERS = [x[0] - x[1] for x in MOONS.X]


def largest(outputs: Any, targets: Any) -> Any:
    return autograd.maximum(*((o - t) ** 2 for o, t in zip(outputs, targets, strict=True)), 0.0)


def mean_of_few_and_sum_of_many(outputs: Any, targets: Any) -> Any:
    squares = [0.1 * (o - t) ** 2 for o, t in zip(outputs, targets, strict=True)]
    return sum(squares) / len(squares) if len(squares) < 3 else sum(squares)


def variance_of_errors(outputs: Any, targets: Any) -> Any:
    errors = [o - t for o, t in zip(outputs, targets, strict=True)]
    return autograd.mean(autograd.square(e - autograd.mean(errors)) for e in errors) + 0.1 * errors[0] ** 2


def weighted_by_the_batch(outputs: Any, targets: Any) -> Any:
    weights = [1.0 + 9.0 * t for t in targets]
    squares = [(o - t) ** 2 for o, t in zip(outputs, targets, strict=True)]
    return sum(w * s for w, s in zip(weights, squares, strict=True)) / sum(weights)


def normalized(outputs: int = 2) -> nn.Module:
    return Sequential(Layer(2, 5, "linear", seed=1), BatchNorm(5), autograd_tanh, Layer(5, outputs, "linear", seed=2))


def autograd_tanh(x: Any) -> Any:
    return list(map(autograd.tanh, x))


def deep() -> nn.Module:
    return Sequential(
        Parallel(Layer(2, 3, "tanh", seed=1), Sequential(BatchNorm(2), Layer(2, 1, "tanh", seed=2))),
        Residual(Sequential(Layer(4, 4, "linear", seed=3), BatchNorm(4, momentum=0.5))),
        Dropout(0.2),
        Layer(4, 2, "linear", seed=4),
    )


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("make", [normalized, deep])
def test_networks_with_batch_norm(make: Any, accumulate: int, tmp_path: Path) -> None:
    ends, histories = [], []
    for engine in ("program", "eager"):
        model = make()
        options: Any = {"epochs": 4, "batch_size": 12, "progress": False, "seed": 0, "accumulate": accumulate}
        options["validation"] = MOONS.X, MOONS.y
        history = fit(model, MOONS.X, MOONS.y, "cross_entropy", "adam", engine=engine, **options)
        ends.append(list(model.state_dict().values()))
        histories.append(history.columns())
        assert any("running_mean" in name for name in model.state_dict())
        assert not any("running" in name for name, _ in model.named_parameters())
        found = model.predict(np.array(MOONS.X))
        assert found == pytest.approx(np.array(model.predict(MOONS.X, "eager")), rel=1e-9)
        assert found[:1] == pytest.approx(model.predict(np.array(MOONS.X[:1])))  # the others do not matter
    assert ends[0] == pytest.approx(ends[1], rel=1e-6, abs=1e-8)
    assert histories[0] == {name: pytest.approx(series, rel=1e-6) for name, series in histories[1].items()}

    saved = tmp_path / "model.json"
    model.save(saved)
    other = make()
    other.load(saved)
    assert other.predict(MOONS.X) == model.predict(MOONS.X)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin.predict(MOONS.X) == model.predict(MOONS.X)
        assert [name for name, _ in twin.named_parameters()] == [name for name, _ in model.named_parameters()]


@pytest.mark.parametrize("loss", [largest, mean_of_few_and_sum_of_many, variance_of_errors, weighted_by_the_batch])
def test_losses_that_are_not_means(loss: Any) -> None:
    targets = MOONS.y if loss is weighted_by_the_batch else NUMBERS
    ends = []
    for engine in ("program", "eager"):
        model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
        options: Any = {"epochs": 3, "batch_size": 11, "progress": False, "seed": 0, "engine": engine}
        history = fit(model, MOONS.X, targets, loss, "sgd", validation=(MOONS.X, targets), **options)
        ends.append([*history.loss, *history.validation_loss, *(p.data for p in model.parameters())])
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_a_checkpoint_has_the_running_statistics(engine: str, tmp_path: Path) -> None:
    def run(epochs: int, folder: Path | None) -> list[float]:
        model = deep()
        options: Any = {"batch_size": 16, "progress": False, "seed": 0, "engine": engine, "checkpoint": folder}
        fit(model, MOONS.X, MOONS.y, "cross_entropy", "adam", epochs, **options)
        return list(model.state_dict().values())

    run(1, tmp_path)
    assert run(3, tmp_path) == run(3, None)


def test_batch_norm_by_hand() -> None:
    norm = BatchNorm(2, momentum=0.1, eps=1e-5)
    X = [[1.0, 10.0], [2.0, 20.0], [6.0, 60.0]]
    with training(0) as kept:
        outputs = norm.batch(X)
        assert [x.data for x in norm.running_mean] == [0.0, 0.0]
    assert len(kept) == 4
    columns = np.array(X)
    wanted = (columns - columns.mean(axis=0)) / np.sqrt(columns.var(axis=0) + 1e-5)
    assert np.array([[y.data for y in row] for row in outputs]) == pytest.approx(wanted)
    assert [x.data for x in norm.running_mean] == pytest.approx(0.1 * columns.mean(axis=0))
    assert [x.data for x in norm.running_variance] == pytest.approx(0.9 + 0.1 * columns.var(axis=0, ddof=1))
    alone = [y.data for y in norm([1.0, 10.0])]
    assert alone == pytest.approx([(1.0 - 0.3) / (0.9 + 0.7 + 1e-5) ** 0.5, (10.0 - 3.0) / (0.9 + 70.0 + 1e-5) ** 0.5])
    assert [[y.data for y in row] for row in norm.batch([[1.0, 10.0]])] == [alone]
    with pytest.raises(ValueError, match=r"BatchNorm\(2\) takes 2 number\(s\), 1 given"):
        norm([1.0])


def test_the_gradient_goes_through_the_statistics() -> None:
    norm = BatchNorm(1)
    X = [[Value(1.0)], [Value(2.0)], [Value(4.0)]]
    with training(0):
        outputs = norm.batch(X)
    (outputs[0][0] * 2.0 + outputs[1][0]).backward()
    assert sum(x.grad for [x] in X) == pytest.approx(0.0, abs=1e-9)  # a shift of all examples changes nothing
    assert sum(x.grad * (x.data - 7.0 / 3.0) for [x] in X) == pytest.approx(0.0, abs=1e-4)  # nor does stretching them


def test_modules_that_need_the_batch() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            self.norm = BatchNorm(2)

        def __call__(self, x: Any) -> Any:
            return self.norm(x)[0]

    class Other(nn.MLP):
        def __call__(self, x: Any) -> Any:
            return super().__call__(x)

    for model in (Own(), Other(2, [2, 1], seed=1)):
        if isinstance(model, Other):
            model.layers.insert(1, BatchNorm(2))
        for engine in ("program", "eager"):
            with pytest.raises(TypeError, match=r"it must define batch\(self, X\)"):
                fit(model, MOONS.X, NUMBERS, engine=engine, progress=False)
    with pytest.raises(TypeError, match="needs all examples of a batch at once"), training(0):
        BatchNorm(2)([1.0, 2.0])


def test_weights_of_examples() -> None:
    def largest(outputs: Any, targets: Any) -> Any:
        return autograd.maximum([(o - t) ** 2 for o, t in zip(outputs, targets, strict=True)])

    weights = [0.5 + i % 3 for i in range(40)]
    losses = []
    for engine in ("program", "eager"):
        options: dict[str, Any] = {"sample_weight": weights, "engine": engine, "progress": False, "seed": 1}
        losses.append(fit(normalized(1), MOONS.X, NUMBERS, epochs=5, **options).loss)
        with pytest.raises(ValueError, match=r"the mean of those of its examples$"):
            fit(normalized(1), MOONS.X, NUMBERS, largest, **options)
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)
    assert losses[0] != fit(normalized(1), MOONS.X, NUMBERS, epochs=5, progress=False, seed=1).loss
