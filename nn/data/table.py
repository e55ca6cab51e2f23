"""CSV files."""

from __future__ import annotations

import csv
import math
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from nn.data.dataset import Dataset

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)  # float() would also read 1_0 as 10


def read_csv(path: str | os.PathLike[str], target: str | None = None) -> Dataset:
    """Read a CSV file with a header.

    Arguments:
        path: the file, in UTF-8.
        target: the column to predict; None means the last.  If all its entries are numbers, and one is not an integer
            or more than 20 are different, the task is regression; otherwise the entries are classes.  Numeric classes
            are compared by value: 1, 01 and 1.0 are the same class.

    Returns:
        A Dataset; all other columns are its features.

    Raises:
        ValueError: the file is not such a table; the message names the line.
        OSError: the file cannot be read.
    """
    header, lines = read_table(path)
    if len(header) < 2:
        raise ValueError(f"{path}: a data set needs at least one feature and a column to predict, not just {header}")
    if target is not None and target not in header:
        raise ValueError(f"{path}: there is no column {target!r}; choose from {', '.join(header)}")
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
        raise ValueError(f"{path}, line {line}: column {header[column]!r} looks numeric, but here it holds {label!r}")
    y, classes = _targets(labels)
    features = [name for i, name in enumerate(header) if i != column]
    return Dataset(X, y, features, classes, header[column], Path(path).stem, os.fspath(path))


def read_table(path: str | os.PathLike[str]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header and the lines, with their numbers, of a CSV file; empty lines are skipped.

    Raises:
        ValueError: a line has more or fewer entries than the header, or the file is not text, or has no lines.
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
        raise ValueError(f"{path}: there are no rows below the header")
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
    numbers = list(map(Decimal, labels))  # exact; floats are not, from 2**53 on
    values = sorted(set(numbers))
    if len(values) > 20 or any(value != value.to_integral_value() for value in values):
        return [float(label) for label in labels], []
    first = dict(zip(reversed(numbers), reversed(labels), strict=True))  # how each class is first written
    return _numbered(numbers, values), [_class_name(value, first[value]) for value in values]


def _numbered(entries: list[Any], order: list[Any]) -> list[int]:
    """The position of each entry in the order."""
    place = {entry: i for i, entry in enumerate(order)}
    return [place[entry] for entry in entries]


def _class_name(value: Decimal, written: str) -> str:
    """An integer without a decimal point; one that is too long to read is kept as it is in the file."""
    return str(int(value)) if value.adjusted() < 20 else written
