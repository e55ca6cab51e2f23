"""Columns of a table, as features of a network."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)  # float() would also read 1_0 as 10
MISSING = ("", "na", "n/a", "nan", "null", "?")  # how a missing entry is written, in any case
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
        texts = {cell for cell in map(str.strip, cells) if not is_missing(cell)}
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
            fill: whether it may be missing: a missing number is nan, and of a missing text no category is 1.

        Raises:
            ValueError: the entry is missing, not a number, or an unknown category.
        """
        missing = is_missing(cell) and cell not in self.categories
        if missing and not fill:
            raise ValueError(f"{missing_at(cell, path, line, self.name)}; to fill it, train with --fill, or fill=True")
        if not self.categories:
            return [math.nan if missing else to_number(cell, path, line, self.name)]
        if cell not in self.categories and not missing:
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
    raise ValueError(f"{path}, line {line}: column {column!r} should hold a number, not {cell!r}")


def is_missing(cell: str) -> bool:
    """Whether an entry of a table says that it is not known."""
    return cell.strip().lower() in MISSING


def missing_at(cell: str, path: str | os.PathLike[str], line: int, column: str) -> str:
    """The beginning of an error message about a missing entry."""
    what = f"holds {cell.strip()!r}, as missing entries are written" if cell.strip() else "is empty"
    return f"{path}, line {line}: column {column!r} {what}"


def _may_be_a_number(cell: str) -> bool:
    """Whether an entry is a number, or is meant to be one, such as 1_000 or inf."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
