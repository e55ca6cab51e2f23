"""Panel: one pair of axes, and what is drawn in it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograd.chart.marks import NAMES
from autograd.engine.checks import describe
from autograd.output.theme import PALETTE, PATHS

DASHES = {"solid": None, "dashed": (6.0, 3.5), "dotted": (1.6, 2.6)}
Color = int | str | None


@dataclass(frozen=True)
class Series:
    """What belongs to one entry of the legend.

    Attributes:
        label: what the legend says; empty for no entry.
        style: the name of its color in the palette.
    """

    label: str
    style: str


@dataclass(frozen=True)
class Line(Series):
    """A line through points; it is interrupted where a number is nan."""

    xs: list[float]
    ys: list[float]
    dash: str = "solid"
    width: float = 1.8
    mark: str = ""
    size: float = 3.0


@dataclass(frozen=True)
class Points(Series):
    """Single points."""

    xs: list[float]
    ys: list[float]
    mark: str
    size: float = 4.0


@dataclass(frozen=True)
class Bars(Series):
    """One bar for each name of the horizontal axis, or at 0, 1, 2, ..."""

    heights: list[float]


@dataclass(frozen=True)
class Contours(Series):
    """Lines on which a function of two numbers has the same value."""

    us: list[float]
    vs: list[float]
    heights: list[list[float]]
    levels: list[float]


@dataclass(frozen=True)
class Region(Series):
    """The area in which a function of two numbers is above 0."""

    us: list[float]
    vs: list[float]
    heights: list[list[float]]
    opacity: float = 0.18


@dataclass(frozen=True)
class Note:
    """A text at a point; ``side`` is where the text is: "left" or "right" of it."""

    x: float
    y: float
    text: str
    side: str = "right"


@dataclass
class Panel:
    """One pair of axes.  Each method adds something, and returns the panel.

    Colors are numbers of series, 0, 1, ..., or names of the palette such as "ink" and "muted"; None takes the next
    number.
    """

    title: str = ""
    x: str = ""
    y: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    x_log: bool = False
    y_log: bool = False
    names: tuple[str, ...] = ()
    series: list[Series] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """The lines, in the order in which they were added."""
        return [series for series in self.series if isinstance(series, Line)]

    def line(
        self,
        xs: Iterable[Any],
        ys: Iterable[Any] | None = None,
        label: str = "",
        color: Color = None,
        dash: str = "solid",
        width: float = 1.8,
        mark: str = "",
    ) -> Panel:
        """A line through points.

        Arguments:
            xs, ys: the coordinates; with one list only, these are the heights at 1, 2, 3, ...
            label: what the legend says.
            color: see ``Panel``.
            dash: "solid", "dashed" or "dotted".
            width: in pixels.
            mark: a mark at each point: "circle", "square", "triangle", "diamond", "triangle down", "plus", "cross" or
                "star"; empty for none.

        Raises:
            ValueError: there are more or fewer xs than ys, or the dash or mark is not known.
            TypeError: a coordinate is not a number.
        """
        if dash not in DASHES:
            raise ValueError(f"dash must be one of {', '.join(DASHES)}, not {dash!r}")
        across, up = _coordinates(xs, ys)
        self.series.append(Line(label, self._style(color), across, up, dash, width, _known(mark, empty=True)))
        return self

    def points(
        self,
        xs: Iterable[Any],
        ys: Iterable[Any],
        label: str = "",
        color: Color = None,
        mark: str = "circle",
        size: float = 4.0,
    ) -> Panel:
        """Single points; size is about their radius in pixels.  For the rest see ``line``."""
        across, up = _coordinates(xs, ys)
        self.series.append(Points(label, self._style(color), across, up, _known(mark), size))
        return self

    def bars(self, heights: Iterable[Any], label: str = "", color: Color = None) -> Panel:
        """One bar for each name of the horizontal axis; several series stand side by side."""
        self.series.append(Bars(label, self._style(color), _numbers(heights)))
        return self

    def level(self, y: float, text: str = "", color: Color = "muted") -> Panel:
        """A horizontal line across the panel, with a text at its right end."""
        self.series.append(Line("", self._style(color), [-math.inf, math.inf], [float(y)] * 2, "dashed", 1.0))
        if text:
            self.note(math.inf, y, text, "left")
        return self

    def note(self, x: float, y: float, text: str, side: str = "right") -> Panel:
        """A text beside a point."""
        self.notes.append(Note(float(x), float(y), text, side))
        return self

    def contours(
        self, us: Iterable[Any], vs: Iterable[Any], heights: Iterable[Iterable[Any]], levels: Iterable[Any]
    ) -> Panel:
        """Contour lines of a function on a grid.

        Arguments:
            us, vs: the coordinates of the columns and rows.
            heights: for each v a row with the value at each u.
            levels: the values for which there is a line.
        """
        grid = _grid(us, vs, heights)
        self.series.append(Contours("", "edge", *grid, _numbers(levels)))
        return self

    def region(
        self, us: Iterable[Any], vs: Iterable[Any], heights: Iterable[Iterable[Any]], color: Color = None
    ) -> Panel:
        """The area in which a function on a grid is above 0; see ``contours``."""
        self.series.append(Region("", self._style(color), *_grid(us, vs, heights)))
        return self

    def _style(self, color: Color) -> str:
        """The name of a color; by default the next number that no labelled series has."""
        if isinstance(color, str):
            if color not in PALETTE:
                raise ValueError(f"a color must be a number or one of {', '.join(PALETTE)}, not {color!r}")
            return color
        if color is None:
            color = len({series.style for series in self.series if series.style.startswith("path")})
        return f"path{int(color) % PATHS}"


def _numbers(given: Iterable[Any]) -> list[float]:
    try:
        return [float(x) for x in given]
    except (TypeError, ValueError):
        raise TypeError(f"a chart needs a list of numbers, not {describe(given)}") from None


def _coordinates(xs: Iterable[Any], ys: Iterable[Any] | None) -> tuple[list[float], list[float]]:
    across = _numbers(xs)
    if ys is None:
        return [float(i) for i in range(1, len(across) + 1)], across
    up = _numbers(ys)
    if len(across) != len(up):
        raise ValueError(f"a chart needs one y for each x, not {len(up)} for {len(across)}")
    return across, up


def _grid(
    us: Iterable[Any], vs: Iterable[Any], heights: Iterable[Iterable[Any]]
) -> tuple[list[float], list[float], list[list[float]]]:
    columns, rows, grid = _numbers(us), _numbers(vs), [_numbers(row) for row in heights]
    if len(grid) != len(rows) or any(len(row) != len(columns) for row in grid):
        raise ValueError(f"heights must be {len(rows)} rows of {len(columns)} numbers each")
    return columns, rows, grid


def _known(mark: str, empty: bool = False) -> str:
    if mark in NAMES or (empty and not mark):
        return mark
    raise ValueError(f"a mark must be one of {', '.join(NAMES)}, not {mark!r}")
