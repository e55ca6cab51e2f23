"""Where everything stands: boxes in columns, edges between the columns, groups as frames around both.

The method is that of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures",
IEEE Transactions on Systems, Man, and Cybernetics 11, 1981:

1. rank      every box goes into a column, as far right as what reads it allows: a weight stands beside its neuron;
2. thread    an edge that passes over columns gets a place in each of them, shared by all edges from the same box;
3. order     inside a column, top to bottom: each box goes to the mean position of its neighbours, forth and back,
             and the arrangement with the fewest crossings is kept;
4. place     the final heights: each box as near to its neighbours as the order and the boxes' sizes allow.

An edge bends only in the gap between two columns and runs straight where it passes through one, in the place it was
given.  So no edge runs through a box.

A group is laid out by itself first and then takes part in the layout around it as one large box, whose ports are the
places where edges enter on its left and leave on its right.  So frames never overlap either.

Everything here flows from left to right; strokes.py turns it for other directions.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Name = Hashable
Point = tuple[float, float]
Size = tuple[float, float]  # width, height
Group = tuple[str, ...]  # the path of a group from the outside in; () is the whole picture


@dataclass(frozen=True)
class Edge:
    """From one box to another.  An edge with ``slot`` i of ``slots`` arrives as the i-th of so many from the top."""

    source: Name
    target: Name
    slot: int = 0
    slots: int = 1


@dataclass
class Layout:
    """The result: the centre of each box, the polyline of each edge, the frame of each group, and the whole size.

    Attributes:
        centres: ``(x, y)`` by box.
        routes: the points of each edge.  Between points 2k + 1 and 2k + 2 the edge crosses a gap and may curve; the
            other stretches are straight and level.
        frames: ``(x, y, width, height)`` by group.
        width, height: of everything.
    """

    centres: dict[Name, Point] = field(default_factory=dict)
    routes: dict[Edge, list[Point]] = field(default_factory=dict)
    frames: dict[Group, tuple[float, float, float, float]] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True)
class Spacing:
    """Distances: between columns, between boxes in a column, and from a frame to what is in it.

    ``above`` and ``ahead`` are more room inside a frame, over everything and left of everything, for its title.
    """

    column: float = 34.0
    row: float = 12.0
    thread: float = 9.0
    frame: float = 12.0
    above: float = 12.0
    ahead: float = 0.0


def layout(
    sizes: Mapping[Name, Size],
    edges: Iterable[Edge],
    groups: Mapping[Name, Group] | None = None,
    spacing: Spacing | None = None,
) -> Layout:
    """Find a place for boxes, edges and groups.

    Arguments:
        sizes: ``(width, height)`` by box; their order breaks ties.
        edges: between the boxes.  A cycle is allowed: some of its edges then run backwards.
        groups: the group of each box that is in one.
        spacing: the distances to keep.

    >>> found = layout({"a": (40, 20), "b": (40, 20)}, [Edge("a", "b")])
    >>> found.centres
    {'a': (20.0, 10.0), 'b': (94.0, 10.0)}
    """
    spacing = spacing or Spacing()
    edges = list(dict.fromkeys(edges))
    frames = _frames(sizes, edges, groups or {})
    area = _Area(list(sizes), edges, 0, frames, sizes, spacing)
    found = Layout(width=area.width, height=area.height)
    pieces: dict[Edge, list[tuple[int, list[Point]]]] = {edge: [] for edge in edges}
    area.unfold(0.0, 0.0, found, pieces)
    for edge, parts in pieces.items():
        found.routes[edge] = [point for _, points in sorted(parts) for point in points]
    return found


# ----------------------------------------------------------------------------------------------------------- the groups


@dataclass(frozen=True)
class _Frame:
    """A group, as a box among others in the area around it."""

    group: Group


@dataclass(frozen=True)
class _Port:
    """Where the edges from one box enter an area (``inward``) or leave it."""

    source: Name
    inward: bool


def _frames(
    sizes: Mapping[Name, Size], edges: Sequence[Edge], groups: Mapping[Name, Group]
) -> dict[Name, tuple[_Frame, ...]]:
    """The frames around each box, from the outside in.

    A group that is left and entered again along one path, like a module that is called twice in a row, cannot be one
    box in a picture that flows one way.  It gets no frame, and its boxes stand in the area around it.
    """
    within = {}
    for name in sizes:
        group = groups.get(name, ())
        within[name] = tuple(_Frame(group[: depth + 1]) for depth in range(len(group)))
    while True:
        looped: set[Name] = set()
        for depth in range(max(map(len, within.values()), default=0)):
            links: dict[Name, dict[Name, None]] = {}
            for edge in edges:
                around, other = within[edge.source], within[edge.target]
                a, b = _item(edge.source, around, depth), _item(edge.target, other, depth)
                if a != b and around[:depth] == other[:depth]:
                    links.setdefault(a, {})[b] = None
            looped.update(item for item in _on_cycles(links) if isinstance(item, _Frame))
        if not looped:
            return within
        within = {name: tuple(frame for frame in around if frame not in looped) for name, around in within.items()}


def _item(name: Name, around: tuple[_Frame, ...], depth: int) -> Name:
    """What stands for a box in the area at this depth: a frame that holds it, or the box itself."""
    return around[depth] if len(around) > depth else name


def _on_cycles(links: Mapping[Name, Iterable[Name]]) -> list[Name]:
    """What lies on a cycle: the strongly connected components of more than one member (Kosaraju's algorithm)."""
    backward: dict[Name, list[Name]] = {}
    for a, targets in links.items():
        for b in targets:
            backward.setdefault(b, []).append(a)
    finished = _finishing_order(list(links), links)
    seen: set[Name] = set()
    looped: list[Name] = []
    for root in reversed(finished):
        if root not in seen:
            component = [root]
            seen.add(root)
            for name in component:
                for other in backward.get(name, ()):
                    if other not in seen:
                        seen.add(other)
                        component.append(other)
            if len(component) > 1:
                looped += component
    return looped


def _finishing_order(roots: Sequence[Name], links: Mapping[Name, Iterable[Name]]) -> list[Name]:
    """Depth-first search: the names in the order in which all that they link to has been visited."""
    finished: list[Name] = []
    seen: set[Name] = set()
    for root in roots:
        stack = [(root, iter(links.get(root, ())))] if root not in seen else []
        seen.add(root)
        while stack:
            name, targets = stack[-1]
            for target in targets:
                if target not in seen:
                    seen.add(target)
                    stack.append((target, iter(links.get(target, ()))))
                    break
            else:
                finished.append(name)
                stack.pop()
    return finished


# ------------------------------------------------------------------------------------------------------------- one area


@dataclass(frozen=True)
class _Link:
    """An edge, or several from one box that run together, between two items of an area.

    ``leave`` and ``arrive`` are heights relative to the centres of the two items.
    """

    tail: Name
    head: Name
    source: Name
    leave: float
    arrive: float
    backwards: bool = False


@dataclass(eq=False)
class _Cell:
    """A place in a column: an item of the area, or a thread, where an edge passes through."""

    item: Name | None
    column: int
    width: float
    height: float
    framed: bool = False  # a group, whose ports have heights of their own
    y: float = 0.0
    place: int = 0
    left: list[tuple[_Cell, float, float]] = field(default_factory=list)  # neighbour, height here, height there
    right: list[tuple[_Cell, float, float]] = field(default_factory=list)


class _Area:
    """The boxes and frames directly within one group, and the edges between them, laid out."""

    def __init__(
        self,
        boxes: list[Name],
        edges: Sequence[Edge],
        depth: int,
        frames: Mapping[Name, tuple[_Frame, ...]],
        sizes: Mapping[Name, Size],
        spacing: Spacing,
    ) -> None:
        self.spacing = spacing
        self.sizes = sizes
        self.depth = depth
        self.areas: dict[Name, _Area] = {}
        item = {box: _item(box, frames[box], depth) for box in boxes}
        members: dict[Name, list[Name]] = {}
        touching: dict[Name, list[Edge]] = {}
        for box in boxes:
            members.setdefault(item[box], []).append(box)
        for edge in edges:
            for end in {item[end]: None for end in (edge.source, edge.target) if end in item}:
                touching.setdefault(end, []).append(edge)
        for name in members:
            if isinstance(name, _Frame):
                self.areas[name] = _Area(members[name], touching.get(name, []), depth + 1, frames, sizes, spacing)
        self.links: dict[_Link, list[Edge]] = {}
        for edge in edges:
            tail = item.get(edge.source, _Port(edge.source, inward=True))
            head = item.get(edge.target, _Port(edge.source, inward=False))
            if tail != head:
                link = _Link(tail, head, edge.source, self._leave(tail, edge), self._arrive(head, edge))
                self.links.setdefault(link, []).append(edge)
        ports = [end for link in self.links for end in (link.tail, link.head) if isinstance(end, _Port)]
        self.cells = self._columns(list(dict.fromkeys([*members, *ports])))
        self.threads = self._threads()
        self._order()
        self._place()
        self._measure(framed=depth > 0)

    def _leave(self, tail: Name, edge: Edge) -> float:
        return self.areas[tail].port_height(_Port(edge.source, inward=False)) if tail in self.areas else 0.0

    def _arrive(self, head: Name, edge: Edge) -> float:
        if head in self.areas:
            return self.areas[head].port_height(_Port(edge.source, inward=True))
        if isinstance(head, _Port):
            return 0.0
        return self.sizes[head][1] * ((edge.slot + 1.0) / (edge.slots + 1.0) - 0.5)

    def port_height(self, port: _Port) -> float:
        """The height of a port relative to the centre of the area."""
        return self.cells[port].y - self.height / 2.0

    def _size(self, item: Name) -> Size:
        if item in self.areas:
            return self.areas[item].width, self.areas[item].height
        return (0.0, 0.0) if isinstance(item, _Port) else self.sizes[item]

    def _columns(self, items: list[Name]) -> dict[Name, _Cell]:
        """Step 1: each item as far right as what it leads to allows; ports in the outermost columns."""
        heads: dict[Name, dict[Name, None]] = {item: {} for item in items}
        for link in self.links:
            heads[link.tail][link.head] = None
        # Where the links form a cycle, those that lead back to where the search came from are turned around.
        finished = {item: i for i, item in enumerate(_finishing_order(items, heads))}
        turned = {link: finished[link.tail] < finished[link.head] for link in self.links}
        self.links = {
            _Link(link.head, link.tail, link.source, link.arrive, link.leave, True) if turned[link] else link: edges
            for link, edges in self.links.items()
        }
        rank = dict.fromkeys(items, 0)
        heads = {item: {} for item in items}
        for link in self.links:
            heads[link.tail][link.head] = None
        for item in sorted(items, key=finished.__getitem__):
            if not isinstance(item, _Port) or item.inward:
                rank[item] = min((rank[head] for head in heads[item]), default=0) - 1
        first = min((rank[item] for item in items if not isinstance(item, _Port)), default=0)
        for item in items:
            if isinstance(item, _Port) and item.inward:
                rank[item] = first - 1
        first = min(rank.values(), default=0)
        return {item: _Cell(item, rank[item] - first, *self._size(item), item in self.areas) for item in items}

    def _threads(self) -> dict[tuple[Name, Name, float, int], _Cell]:
        """Step 2: a cell in every column that a link passes over.  Links that leave by one port share theirs."""
        threads: dict[tuple[Name, Name, float, int], _Cell] = {}
        joined: set[tuple[_Cell, _Cell, float]] = set()
        for link in self.links:
            path = self._path(link, threads)
            for left, right in pairwise(path):
                leave = link.leave if left is path[0] else 0.0
                arrive = link.arrive if right is path[-1] else 0.0
                if (left, right, arrive) not in joined:
                    joined.add((left, right, arrive))
                    left.right.append((right, leave, arrive))
                    right.left.append((left, arrive, leave))
        return threads

    def _path(self, link: _Link, threads: dict[tuple[Name, Name, float, int], _Cell]) -> list[_Cell]:
        """The cells of a link: its tail, its threads, its head."""
        tail, head = self.cells[link.tail], self.cells[link.head]
        between = [
            threads.setdefault(
                (link.tail, link.source, link.leave, column), _Cell(None, column, 0.0, self.spacing.thread)
            )
            for column in range(tail.column + 1, head.column)
        ]
        return [tail, *between, head]

    def _order(self) -> None:
        """Step 3: top to bottom in each column, with few crossings."""
        cells = [*self.cells.values(), *self.threads.values()]
        self.grid: list[list[_Cell]] = [[] for _ in range(max((cell.column for cell in cells), default=-1) + 1)]
        tails = {cell: [near for near, _, _ in cell.left] for cell in cells}
        ends = sorted(self.cells.values(), key=lambda cell: -cell.column)
        seen: set[_Cell] = set()
        stack = ends[::-1]
        while stack:  # the first arrangement: as met on the way from the results back, arguments from left to right
            cell = stack.pop()
            if cell not in seen:
                seen.add(cell)
                self.grid[cell.column].append(cell)
                stack.extend(reversed(tails[cell]))
        best = self._arrangement()
        fewest = self._crossings()
        for sweep in range(24):
            if not fewest:
                break
            forth = sweep % 2 == 0
            for column in self.grid if forth else reversed(self.grid):
                means = {cell: _mean_place(cell, cell.left if forth else cell.right) for cell in column}
                column.sort(key=means.__getitem__)
                _number(column)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = self._arrangement(), crossings
        self.grid = best

    def _arrangement(self) -> list[list[_Cell]]:
        for column in self.grid:
            _number(column)
        return [list(column) for column in self.grid]

    def _crossings(self) -> int:
        """How many pairs of links between neighbouring columns cross."""
        total = 0
        for column in self.grid:
            passed: list[float] = []
            for cell in column:
                heights = [near.place + there / (near.height + 1.0) for near, _, there in cell.right]
                total += sum(len(passed) - bisect_right(passed, height) for height in heights)
                for height in heights:
                    insort(passed, height)
        return total

    def _place(self) -> None:
        """Step 4: the heights.  Columns move in turn, each cell towards the mean of its neighbours."""
        self._spread_ports()
        for column in self.grid:
            _stack(column, [0.0] * len(column), [1.0] * len(column), self.spacing.row)
        for sweep in range(16):
            forth = sweep % 2 == 0
            for column in self.grid if forth else reversed(self.grid):
                wishes, weights = [], []
                for cell in column:
                    sides = [*cell.left, *cell.right] if sweep >= 12 else cell.left if forth else cell.right
                    wish, weight = _wish(cell, sides)
                    wishes.append(wish)
                    weights.append(weight)
                _stack(column, wishes, weights, self.spacing.row)

    def _spread_ports(self) -> None:
        """Let ports take up to the height of what is between them, so that lines do not crowd at a frame."""
        row = self.spacing.row
        tallest = max((sum(cell.height + row for cell in column) for column in self.grid), default=0.0)
        for column in self.grid:
            for cell in column:
                if isinstance(cell.item, _Port):
                    cell.height = max(0.0, min(72.0, tallest / len(column)) - row)

    def _measure(self, framed: bool) -> None:
        """The size of the area, and the left and right side of each column."""
        edge = self.spacing.frame if framed else 0.0
        cells = [cell for column in self.grid for cell in column]
        top = min((cell.y - cell.height / 2.0 for cell in cells), default=0.0)
        for cell in cells:
            cell.y += edge + (self.spacing.above if framed else 0.0) - top
        self.height = max((cell.y + cell.height / 2.0 for cell in cells), default=0.0) + edge
        self.sides: list[tuple[float, float]] = []
        ahead = self.spacing.ahead if framed else 0.0
        x = 0.0
        for column in self.grid:
            width = max(cell.width for cell in column)
            if not self.sides:  # entry ports stand on the frame itself
                x += 0.0 if any(isinstance(cell.item, _Port) for cell in column) else edge + ahead
            self.sides.append((x, x + width))
            x += ahead if x == 0.0 else 0.0
            steep = max(
                (abs(near.y + there - cell.y - here) for cell in column for near, here, there in cell.right),
                default=0.0,
            )
            x += width + self.spacing.column + min(steep / 8.0, 3.0 * self.spacing.column)
        last = (self.grid or [[]])[-1]
        self.width = self.sides[-1][1] if self.sides else 0.0
        self.width += 0.0 if any(isinstance(cell.item, _Port) for cell in last) else edge

    def unfold(self, x: float, y: float, found: Layout, pieces: dict[Edge, list[tuple[int, list[Point]]]]) -> None:
        """Write down everything in the area, whose upper left corner is at x, y.

        An edge between groups comes in pieces: out of the inner areas, across the one around both ends, and in again.
        """
        for item, cell in self.cells.items():
            if item in self.areas:
                area = self.areas[item]
                corner = x + self._middle(cell) - area.width / 2.0, y + cell.y - area.height / 2.0
                assert isinstance(item, _Frame)
                found.frames[item.group] = (*corner, area.width, area.height)
                area.unfold(*corner, found, pieces)
            elif not isinstance(item, _Port):
                found.centres[item] = x + self._middle(cell), y + cell.y
        for link, edges in self.links.items():
            points = self._route(link, x, y)
            ends = (link.tail, link.head)
            leaving = any(isinstance(end, _Port) and not end.inward for end in ends)
            entering = any(isinstance(end, _Port) and end.inward for end in ends)
            for edge in edges:
                pieces[edge].append((-self.depth if leaving else self.depth if entering else 0, points))

    def _middle(self, cell: _Cell) -> float:
        """Where a cell stands in its column: in the middle or, if nothing leads to it, on the side of its readers."""
        left, right = self.sides[cell.column]
        return (left + right) / 2.0 if cell.left or isinstance(cell.item, _Port) else right - cell.width / 2.0

    def _route(self, link: _Link, x: float, y: float) -> list[Point]:
        """The points of a link: from side to side of each column it passes, at one height."""
        path = self._path(link, self.threads)
        points: list[Point] = []
        for i, cell in enumerate(path):
            left, right = self.sides[cell.column]
            middle = self._middle(cell)
            height = y + cell.y + (link.leave if i == 0 else link.arrive if i == len(path) - 1 else 0.0)
            start = middle + cell.width / 2.0 if i == 0 else left
            end = middle - cell.width / 2.0 if i == len(path) - 1 else right
            points += [(x + start, height), (x + end, height)]
        return points[::-1] if link.backwards else points


def _number(column: list[_Cell]) -> None:
    for place, cell in enumerate(column):
        cell.place = place


def _mean_place(cell: _Cell, neighbours: list[tuple[_Cell, float, float]]) -> float:
    """The mean place of the neighbours, to the fraction at which they are left or entered."""
    if not neighbours:
        return cell.place
    return sum(
        near.place + (there - here) / (near.height + cell.height + 1.0) for near, here, there in neighbours
    ) / len(neighbours)


def _wish(cell: _Cell, neighbours: list[tuple[_Cell, float, float]]) -> tuple[float, float]:
    """The height at which a cell's links would be level on average, and how much that counts.

    Threads count more, so that long edges are straight.  Constants and weights, with nothing on their left, make way,
    and where in its side a box is entered does not count, so that a chain of operations is straight too.
    """
    total = weight = 0.0
    inner = [link for link in neighbours if link[0].left or link[0].column > cell.column or link[0].item is None]
    for near, here, there in inner or neighbours:
        pull = (1.0, 2.0, 8.0)[(near.item is None) + (cell.item is None)]
        total += pull * (near.y + (there if near.framed else 0.0) - (here if cell.framed else 0.0))
        weight += pull
    if not weight:
        return cell.y, 0.01
    return total / weight, weight if cell.left or cell.item is None or isinstance(cell.item, _Port) else 0.02 * weight


def _stack(column: list[_Cell], wishes: list[float], weights: list[float], row: float) -> None:
    """Put each cell of a column as near to its wish as possible (least squares), in order and without overlap.

    Measured from the tight stack of all cells, the heights must not fall from one cell to the next: the pool adjacent
    violators algorithm (Barlow, Bartholomew, Bremner, Brunk, "Statistical Inference under Order Restrictions", 1972).
    """
    tight: list[float] = []
    for i, cell in enumerate(column):
        if i:
            above = column[i - 1]
            apart = row / 2.0 if above.item is None or cell.item is None else row
            tight.append(tight[-1] + (above.height + cell.height) / 2.0 + apart)
        else:
            tight.append(0.0)
    pools: list[tuple[float, float, int]] = []  # sum of weighted wishes, sum of weights, number of cells
    for wish, weight, offset in zip(wishes, weights, tight, strict=True):
        total, count = weight * (wish - offset), 1
        while pools and pools[-1][0] / pools[-1][1] > total / weight:
            above_total, above_weight, above_count = pools.pop()
            total, weight, count = total + above_total, weight + above_weight, count + above_count
        pools.append((total, weight, count))
    heights = [total / weight for total, weight, count in pools for _ in range(count)]
    for cell, height, offset in zip(column, heights, tight, strict=True):
        cell.y = height + offset
