"""Normalization: numbers with mean 0 and variance 1, then scaled and shifted by parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import Value, mean, sqrt, square
from autograd.engine.checks import integer, positive
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
        return f"LayerNorm({self.nin})"
