"""Data: mini-batches, splits, scales, CSV files, and small sets to learn from."""

from __future__ import annotations

import csv
import math
import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

Rows = list[list[float]]
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)  # float() also takes 1_0 for 10


class Examples(Protocol):
    """What examples and targets come in: a list, a tuple, or an array."""

    def __len__(self) -> int: ...

    def __getitem__(self, i: int, /) -> Any: ...


@dataclass
class Dataset:
    """Examples and what they are.

    Attributes:
        X: one row of numbers for each example.
        y: for each example the number of its class, or for regression the number to predict.
        features: the name of each column of X.
        classes: the name of each class; empty for regression.
        target: the name of what is to be predicted.
        name, source: what the set is called and where it comes from.
    """

    X: Rows
    y: list[Any]
    features: list[str]
    classes: list[str] = field(default_factory=list)
    target: str = "class"
    name: str = ""
    source: str = ""

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
    """One epoch: all examples, cut into mini-batches of this size; the last may be smaller.

    Arguments:
        X, y: the examples and their targets, as many.
        size: how many examples in a batch.
        shuffle: mix them first.
        seed: a number for the same order every time, or a generator, whose every use gives another order.

    Raises:
        ValueError: X and y differ in length, there are no examples, or the size is less than 1.

    >>> [y for X, y in batches([[1], [2], [3]], [1, 2, 3], size=2, shuffle=False)]
    [[1, 2], [3]]
    """
    if len(X) != len(y) or not len(X):
        raise ValueError(f"{len(X)} example(s) for {len(y)} target(s)")
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"the size of a batch is a positive integer, not {size!r}")
    order = list(range(len(X)))
    if shuffle:
        _generator(seed).shuffle(order)

    def epoch() -> Iterator[tuple[list[Any], list[Any]]]:
        for start in range(0, len(order), size):
            picked = order[start : start + size]
            yield [X[i] for i in picked], [y[i] for i in picked]

    return epoch()


