"""Data sets, mini-batches, and splits into training and test sets."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from autograd.engine.checks import integer
from nn.data.column import Column

Rows = list[list[float]]


class Examples(Protocol):
    """A sequence of examples or of targets: a list, a tuple, or an array."""

    def __len__(self) -> int: ...

    def __getitem__(self, i: int, /) -> Any: ...


@dataclass
class Dataset:
    """Examples, their targets, and the names of both.

    Attributes:
        X: one row of numbers for each example.
        y: for each example its class number or, for regression, the number to predict.
        features: the name of each column of X.
        classes: the name of each class; empty for regression.
        target: the name of the quantity to predict.
        name, source: the name of the data set, and where it comes from.
        columns: the columns of the table that the features come from; those with categories are several features each.
    """

    X: Rows
    y: list[Any]
    features: list[str]
    classes: list[str] = field(default_factory=list)
    target: str = "class"
    name: str = ""
    source: str = ""
    columns: list[Column] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns = self.columns or [Column(name) for name in self.features]

    def __len__(self) -> int:
        return len(self.X)

    def __repr__(self) -> str:
        kind = f"{len(self.classes)} classes" if self.classes else "regression"
        return f"<Dataset {self.name}: {len(self)} examples, {len(self.features)} features, {kind}>"


def batches(
    X: Examples,
    y: Examples,
    size: int = 32,
    shuffle: bool = True,
    seed: int | random.Random | None = None,
) -> Iterator[tuple[list[Any], list[Any]]]:
    """One epoch: all examples, divided into mini-batches of this size; the last may be smaller.

    Arguments:
        X, y: the examples and their targets, of equal length.
        size: the number of examples in a batch.
        shuffle: shuffle the examples first.
        seed: an integer for a reproducible order; or a random generator, which gives another order each time.

    Raises:
        ValueError: X and y differ in length, there are no examples, or the size is less than 1.

    >>> [y for X, y in batches([[1], [2], [3]], [1, 2, 3], size=2, shuffle=False)]
    [[1, 2], [3]]
    """
    X, y = by_position(X), by_position(y)
    check_counts(X, y)
    integer("the size of a batch", size)
    order = list(range(len(X)))
    if shuffle:
        generator(seed).shuffle(order)

    def epoch() -> Iterator[tuple[list[Any], list[Any]]]:
        for start in range(0, len(order), size):
            picked = order[start : start + size]
            yield [X[i] for i in picked], [y[i] for i in picked]

    return epoch()


def train_test_split(
    X: Examples, y: Examples, test: float = 0.2, seed: int | None = None, stratify: bool = False
) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Split the examples at random into a training set and a test set.

    Arguments:
        X, y: the examples and their targets, of equal length.
        test: the fraction of examples in the test set, between 0 and 1.
        seed: an integer for a reproducible split.
        stratify: give both sets the same proportions of classes.

    Returns:
        X_train, X_test, y_train, y_test

    Raises:
        ValueError: X and y differ in length, or one set would be empty.
    """
    X, y = by_position(X), by_position(y)
    if len(X) != len(y):
        raise ValueError(f"{len(X)} example(s) for {len(y)} target(s)")
    if not 0.0 < test < 1.0:
        raise ValueError(f"test must be a fraction between 0 and 1, not {test!r}")
    rng = generator(seed)
    order = list(range(len(X)))
    rng.shuffle(order)
    groups: dict[Any, list[int]] = {}
    for i in order:
        groups.setdefault(y[i] if stratify else None, []).append(i)
    held = {i for group in groups.values() for i in group[: round(len(group) * test)]}
    if not held or len(held) == len(order):
        raise ValueError(f"{len(X)} example(s) cannot be split with test={test}: one set would be empty")
    train, tested = [i for i in order if i not in held], [i for i in order if i in held]
    return [X[i] for i in train], [X[i] for i in tested], [y[i] for i in train], [y[i] for i in tested]


def check_counts(X: Examples, y: Examples, what: str = "") -> None:
    """Raise an error if there are no examples, or if the number of targets differs; ``what`` begins its message."""
    if len(X) != len(y) or not len(X):
        raise ValueError(f"{what}{len(X)} example(s) for {len(y)} target(s)")


def by_position(given: Any) -> Any:
    """A data frame or a series as an array, since [i] would look for the label i."""
    return given.to_numpy() if hasattr(given, "to_numpy") else given


def generator(seed: int | random.Random | None) -> random.Random:
    return seed if isinstance(seed, random.Random) else random.Random(seed)
