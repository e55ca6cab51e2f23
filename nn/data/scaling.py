"""Standardized columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nn.data.dataset import Rows, by_position


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
    def fit(cls, X: Sequence[Sequence[float]], fill: bool = False, names: Sequence[str] | None = None) -> Scaler:
        """The scaler fitted to these rows; with ``fill``, to the numbers that are not missing.

        Arguments:
            X: the rows: lists, an array, or a data frame.
            fill: whether numbers may be missing.
            names: the names of the columns, for error messages.

        Raises:
            ValueError: there are no rows, or they differ in length, or a column holds a nan or is too large.
        """
        X = _rows(X)
        if not len(X):
            raise ValueError("no rows to take a mean of")
        if len({len(row) for row in X}) != 1:
            raise ValueError("the rows differ in length")
        means, stds = [], []
        for number, given in enumerate(zip(*X, strict=True)):
            i = repr(names[number]) if names else number
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
            ValueError: a row has more or fewer numbers than those that this scaler was fitted to, or a number becomes
                too large.
        """
        X = _rows(X)
        scales = [(mean, std or 1.0) for mean, std in zip(self.means, self.stds, strict=True)]
        for i, row in enumerate(X):
            if len(row) != len(scales):
                raise ValueError(f"row {i} has {len(row)} number(s), but this scaler takes rows of {len(scales)}")
        found = [[(x - mean) / std for x, (mean, std) in zip(row, scales, strict=True)] for row in X]
        for i, row in enumerate(found):
            if any(map(math.isinf, row)):
                raise ValueError(
                    f"row {i} cannot be scaled: a number in it is too large for a column of so small numbers"
                )
        return [[0.0 if math.isnan(x) else x for x in row] for row in found] if self.fill else found


def _rows(X: Any) -> Rows:
    """Rows of 64-bit floats, from lists, an array or a data frame."""
    listed = by_position(X).tolist() if hasattr(X, "dtype") or hasattr(X, "to_numpy") else X
    if any(not hasattr(row, "__len__") or isinstance(row, str) for row in listed):
        raise ValueError("a Scaler takes rows of numbers; for single numbers give rows of one, [[x] for x in numbers]")
    return [list(map(float, row)) for row in listed]


def standardize(X: Sequence[Sequence[float]], *others: Sequence[Sequence[float]]) -> Any:
    """Standardize the columns of X to mean 0 and standard deviation 1; transform others, e.g. a test set, the same way.

    Returns:
        The new rows; with others, a tuple of the new rows of X and of each of the others.

    >>> standardize([[1.0], [3.0]], [[5.0]])
    ([[-1.0], [1.0]], [[3.0]])
    """
    scaler = Scaler.fit(X)
    return (scaler(X), *map(scaler, others)) if others else scaler(X)