def train_test_split(
    X: Examples, y: Examples, test: float = 0.2, seed: int | None = None, stratify: bool = False
) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Part the examples at random into those to learn from and those to test with.

    Arguments:
        X, y: the examples and their targets, as many.
        test: the share to test with, between 0 and 1.
        seed: a number for the same split every time.
        stratify: keep the share of every class equal in both parts.

    Returns:
        X_train, X_test, y_train, y_test

    Raises:
        ValueError: X and y differ in length, or one part would be empty.
    """
    if len(X) != len(y):
        raise ValueError(f"{len(X)} example(s) for {len(y)} target(s)")
    if not 0.0 < test < 1.0:
        raise ValueError(f"test is a share between 0 and 1, not {test!r}")
    rng = _generator(seed)
    order = list(range(len(X)))
    rng.shuffle(order)
    groups: dict[Any, list[int]] = {}
    for i in order:
        groups.setdefault(y[i] if stratify else None, []).append(i)
    held = {i for group in groups.values() for i in group[: round(len(group) * test)]}
    if not held or len(held) == len(order):
        raise ValueError(f"{len(X)} example(s) cannot be parted with a share of {test} to test with")
    train, tested = [i for i in order if i not in held], [i for i in order if i in held]
    return [X[i] for i in train], [X[i] for i in tested], [y[i] for i in train], [y[i] for i in tested]


@dataclass
class Scaler:
    """Columns brought to mean 0 and standard deviation 1; a column that never changes is only moved.

    >>> scaler = Scaler.fit([[1.0], [3.0]])
    >>> scaler([[1.0], [5.0]])
    [[-1.0], [3.0]]
    """

    means: list[float]
    stds: list[float]

    @classmethod
    def fit(cls, X: Sequence[Sequence[float]]) -> Scaler:
        """The scaler of these rows.

        Raises:
            ValueError: there are no rows, or they differ in length, or a column holds a nan or is too large.
        """
        if not len(X):
            raise ValueError("no rows to take a mean of")
        if len({len(row) for row in X}) != 1:
            raise ValueError("the rows differ in length")
        means, stds = [], []
        for i, column in enumerate(zip(*X, strict=True)):
            try:
                mean = math.fsum(column) / len(column)
                std = math.hypot(*(x - mean for x in column)) / math.sqrt(len(column))
            except OverflowError:
                mean = std = math.inf
            if not math.isfinite(std):
                raise ValueError(f"column {i} cannot be scaled: it holds a nan, or numbers that are too large")
            means.append(mean)
            stds.append(std if min(column) < max(column) else 0.0)
        return cls(means, stds)

    def __call__(self, X: Sequence[Sequence[float]]) -> Rows:
        """The rows, scaled.

        Raises:
            ValueError: a row has more or fewer numbers than those that this scaler is of.
        """
        scales = [(mean, std or 1.0) for mean, std in zip(self.means, self.stds, strict=True)]
        for i, row in enumerate(X):
            if len(row) != len(scales):
                raise ValueError(f"row {i} has {len(row)} number(s), but this scaler is of rows of {len(scales)}")
        return [[(float(x) - mean) / std for x, (mean, std) in zip(row, scales, strict=True)] for row in X]


def standardize(X: Sequence[Sequence[float]], *others: Sequence[Sequence[float]]) -> Any:
    """Bring the columns of X to mean 0 and standard deviation 1, and move others, as a test set, along with them.

    Returns:
        The new rows; with others a tuple of new rows for each.

    >>> standardize([[1.0], [3.0]], [[5.0]])
    ([[-1.0], [1.0]], [[3.0]])
    """
    scaler = Scaler.fit(X)
    return (scaler(X), *map(scaler, others)) if others else scaler(X)


# ------------------------------------------------------------------------------------------------------------ CSV files


def read_csv(path: str | os.PathLike[str], target: str | None = None) -> Dataset:
    """Read a CSV file with a header.

    Arguments:
        path: the file, in UTF-8.
        target: the column to predict; None for the last.  If its entries are numbers, and some have a fraction or more
            than 20 differ, it is a regression; else its entries are classes.  Numbers are classes by their value: 1,
            01 and 1.0 are one class.

    Returns:
        A Dataset; all other columns are its features.

    Raises:
        ValueError: the file is no such table; the message names the line.
        OSError: the file cannot be read.
    """
    header, lines = read_table(path)
    if len(header) < 2:
        raise ValueError(f"{path}: a data set needs at least one feature and a column to predict, not just {header}")
    if target is not None and target not in header:
        raise ValueError(f"{path}: there is no column {target!r}; there are {', '.join(header)}")
    column = len(header) - 1 if target is None else header.index(target)
    X, labels = [], []
    for number, cells in lines:
        X.append([to_number(cell, path, number, header[i]) for i, cell in enumerate(cells) if i != column])
        if not cells[column].strip():
            raise ValueError(f"{path}, line {number}: column {header[column]!r} is empty")
        label = cells[column].strip()
        if NUMBER.fullmatch(label) or label.lower().lstrip("+-") in ("nan", "inf", "infinity"):
            to_number(label, path, number, header[column])
        labels.append(label)
    names = [i for i, label in enumerate(labels) if not NUMBER.fullmatch(label)]
    if names and len(set(labels) - {labels[i] for i in names}) > 20:
        line, label = lines[names[0]][0], labels[names[0]]
        raise ValueError(f"{path}, line {line}: column {header[column]!r} holds many numbers, but here {label!r}")
    y, classes = _targets(labels)
    features = [name for i, name in enumerate(header) if i != column]
    return Dataset(X, y, features, classes, header[column], Path(path).stem, os.fspath(path))


def read_table(path: str | os.PathLike[str]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header and the lines, with their numbers, of a CSV file; empty lines are passed over.

    Raises:
        ValueError: a line has more or fewer entries than the header, or the file is no text, or has no lines.
        OSError: the file cannot be read.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            if not any(header):
                raise ValueError(f"{path}: the first line must name the columns")
            if len(set(header)) < len(header):
                raise ValueError(f"{path}, line 1: two columns have the same name")
            lines = []
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    if len(cells) != len(header):
                        raise ValueError(
                            f"{path}, line {reader.line_num}: {len(cells)} entries, but the header has {len(header)}"
                        )
                    lines.append((reader.line_num, cells))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text file in UTF-8: {error}") from None
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}") from None
    if not lines:
        raise ValueError(f"{path}: there is no line below the header")
    return header, lines


def to_number(cell: str, path: str | os.PathLike[str], line: int, column: str) -> float:
    """The number in one cell of a table, or an error that names the line and the column."""
    if NUMBER.fullmatch(cell.strip()) and math.isfinite(number := float(cell)):
        return number
    raise ValueError(f"{path}, line {line}: column {column!r} should hold a number, not {cell.strip()!r}")


def _targets(labels: list[str]) -> tuple[list[Any], list[str]]:
    """Class numbers and class names, or numbers to predict and no names."""
    if not all(map(NUMBER.fullmatch, labels)):
        names = sorted(set(labels))
        return _numbered(labels, names), names
    numbers = list(map(Decimal, labels))  # exact, as floats are not from 2**53 on
    values = sorted(set(numbers))
    if len(values) > 20 or any(value != value.to_integral_value() for value in values):
        return [float(label) for label in labels], []
    first = dict(zip(reversed(numbers), reversed(labels), strict=True))  # how each class is written where it is first
    return _numbered(numbers, values), [_class_name(value, first[value]) for value in values]


def _numbered(entries: list[Any], order: list[Any]) -> list[int]:
    """The place of each entry in the order."""
    place = {entry: i for i, entry in enumerate(order)}
    return [place[entry] for entry in entries]


def _class_name(value: Decimal, written: str) -> str:
    """A whole number without a point; one that is too long to read as it is written in the file."""
    return str(int(value)) if value.adjusted() < 20 else written


# ------------------------------------------------------------------------------------------------------------ data sets


def iris() -> Dataset:
    """150 irises of three species: length and width of sepals and petals, in cm.

    Source: Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7, 1936, with the
    measurements of Anderson, "The irises of the Gaspe peninsula", 1935.  The table is that of the paper, without the
    two slips in the copy of the UCI repository.  UCI gives its copy under CC BY 4.0; facts carry no copyright.

    >>> iris()
    <Dataset iris: 150 examples, 4 features, 3 classes>
    """
    found = read_csv(Path(__file__).with_name("iris.csv"))
    found.source = "Fisher, Annals of Eugenics 7, 1936"
    return found


def moons(n: int = 200, noise: float = 0.1, seed: int | None = 0) -> Dataset:
    """Two half circles that reach into each other.

    Arguments:
        n: how many points.
        noise: the standard deviation of what is added to both coordinates.
        seed: a number for the same points every time.
    """

    def point(i: int, of: int, side: int) -> tuple[float, float]:
        angle = math.pi * i / max(of - 1, 1)
        if side == 0:
            return math.cos(angle), math.sin(angle)
        return 1.0 - math.cos(angle), 0.5 - math.sin(angle)

    return _points("moons", point, n, 2, noise, seed)


def circles(n: int = 200, noise: float = 0.08, seed: int | None = 0) -> Dataset:
    """A circle inside a circle.  Arguments as for ``moons``."""

    def point(i: int, of: int, ring: int) -> tuple[float, float]:
        angle = 2.0 * math.pi * i / of
        radius = 1.0 if ring == 0 else 0.5
        return radius * math.cos(angle), radius * math.sin(angle)

    return _points("circles", point, n, 2, noise, seed)


def spiral(n: int = 200, noise: float = 0.03, seed: int | None = 0, arms: int = 2) -> Dataset:
    """Arms that wind around each other.  Arguments as for ``moons``; ``arms`` is the number of classes."""

    def point(i: int, of: int, arm: int) -> tuple[float, float]:
        radius = 0.1 + 0.9 * i / max(of - 1, 1)
        angle = 1.25 * 2.0 * math.pi * radius + 2.0 * math.pi * arm / arms
        return radius * math.cos(angle), radius * math.sin(angle)

    return _points("spiral", point, n, arms, noise, seed)


def xor(n: int = 200, noise: float = 0.15, seed: int | None = 0) -> Dataset:
    """Four clouds at the corners of a square, opposite corners of one class.  Arguments as for ``moons``."""

    def point(i: int, of: int, kind: int) -> tuple[float, float]:
        sign = 1.0 if i % 2 else -1.0
        return sign, sign if kind == 0 else -sign

    return _points("xor", point, n, 2, noise * 2.0, seed)


def blobs(n: int = 200, noise: float = 0.25, seed: int | None = 0, centres: int = 3) -> Dataset:
    """Round clouds on a circle.  Arguments as for ``moons``; ``centres`` is the number of classes."""

    def point(i: int, of: int, centre: int) -> tuple[float, float]:
        angle = 2.0 * math.pi * centre / centres
        return math.cos(angle), math.sin(angle)

    return _points("blobs", point, n, centres, noise, seed)


BY_NAME: dict[str, Callable[[], Dataset]] = {
    "iris": iris,
    "moons": moons,
    "circles": circles,
    "spiral": spiral,
    "xor": xor,
    "blobs": blobs,
}


def _points(
    name: str,
    point: Callable[[int, int, int], tuple[float, float]],
    n: int,
    classes: int,
    noise: float,
    seed: int | None,
) -> Dataset:
    """n points of as equal classes as can be, blurred and mixed."""
    if classes < 1 or n < classes:
        raise ValueError(f"{name} needs at least one point for each class: n = {n}, classes = {classes}")
    if not noise >= 0.0:
        raise ValueError(f"noise is a number from 0, not {noise!r}")
    rng = _generator(seed)
    points = []
    for kind in range(classes):
        of = n // classes + (kind < n % classes)
        for i in range(of):
            x, y = point(i, of, kind)
            points.append(([x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)], kind))
    rng.shuffle(points)
    X, y_ = [x for x, _ in points], [kind for _, kind in points]
    return Dataset(X, y_, ["x1", "x2"], [str(kind) for kind in range(classes)], "class", name, "generated")


def _generator(seed: int | random.Random | None) -> random.Random:
    return seed if isinstance(seed, random.Random) else random.Random(seed)
