"""Columns of a table, as features of a network."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)  # float() would also read 1_0 as 10
MISSING = ("", "na", "n/a", "nan", "null", "none", "?")  # how a missing number is written, in any case
MOST = 50  # the most categories of a column: more are probably names or numbers of single examples


@dataclass
class Column:
    """A column of numbers, which is one feature, or of categories, which are a feature each.

    Attributes:
        name: its name.
        categories: the different texts, in alphabetical order; empty for numbers.

    >>> color = Column("color", ["blue", "red"])
    >>> color.features, color.encode("red", "table.csv", 2)
    (['color=blue', 'color=red'], [0.0, 1.0])
    """

    name: str
    categories: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, cells: Sequence[str], name: str, path: str | os.PathLike[str]) -> Column:
        """The column that holds these entries.  If one of them is a number, all should be.

        Raises:
            ValueError: there are too many categories.
        """
        texts = {cell.strip() for cell in cells} - {""}
        if any(map(_may_be_a_number, texts)) or not texts:
            return cls(name)
        if len(texts) > MOST:
            raise ValueError(
                f"{path}: column {name!r} holds {len(texts):,} different texts, more than {MOST} categories; leave it "
                "out, with --without or without=[...]"
            )
        return cls(name, sorted(texts))

    @property
    def features(self) -> list[str]:
        """The names of its features."""
        return [f"{self.name}={category}" for category in self.categories] or [self.name]

    def encode(self, cell: str, path: str | os.PathLike[str], line: int, fill: bool = False) -> list[float]:
        """The features of one entry.

        Arguments:
            cell: the entry.
            path, line: where it stands, for error messages.
            fill: whether it may be missing: then a number is nan, and no category is 1.

        Raises:
            ValueError: the entry is missing, not a number, or an unknown category.
        """
        if not self.categories:
            return [math.nan] if fill and cell.lower() in MISSING else [to_number(cell, path, line, self.name)]
        if cell not in self.categories and not (fill and not cell):
            if not cell:
                raise ValueError(_empty(path, line, self.name))
            raise ValueError(
                f"{path}, line {line}: column {self.name!r} holds {cell!r}, which is none of the categories "
                f"{', '.join(self.categories)}"
            )
        return [float(cell == category) for category in self.categories]


def to_number(cell: str, path: str | os.PathLike[str], line: int, column: str) -> float:
    """The number in one cell of a table, or an error that names the line and the column."""
    cell = cell.strip()
    if NUMBER.fullmatch(cell) and math.isfinite(number := float(cell)):
        return number
    if not cell:
        raise ValueError(_empty(path, line, column))
    raise ValueError(f"{path}, line {line}: column {column!r} should hold a number, not {cell!r}")


def _empty(path: str | os.PathLike[str], line: int, column: str) -> str:
    return f"{path}, line {line}: column {column!r} is empty; to fill missing entries, use --fill, or fill=True"


def _may_be_a_number(cell: str) -> bool:
    """Whether an entry is a number, a missing one, or is meant to be one, such as 1_000 or inf."""
    if cell.lower() in MISSING:
        return cell.lower() == "nan"
    try:
        float(cell)
    except ValueError:
        return False
    return True
