"""From a graph of scalars to few instructions on whole arrays.

A node is *batched* if it depends on an input, which has another number for each sample, and else *uniform*.  Uniform
numbers live in a vector, one entry each; batched ones in a matrix, one row each, one column for each sample.  The way
from nodes to instructions has four steps:

1. flatten   trees of + and - become sums of many terms; a product that only one sum reads becomes part of it
             (terms.py);
2. level     a node's level is one more than the highest of its operands, or a little more, to be with its like;
3. group     nodes of one level with the same operation become one instruction;
4. factor    in a group of sums of products, the left factors and the right factors of all sums are looked up: where
             every list of left factors meets every list of right factors, the group is a product of matrices.

Nothing here knows of neurons or layers.  That the sums of a layer are ``W @ x``, that their gradient is ``W.T @ delta``
and ``delta @ x.T``, is what step 4 finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from autograd.plan import BATCHED, TOTAL, UNIFORM, Block, Elementwise, Index, Place, Plan, Product, Sum, strides
from autograd.rules import pow
from autograd.terms import NEGATIVE, SINGLE, Kinds, Terms
from autograd.value import Value


@dataclass(frozen=True)
class Request:
    """What a plan is made for.

    Attributes:
        outputs: what to compute.
        inputs: leaves that have another number for each sample.
        parameters: leaves with one number for all samples; leaves in neither list are constants.
        total: whether batched outputs are wanted summed over the samples.
        adjoint: nodes and their adjoints, where the graph holds a backward pass; so that adjoints can be named.
    """

    outputs: list[Value]
    inputs: list[Value]
    parameters: list[Value]
    total: bool = False
    adjoint: Mapping[Value, Any] = field(default_factory=dict)


class Planner:
    """The way from a graph to its plan.

    Attributes:
        terms: the scalars of the graph, numbered.
        plan: the plan.
        place: for each scalar its place in its array, once it has one.
        members: for each instruction the scalars that it computes, in order.
    """

    def __init__(self, request: Request) -> None:
        self.terms = terms = Terms(request.outputs, request.inputs, request.total)
        size, order = terms.size, terms.order
        self.array: list[str] = [BATCHED if x else UNIFORM for x in terms.batched[: terms.first_total].tolist()]
        self.array += [TOTAL] * (size - terms.first_total)
        groups = self.groups(np.flatnonzero(terms.computed[: len(order)]).tolist())
        self.place = np.full(size, -1)
        self.plan = Plan(len(request.inputs), len(request.parameters), self.leaves(request))
        self.members: list[Index] = []
        start = len(request.parameters) + len(self.plan.constants)
        self.next = {UNIFORM: start, BATCHED: len(request.inputs), TOTAL: 0}
        self.starts: dict[str, list[int]] = {UNIFORM: [], BATCHED: []}  # the first number that each instruction makes

        for members in groups:
            self.instruction(np.array(members))
        for members in self.groups_of_totals():
            self.instruction(np.array(members))

        self.scalars = len(order)
        self.plan.sizes = dict(self.next)
        self.plan.outputs = [self.at(root) for root in terms.roots]
        self.names(request)

    def leaves(self, request: Request) -> list[float]:
        """Give each leaf and each constant its place; the constants."""
        terms, order = self.terms, self.terms.order
        for given in (request.inputs, request.parameters):
            for i, x in enumerate(given):
                if x in terms.number:
                    self.place[terms.number[x]] = i
        after = len(order) + len(terms.constants)
        held = list(range(len(order), after))
        if terms.zero == after and terms.zero in terms.left:  # a sum was padded
            held.append(terms.zero)
        held += [i for i in terms.leaves() if self.place[i] < 0]
        start = len(request.parameters)
        self.place[held] = np.arange(start, start + len(held))
        constants = [*terms.constants, 0.0]
        return [order[i].data if i < len(order) else constants[i - len(order)] for i in held]

    def names(self, request: Request) -> None:
        """The labels and scopes of what has a place, and what is the adjoint of what."""
        plan, order = self.plan, self.terms.order
        placed = np.flatnonzero(self.place[: len(order)] >= 0).tolist()
        plan.labels = {self.at(i): order[i].label for i in placed if order[i].label}
        for array, leaves in ((BATCHED, request.inputs), (UNIFORM, request.parameters)):
            plan.labels |= {(array, i): x.label for i, x in enumerate(leaves) if x.label}
            plan.scopes |= {(array, i): x.scope for i, x in enumerate(leaves)}
        has_place = {order[i]: i for i in placed}
        for node, slope in request.adjoint.items():
            if node in has_place and slope in has_place:
                plan.primal.setdefault(self.at(has_place[slope]), self.at(has_place[node]))

    def at(self, z: int) -> Place:
        return self.array[z], int(self.place[z])

    def signature(self, z: int) -> Hashable:
        """What nodes have in common that one instruction can compute."""
        terms = self.terms
        if z in terms.kinds:
            return self.array[z], terms.kinds[z]
        node = terms.order[z]
        # A power with a constant exponent has its own way to be computed: 2.0 is a square.
        exponent = node.args[1] if node.op is pow and type(node.args[1]) is float else None
        return (node.op, exponent, *[self.array[terms.number[x]] for x in node.args])

    def groups(self, nodes: list[int]) -> list[list[int]]:
        """The nodes in groups for one instruction, level by level.

        A node may come later than its operands allow.  Of a sequence of vectors, say, the first may take one operation
        less than the others, and all that follows would be done for it apart.  So nodes wait for others of the same
        signature on one of the next two levels, if nothing in the end takes longer.
        """
        read = self.terms.reads()
        level = [0] * self.terms.size
        for z in nodes:
            level[z] = 1 + max([level[x] for x in read[z]], default=0)
        latest = [max(level)] * self.terms.size
        for z in reversed(nodes):
            before = latest[z] - 1
            for x in read[z]:
                if latest[x] > before:
                    latest[x] = before
        return self.aligned(nodes, read, level, latest)

    def aligned(
        self, nodes: list[int], read: Mapping[int, list[int]], level: list[int], latest: list[int]
    ) -> list[list[int]]:
        """The groups, level by level, after some have waited.

        A node waits for others of the same signature that read something made together with what it reads.
        """
        depth = max(level) + 1
        numbers: dict[Hashable, int] = {}  # of the signatures, which take long to compare
        signature = {z: numbers.setdefault(self.signature(z), len(numbers)) for z in nodes}
        group = [-1] * self.terms.size  # of each node: its signature and its level in one number
        sources: dict[int, set[int]] = defaultdict(set)  # of each group: the groups that it reads
        todo: list[list[int]] = [[] for _ in range(depth)]

        def put(z: int) -> None:
            todo[level[z]].append(z)
            group[z] = here = signature[z] * depth + level[z]
            sources[here].update([group[x] for x in read[z]])

        for z in nodes:
            put(z)
        found: list[list[int]] = []
        for now in range(1, depth):
            ready: list[list[int]] = []
            groups: dict[int, list[int]] = {}
            for z in todo[now]:
                earliest = 1 + max([level[x] for x in read[z]], default=0)
                if earliest > now:
                    level[z] = earliest
                    put(z)
                else:
                    groups.setdefault(group[z], []).append(z)
            for key, members in groups.items():
                slack = min([latest[z] for z in members]) - now
                beside = [step for step in (1, 2) if step <= slack and key + step in sources]
                if beside:
                    here = {group[x] for z in members for x in read[z]}
                    beside = [step for step in beside if sources[key + step] & here]
                if beside:
                    for z in members:
                        level[z] = now + beside[0]
                        put(z)
                else:
                    ready.append(members)
            found += self.padded(ready)
        return found

    def padded(self, groups: list[list[int]]) -> list[list[int]]:
        """The same groups, but those of sums that differ in how many terms they have made one, by terms that are 0.

        Where each word of a text looks back at all words before it, each has a sum with one term more.  That many
        calls would take longer than the zeros do.  A batch is left as it is: there the numbers take the time.
        """
        alike: dict[Hashable, list[list[int]]] = defaultdict(list)
        for members in groups:
            kinds = self.terms.kinds.get(members[0], ())
            pads = kinds and self.array[members[0]] == UNIFORM
            alike[tuple([kind for kind, _ in kinds]) if pads else members[0]].append(members)
        found = []
        for parts in alike.values():
            widths = np.array([[width for _, width in self.terms.kinds.get(part[0], ())] for part in parts])
            sizes = [len(part) for part in parts]
            if len(parts) > 2 and widths.max(axis=0).sum() * sum(sizes) <= 2 * (widths.sum(axis=1) @ sizes):
                together = list(chain.from_iterable(parts))
                self.terms.pad(together, widths.max(axis=0).tolist())
                found.append(together)
            else:
                found += parts
        return found

    def groups_of_totals(self) -> list[list[int]]:
        """The totals in groups for one instruction: those with the same kinds of terms, made by the same instructions.

        Were the gradients of all layers one group, their operands would be gathered into one copy, with a row for each
        number of a whole batch.
        """
        terms = self.terms
        alike: dict[Kinds, list[int]] = defaultdict(list)
        for total in range(terms.first_total, terms.size):
            alike[terms.kinds[total]].append(total)
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for kinds, members in alike.items():
            sides = [side for kind, _ in kinds for side in terms.factors(np.array(members), kind) if side[0, 0] >= 0]
            makers = np.concatenate([self.makers(self.array[side[0, 0]], self.place[side]) for side in sides], axis=1)
            for total, row in zip(members, makers, strict=True):
                groups[kinds, row.tobytes()].append(total)
        return list(groups.values())

    def instruction(self, members: Index) -> None:
        """One instruction, or more, for scalars of one signature that do not depend on each other."""
        if int(members[0]) in self.terms.kinds:
            self.sums(members)
        else:
            self.elementwise(members)

    def makers(self, array: str, places: Index) -> Index:
        """The numbers of the instructions that made what is at some places; 0 for what is given."""
        return np.searchsorted(self.starts[array], places, side="right")

    def elementwise(self, members: Index) -> None:
        members = members[arranged(self.place[self.terms.args(members)])]
        args = self.terms.args(members)
        operands = [self.block(column) for column in args.T]
        copied = [block for block in operands if strides(block.index) is None]
        if copied:
            made_by = [self.makers(block.array, block.index).tolist() for block in operands]
            parts: dict[Hashable, list[int]] = {}
            for z, key in zip(members.tolist(), zip(*made_by, strict=True), strict=True):
                parts.setdefault(key, []).append(z)
            if 1 < len(parts) <= 1 + 2 * len(copied):  # more calls, but fewer copies of operands
                for part in parts.values():
                    self.elementwise(np.array(part))
                return
        *operands, out = in_grid([*operands, self.put(members)])
        self.plan.instructions.append(Elementwise(self.terms.order[members[0]].op, tuple(operands), out))

    def sums(self, members: Index) -> None:
        """Instructions for sums with the same kinds of terms: their first kind of products is factored."""
        kinds = self.terms.kinds[int(members[0])]
        if kinds[0][0] < SINGLE:
            left, right = self.lined_up(members, kinds[0][0])
            for part, shape in factored(self.place[left], self.place[right]):
                self.sum(members[part], shape)
        else:
            read = [self.terms.factors(members, kind)[0] for kind, _ in kinds]
            order = arranged(self.place[np.concatenate(read, axis=1)])
            self.sum(members[order], (len(members), 1, 1))

    def lined_up(self, members: Index, kind: int) -> tuple[Index, Index]:
        """The factors of one kind of terms, after all sums have them in the order in which the fewest lists differ.

        The adjoint of a layer's input, say, is a sum over its outputs.  If one output is read in another way than the
        rest, as the logit of the right class is, then its term comes at another place in each sum.
        """
        left, right = self.terms.factors(members, kind)
        a, b = self.place[left], self.place[right]
        as_it_is = np.tile(np.arange(left.shape[1]), (len(left), 1))
        orders = [as_it_is, np.lexsort((b, a)), np.lexsort((a, b))]
        counts = [sum(_distinct(np.take_along_axis(side, order, axis=1)) for side in (a, b)) for order in orders]
        self.terms.reorder(members, kind, orders[counts.index(min(counts))])
        return self.terms.factors(members, kind)

    def sum(self, members: Index, shape: tuple[int, int, int]) -> None:
        """One instruction for sums that come in the order stack, row, column of their first kind of products."""
        terms: list[tuple[float, Product | Block]] = []
        singles: list[tuple[float, Block]] = []
        for kind, width in self.terms.kinds[int(members[0])]:
            sign = -1.0 if kind & NEGATIVE else 1.0
            left, right = self.terms.factors(members, kind)
            a, b = self.place[left[0]], self.place[right[0]]
            if kind & SINGLE:
                whole = self.block(left[:, np.argsort(a)])
                if width <= 2 or (width <= 4 and strides(whole.index) is None):  # quicker one by one
                    singles += [(sign, Block(whole.array, column)) for column in whole.index.T]
                else:
                    terms.append((sign, whole))
                continue
            cells = np.arange(len(members)).reshape(shape)
            left, right = left[cells[:, :, 0]], right[cells[:, 0, :]].swapaxes(1, 2)
            inner = [np.lexsort((b, a)), np.lexsort((a, b))]  # the order of the terms, so that operands are slices
            products = [Product(self.block(left[:, :, order]), self.block(right[:, order])) for order in inner]
            terms.append((sign, min(products, key=gathered)))
            shape = len(members), 1, 1  # of the kinds to come
        *blocks, out = in_grid([*(block for _, block in singles), self.put(members)])
        terms += [(sign, block) for (sign, _), block in zip(singles, blocks, strict=True)]
        self.plan.instructions.append(Sum(tuple(terms), out))

    def put(self, members: Index) -> Block:
        """The next free places, in this order."""
        array = self.array[members[0]]
        start = self.next[array]
        if array != TOTAL:
            self.starts[array].append(start)
        self.next[array] += len(members)
        self.members.append(members)
        self.place[members] = np.arange(start, self.next[array])
        return self.block(members)

    def nodes(self, instruction: int) -> list[Value]:
        """The nodes that an instruction computes, or sums over all samples, in order."""
        order, first = self.terms.order, self.terms.first_total
        return [order[z if z < first else self.terms.totals[z - first]] for z in self.members[instruction].tolist()]

    def block(self, scalars: Index) -> Block:
        return Block(self.array[scalars.flat[0]], self.place[scalars])


def gathered(product: Product) -> int:
    """How many numbers must be copied to have the operands of a product side by side."""
    return sum(block.index.size for block in (product.left, product.right) if strides(block.index) is None)


def arranged(read: Index) -> Index:
    """The order in which the most operands of some scalars are slices.

    Arguments:
        read: a row for each scalar: the places of its operands.
    """
    best, most = np.arange(len(read)), -1
    if len(read) == 1:
        return best
    for first in range(min(read.shape[1], 3)):
        order = np.lexsort(np.roll(read, -first, axis=1).T[::-1])
        found = slices(list(read[order].T))[0]
        if found > most:
            best, most = order, found
    return best


def slices(lists: list[Index]) -> tuple[int, int]:
    """How many of some lists of places, all of one length, are slices; and the width of the grid in which they are.

    Where each row of a matrix is multiplied by a number of its own, the numbers of the rows are no slice of their list,
    since each is repeated, but they are one in the grid: the step from column to column is 0.
    """
    size = len(lists[0])
    if size == 1:
        return len(lists), 1
    steps = [np.diff(places) for places in lists]
    breaks = {int(np.argmax(step != step[0])) + 1 for step in steps if len(step)}
    widths = [size, *(width for width in sorted(breaks) if 1 < width < size and size % width == 0)]
    found = [sum(strides(places.reshape(-1, width)) is not None for places in lists) for width in widths]
    most = max(found)
    return most, widths[found.index(most)]


def in_grid(blocks: list[Block]) -> list[Block]:
    """Lists of the same length, laid out as rows and columns if more of them are slices then."""
    size = len(blocks[0].index)
    width = slices([block.index for block in blocks])[1]
    return blocks if width == size else [Block(block.array, block.index.reshape(-1, width)) for block in blocks]


def factored(left: Index, right: Index) -> list[tuple[list[int], tuple[int, int, int]]]:
    """Sums of products, parted into stacks of products of matrices, each in the order stack, row, column.

    Two sums belong to one product if they have the same list of left factors or of right factors.  What hangs together
    so is a product of matrices if every list of left factors meets every list of right factors, once.

    Arguments:
        left, right: a row for each sum: the places of its factors.

    Returns:
        For each product which of the sums it computes, and its shape.
    """
    cells = list(zip(_numbered(left), _numbered(right), strict=True))
    component = _components(cells)
    parts: dict[int, dict[tuple[int, int], int]] = {}
    loose: list[int] = []
    for z, cell in enumerate(cells):
        part = parts.setdefault(component[cell[0]], {})
        if cell in part:
            loose.append(z)  # the same sum twice
        part.setdefault(cell, z)
    stacks: dict[tuple[int, int], list[int]] = {}
    for part in sorted(parts.values(), key=min):
        rows, width = sorted({i for i, _ in part}), sorted({j for _, j in part})
        if len(part) == len(rows) * len(width):
            stacks.setdefault((len(rows), len(width)), []).extend(part[i, j] for i in rows for j in width)
        else:
            loose += part.values()
    found = [(stack, (len(stack) // (rows * width), rows, width)) for (rows, width), stack in stacks.items()]
    return [*found, (loose, (len(loose), 1, 1))] if loose else found


def _distinct(rows: Index) -> int:
    """How many different rows there are."""
    return len({row.tobytes() for row in rows})


def _numbered(rows: Index) -> list[int]:
    """For each row the number of its kind: equal rows have the same.

    The kinds are in ascending order of what is in them, wherever in the row it stands.
    """
    keys = [row.tobytes() for row in rows]
    kinds = dict(zip(keys, rows, strict=True))
    number = {
        key: i
        for i, key in enumerate(sorted(kinds, key=lambda key: (sorted(kinds[key].tolist()), kinds[key].tolist())))
    }
    return [number[key] for key in keys]


def _components(cells: list[tuple[int, int]]) -> list[int]:
    """For each list of left factors the number of its connected component, where a cell connects left and right."""
    lefts, rights = (1 + max(side) for side in zip(*cells, strict=True))
    parent = list(range(lefts + rights))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in cells:
        parent[find(i)] = find(lefts + j)
    return [find(i) for i in range(lefts)]
