"""The input and the result of a layout: edges, groups and spacing; positions."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

Name = Hashable


Point = tuple[float, float]


Size = tuple[float, float]  # width, height


Group = tuple[str, ...]  # the path of a group from the outside in; () is the whole picture


@dataclass(frozen=True)
class Edge:
    """An edge from one box to another, which arrives there as number ``slot`` of ``slots``, from the top."""

    source: Name
    target: Name
    slot: int = 0
    slots: int = 1


@dataclass
class Layout:
    """The result of a layout: the positions of boxes, edges and frames.

    Attributes:
        centres: ``(x, y)`` by box.
        routes: the points of each edge.  Between points 2k + 1 and 2k + 2 the edge crosses a gap and may curve; the
            other segments are straight and horizontal.
        frames: ``(x, y, width, height)`` by group.
        width, height: the size of the picture.
    """

    centres: dict[Name, Point] = field(default_factory=dict)
    routes: dict[Edge, list[Point]] = field(default_factory=dict)
    frames: dict[Group, tuple[float, float, float, float]] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True)
class Spacing:
    """Distances: between columns, between boxes in a column, and from a frame to what is in it.

    ``above`` and ``ahead`` are extra room inside a frame, at the top and at the left, for its title.
    """

    column: float = 34.0
    row: float = 12.0
    thread: float = 9.0
    frame: float = 12.0
    above: float = 12.0
    ahead: float = 0.0
