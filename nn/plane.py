"""A plane through the examples: their coordinates in it, and the grid of points at which a model is evaluated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

Row = list[float]

# A palette that is safe for color blindness (Okabe, Ito, "Color Universal Design", 2008).
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442", "#000000")


class Plane:
    """A rectangle in the plane spanned by two columns of the examples, or by their first two principal components.

    Arguments:
        X: the examples, as rows of at least two numbers.
        features: the two columns that span the plane; the others are held at their means.  None means both columns if
            there are exactly two, and the principal components otherwise.
        names: the names of the columns.
        steps: the number of grid points in each direction.

    Attributes:
        u, v: the horizontal and the vertical coordinates of the grid, ``steps`` each.
        points: all grid points as examples, row by row from the bottom: steps * steps rows.
        labels: the labels of the two axes.

    Raises:
        ValueError: X has only one column, or features are not two columns of X.
    """

    def __init__(
        self,
        X: Any,
        features: tuple[int, int] | None = None,
        names: Sequence[str] | None = None,
        steps: int = 60,
    ) -> None:
        rows = _rows(X)
        self._center = [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
        self._directions, self.labels = _span(rows, features, names)
        # Axes along columns show the columns' values; axes along principal components show distances from the mean.
        aligned = all(x in (0.0, 1.0) for direction in self._directions for x in direction)
        self._shift = [_dot(direction, self._center) if aligned else 0.0 for direction in self._directions]
        low, high = spread(self.project(rows))
        self.u, self.v = ([a + (b - a) * i / (steps - 1) for i in range(steps)] for a, b in zip(low, high, strict=True))
        self.points = [self._example(u, v) for v in self.v for u in self.u]

    def project(self, rows: Iterable[Iterable[float]]) -> list[Row]:
        """The coordinates of examples in the plane: a pair of numbers for each."""
        return [
            [
                _dot(direction, [x - c for x, c in zip(row, self._center, strict=True)]) + shift
                for direction, shift in zip(self._directions, self._shift, strict=True)
            ]
            for row in rows
        ]

    def _example(self, u: float, v: float) -> Row:
        """The point of the plane with these coordinates, as an example."""
        a, b = u - self._shift[0], v - self._shift[1]
        return [c + a * x + b * y for c, x, y in zip(self._center, *self._directions, strict=True)]


def spread(rows: Sequence[Sequence[float]]) -> tuple[Row, Row]:
    """The range of numbers, column by column, with a margin on both sides."""
    lows, highs = [], []
    for column in zip(*rows, strict=True):
        low, high = min(column), max(column)
        margin = 0.08 * (high - low) if high > low else 0.5 * max(abs(high), 1.0)
        lows.append(low - margin)
        highs.append(high + margin)
    return lows, highs


def _rows(X: Any) -> list[Row]:
    """The examples as rows of numbers.

    Raises:
        ValueError: they are not rows of at least two numbers, all of one length.
    """
    try:
        rows = [[float(x) for x in row] for row in X]
    except TypeError:
        raise ValueError(f"expected rows of at least two numbers, not {X!r:.80}") from None
    widths = {len(row) for row in rows}
    if len(widths) != 1 or min(widths) < 2:
        raise ValueError(f"expected rows of at least two numbers, not {len(rows)} rows of {sorted(widths)}")
    return rows


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def _span(
    rows: list[Row], features: tuple[int, int] | None, names: Sequence[str] | None
) -> tuple[list[Row], list[str]]:
    """The two directions of the plane, and their labels."""
    width = len(rows[0])
    if features is None and (width == 2 or len(rows) < 2):  # one example has no principal components
        features = (0, 1)
    if features is not None:
        if len(features) != 2 or features[0] == features[1] or not all(0 <= i < width for i in features):
            raise ValueError(f"features must be two different columns from 0 to {width - 1}, not {features!r}")
        directions = [[float(i == feature) for i in range(width)] for feature in features]
        return directions, [names[i] if names else f"x{i + 1}" for i in features]
    return principal_components(rows)


def principal_components(rows: list[Row]) -> tuple[list[Row], list[str]]:
    """The first two principal components, and what is written about them; needs NumPy."""
    import numpy as np

    found = np.array(rows)
    _, strengths, directions = np.linalg.svd(found - found.mean(axis=0), full_matrices=False)
    directions = directions[:2]
    largest = np.abs(directions).argmax(axis=1)  # the sign of an axis is arbitrary; make the largest component positive
    directions *= np.sign(directions[[0, 1], largest])[:, None]
    shares = strengths**2 / max((strengths**2).sum(), 1e-300)
    labels = [f"principal component {i + 1} ({shares[i]:.0%} of the variance)" for i in range(2)]
    return directions.tolist(), labels
