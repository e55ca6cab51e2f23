"""From a graph of scalars to few instructions on whole arrays.

A node is *batched* if it depends on an input, which has another number for each sample, and else *uniform*.  Uniform
numbers live in a vector, one entry each; batched ones in a matrix, one row each, one column for each sample.  The way
from nodes to instructions has four steps:

1. flatten   trees of + and - become sums of many terms; a product that only one sum reads becomes part of it;
2. level     a node's level is one more than the highest of its operands, or a little more, to be with its like;
3. group     nodes of one level with the same operation become one instruction;
4. factor    in a group of sums of products, the left factors and the right factors of all sums are looked up: where
             every list of left factors meets every list of right factors, the group is a product of matrices.

Nothing here knows of neurons or layers.  That the sums of a layer are ``W @ x``, that their gradient is ``W.T @ delta``
and ``delta @ x.T``, is what step 4 finds.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.graph import topological_order
from autograd.rules import Op, add, mul, neg, pow, sub
from autograd.value import Value

Index = NDArray[np.intp]
Place = tuple[str, int]  # an array, and where in it
UNIFORM, BATCHED, TOTAL = "uniform", "batched", "total"  # TOTAL: a batched number, summed over all samples


@dataclass(frozen=True, eq=False)
class Block:
    """Some numbers: which array holds them, and where, in any shape."""

    array: str
    index: Index


@dataclass(frozen=True, eq=False)
class Elementwise:
    """out[i] = op(operands[0][i], operands[1][i], ...), in lists, or in grids of rows and columns."""

    op: Op
    operands: tuple[Block, ...]
    out: Block


@dataclass(frozen=True, eq=False)
class Product:
    """A stack of products of matrices:  out[c, i, j] = sum over k of left[c, i, k] * right[c, k, j]."""

    left: Block
    right: Block


@dataclass(frozen=True, eq=False)
class Sum:
    """out[i] = the sum of all terms, each with its sign.

    A term is a product, a block in the shape of ``out``, or one with a further axis, over which it is summed.
    """

    terms: tuple[tuple[float, Product | Block], ...]
    out: Block


Instruction = Elementwise | Sum


@dataclass
class Plan:
    """What a Program does.

    Attributes:
        instructions: in order.
        inputs: how many inputs there are: the first batched numbers.
        parameters: how many parameters: the first uniform numbers.
        constants: the constants: the uniform numbers after the parameters.
        sizes: how many numbers each array has.
        outputs: where each output is: an array and a place.
        labels: the label of the node at each place, by array, where it has one.
        scopes: the same for the scopes of leaves.
        primal: for what is the adjoint of something, of what: from place to place.
    """

    inputs: int
    parameters: int
    constants: list[float]
    instructions: list[Instruction] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    outputs: list[Place] = field(default_factory=list)
    labels: dict[Place, str] = field(default_factory=dict)
    scopes: dict[Place, str] = field(default_factory=dict)
    primal: dict[Place, Place] = field(default_factory=dict)

    def operations(self) -> tuple[int, int]:
        """How many floating-point operations a replay takes: once, and for each sample.

        An operation of the table counts as one, whatever it costs.
        """
        once = each = 0
        for instruction in self.instructions:
            count = 0
            if isinstance(instruction, Elementwise):
                count = instruction.out.index.size
            else:
                for _, term in instruction.terms:
                    if isinstance(term, Product):
                        count += 2 * term.left.index.size * term.right.index.shape[2]
                    else:
                        count += term.index.size
                count -= instruction.out.index.size
            batched = any(block.array == BATCHED for block in blocks(instruction))
            once, each = (once, each + count) if batched else (once + count, each)
        return once, each


def blocks(instruction: Instruction) -> list[Block]:
    """All blocks of an instruction: those it reads, then the one it makes."""
    if isinstance(instruction, Elementwise):
        return [*instruction.operands, instruction.out]
    found: list[Block] = []
    for _, term in instruction.terms:
        found += [term.left, term.right] if isinstance(term, Product) else [term]
    return [*found, instruction.out]


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


class _Total:
    """The sum of a batched node over all samples."""

    __slots__ = ("node",)

    def __init__(self, node: Value) -> None:
        self.node = node


Scalar = Any  # a Value, a float (a constant that is its own name), or a _Total
Factors = tuple[Scalar, ...]  # of one term of a sum: one, or two that are multiplied
Kind = tuple[Any, ...]  # of a term: its sign, and for each factor whether it is batched
# The terms of a sum by kind; of a uniform and a batched factor the uniform one is first.
Kinds = dict[Kind, list[Factors]]
SIGNS = {add: (1.0, 1.0), sub: (1.0, -1.0), neg: (-1.0,)}


class Planner:
    """The way from a graph to its plan.

    Attributes:
        plan: the plan.
        place: for each node that has a number of its own its place in its array.
        members: for each instruction the nodes that it computes, in order.
    """

    def __init__(self, request: Request) -> None:
        self.order = order = topological_order(*request.outputs)
        self.batched = dependents(order, request.inputs)
        read = Counter(chain.from_iterable(node.args for node in order))
        given = {*request.inputs, *request.parameters}
        constants: list[Scalar] = [x for x in read if type(x) is float]
        constants += [node for node in order if node.op is None and node not in given]
        self.plan = Plan(
            len(request.inputs), len(request.parameters), [x if type(x) is float else x.data for x in constants]
        )
        self.place: dict[Scalar, int] = {x: i for i, x in enumerate([*request.parameters, *constants])}
        self.place |= {x: i for i, x in enumerate(request.inputs)}
        self.members: list[list[Scalar]] = []
        self.next = {UNIFORM: len(request.parameters) + len(constants), BATCHED: len(request.inputs), TOTAL: 0}
        self.starts: dict[str, list[int]] = {UNIFORM: [], BATCHED: []}  # the first number that each instruction makes

        roots: list[Scalar] = [_Total(y) if request.total and y in self.batched else y for y in request.outputs]
        totals = [root for root in roots if type(root) is _Total]
        read.update(root.node if type(root) is _Total else root for root in roots)
        self.terms, inside = flattened(order, totals, read, self.batched)
        own = [node for node in order if node.op is not None and node not in inside]
        for members in self.groups(own):
            self.instruction(members)
        by_signature: dict[Hashable, list[Scalar]] = defaultdict(list)
        for total in totals:
            by_signature[self.signature(total)].append(total)
        for members in by_signature.values():
            self.instruction(members)

        self.scalars = len(order)
        self.plan.sizes = dict(self.next)
        self.plan.outputs = [self.at(root) for root in roots]
        nodes = [x for x in self.place if isinstance(x, Value)]
        self.plan.labels = {self.at(x): x.label for x in nodes if x.label}
        self.plan.scopes = {self.at(x): x.scope for x in (*request.inputs, *request.parameters)}
        for node, slope in request.adjoint.items():
            if node in self.place and slope in self.place and type(slope) is not float:
                self.plan.primal.setdefault(self.at(slope), self.at(node))

    def at(self, x: Scalar) -> Place:
        return self.array(x), self.place[x]

    def array(self, x: Scalar) -> str:
        return TOTAL if type(x) is _Total else BATCHED if x in self.batched else UNIFORM

    def signature(self, z: Scalar) -> Hashable:
        """What scalars have in common that one instruction can compute."""
        if z in self.terms:
            kinds = self.terms[z]
            key = self.array(z), tuple([(kind, len(kinds[kind])) for kind in sorted(kinds)])
            if type(z) is _Total:
                # Those that read the results of different instructions stay apart.  Else the operands of all layers
                # would be gathered into one copy, with a row for each number of a whole batch.
                return (*key, *[self.source(x) for x in self.operands(z)])
            return key
        # A power with a constant exponent has its own way to be computed: 2.0 is a square.
        exponent = z.args[1] if z.op is pow and type(z.args[1]) is float else None
        return (z.op, exponent, *map(self.array, z.args))

    def operands(self, z: Scalar) -> list[Scalar]:
        """What a node reads, after it has taken others into its sum."""
        if z not in self.terms:
            return list(z.args)
        return [x for terms in self.terms[z].values() for factors in terms for x in factors]

    def groups(self, nodes: list[Scalar]) -> list[list[Scalar]]:
        """The nodes in groups for one instruction, level by level.

        A node may come later than its operands allow.  Of a sequence of vectors, say, the first may take one operation
        less than the others, and all that follows would be done for it apart.  So nodes wait for others of the same
        signature on one of the next levels, if nothing in the end takes longer.
        """
        computed = set(nodes)
        read = {z: computed.intersection(self.operands(z)) for z in nodes}
        level: dict[Scalar, int] = {}
        for z in nodes:
            level[z] = 1 + max([level[x] for x in read[z]], default=0)
        depth = max(level.values(), default=0)
        latest = dict.fromkeys(nodes, depth)
        for z in reversed(nodes):
            before = latest[z] - 1
            for x in read[z]:
                if latest[x] > before:
                    latest[x] = before
        return self.aligned(nodes, read, level, latest)

    def aligned(
        self,
        nodes: list[Scalar],
        read: Mapping[Scalar, set[Scalar]],
        level: dict[Scalar, int],
        latest: Mapping[Scalar, int],
    ) -> list[list[Scalar]]:
        """The groups, level by level, after some have waited.

        A node waits for others of the same signature that read something made together with what it reads.
        """
        numbers: dict[Hashable, int] = {}  # of the signatures, which take long to compare
        signature = {z: numbers.setdefault(self.signature(z), len(numbers)) for z in nodes}
        sources: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
        todo: list[list[Scalar]] = [[] for _ in range(max(level.values(), default=0) + 1)]

        def put(z: Scalar) -> None:
            todo[level[z]].append(z)
            sources[signature[z], level[z]].update([(signature[x], level[x]) for x in read[z]])

        for z in nodes:
            put(z)
        found: list[list[Scalar]] = []
        for now in range(1, len(todo)):
            groups: dict[int, list[Scalar]] = {}
            for z in todo[now]:
                earliest = 1 + max([level[x] for x in read[z]], default=0)
                if earliest > now:
                    level[z] = earliest
                    put(z)
                else:
                    groups.setdefault(signature[z], []).append(z)
            for key, members in groups.items():
                here = {(signature[x], level[x]) for z in members for x in read[z]}
                slack = min([latest[z] for z in members])
                later = [
                    then for then in (now + 1, now + 2) if then <= slack and sources.get((key, then), set()) & here
                ]
                if later:
                    for z in members:
                        level[z] = later[0]
                        put(z)
                else:
                    found.append(members)
        return found

    def instruction(self, members: list[Scalar]) -> None:
        """One instruction, or more, for scalars of one signature that do not depend on each other."""
        if members[0] in self.terms:
            self.sums(members)
        else:
            self.elementwise(members)

    def source(self, x: Scalar) -> int:
        """The number of the instruction that made a scalar; 0 for what is given."""
        return bisect(self.starts[self.array(x)], self.place[x])

    def elementwise(self, members: list[Scalar]) -> None:
        place = self.place
        members = arranged(members, [[place[x] for x in z.args] for z in members])
        operands = tuple(self.block(column) for column in zip(*(z.args for z in members), strict=True))
        gathered = [block for block in operands if strides(block.index) is None]
        if gathered:
            parts: dict[Hashable, list[Scalar]] = {}
            for z in members:
                parts.setdefault(tuple(map(self.source, z.args)), []).append(z)
            if 1 < len(parts) <= 1 + 2 * len(gathered):  # more calls, but fewer copies of operands
                for part in parts.values():
                    self.elementwise(part)
                return
        out = self.put(members)
        *columns, out = in_grid([*operands, out])
        self.plan.instructions.append(Elementwise(members[0].op, tuple(columns), out))

    def sums(self, members: list[Scalar]) -> None:
        """Instructions for sums with the same kinds of terms: their first kind of products is factored."""
        kinds = sorted(self.terms[members[0]], key=lambda kind: (-len(kind), -kind[0], kind))  # products first
        if len(kinds[0]) == 3:
            for part, shape in factored({z: self.terms[z][kinds[0]] for z in members}, self.place):
                self.sum(part, kinds, shape)
        else:
            place = self.place
            read = [[place[x] for kind in kinds for (x,) in self.terms[z][kind]] for z in members]
            self.sum(arranged(members, read), kinds, (len(members), 1, 1))

    def sum(self, members: list[Scalar], kinds: list[Kind], shape: tuple[int, int, int]) -> None:
        """One instruction for sums that come in the order stack, row, column of their first kind of products."""
        place = self.place
        terms: list[tuple[float, Product | Block]] = []
        singles: list[tuple[float, Block]] = []
        for kind in kinds:
            model = self.terms[members[0]][kind]
            width = len(model)
            inner = sorted(range(width), key=lambda k: [place[x] for x in model[k]])  # so that operands are slices
            columns = [[self.terms[z][kind][k] for k in inner] for z in members]
            if len(kind) == 2:
                whole = self.block([x for row in columns for (x,) in row], (-1, width))
                if width <= 2 or (width <= 4 and strides(whole.index) is None):  # quicker one by one
                    singles += [(kind[0], Block(whole.array, column)) for column in whole.index.T]
                else:
                    terms.append((kind[0], whole))
                continue
            square = np.arange(len(members)).reshape(shape)
            left = self.block([a for i in square[:, :, 0].flat for a, _ in columns[i]], (*square.shape[:2], width))
            right = self.block([b for i in square[:, 0, :].flat for _, b in columns[i]], (*square.shape[::2], width))
            terms.append((kind[0], Product(left, Block(right.array, right.index.swapaxes(1, 2)))))
            shape = len(members), 1, 1  # of the kinds to come
        *blocks, out = in_grid([*(block for _, block in singles), self.put(members)])
        terms += [(sign, block) for (sign, _), block in zip(singles, blocks, strict=True)]
        self.plan.instructions.append(Sum(tuple(terms), out))

    def put(self, members: list[Scalar]) -> Block:
        """The next free places, in this order."""
        array = self.array(members[0])
        start = self.next[array]
        if array != TOTAL:
            self.starts[array].append(start)
        self.next[array] += len(members)
        self.members.append(members)
        self.place.update(zip(members, range(start, self.next[array]), strict=True))
        return self.block(members)

    def block(self, scalars: Sequence[Scalar], shape: tuple[int, ...] = (-1,)) -> Block:
        index = np.fromiter(map(self.place.__getitem__, scalars), np.intp, len(scalars))
        return Block(self.array(scalars[0]), index.reshape(shape))


def dependents(order: list[Value], inputs: Sequence[Value]) -> set[Scalar]:
    """The inputs, and all nodes that depend on them."""
    found: set[Scalar] = set(inputs)
    if not found:
        return found
    for node in order:
        if not found.isdisjoint(node.args):
            found.add(node)
    return found


def flattened(
    order: list[Value], totals: list[_Total], read: Mapping[Scalar, int], batched: set[Scalar]
) -> tuple[dict[Scalar, Kinds], set[Scalar]]:
    """The terms of each sum, and the nodes that became part of one and need no number of their own.

    Arguments:
        order: all nodes.
        totals: sums over the samples.
        read: how often each node is read, by nodes and as an output.
        batched: the batched nodes.
    """
    sums: dict[Scalar, Kinds] = {}
    inside: set[Scalar] = set()
    z: Scalar
    kinds: Kinds
    for z in chain(totals, reversed(order)):
        if type(z) is _Total:
            todo: list[tuple[float, Scalar]] = [(1.0, z.node)]
            among = True
        elif z.op in SIGNS and z not in inside:
            todo = list(zip(SIGNS[z.op], z.args, strict=True))[::-1]
            among = z in batched
        else:
            continue
        sums[z] = kinds = defaultdict(list)
        while todo:
            sign, x = todo.pop()
            if type(x) is not float and read[x] == 1 and (x in batched) is among:
                op = x.op
                if op is mul:
                    inside.add(x)
                    a, b = x.args
                    first, second = a in batched, b in batched
                    if first and not second:
                        kinds[sign, second, first].append((b, a))
                    else:
                        kinds[sign, first, second].append(x.args)
                    continue
                if op in SIGNS:
                    inside.add(x)
                    for s, y in zip(SIGNS[op][::-1], x.args[::-1], strict=True):
                        todo.append((sign * s, y))
                    continue
            kinds[sign, x in batched].append((x,))
    return sums, inside


def strides(index: Index) -> list[int] | None:
    """How far apart the places are along each axis, if they follow such a pattern: then they are a slice."""
    if index.size <= 1:
        return [0] * index.ndim
    first = int(index.flat[0])
    axes = range(index.ndim)
    steps = [int(index[tuple(int(i == axis) for i in axes)]) - first if index.shape[axis] > 1 else 0 for axis in axes]
    if int(index.flat[-1]) - first != sum(step * (n - 1) for step, n in zip(steps, index.shape, strict=True)):
        return None
    pattern: Any = first
    for step, n in zip(steps, index.shape, strict=True):
        pattern = np.add.outer(pattern, np.arange(n) * step)
    return steps if (pattern == index).all() else None


def arranged(members: list[Scalar], read: list[list[int]]) -> list[Scalar]:
    """Members in the order in which the most of their operands are slices.

    Arguments:
        members: what one instruction is to compute.
        read: for each of them the places of its operands.
    """
    if len(members) == 1:
        return members
    columns = len(read[0])
    best, most = members, -1
    for first in range(min(columns, 3)):
        order = sorted(range(len(members)), key=lambda i: read[i][first:] + read[i][:first])
        found = slices([np.array([read[i][column] for i in order]) for column in range(columns)])[0]
        if found > most:
            best, most = [members[i] for i in order], found
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


def factored(
    products: Mapping[Scalar, list[Factors]], place: Mapping[Scalar, int]
) -> list[tuple[list[Scalar], tuple[int, int, int]]]:
    """Sums of products, parted into stacks of products of matrices, each in the order stack, row, column.

    Two sums belong to one product if they have the same list of left factors or of right factors.  What hangs together
    so is a product of matrices if every list of left factors meets every list of right factors, once.
    """
    sides = [tuple(zip(*pairs, strict=True)) for pairs in products.values()]
    lefts, rights = (_numbered((side[i] for side in sides), place) for i in (0, 1))
    cells = [(lefts[left], rights[right]) for left, right in sides]
    component = _components(cells, len(lefts), len(rights))
    parts: dict[int, dict[tuple[int, int], Scalar]] = {}
    loose: list[Scalar] = []
    for cell, z in zip(cells, products, strict=True):
        part = parts.setdefault(component[cell[0]], {})
        if cell in part:
            loose.append(z)  # the same sum twice
        part.setdefault(cell, z)
    stacks: dict[tuple[int, int], list[Scalar]] = {}
    for part in sorted(parts.values(), key=min):
        rows, width = sorted({i for i, _ in part}), sorted({j for _, j in part})
        if len(part) == len(rows) * len(width):
            stacks.setdefault((len(rows), len(width)), []).extend(part[i, j] for i in rows for j in width)
        else:
            loose += part.values()
    found = [(stack, (len(stack) // (rows * width), rows, width)) for (rows, width), stack in stacks.items()]
    return [*found, (loose, (len(loose), 1, 1))] if loose else found


def _numbered(sides: Iterable[Factors], place: Mapping[Scalar, int]) -> dict[Factors, int]:
    """The lists of factors, each once, numbered in the order of their places."""
    return {side: i for i, side in enumerate(sorted(set(sides), key=lambda side: [place[x] for x in side]))}


def _components(cells: list[tuple[int, int]], lefts: int, rights: int) -> list[int]:
    """For each list of left factors the number of its connected component, where a cell connects left and right."""
    parent = list(range(lefts + rights))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in cells:
        parent[find(i)] = find(lefts + j)
    return [find(i) for i in range(lefts)]
