"""Graph layout: boxes in columns, edges between the columns, groups as frames around both.

The method is that of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures",
IEEE Transactions on Systems, Man, and Cybernetics 11, 1981:

1. rank      every box goes into a column, as far right as its readers allow: a weight is next to its neuron;
2. dummies   an edge that passes over columns gets a dummy node in each, shared by all edges from the same box;
3. order     inside a column, top to bottom: each box goes to the mean position of its neighbors, back and forth,
             and the arrangement with the fewest crossings is kept;
4. place     the final heights: each box as near to its neighbors as the order and the boxes' sizes allow.

An edge bends only in the gap between two columns.  Through a column it runs straight, in the place of its dummy node,
so no edge crosses a box.

A group is laid out by itself first and then takes part in the layout around it as one large box, whose ports are the
places where edges enter on its left and leave on its right.  So frames never overlap either.

Steps 1 and 2 are in area.py, 3 and 4 in columns.py.  Everything flows from left to right; page.py turns it for other
directions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograd.picture.area import Area
from autograd.picture.frames import frames_around
from autograd.picture.places import Edge, Group, Layout, Name, Point, Size, Spacing


def layout(
    sizes: Mapping[Name, Size],
    edges: Iterable[Edge],
    groups: Mapping[Name, Group] | None = None,
    spacing: Spacing | None = None,
) -> Layout:
    """Compute the positions of boxes, edges and groups.

    Arguments:
        sizes: ``(width, height)`` by box; their order breaks ties.
        edges: the edges between the boxes.  Cycles are allowed: some of their edges then run backwards.
        groups: the group of each box that is in one.
        spacing: the distances to keep; None for the default.

    >>> found = layout({"a": (40, 20), "b": (40, 20)}, [Edge("a", "b")])
    >>> found.centres
    {'a': (20.0, 10.0), 'b': (94.0, 10.0)}
    """
    spacing = spacing or Spacing()
    edges = list(dict.fromkeys(edges))
    frames = frames_around(sizes, edges, groups or {})
    area = Area(list(sizes), edges, 0, frames, sizes, spacing)
    found = Layout(width=area.width, height=area.height)
    pieces: dict[Edge, list[tuple[int, list[Point]]]] = {edge: [] for edge in edges}
    area.unfold(0.0, 0.0, found, pieces)
    for edge, parts in pieces.items():
        found.routes[edge] = [point for _, points in sorted(parts) for point in points]
    return found
