"""How the steps of a recorded training are made: by NumPy, a mini-batch after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import Program
from nn.modes import random_numbers
from nn.train.vector import Array, ParameterVector

Index = NDArray[np.intp]


@dataclass(frozen=True)
class TrainingRows:
    """What the programs of a training read of its examples.

    Attributes:
        rows: for each example its numbers, then those of its target.
        weights: the weights of the examples; None if all are equal.
        draws: how many random numbers the model asks for, for each example.
        whole: whether one sample of a program is a whole batch, and not an example.
    """

    rows: Array
    weights: Array | None
    draws: int
    whole: bool

    def equals(self, other: TrainingRows) -> bool:
        """Whether all numbers are the same."""
        pairs: Any = (self.rows, other.rows), (self.weights, other.weights)
        return (self.draws, self.whole) == (other.draws, other.whole) and all(np.array_equal(*pair) for pair in pairs)

    def inputs(self, batch: Sequence[int] | Index, key: tuple[int, ...], start: int = 0) -> list[Array]:
        """The inputs of a program: the numbers of some examples, random numbers, and weights.

        Arguments:
            batch: the indices of the examples.
            key: of the random numbers.
            start: how many examples of the mini-batch come before these.
        """
        parts = [self.rows.take(batch, axis=0)]
        if self.draws:
            parts.append(random_numbers(key, start + len(batch), self.draws)[start:])
        if self.weights is not None:
            parts.append(self.weights.take(batch))
        if self.whole:
            return [np.concatenate([np.ravel(part) for part in parts])[:, None]]
        return [part.T for part in parts]


class Batch(NamedTuple):
    """A mini-batch that is to be replayed.

    Attributes:
        program: gives the mean loss, its gradient, and for each sample the outputs and what is kept.
        examples: the indices of the examples.
        key: of the random numbers that modules ask for.
        share: the weight of this mini-batch among all of a step.
        kept: the indices, in the vector, of the Values that are to hold what is kept.
        outputs: whether the outputs are needed.
    """

    program: Any
    examples: Sequence[int]
    key: tuple[int, ...]
    share: float
    kept: list[int]
    outputs: bool


class Replayed(NamedTuple):
    """What a replay of a mini-batch gives: the loss and, if they are needed, a row for each output of its program."""

    loss: float
    outputs: Array


class ReplayError(ArithmeticError):
    """A mini-batch cannot be replayed: a number is not finite, or an operation is not defined."""


class Steps:
    """Makes the steps of a training with NumPy.

    Arguments:
        vector: the numbers of the parameters.
    """

    def __init__(self, vector: ParameterVector) -> None:
        self.vector = vector

    def make(self, batches: Sequence[Batch], rows: TrainingRows) -> list[Replayed]:
        """Make one optimizer step on the mean loss over some mini-batches.

        Returns:
            For each mini-batch the loss before the step, and the outputs.

        Raises:
            ReplayError: a mini-batch cannot be replayed; no step has been made.
        """
        data = self.vector.now.data
        found: list[Replayed] = []
        slopes: list[Array] = []
        buffers: dict[int, float] = {}
        for batch in batches:
            try:
                loss, gradient, outputs = self.replay(batch, rows, data)
            except (ArithmeticError, ValueError) as error:
                raise ReplayError from error
            if not math.isfinite(loss) or not np.isfinite(gradient).all():
                raise ReplayError
            if batch.kept:
                kept = dict(zip(batch.kept, outputs[len(outputs) - len(batch.kept) :, 0].tolist(), strict=True))
                buffers |= kept
                data = data.copy()
                data[batch.kept] = list(kept.values())
            found.append(Replayed(loss, outputs))
            slopes.append(gradient if batch.share == 1.0 else batch.share * gradient)
        self.vector.step(sum(slopes[1:], slopes[0]), buffers)
        return found

    def replay(self, batch: Batch, rows: TrainingRows, data: Array) -> tuple[float, Array, Array]:
        """The loss of a mini-batch, its gradient, and the outputs.

        Arguments:
            batch: the mini-batch.
            rows: the examples of the training.
            data: the numbers of the parameters.
        """
        inputs = rows.inputs(batch.examples, batch.key)
        found: tuple[float, Array, Array] = batch.program.replay(inputs, inputs[0].shape[1], data)
        return found

    def data(self) -> Array:
        """The current numbers of the parameters, as an array of NumPy."""
        return self.vector.now.data

    def forward(self, program: Program, rows: Array) -> list[Array]:
        """The outputs of a program for some examples, given as rows, with the current parameters."""
        found: list[Array] = program(rows.T, parameters=self.data())
        return found
