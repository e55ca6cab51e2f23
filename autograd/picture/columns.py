"""Cells in columns: their order from top to bottom, and their heights."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from autograd.picture.frames import Port
from autograd.picture.places import Name, Spacing


@dataclass(eq=False)
class Cell:
    """A cell of a column: an item of the area, or a dummy where an edge passes through."""

    item: Name | None
    column: int
    width: float
    height: float
    framed: bool = False  # a group, whose ports are at different heights
    y: float = 0.0
    place: int = 0
    left: list[tuple[Cell, float, float]] = field(default_factory=list)  # neighbour, height here, height there
    right: list[tuple[Cell, float, float]] = field(default_factory=list)


Grid = list[list[Cell]]  # columns from left to right, each from top to bottom


def ordered(cells: Iterable[Cell], ends: Iterable[Cell]) -> Grid:
    """Step 3: the cells in their columns, top to bottom, with few crossings.

    Arguments:
        cells: all of them, with their neighbours.
        ends: the cells to start from, results first.
    """
    cells = list(cells)
    grid: Grid = [[] for _ in range(max((cell.column for cell in cells), default=-1) + 1)]
    tails = {cell: [near for near, _, _ in cell.left] for cell in cells}
    seen: set[Cell] = set()
    stack = list(ends)[::-1]
    while stack:  # the initial order: depth first from the results, arguments from left to right
        cell = stack.pop()
        if cell not in seen:
            seen.add(cell)
            grid[cell.column].append(cell)
            stack.extend(reversed(tails[cell]))
    best = _numbered(grid)
    fewest = crossings(grid)
    for sweep in range(24):
        if not fewest:
            break
        forth = sweep % 2 == 0
        for column in grid if forth else reversed(grid):
            means = {cell: _mean_place(cell, cell.left if forth else cell.right) for cell in column}
            column.sort(key=means.__getitem__)
            _number(column)
        if (now := crossings(grid)) < fewest:
            best, fewest = _numbered(grid), now
    return best


def _numbered(grid: Grid) -> Grid:
    """A copy of the grid, with each cell's place stored in it."""
    for column in grid:
        _number(column)
    return [list(column) for column in grid]


def crossings(grid: Grid) -> int:
    """How many pairs of links between neighbouring columns cross."""
    total = 0
    for column in grid:
        passed: list[float] = []
        for cell in column:
            heights = [near.place + there / (near.height + 1.0) for near, _, there in cell.right]
            total += sum(len(passed) - bisect_right(passed, height) for height in heights)
            for height in heights:
                insort(passed, height)
    return total


def place(grid: Grid, spacing: Spacing) -> None:
    """Step 4: the heights.  Column by column, each cell moves towards the mean of its neighbors."""
    _spread_ports(grid, spacing.row)
    for column in grid:
        isotonic_heights(column, [(0.0, 1.0)] * len(column), spacing.row)
    for sweep in range(16):
        forth = sweep % 2 == 0
        for column in grid if forth else reversed(grid):
            wishes = []
            for cell in column:
                sides = [*cell.left, *cell.right] if sweep >= 12 else cell.left if forth else cell.right
                wishes.append(_wish(cell, sides))
            isotonic_heights(column, wishes, spacing.row)


def _spread_ports(grid: Grid, row: float) -> None:
    """Spread ports over the height of the area, so that lines are not crowded at a frame."""
    tallest = max((sum(cell.height + row for cell in column) for column in grid), default=0.0)
    for column in grid:
        for cell in column:
            if isinstance(cell.item, Port):
                cell.height = max(0.0, min(72.0, tallest / len(column)) - row)


def _number(column: list[Cell]) -> None:
    for place, cell in enumerate(column):
        cell.place = place


def _mean_place(cell: Cell, neighbours: list[tuple[Cell, float, float]]) -> float:
    """The mean place of the neighbors, shifted a little by where on a box the edges leave or enter."""
    if not neighbours:
        return cell.place
    return sum(
        near.place + (there - here) / (near.height + cell.height + 1.0) for near, here, there in neighbours
    ) / len(neighbours)


def _wish(cell: Cell, neighbours: list[tuple[Cell, float, float]]) -> tuple[float, float]:
    """The height at which a cell's links would be level on average, and its weight.

    Dummies have more weight, so that long edges are straight.  Constants and parameters, which have no inputs, have
    little.  Where on its side an edge enters a box is ignored, so that a chain of operations is straight too.
    """
    total = weight = 0.0
    inner = [link for link in neighbours if link[0].left or link[0].column > cell.column or link[0].item is None]
    for near, here, there in inner or neighbours:
        pull = (1.0, 2.0, 8.0)[(near.item is None) + (cell.item is None)]
        total += pull * (near.y + (there if near.framed else 0.0) - (here if cell.framed else 0.0))
        weight += pull
    if not weight:
        return cell.y, 0.01
    return total / weight, weight if cell.left or cell.item is None or isinstance(cell.item, Port) else 0.02 * weight


def isotonic_heights(column: list[Cell], wishes: list[tuple[float, float]], row: float) -> None:
    """Place the cells of a column as near to their wishes as possible (least squares), in order and without overlap.

    The heights, measured from those of the cells stacked tightly, must not decrease from top to bottom.  That is an
    isotonic regression, solved by the pool adjacent violators algorithm (Barlow, Bartholomew, Bremner, Brunk,
    "Statistical Inference under Order Restrictions", 1972).

    Arguments:
        column: the cells; there is at least one.
        wishes: for each the height at which it would like to be, and the weight of this wish.
        row: the distance to keep between two boxes.
    """
    tight = [0.0]
    for above, cell in pairwise(column):
        apart = row / 2.0 if above.item is None or cell.item is None else row
        tight.append(tight[-1] + (above.height + cell.height) / 2.0 + apart)
    pools: list[tuple[float, float, int]] = []  # sum of weighted wishes, sum of weights, number of cells
    for (wish, weight), offset in zip(wishes, tight, strict=True):
        total, count = weight * (wish - offset), 1
        while pools and pools[-1][0] / pools[-1][1] > total / weight:
            above_total, above_weight, above_count = pools.pop()
            total, weight, count = total + above_total, weight + above_weight, count + above_count
        pools.append((total, weight, count))
    heights = [total / weight for total, weight, count in pools for _ in range(count)]
    for cell, height, offset in zip(column, heights, tight, strict=True):
        cell.y = height + offset
