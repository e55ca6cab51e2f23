"""Lines of equal height, and areas above a height, on a grid: marching squares.

Source: Lorensen and Cline, "Marching cubes", SIGGRAPH 1987, in two dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]
Corner = tuple[float, float, float]  # with its height
Grid = Sequence[Sequence[float]]  # the height at each point, row by row


def contour(us: Sequence[float], vs: Sequence[float], heights: Grid, level: float) -> list[list[Point]]:
    """The lines on which a function has this height, each as a list of points.

    Arguments:
        us, vs: the coordinates of the columns and of the rows of the grid.
        heights: the heights, one row for each v; where one is nan, no line is drawn.
        level: the height.
    """
    ends: dict[Point, list[int]] = {}
    segments: list[tuple[Point, Point]] = []
    for i in range(len(vs) - 1):
        for j in range(len(us) - 1):
            for a, b in _segments(us, vs, heights, i, j, level):
                if a != b:
                    ends.setdefault(a, []).append(len(segments))
                    ends.setdefault(b, []).append(len(segments))
                    segments.append((a, b))
    return _joined(segments, ends)


def _corners(us: Sequence[float], vs: Sequence[float], heights: Grid, i: int, j: int) -> list[Corner]:
    """The corners of a cell, counterclockwise, with their heights."""
    return [
        (us[j], vs[i], heights[i][j]),
        (us[j + 1], vs[i], heights[i][j + 1]),
        (us[j + 1], vs[i + 1], heights[i + 1][j + 1]),
        (us[j], vs[i + 1], heights[i + 1][j]),
    ]


def _segments(
    us: Sequence[float], vs: Sequence[float], heights: Grid, i: int, j: int, level: float
) -> list[tuple[Point, Point]]:
    """The parts of the contour in one cell."""
    corners = _corners(us, vs, heights, i, j)
    if not all(math.isfinite(h) for _, _, h in corners):
        return []
    crossed = [
        _crossing(corners[k], corners[(k + 1) % 4], level)
        for k in range(4)
        if (corners[k][2] > level) != (corners[(k + 1) % 4][2] > level)
    ]
    if len(crossed) == 4:  # a saddle: the height in the middle decides which corners belong together
        middle = sum(h for _, _, h in corners) / 4.0
        if (middle > level) == (corners[0][2] > level):
            return [(crossed[0], crossed[1]), (crossed[2], crossed[3])]
        return [(crossed[3], crossed[0]), (crossed[1], crossed[2])]
    return [(crossed[0], crossed[1])] if crossed else []


def _crossing(a: Corner, b: Corner, level: float) -> Point:
    """Where the height is ``level`` between two corners; the same, to the last bit, from both sides."""
    if b < a:
        a, b = b, a
    t = (level - a[2]) / (b[2] - a[2])
    return a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])


def _joined(segments: list[tuple[Point, Point]], ends: dict[Point, list[int]]) -> list[list[Point]]:
    """Segments that share an end, as lines; open lines begin at one of their ends."""
    used = [False] * len(segments)
    lines = []
    starts = [point for point, touching in ends.items() if len(touching) == 1]
    for start in [*starts, *ends]:
        line = [start]
        while True:
            following = next((k for k in ends[line[-1]] if not used[k]), None)
            if following is None:
                break
            used[following] = True
            a, b = segments[following]
            line.append(b if a == line[-1] else a)
        if len(line) > 1:
            lines.append(line)
    return lines


def region(us: Sequence[float], vs: Sequence[float], heights: Grid) -> list[list[Point]]:
    """The area in which a function is above 0, as polygons: neighboring cells of a row that lie inside are one."""
    polygons: list[list[Point]] = []
    for i in range(len(vs) - 1):
        start = None  # the first of the cells that lie inside
        for j in range(len(us)):
            corners = _corners(us, vs, heights, i, j) if j < len(us) - 1 else []
            inside = bool(corners) and all(h > 0.0 for _, _, h in corners)
            if inside:
                start = j if start is None else start
                continue
            if start is not None:
                polygons.append([(us[start], vs[i]), (us[j], vs[i]), (us[j], vs[i + 1]), (us[start], vs[i + 1])])
                start = None
            if corners and any(h > 0.0 for _, _, h in corners) and all(math.isfinite(h) for _, _, h in corners):
                polygons.append(_part_above(corners))
    return polygons


def _part_above(corners: list[Corner]) -> list[Point]:
    """The part of a cell that is above 0."""
    found: list[Point] = []
    for k in range(4):
        a, b = corners[k], corners[(k + 1) % 4]
        if a[2] > 0.0:
            found.append((a[0], a[1]))
        if (a[2] > 0.0) != (b[2] > 0.0):
            found.append(_crossing(a, b, 0.0))
    return found
