"""Every layer: by hand, and trained by both engines, which end with the same numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import check_grads
from nn import (
    MLP,
    Dropout,
    Embedding,
    GRUCell,
    Layer,
    LayerNorm,
    LSTMCell,
    Parallel,
    Recurrent,
    Residual,
    RNNCell,
    Sequential,
    data,
    fit,
    is_training,
    training,
    uniform,
)

MOONS = data.moons(48, seed=1)
WAVES = [[[math.sin(0.3 * t + k) + 0.1 * t] for t in range(6)] for k in range(24)]
NEXT = [math.sin(0.3 * 6 + k) + 0.6 for k in range(24)]
SYMBOLS = [[i % 5, (3 * i + 1) % 5, (2 * i) % 5] for i in range(40)]
SUMS = [float(a == b) + 0.5 * c for a, b, c in SYMBOLS]


class Noisy(nn.Module):
    """A module of one's own that adds noise in training."""

    def __call__(self, x: Any) -> Any:
        return [h + 0.2 * (uniform() - 0.5) for h in x] if is_training() else x


class OtherMode(nn.Module):
    """It behaves differently in training, without random numbers."""

    def __call__(self, x: Any) -> Any:
        return [2.0 * h for h in x] if is_training() else x


def flat(vectors: Any) -> list[Any]:
    return [number for vector in vectors for number in vector]


