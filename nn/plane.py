"""A plane through the examples: their coordinates in it, and the grid of points at which a model is evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]

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
        points: all grid points as examples, row by row from the bottom, of shape (steps * steps, columns).
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
        rows = np.asarray(X, dtype=float)
        if rows.ndim != 2 or rows.shape[1] < 2:
            raise ValueError(f"expected rows of at least two numbers, not an array of shape {rows.shape}")
        self._centre, self._directions, self.labels = _span(rows, features, names)
        # Axes along columns show the columns' values; axes along principal components show distances from the mean.
        aligned = bool(((self._directions == 0.0) | (self._directions == 1.0)).all())
        self._shift = self._directions @ self._centre if aligned else np.zeros(2)
        flat = self.project(rows)
        low, high = spread(flat)
        self.u, self.v = np.linspace(low, high, steps).T
        grid = np.stack(np.meshgrid(self.u, self.v), axis=-1).reshape(-1, 2)
        self.points = self._centre + (grid - self._shift) @ self._directions

    def project(self, rows: Any) -> Array:
        """The coordinates of examples in the plane: an array of shape (rows, 2)."""
        found: Array = (np.asarray(rows, dtype=float) - self._centre) @ self._directions.T + self._shift
        return found


def spread(numbers: Array) -> tuple[Array, Array]:
    """The range of numbers, column by column, with a margin on both sides."""
    low, high = numbers.min(axis=0), numbers.max(axis=0)
    margin = np.where(high > low, 0.08 * (high - low), 0.5 * np.maximum(np.abs(high), 1.0))
    return low - margin, high + margin


def _span(rows: Array, features: tuple[int, int] | None, names: Sequence[str] | None) -> tuple[Array, Array, list[str]]:
    """A point of the plane, its two directions as rows, and their labels."""
    width = rows.shape[1]
    if features is None and (width == 2 or len(rows) < 2):  # one example has no principal components
        features = (0, 1)
    centre = rows.mean(axis=0)
    if features is not None:
        if len(features) != 2 or features[0] == features[1] or not all(0 <= i < width for i in features):
            raise ValueError(f"features must be two different columns from 0 to {width - 1}, not {features!r}")
        return centre, np.eye(width)[list(features)], [names[i] if names else f"x{i + 1}" for i in features]
    _, strengths, directions = np.linalg.svd(rows - centre, full_matrices=False)
    directions = directions[:2]
    largest = np.abs(directions).argmax(axis=1)  # the sign of an axis is arbitrary; make the largest component positive
    directions *= np.sign(directions[[0, 1], largest])[:, None]
    shares = strengths**2 / max((strengths**2).sum(), 1e-300)
    return centre, directions, [f"principal component {i + 1} ({shares[i]:.0%} of the variance)" for i in range(2)]
