"""CSV files."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from nn.data.column import NUMBER, Column, is_missing, missing_at, to_number
from nn.data.dataset import Dataset, Rows


def read_csv(
    path: str | os.PathLike[str], target: str | None = None, fill: bool = False, without: Sequence[str] = ()
) -> Dataset:
    """Read a CSV file with a header.

    A column of numbers is one feature.  A column of texts is a feature for each different text, such as "color=red",
    which is 1 where the text stands and 0 elsewhere.

    Arguments:
        path: the file, in UTF-8.
        target: the column to predict; None means the last.  If all its entries are numbers, and one is not an integer
            or more than 20 are different, the task is regression; otherwise the entries are classes.  Numeric classes
            are compared by value: 1, 01 and 1.0 are the same class.
        fill: allow missing entries, which are empty or say NA, N/A, NaN, null or "?": a missing number is nan, to be
            filled by a ``Scaler``; a missing text is 0 in all of its features.
        without: columns to leave out.

    Returns:
        A Dataset; all other columns are its features.

    Raises:
        ValueError: the file is not such a table; the message names the line and the column.
        OSError: the file cannot be read.
    """
    header, lines = read_table(path)
    lines = [(number, cells) for number, cells in lines if any(map(str.strip, cells))]
    if len(header) < 2:
        raise ValueError(f"{path}: a data set needs at least one feature and a column to predict, not just {header}")
    for name in [*without, *([] if target is None else [target])]:
        if name not in header:
            raise ValueError(f"{path}: there is no column {name!r}; choose from {', '.join(header)}")
    place = len(header) - 1 if target is None else header.index(target)
    if header[place] in without:
        raise ValueError(
            f"{path}: column {header[place]!r} is to be predicted, so it cannot be left out; to predict another, use "
            "--target, or target=..."
        )
    if not {*header} - {*without, header[place]}:
        raise ValueError(f"{path}: no column is left to predict {header[place]!r} from")
    labels = []
    for number, cells in lines:
        label = cells[place].strip()
        if is_missing(label):
            raise ValueError(
                f"{missing_at(label, path, number, header[place])}; leave out lines whose target is not known"
            )
        if NUMBER.fullmatch(label) or label.lower().lstrip("+-") in ("nan", "inf", "infinity"):
            to_number(label, path, number, header[place])
        labels.append(label)
    names = [i for i, label in enumerate(labels) if not NUMBER.fullmatch(label)]
    if names and len(set(labels) - {labels[i] for i in names}) > 20:
        line, label = lines[names[0]][0], labels[names[0]]
        raise ValueError(f"{path}, line {line}: column {header[place]!r} looks numeric, but here it holds {label!r}")
    places = [i for i, name in enumerate(header) if i != place and name not in without]
    columns = [Column.of([cells[i] for _, cells in lines], header[i], path) for i in places]
    X = encoded(lines, places, columns, path, fill)
    try:
        y, classes = _targets(labels)
    except ValueError as error:
        raise ValueError(f"{path}: column {header[place]!r}: {error}") from None
    features = [feature for column in columns for feature in column.features]
    return Dataset(X, y, features, classes, header[place], Path(path).stem, os.fspath(path), columns)


def encoded(
    lines: list[tuple[int, list[str]]],
    places: list[int],
    columns: Sequence[Column],
    path: str | os.PathLike[str],
    fill: bool,
) -> Rows:
    """The features of each line of a table.

    Arguments:
        lines: the lines, with their numbers.
        places: where each column is in a line.
        columns: the columns.
        path: the file, for error messages.
        fill: whether entries may be missing.
    """
    pairs = list(zip(places, columns, strict=True))
    return [
        [x for i, column in pairs for x in column.encode(cells[i].strip(), path, line, fill)] for line, cells in lines
    ]


def read_table(path: str | os.PathLike[str]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header and the lines, with their numbers, of a CSV file.

    Blank lines are skipped, but not those of empty entries, such as ",,": a prediction may be wanted for each.

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
                if len(cells) <= 1 < len(header) and not "".join(cells).strip():
                    continue
                cells = cells or [""]  # of a single column a blank line is an empty entry
                if len(cells) != len(header):
                    raise ValueError(
                        f"{path}, line {reader.line_num}: {len(cells)} entries, but the header has {len(header)}"
                    )
                lines.append((reader.line_num, cells))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text file in UTF-8: {error}") from None
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}") from None
    while lines and len(header) == 1 and not lines[-1][1][0].strip():  # blank lines at the end
        lines.pop()
    if not any(cell.strip() for _, cells in lines for cell in cells):
        raise ValueError(f"{path}: there are no rows below the header")
    return header, lines


def _targets(labels: list[str]) -> tuple[list[Any], list[str]]:
    """Class numbers and class names, or numbers to predict and no names."""
    if not all(map(NUMBER.fullmatch, labels)):
        names = sorted(set(labels))
        return _numbered(labels, names), names
    numbers = list(map(Decimal, labels))  # exact; floats are not, from 2**53 on
    values = sorted(set(numbers))
    if len(values) > 20 or any(value != value.to_integral_value() for value in values):
        if len(set(map(float, values))) < len(values):
            raise ValueError("it holds different numbers that are one and the same float; subtract what they share")
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