MODELS: dict[str, tuple[Callable[[], nn.Module], Any, Any, str]] = {
    "dropout": (
        lambda: Sequential(Layer(2, 8, "tanh", seed=1), Dropout(0.3), Layer(8, 2, "linear", seed=2)),
        MOONS.X,
        MOONS.y,
        "cross_entropy",
    ),
    "two dropouts": (
        lambda: Sequential(Dropout(0.1), Layer(2, 8, seed=1), Dropout(0.5), Layer(8, 2, "linear", seed=2)),
        np.array(MOONS.X),
        np.array(MOONS.y),
        "cross_entropy",
    ),
    "noise": (
        lambda: Sequential(Noisy(), Layer(2, 4, "tanh", seed=1), Noisy(), Layer(4, 1, "linear", seed=2)),
        MOONS.X,
        MOONS.y,
        "binary_cross_entropy",
    ),
    "other mode": (lambda: Sequential(OtherMode(), Layer(2, 2, "linear", seed=1)), MOONS.X, MOONS.y, "cross_entropy"),
    "layer norm": (
        lambda: Sequential(Layer(2, 5, seed=1), LayerNorm(5), Layer(5, 2, "linear", seed=2)),
        MOONS.X,
        MOONS.y,
        "cross_entropy",
    ),
    "residual and parallel": (
        lambda: Sequential(
            Parallel(Layer(2, 3, "tanh", seed=1), Layer(2, 1, "relu", seed=2)),
            Residual(Sequential(Layer(4, 5, "tanh", seed=3), Layer(5, 4, "linear", seed=4))),
            Layer(4, 2, "linear", seed=5),
        ),
        MOONS.X,
        MOONS.y,
        "cross_entropy",
    ),
    "rnn": (lambda: Sequential(Recurrent(RNNCell(1, 4, seed=1)), Layer(4, 1, "linear", seed=2)), WAVES, NEXT, "mse"),
    "gru": (lambda: Sequential(Recurrent(GRUCell(1, 3, seed=1)), Layer(3, 1, "linear", seed=2)), WAVES, NEXT, "mse"),
    "lstm": (lambda: Sequential(Recurrent(LSTMCell(1, 3, seed=1)), Layer(3, 1, "linear", seed=2)), WAVES, NEXT, "mse"),
    "embedding": (
        lambda: Sequential(Embedding(5, 2, seed=1), flat, MLP(6, [4, 1], activation="tanh", seed=2)),
        SYMBOLS,
        SUMS,
        "mse",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_both_engines_train_the_same(name: str) -> None:
    make, X, y, loss = MODELS[name]
    ends, histories = [], []
    for engine in ("program", "eager"):
        model = make()
        options: Any = {"epochs": 10, "batch_size": 7, "progress": False, "seed": 3, "validation": (X, y)}
        history = fit(model, X, y, loss, "adam", engine=engine, **options)
        ends.append([p.data for p in model.parameters()])
        histories.append(history.columns())
        assert np.array(model.predict(X)) == pytest.approx(np.array(model.predict(list(X), "eager")), rel=1e-9)
    assert ends[0] == pytest.approx(ends[1], rel=1e-7, abs=1e-9)
    assert histories[0] == {name: pytest.approx(series, rel=1e-7) for name, series in histories[1].items()}
    assert histories[0]["validation_loss"][-1] < histories[0]["validation_loss"][0]


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_a_seed_repeats_the_random_numbers(engine: str, tmp_path: Path) -> None:
    make, X, y, loss = MODELS["dropout"]

    def run(epochs: int, seed: int | None, folder: Path | None = None) -> list[float]:
        model = make()
        options: Any = {"progress": False, "seed": seed, "engine": engine, "checkpoint": folder}
        fit(model, X, y, loss, "adam", epochs, **options)
        return [p.data for p in model.parameters()]

    assert run(3, 1) == run(3, 1) != run(3, 2)
    run(1, 1, tmp_path)
    assert run(3, 1, tmp_path) == run(3, 1)
    run(1, None, tmp_path / "other")
    assert run(2, None, tmp_path / "other") == run(2, None, tmp_path / "other")


def test_dropout_keeps_the_expected_value() -> None:
    dropout = Dropout(0.25)
    numbers = [1.0] * 40_000
    assert dropout(numbers) is numbers
    with training(0):
        found = dropout(numbers)
    assert set(found) == {0.0, 1.0 / 0.75}
    assert sum(found) / len(found) == pytest.approx(1.0, abs=0.02)
    for bad in (1.0, -0.1, "0.5"):
        with pytest.raises((ValueError, TypeError), match="p must be a number in"):
            Dropout(bad)  # type: ignore[arg-type]


def test_a_seed_of_numpy_is_the_same_seed() -> None:
    numbers = []
    for seed in (3, np.int64(3)):
        with training(seed):
            numbers.append(uniform())
    assert numbers[0] == numbers[1]
    with pytest.raises(TypeError, match="float"), training(0.5):  # type: ignore[arg-type]
        pass


def test_random_numbers_are_for_training() -> None:
    with pytest.raises(RuntimeError, match="random numbers are for training"):
        uniform()

    class Moody(nn.Module):
        """It asks for more random numbers for some examples than for others."""

        def __call__(self, x: Any) -> Any:
            return sum(uniform() for _ in range(int(x[0]))) if is_training() else x[0]

    for engine, message in (("program", "cannot be replayed"), ("eager", "a module asks for more random numbers")):
        with pytest.raises(ValueError, match=message):
            fit(Both(Moody()), [[1.0], [2.0]], [0.0, 1.0], progress=False, engine=engine)


class Both(nn.Module):
    def __init__(self, noise: nn.Module) -> None:
        self.noise, self.layer = noise, Layer(1, 1, "linear", seed=1)

    def __call__(self, x: Any) -> Any:
        return self.layer(x)[0] + self.noise([round(float(getattr(x[0], "_data", x[0])))])


def test_layer_norm_by_hand() -> None:
    norm = LayerNorm(3, eps=1e-5)
    norm.gain[0].data, norm.bias[2].data = 2.0, 5.0
    found = [y.data for y in norm([1.0, 2.0, 6.0])]
    deviation = math.sqrt(14.0 / 3.0 + 1e-5)
    assert found == pytest.approx([2.0 * -2.0 / deviation, -1.0 / deviation, 3.0 / deviation + 5.0])
    with pytest.raises(ValueError, match=r"LayerNorm\(3\) takes 3 number\(s\), 2 given"):
        norm([1.0, 2.0])


def test_a_gru_by_hand() -> None:
    cell = GRUCell(1, 1, seed=1)
    weights = {
        name: ([w.data for w in layer.neurons[0].weights], layer.neurons[0].bias)
        for name, layer in (("reset", cell.reset), ("keep", cell.keep), ("next", cell.next))
    }
    x, h = 0.7, -0.4

    def gate(name: str, state: float) -> float:
        (a, b), bias = weights[name]
        return a * x + b * state + bias.data

    r, z = (1.0 / (1.0 + math.exp(-gate(name, h))) for name in ("reset", "keep"))
    n = math.tanh(gate("next", r * h))
    assert cell([x], [h])[0].data == pytest.approx((1.0 - z) * n + z * h, rel=1e-14)


def test_an_lstm_keeps_its_memory_at_first() -> None:
    cell = LSTMCell(2, 3, seed=1)
    assert [neuron.bias.data for neuron in cell.forget.neurons] == [1.0] * 3
    state = cell([0.5, -0.5], cell.start())
    assert len(state) == 6
    assert [y.data for y in cell.outputs(state)] == [h.data for h in state[:3]]
    network = Recurrent(cell, every=True)
    assert [len(step) for step in network([[0.1, 0.2], [0.3, 0.4]])] == [3, 3]
    assert repr(network) == "Recurrent(LSTMCell(2 -> 3), every=True)"


@pytest.mark.parametrize("kind", [RNNCell, GRUCell, LSTMCell])
def test_derivatives_of_cells(kind: Any) -> None:
    network = Recurrent(kind(1, 2, seed=1))
    check_grads(lambda a, b: sum(network([[a], [b], [a * b]])), 0.3, -0.8)
    for sequence, message in (([], "at least one step"), ([[1.0], [1.0, 2.0]], r"step 1 has 2 input\(s\), but")):
        with pytest.raises(ValueError, match=message):
            network(sequence)


def test_an_embedding_returns_its_vectors() -> None:
    embedding = Embedding(4, 3, seed=1)
    assert embedding([2, 0.0]) == [embedding.vectors[2], embedding.vectors[0]]
    assert embedding.num_parameters == 12
    assert [y.data for y in embedding(nn.module.Value(2.0))] == [v.data for v in embedding.vectors[2]]
    for bad, kind in ((4, IndexError), (-1, IndexError), (1.5, TypeError), ("a", TypeError), (True, TypeError)):
        with pytest.raises(kind, match="a symbol is an integer from 0 to 3, not"):
            embedding(bad)
    model = Sequential(embedding, flat, MLP(3, [1], seed=1))
    for bad in (7, 1.5):  # in a replay there is no result, and so an error
        with pytest.raises((ArithmeticError, ValueError, IndexError, TypeError)):
            fit(model, [[0], [1], [bad], [2]], [0.0, 1.0, 2.0, 3.0], progress=False, epochs=1)


def test_networks_that_do_not_fit_together() -> None:
    with pytest.raises(ValueError, match="must return as many numbers as it takes, not 3 for 2"):
        Residual(Layer(2, 3, seed=1))([1.0, 2.0])
    with pytest.raises(ValueError, match="at least one block"):
        Parallel()
    with pytest.raises(ValueError, match=r"layer 0 gives 4 output\(s\), but layer 1 takes 3"):
        Sequential(Parallel(Layer(2, 3), Layer(2, 1)), Layer(3, 1))
    assert (
        repr(Parallel(Layer(2, 3), Residual(Layer(2, 2))))
        == "Parallel(Layer(2 -> 3 relu), Residual(Layer(2 -> 2 relu)))"
    )
