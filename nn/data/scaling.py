"""Standardized columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nn.data.dataset import Rows


@dataclass
class Scaler:
    """Standardizes columns to mean 0 and standard deviation 1; a constant column is only centered.

    Attributes:
        means, stds: the mean and the standard deviation of each column.
        fill: whether numbers may be missing, that is nan: they are filled with the mean, and so become 0.

    >>> scaler = Scaler.fit([[1.0], [3.0]])
    >>> scaler([[1.0], [5.0]])
    [[-1.0], [3.0]]
    """

    means: list[float]
    stds: list[float]
    fill: bool = False

    @classmethod
    def fit(cls, X: Sequence[Sequence[float]], fill: bool = False) -> Scaler:
        """The scaler fitted to these rows; with ``fill``, to the numbers that are not missing.

        Raises:
            ValueError: there are no rows, or they differ in length, or a column holds a nan or is too large.
        """
        if not len(X):
            raise ValueError("no rows to take a mean of")
        if len({len(row) for row in X}) != 1:
            raise ValueError("the rows differ in length")
        means, stds = [], []
        for i, given in enumerate(zip(*X, strict=True)):
            column = [x for x in given if not math.isnan(x)] if fill else given
            if not column:
                raise ValueError(f"column {i} cannot be filled: all of its numbers are missing")
            try:
                mean = math.fsum(column) / len(column)
                std = math.hypot(*(x - mean for x in column)) / math.sqrt(len(column))
            except OverflowError:
                mean = std = math.inf
            if not math.isfinite(std):
                raise ValueError(f"column {i} cannot be scaled: it holds a nan, or numbers that are too large")
            means.append(mean)
            stds.append(std if min(column) < max(column) else 0.0)
        return cls(means, stds, fill)

    def __call__(self, X: Sequence[Sequence[float]]) -> Rows:
        """The rows, scaled.

        Raises:
            ValueError: a row has more or fewer numbers than the rows that this scaler was fitted to.
        """
        scales = [(mean, std or 1.0) for mean, std in zip(self.means, self.stds, strict=True)]
        for i, row in enumerate(X):
            if len(row) != len(scales):
                raise ValueError(f"row {i} has {len(row)} number(s), but this scaler takes rows of {len(scales)}")
        found = [[(float(x) - mean) / std for x, (mean, std) in zip(row, scales, strict=True)] for row in X]
        return [[0.0 if math.isnan(x) else x for x in row] for row in found] if self.fill else found


def standardize(X: Sequence[Sequence[float]], *others: Sequence[Sequence[float]]) -> Any:
    """Standardize the columns of X to mean 0 and standard deviation 1; transform others, e.g. a test set, the same way.

    Returns:
        The new rows; with others, a tuple of the new rows of X and of each of the others.

    >>> standardize([[1.0], [3.0]], [[5.0]])
    ([[-1.0], [1.0]], [[3.0]])
    """
    scaler = Scaler.fit(X)
    return (scaler(X), *map(scaler, others)) if others else scaler(X)
