"""Trainings made at random: both engines end with the same numbers, or the replay is refused."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
from verdicts import WrongError, same

import nn
from autograd import maximum, mean, square
from nn import BatchNorm, Dropout, Layer, LayerNorm, Parallel, Residual, Sequential, optim
from nn.train.history import History

SMOOTH = ("tanh", "sigmoid", "softplus", "silu", "gelu", "sin", "linear")  # the last digit may decide at a kink


def trainings(rng: random.Random) -> str:
    """fit with everything that it takes, by both engines."""
    made = Made(rng)
    try:
        found = made.run("program")
    except (TypeError, ValueError):
        return "refused"
    except nn.NonFiniteLossError:
        found = None
    try:
        wanted = made.run("eager")
    except nn.NonFiniteLossError:
        wanted = None
    if found is None or wanted is None:
        if found is not wanted:
            raise WrongError(f"only one engine has found that the loss is not finite: {made!r}")
        return "right"
    for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
        if not same(a, b, 1e-6):
            raise WrongError(f"number {i} is {a}, not {b}: {made!r}")
    return "right"


class Made:
    """A training with random options, to be run by any engine.

    Attributes:
        options: those of ``nn.fit`` that are plain.
        parts: the others, by what they are.
    """

    def __init__(self, rng: random.Random) -> None:
        self.seed = rng.random()
        count = rng.choice([1, 3, 8, 13])
        self.width = rng.choice([1, 2, 3])
        self.X = [[rng.gauss(0.0, 1.0) for _ in range(self.width)] for _ in range(count)]
        self.loss, self.nout, self.y = objective(rng, count)
        self.layers = rng.choice([[], ["layer"], ["layer", *rng.sample(BLOCKS, rng.choice([1, 2]))]])
        self.optimizer = rng.choice(OPTIMIZERS)
        self.clipping = rng.choice([{}, {}, {"clip_norm": 0.3}, {"clip_value": 0.05}])
        self.rate = rng.choice(RATES)
        self.form = rng.choice(["lists", "lists", "arrays", "tuples"])
        self.change = rng.choice([None, None, *CHANGES])
        self.options: dict[str, Any] = {
            "epochs": rng.choice([1, 2, 4]),
            "batch_size": rng.choice([1, 2, 5, 32]),
            "seed": rng.randrange(99),
            "accumulate": rng.choice([1, 1, 2, 3]),
            "progress": False,
        }
        if rng.random() < 0.3:
            self.options["sample_weight"] = [rng.choice([0.0, 0.5, 1.0, 3.0]) for _ in range(count - 1)] + [1.0]
        if rng.random() < 0.4:
            self.options["validation"] = self.X[:2], self.y[:2]
            self.options["patience"] = rng.choice([None, 1, 2])
        if rng.random() < 0.3 or "dropout" in self.layers:  # which may leave outputs equal but for their last digits
            self.options["metrics"] = [sum_of_all]

    def __repr__(self) -> str:
        name = getattr(self.loss, "__name__", self.loss)
        shown = {key: x for key, x in self.options.items() if key not in ("progress", "validation", "sample_weight")}
        change = getattr(self.change, "__name__", None)
        rate = "a schedule" if callable(self.rate) else self.rate
        given = [key for key in ("validation", "sample_weight") if key in self.options]
        return (
            f"{len(self.X)} examples of {self.width} as {self.form}, {self.layers} -> {self.nout}, {name}, "
            f"{self.optimizer}, {self.clipping}, {rate}, {change}, {shown}, {given}"
        )

    def model(self) -> nn.Module:
        rng, layers, size = random.Random(self.seed), [], self.width
        for kind in self.layers:
            layer, size = block(kind, rng, size)
            layers.append(layer)
        last = Layer(size, self.nout, "linear", seed=rng.randrange(99))
        return Sequential(*layers, last)

    def run(self, engine: str) -> list[float]:
        """The parameters and buffers, the history, and the state of the optimizer at the end of a training."""
        model = self.model()
        kind, given = self.optimizer
        optimizer = kind(model.parameters(), lr=self.rate, **given, **self.clipping)
        X, y, options = deepcopy((self.X, self.y, self.options))
        if self.form == "arrays":
            X, y = np.array(X), np.array(y)
        elif self.form == "tuples":
            X, y = tuple(map(list, X)), tuple(y)

        def callback(history: History) -> None:
            if self.change:
                self.change(len(history), model, optimizer, X)

        if self.change:
            options["callbacks"] = callback
        history = nn.fit(model, X, y, self.loss, optimizer, engine=engine, **options)
        found = [*model.state_dict().values(), *(x for column in history.columns().values() for x in column)]
        return found + [x for column in optimizer.state.values() for x in column]


# ------------------------------------------------------------------------------------------------------------- models

BLOCKS = ["layer", "dropout", "layer norm", "batch norm", "residual", "parallel"]


def block(kind: str, rng: random.Random, size: int) -> tuple[Any, int]:
    """A part of a network, and how many numbers it gives."""

    def layer(nout: int) -> Layer:
        return Layer(size, nout, rng.choice(SMOOTH), seed=rng.randrange(99))

    if kind == "layer":
        nout = rng.choice([1, 2, 3])
        return layer(nout), nout
    if kind == "dropout":
        return Dropout(rng.choice([0.0, 0.2, 0.5])), size
    if kind == "layer norm":
        return LayerNorm(size, eps=0.1), size
    if kind == "batch norm":
        return BatchNorm(size, eps=0.1), size
    if kind == "residual":
        return Residual(Sequential(layer(size), Dropout(0.3)) if rng.random() < 0.3 else layer(size)), size
    return Parallel(layer(1), layer(2)), 3


# ------------------------------------------------------------------------------------------------------------- losses


def penalized(outputs: Any, targets: Any, model: Any) -> Any:
    return nn.mse(outputs, targets) + 0.05 * nn.l2(model.parameters())


def summed(outputs: Any, targets: Any) -> Any:
    return sum(square(o - t) for o, t in zip(outputs, targets, strict=True))


def summed_and_penalized(outputs: Any, targets: Any, model: Any) -> Any:
    return summed(outputs, targets) - 0.1 * sum(model.parameters()) + 0.05 * nn.l2(model.parameters())


def softest(outputs: Any, targets: Any) -> Any:
    """It is neither a mean nor a sum."""
    return square(mean([o - t for o, t in zip(outputs, targets, strict=True)])) + 0.1 * mean(map(square, outputs))


def largest(outputs: Any, targets: Any) -> Any:
    return maximum([square(o - t) for o, t in zip(outputs, targets, strict=True)])


def smoothed(outputs: Any, targets: Any) -> Any:
    return nn.cross_entropy(outputs, targets, smoothing=0.2)


def by_class_number(outputs: Any, targets: Any) -> Any:
    return mean([square(1.0 - row[int(t)]) for row, t in zip(outputs, targets, strict=True)])


REGRESSION = ["mse", "huber", nn.mse, penalized, summed, summed_and_penalized, softest, largest]
CLASSES = ["cross_entropy", "focal", nn.cross_entropy, smoothed, by_class_number]


def objective(rng: random.Random, count: int) -> tuple[Any, int, list[Any]]:
    """A loss, how many outputs it takes, and targets."""
    what = rng.choice(["regression", "regression", "rows", "classes", "probabilities", "logits", "signs"])
    if what == "regression":
        return rng.choice(REGRESSION), 1, [rng.gauss(0.0, 1.0) for _ in range(count)]
    if what == "rows":
        return rng.choice(["mse", "huber"]), 2, [[rng.gauss(0.0, 1.0) for _ in range(2)] for _ in range(count)]
    if what == "classes":
        return rng.choice(CLASSES), 3, [rng.randrange(3) for _ in range(count)]
    if what == "probabilities":
        parts = [[rng.random() for _ in range(2)] for _ in range(count)]
        return rng.choice(["cross_entropy", "focal", smoothed]), 2, [[p / sum(row) for p in row] for row in parts]
    if what == "logits":
        return "binary_cross_entropy", 1, [rng.choice([0, 1, 0.25]) for _ in range(count)]
    return "hinge", 1, [rng.choice([-1, 1]) for _ in range(count)]


def sum_of_all(outputs: Any, targets: Any) -> float:
    """A metric, of arrays."""
    return float(np.sum(outputs) + np.sum(targets))


# --------------------------------------------------------------------------------------------------------- optimizers


class Sign(nn.Optimizer):
    """A rule with a state and a kink at 0."""

    def rule(self, p: Any, g: Any, lr: Any, t: Any, mean: Any) -> Any:
        mean = 0.9 * mean + 0.1 * g
        return p - lr * mean / (0.1 + abs(mean)), mean


class Branches(nn.Optimizer):
    """A rule that cannot be recorded."""

    def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
        return p - lr * (g if g > 0.0 else 0.5 * g)


OPTIMIZERS: list[tuple[Callable[..., nn.Optimizer], dict[str, Any]]] = [
    (nn.SGD, {}),
    (nn.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (nn.SGD, {"momentum": 0.5}),
    (nn.Adam, {"eps": 1e-2, "weight_decay": 0.01}),
    (nn.AdamW, {"eps": 1e-2}),
    (nn.RMSprop, {"eps": 1e-2, "momentum": 0.3}),
    (nn.Adagrad, {"eps": 1e-2}),
    (Sign, {}),
    (Branches, {}),
]
SCHEDULES: list[Any] = [optim.exponential_lr(0.1, 0.9), optim.one_cycle_lr(0.1, 10), lambda step: 0.1 / (1 + step)]
RATES = [0.05, 0.05, *SCHEDULES]


# ---------------------------------------------------------------------------------------------------------- callbacks


def a_parameter(epoch: int, model: nn.Module, optimizer: nn.Optimizer, X: Any) -> None:
    model.parameters()[0].data *= 0.5


def the_rate(epoch: int, model: nn.Module, optimizer: nn.Optimizer, X: Any) -> None:
    optimizer.lr = 0.01 * epoch


def the_examples(epoch: int, model: nn.Module, optimizer: nn.Optimizer, X: Any) -> None:
    X[epoch % len(X)][0] += 0.3


def the_state(epoch: int, model: nn.Module, optimizer: nn.Optimizer, X: Any) -> None:
    for name, column in optimizer.state.items():
        optimizer.state[name] = [0.5 * x for x in column]


def a_bound_of_the_gradient(epoch: int, model: nn.Module, optimizer: nn.Optimizer, X: Any) -> None:
    optimizer.clip_norm = 0.1 * epoch


CHANGES = [a_parameter, the_rate, the_examples, the_state, a_bound_of_the_gradient]
