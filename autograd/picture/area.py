"""An area: the boxes and frames directly within one group, and the edges between them, laid out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.picture.columns import Cell, ordered, place
from autograd.picture.frames import Frame, Port, finishing_order, standing_for
from autograd.picture.places import Edge, Layout, Name, Point, Size, Spacing

FEW = 8  # so many uses of a box have lines of their own; where there are more, they share one until they part
APART = 8.0  # between lines that leave a box


@dataclass(frozen=True)
class Link:
    """An edge, or several from one box that run together, between two items of an area.

    ``leave`` and ``arrive`` are heights relative to the centers of the two items.
    """

    tail: Name
    head: Name
    source: Name
    leave: float
    arrive: float
    backwards: bool = False


class Area:
    """The boxes and frames directly within one group, and the edges between them, laid out."""

    def __init__(
        self,
        boxes: list[Name],
        edges: Sequence[Edge],
        depth: int,
        frames: Mapping[Name, tuple[Frame, ...]],
        sizes: Mapping[Name, Size],
        spacing: Spacing,
    ) -> None:
        self.spacing = spacing
        self.sizes = sizes
        self.depth = depth
        self.areas: dict[Name, Area] = {}
        item = {box: standing_for(box, frames[box], depth) for box in boxes}
        members: dict[Name, list[Name]] = {}
        touching: dict[Name, list[Edge]] = {}
        for box in boxes:
            members.setdefault(item[box], []).append(box)
        for edge in edges:
            for end in {item[end]: None for end in (edge.source, edge.target) if end in item}:
                touching.setdefault(end, []).append(edge)
        for name in members:
            if isinstance(name, Frame):
                self.areas[name] = Area(members[name], touching.get(name, []), depth + 1, frames, sizes, spacing)
        self.links: dict[Link, list[Edge]] = {}
        for edge in edges:
            tail = item.get(edge.source, Port(edge.source, inward=True))
            head = item.get(edge.target, Port(edge.source, inward=False))
            if tail != head:
                link = Link(tail, head, edge.source, self._leave(tail, edge), self._arrive(head, edge))
                self.links.setdefault(link, []).append(edge)
        ports = [end for link in self.links for end in (link.tail, link.head) if isinstance(end, Port)]
        self.cells = self._columns(list(dict.fromkeys([*members, *ports])))
        uses = Counter(link.tail for link in self.links)
        self.bundled = {tail for tail, count in uses.items() if count > FEW}
        self.threads = self._threads()
        ends = sorted(self.cells.values(), key=lambda cell: -cell.column)
        self.grid = ordered([*self.cells.values(), *self.threads.values()], ends)
        place(self.grid, spacing)
        self._measure(framed=depth > 0)

    def _leave(self, tail: Name, edge: Edge) -> float:
        return self.areas[tail].port_height(Port(edge.source, inward=False)) if tail in self.areas else 0.0

    def _arrive(self, head: Name, edge: Edge) -> float:
        if head in self.areas:
            return self.areas[head].port_height(Port(edge.source, inward=True))
        if isinstance(head, Port):
            return 0.0
        return self.sizes[head][1] * ((edge.slot + 1.0) / (edge.slots + 1.0) - 0.5)

    def port_height(self, port: Port) -> float:
        """The height of a port relative to the center of the area."""
        return self.cells[port].y - self.height / 2.0

    def _size(self, item: Name) -> Size:
        if item in self.areas:
            return self.areas[item].width, self.areas[item].height
        return (0.0, 0.0) if isinstance(item, Port) else self.sizes[item]

    def _columns(self, items: list[Name]) -> dict[Name, Cell]:
        """Step 1: each item in a column, as far right as its successors allow; ports in the outermost columns."""
        heads: dict[Name, dict[Name, None]] = {item: {} for item in items}
        for link in self.links:
            heads[link.tail][link.head] = None
        # Links that would close a cycle are reversed.
        finished = {item: i for i, item in enumerate(finishing_order(items, heads))}
        turned = {link: finished[link.tail] < finished[link.head] for link in self.links}
        self.links = {
            Link(link.head, link.tail, link.source, link.arrive, link.leave, True) if turned[link] else link: edges
            for link, edges in self.links.items()
        }
        rank = dict.fromkeys(items, 0)
        heads = {item: {} for item in items}
        for link in self.links:
            heads[link.tail][link.head] = None
        for item in sorted(items, key=finished.__getitem__):
            if not isinstance(item, Port) or item.inward:
                rank[item] = min((rank[head] for head in heads[item]), default=0) - 1
        first = min((rank[item] for item in items if not isinstance(item, Port)), default=0)
        for item in items:
            if isinstance(item, Port) and item.inward:
                rank[item] = first - 1
        first = min(rank.values(), default=0)
        return {item: Cell(item, rank[item] - first, *self._size(item), item in self.areas) for item in items}

    def _threads(self) -> dict[Hashable, Cell]:
        """Step 2: a dummy cell in every column that a link passes over, shared by links from a box with many uses."""
        threads: dict[Hashable, Cell] = {}
        joined: set[tuple[Cell, Cell, float]] = set()
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

    def _path(self, link: Link, threads: dict[Hashable, Cell]) -> list[Cell]:
        """The cells of a link: its tail, its dummy cells, its head."""
        tail, head = self.cells[link.tail], self.cells[link.head]
        line: Hashable = (link.tail, link.source, link.leave) if link.tail in self.bundled else link
        between = [
            threads.setdefault((line, column), Cell(None, column, 0.0, self.spacing.thread))
            for column in range(tail.column + 1, head.column)
        ]
        return [tail, *between, head]

    def _measure(self, framed: bool) -> None:
        """Compute the size of the area, and the left and right side of each column."""
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
            if not self.sides:  # entry ports are on the frame itself
                x += 0.0 if any(isinstance(cell.item, Port) for cell in column) else edge + ahead
            self.sides.append((x, x + width))
            x += ahead if x == 0.0 else 0.0
            steep = max(
                (abs(near.y + there - cell.y - here) for cell in column for near, here, there in cell.right),
                default=0.0,
            )
            x += width + self.spacing.column + min(steep / 8.0, 3.0 * self.spacing.column)
        last = (self.grid or [[]])[-1]
        self.width = self.sides[-1][1] if self.sides else 0.0
        self.width += 0.0 if any(isinstance(cell.item, Port) for cell in last) else edge

    def unfold(self, x: float, y: float, found: Layout, pieces: dict[Edge, list[tuple[int, list[Point]]]]) -> None:
        """Record the position of everything in the area, whose upper left corner is at x, y.

        An edge between groups consists of pieces: out of the areas around its source, across the area that contains
        both ends, and into the areas around its target.
        """
        for item, cell in self.cells.items():
            if item in self.areas:
                area = self.areas[item]
                corner = x + self._middle(cell) - area.width / 2.0, y + cell.y - area.height / 2.0
                assert isinstance(item, Frame)
                found.frames[item.group] = (*corner, area.width, area.height)
                area.unfold(*corner, found, pieces)
            elif not isinstance(item, Port):
                found.centres[item] = x + self._middle(cell), y + cell.y
        apart = self._apart()
        for link, edges in self.links.items():
            points = self._route(link, x, y, apart.get(link, 0.0))
            ends = (link.tail, link.head)
            leaving = any(isinstance(end, Port) and not end.inward for end in ends)
            entering = any(isinstance(end, Port) and end.inward for end in ends)
            for edge in edges:
                pieces[edge].append((-self.depth if leaving else self.depth if entering else 0, points))

    def _middle(self, cell: Cell) -> float:
        """The horizontal center of a cell: the middle of its column; without inputs, at the right, near its readers."""
        left, right = self.sides[cell.column]
        return (left + right) / 2.0 if cell.left or isinstance(cell.item, Port) else right - cell.width / 2.0

    def _apart(self) -> dict[Link, float]:
        """For the links that leave a box with several uses: how far from its middle, in the order of their heads."""
        leaving: dict[Name, list[Link]] = {}
        for link in self.links:
            if link.tail not in self.areas and not isinstance(link.tail, Port) and link.tail not in self.bundled:
                leaving.setdefault(link.tail, []).append(link)
        found = {}
        for tail, links in leaving.items():
            step = min(APART, self.cells[tail].height / (len(links) + 1))
            for i, link in enumerate(sorted(links, key=self._first_height)):
                found[link] = (i - (len(links) - 1) / 2.0) * step
        return found

    def _first_height(self, link: Link) -> float:
        """The height at which a link reaches the next column."""
        path = self._path(link, self.threads)
        return path[1].y + (link.arrive if len(path) == 2 else 0.0)

    def _route(self, link: Link, x: float, y: float, apart: float) -> list[Point]:
        """The points of a link; it crosses each column from side to side at constant height."""
        path = self._path(link, self.threads)
        points: list[Point] = []
        for i, cell in enumerate(path):
            left, right = self.sides[cell.column]
            middle = self._middle(cell)
            height = y + cell.y + (link.leave + apart if i == 0 else link.arrive if i == len(path) - 1 else 0.0)
            start = middle + cell.width / 2.0 if i == 0 else left
            end = middle - cell.width / 2.0 if i == len(path) - 1 else right
            points += [(x + start, height), (x + end, height)]
        return points[::-1] if link.backwards else points
