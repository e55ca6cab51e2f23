"""Normalization: numbers with mean 0 and variance 1, then scaled and shifted by parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from autograd import Value, mean, sqrt, square
from autograd.engine.checks import from_zero_to_one, integer, positive
from nn.modes import is_training, keep
from nn.module import Module


class LayerNorm(Module):
    """Normalizes the numbers of one example:  gain * (x - mean) / sqrt(variance + eps) + bias.

    Arguments:
        size: how many numbers.
        eps: keeps the denominator above 0.

    Source: Ba, Kiros, Hinton, "Layer normalization", arXiv 1607.06450, 2016.

    >>> [round(y.data, 6) for y in LayerNorm(2, eps=1e-12)([1.0, 3.0])]
    [-1.0, 1.0]
    """

    name = "norm"
    array_names: ClassVar = {"gain": "weight"}

    def __init__(self, size: int, eps: float = 1e-5) -> None:
        self.nin = self.nout = integer("the number of inputs", size)
        self.eps = positive("eps", eps)
        self.gain = [Value(1.0, f"g{i}") for i in range(size)]
        self.bias = [Value(0.0, f"b{i}") for i in range(size)]

    def __call__(self, x: Sequence[Any]) -> list[Any]:
        """The normalized numbers.

        Raises:
            ValueError: there are more or fewer than ``size``.
        """
        if len(x) != self.nin:
            raise ValueError(f"{self!r} takes {self.nin} number(s), {len(x)} given")
        middle = mean(x)
        centered = [number - middle for number in x]
        deviation = sqrt(mean(map(square, centered)) + self.eps)
        return [g * (c / deviation) + b for g, c, b in zip(self.gain, centered, self.bias, strict=True)]

    def __repr__(self) -> str:
        return f"LayerNorm({self.nin}{_unusual('eps', self.eps, 1e-5)})"


class BatchNorm(Module):
    """Normalizes each number over the examples of a batch:  gain * (x - mean) / sqrt(variance + eps) + bias.

    In training, mean and variance are those of the batch, and the gradient goes through them.  Running means of both
    are kept, with which single examples are normalized when the network predicts.

    Arguments:
        size: how many numbers an example has.
        momentum: the fraction of the running statistics that each batch replaces.
        eps: keeps the denominator above 0.

    Source: Ioffe, Szegedy, "Batch normalization", ICML 2015.

    >>> from nn.modes import training
    >>> norm = BatchNorm(1)
    >>> with training(0):
    ...     outputs = norm.batch([[1.0], [3.0]])
    >>> [round(y.data, 3) for [y] in outputs], round(norm.running_mean[0].data, 3), norm.running_variance[0].data
    ([-1.0, 1.0], 0.2, 1.1)
    """

    name = "norm"
    array_names: ClassVar = {"gain": "weight", "running_variance": "running_var"}
    buffers = ("running_mean", "running_variance")
    needs_batch = True

    def __init__(self, size: int, momentum: float = 0.1, eps: float = 1e-5) -> None:
        self.nin = self.nout = integer("the number of inputs", size)
        self.momentum, self.eps = from_zero_to_one("momentum", momentum), positive("eps", eps)
        self.gain = [Value(1.0, f"g{i}") for i in range(size)]
        self.bias = [Value(0.0, f"b{i}") for i in range(size)]
        self.running_mean = [Value(0.0, f"mean{i}") for i in range(size)]
        self.running_variance = [Value(1.0, f"variance{i}") for i in range(size)]

    def __call__(self, x: Sequence[Any]) -> list[Any]:
        """The numbers of one example, normalized with the running statistics.

        Raises:
            TypeError: in training, when the whole batch is needed.
            ValueError: there are more or fewer numbers than ``size``.
        """
        if is_training():
            raise TypeError("in training BatchNorm needs all examples of a batch at once: call batch(X)")
        self._check(x)
        numbers = zip(x, self.running_mean, self.running_variance, strict=True)
        return [self._normalized(j, *statistics) for j, statistics in enumerate(numbers)]

    def batch(self, X: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """The normalized numbers of each example of a batch."""
        for x in X:
            self._check(x)
        if not is_training():
            return [self(x) for x in X]
        columns = []
        for j, column in enumerate(zip(*X, strict=True)):
            middle = mean(column)
            variance = mean([square(x - middle) for x in column])
            columns.append([self._normalized(j, x, middle, variance) for x in column])
            unbiased = variance * (len(column) / max(len(column) - 1, 1))
            for running, new in ((self.running_mean[j], middle), (self.running_variance[j], unbiased)):
                keep(running, (1.0 - self.momentum) * running + self.momentum * new)
        return [list(row) for row in zip(*columns, strict=True)]

    def _normalized(self, j: int, x: Any, middle: Any, variance: Any) -> Any:
        return self.gain[j] * ((x - middle) / sqrt(variance + self.eps)) + self.bias[j]

    def _check(self, x: Sequence[Any]) -> None:
        if len(x) != self.nin:
            raise ValueError(f"{self!r} takes {self.nin} number(s), {len(x)} given")

    def __repr__(self) -> str:
        momentum = _unusual("momentum", self.momentum, 0.1)
        return f"BatchNorm({self.nin}{momentum}{_unusual('eps', self.eps, 1e-5)})"


def _unusual(name: str, given: float, usual: float) -> str:
    """An argument that is not the default, as it is written in a call."""
    return "" if given == usual else f", {name}={given!r}"
