"""From a graph of scalars to few instructions on whole arrays.

A node is *batched* if it depends on an input, which has another number for each sample, and else *uniform*.  Uniform
numbers live in a vector, one entry each; batched ones in a matrix, one row each, one column for each sample.  The way
from nodes to instructions has four steps:

1. flatten   trees of + and - become sums of many terms; a product that only one sum reads becomes part of it;
2. level     a node's level is one more than the highest of its operands;
3. group     nodes of one level with the same operation become one instruction;
4. factor    in a group of sums of products, the left factors and the right factors of all sums are looked up: where
             every list of left factors meets every list of right factors, the group is a product of matrices.

Nothing here knows of neurons or layers.  That the sums of a layer are ``W @ x``, that their gradient is ``W.T @ delta``
and ``delta @ x.T``, is what step 4 finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.graph import topological_order
from autograd.rules import Op
from autograd.value import Value

Index = NDArray[np.intp]
UNIFORM, BATCHED, TOTAL = "uniform", "batched", "total"  # TOTAL: a batched number, summed over all samples


@dataclass(frozen=True, eq=False)
class Block:
    """Some numbers: which array holds them, and where, in any shape."""

    array: str
    index: Index


@dataclass(frozen=True, eq=False)
class Elementwise:
    """out[i] = op(operands[0][i], operands[1][i], ...)"""

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
    """out[i] = the sum of all terms, each with its sign: products, and blocks like ``out``."""

    terms: tuple[tuple[float, Product | Block], ...]
    out: Block


Instruction = Elementwise | Sum


@dataclass
class Plan:
    """What a Program does.

    Attributes:
        instructions: in order.
        uniform: how many uniform numbers there are: parameters first, then constants, then results.
        batched: how many batched ones: inputs first, then results.
        total: how many totals.
        constants: the constants, in order.
        outputs: where each output is.
        labels: the label of the node at each place, by array, where it has one.
    """

    instructions: list[Instruction] = field(default_factory=list)
    uniform: int = 0
    batched: int = 0
    total: int = 0
    constants: list[float] = field(default_factory=list)
    outputs: list[tuple[str, int]] = field(default_factory=list)
    labels: dict[tuple[str, int], str] = field(default_factory=dict)


def plan(
    outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value], totals: Sequence[bool]
) -> Plan:
    """The instructions that compute the outputs.

    Arguments:
        outputs: what to compute.
        inputs: leaves that have another number for each sample.
        parameters: leaves with one number for all samples; leaves in neither list are constants.
        totals: for each output whether it is wanted summed over the samples.
    """
    return _Planner(outputs, inputs, parameters, totals).plan


def places(
    outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value], totals: Sequence[bool]
) -> dict[Value, tuple[str, int]]:
    """Where the plan of these outputs puts each node that it does not make part of a sum."""
    scalars = _Planner(outputs, inputs, parameters, totals).scalar
    return {node: (scalar.array, scalar.place) for node, scalar in scalars.items() if scalar.place >= 0}


@dataclass(eq=False, slots=True)
class _Scalar:
    """A node on its way into an instruction.

    ``terms`` are those of a sum: a sign, and one factor or two.
    """

    node: Value | None
    array: str
    place: int = -1
    level: int = 0
    readers: int = 0
    output: bool = False
    op: Op | None = None
    args: tuple[_Scalar, ...] = ()
    terms: list[Term] | None = None


Term = tuple[float, tuple[_Scalar, ...]]
SIGNS: dict[str, tuple[float, ...]] = {"add": (1.0, 1.0), "sub": (1.0, -1.0), "neg": (-1.0,)}


class _Planner:
    def __init__(
        self, outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value], totals: Sequence[bool]
    ) -> None:
        self.plan = Plan()
        self.constants: dict[float, _Scalar] = {}
        self.scalar: dict[Value, _Scalar] = {}
        for place, x in enumerate(inputs):
            self.scalar[x] = _Scalar(x, BATCHED, place)
        for place, x in enumerate(parameters):
            self.scalar[x] = _Scalar(x, UNIFORM, place)
        computed = [scalar for node in topological_order(*outputs) if (scalar := self.read(node)).op is not None]
        for place, (number, scalar) in enumerate(self.constants.items(), len(parameters)):
            self.plan.constants.append(number)
            scalar.place = place
        self.next = {UNIFORM: len(parameters) + len(self.constants), BATCHED: len(inputs), TOTAL: 0}
        roots = self.roots(outputs, totals)
        sums = [root for root in roots if root.array == TOTAL]
        flatten(computed)
        flatten(sums)
        for level in levels(computed):
            self.group(level)
        self.group(sums)
        self.plan.uniform, self.plan.batched, self.plan.total = (self.next[a] for a in (UNIFORM, BATCHED, TOTAL))
        self.plan.outputs = [(root.array, root.place) for root in roots]
        self.plan.labels = {
            (scalar.array, scalar.place): node.label for node, scalar in self.scalar.items() if node.label
        }

    def read(self, node: Value) -> _Scalar:
        """The scalar of a node whose arguments have theirs."""
        if node in self.scalar:
            return self.scalar[node]
        if node.op is None:
            return self.constant(node.data)
        args = []
        array = UNIFORM
        for x in node.args:
            operand = self.constant(x) if isinstance(x, float) else self.scalar.get(x) or self.constant(x.data)
            operand.readers += 1
            args.append(operand)
            if operand.array == BATCHED:
                array = BATCHED
        self.scalar[node] = scalar = _Scalar(node, array, op=node.op, args=tuple(args))
        return scalar

    def constant(self, x: float) -> _Scalar:
        if x not in self.constants:
            self.constants[x] = _Scalar(None, UNIFORM)
        return self.constants[x]

    def roots(self, outputs: Sequence[Value], totals: Sequence[bool]) -> list[_Scalar]:
        """The scalar of each output; for a batched one that is to be summed a further scalar, its total."""
        found = []
        for y, total in zip(outputs, totals, strict=True):
            scalar = self.read(y)
            if total and scalar.array == BATCHED:
                scalar.readers += 1
                found.append(_Scalar(y, TOTAL, args=(scalar,)))
            else:
                scalar.output = True
                found.append(scalar)
        return found

    def group(self, scalars: Sequence[_Scalar]) -> None:
        """Instructions for scalars that do not depend on each other."""
        groups: dict[Any, list[_Scalar]] = {}
        for scalar in scalars:
            if scalar.terms is None:
                key: Any = (scalar.op, scalar.array, *(x.array for x in scalar.args))
            else:
                key = (scalar.array, tuple((sign, tuple(x.array for x in factors)) for sign, factors in scalar.terms))
            groups.setdefault(key, []).append(scalar)
        for members in groups.values():
            if members[0].terms is None:
                self.elementwise(members)
            else:
                self.sums(members)

    def elementwise(self, members: list[_Scalar]) -> None:
        members.sort(key=lambda scalar: [x.place for x in scalar.args])
        operands = tuple(block(column) for column in zip(*(scalar.args for scalar in members), strict=True))
        op = members[0].op
        assert op is not None
        self.plan.instructions.append(Elementwise(op, operands, self.place(members)))

    def sums(self, members: list[_Scalar]) -> None:
        """Sums whose terms are of the same kinds, one by one: their products are factored."""
        kinds: dict[Any, list[int]] = {}
        singles: list[int] = []
        for i, (sign, factors) in enumerate(members[0].terms or []):
            if len(factors) == 1:
                singles.append(i)
            else:
                kinds.setdefault((sign, *sorted(x.array for x in factors)), []).append(i)
        if not kinds:
            members.sort(key=lambda scalar: [x.place for _, factors in scalar.terms or [] for x in factors])
            self.sum(members, [], singles)
            return
        columns, *others = kinds.values()
        for part, shape in factored(members, columns):
            self.sum(part, [(columns, shape), *((more, (len(part), 1, 1)) for more in others)], singles)

    def sum(
        self, members: list[_Scalar], products: list[tuple[list[int], tuple[int, int, int]]], singles: list[int]
    ) -> None:
        """One instruction for these sums, which come in the order stack, row, column of their first product."""
        terms: list[tuple[float, Product | Block]] = []
        for columns, (stack, rows, width) in products:
            pairs = [[oriented(scalar, column) for column in columns] for scalar in members]
            square = np.arange(len(members)).reshape(stack, rows, width)
            lefts = [a for i in square[:, :, 0].flat for a, _ in pairs[i]]
            rights = [b for i in square[:, 0, :].flat for _, b in pairs[i]]
            left, right = block(lefts, (stack, rows, len(columns))), block(rights, (stack, width, len(columns)))
            product = Product(left, Block(right.array, right.index.swapaxes(1, 2)))
            terms.append(((members[0].terms or [])[columns[0]][0], product))
        for column in singles:
            parts = [(scalar.terms or [])[column] for scalar in members]
            terms.append((parts[0][0], block([factors[0] for _, factors in parts])))
        self.plan.instructions.append(Sum(tuple(terms), self.place(members)))

    def place(self, scalars: Sequence[_Scalar]) -> Block:
        """The next free places, in this order."""
        array = scalars[0].array
        start = self.next[array]
        for place, scalar in enumerate(scalars, start):
            scalar.place = place
        self.next[array] = start + len(scalars)
        return block(scalars)


def block(scalars: Sequence[_Scalar], shape: tuple[int, ...] = (-1,)) -> Block:
    return Block(scalars[0].array, np.array([x.place for x in scalars], dtype=np.intp).reshape(shape))


def flatten(scalars: Sequence[_Scalar]) -> None:
    """Give sums their terms, with the terms of inner sums and inner products in the place of these."""
    for scalar in scalars:
        if scalar.array == TOTAL:
            signs: tuple[float, ...] = (1.0,)
        elif scalar.op is not None and scalar.op.name in SIGNS:
            signs = SIGNS[scalar.op.name]
        else:
            continue
        terms: list[Term] = []
        for sign, x in zip(signs, scalar.args, strict=True):
            alone = x.readers == 1 and not x.output and scalar.array in (x.array, TOTAL)
            if alone and x.terms is not None:
                if sign > 0.0 and not terms:
                    terms = x.terms  # taken over, not copied: a sum of n terms grows in n steps, not in n * n / 2
                else:
                    terms += [(sign * s, factors) for s, factors in x.terms]
                x.readers = 0
            elif alone and x.op is not None and x.op.name == "mul":
                terms.append((sign, x.args))
                x.readers = 0
            else:
                terms.append((sign, (x,)))
        scalar.terms = terms


def levels(scalars: Sequence[_Scalar]) -> list[list[_Scalar]]:
    """The scalars that are still read, by level."""
    found: list[list[_Scalar]] = []
    for scalar in scalars:
        if scalar.readers or scalar.output:
            operands = scalar.args if scalar.terms is None else [x for _, factors in scalar.terms for x in factors]
            scalar.level = 1 + max((x.level for x in operands), default=0)
            while len(found) < scalar.level:
                found.append([])
            found[scalar.level - 1].append(scalar)
    return found


def oriented(scalar: _Scalar, column: int) -> tuple[_Scalar, _Scalar]:
    """The factors of a product; of a uniform and a batched one, the uniform one first."""
    a, b = (scalar.terms or [])[column][1]
    return (b, a) if a.array == BATCHED and b.array == UNIFORM else (a, b)


def factored(members: list[_Scalar], columns: list[int]) -> list[tuple[list[_Scalar], tuple[int, int, int]]]:
    """Sums parted into stacks of products of matrices, each in the order stack, row, column.

    Two sums belong to one product if they have the same list of left factors or of right factors.  What hangs together
    so is a product of matrices if every list of left factors meets every list of right factors, once.
    """
    lefts: dict[tuple[int, ...], int] = {}
    rights: dict[tuple[int, ...], int] = {}
    cells: list[tuple[int, int]] = []
    for scalar in members:
        pairs = [oriented(scalar, column) for column in columns]
        left, right = tuple(id(a) for a, _ in pairs), tuple(id(b) for _, b in pairs)
        cells.append((lefts.setdefault(left, len(lefts)), rights.setdefault(right, len(rights))))
    component = _components(cells, len(lefts), len(rights))
    parts: dict[int, dict[tuple[int, int], _Scalar]] = {}
    loose: list[_Scalar] = []
    for cell, scalar in zip(cells, members, strict=True):
        part = parts.setdefault(component[cell[0]], {})
        if cell in part:
            loose.append(scalar)  # the same sum twice
        part.setdefault(cell, scalar)
    stacks: dict[tuple[int, int], list[_Scalar]] = {}
    for part in parts.values():
        rows, width = sorted({i for i, _ in part}), sorted({j for _, j in part})
        if len(part) == len(rows) * len(width):
            stacks.setdefault((len(rows), len(width)), []).extend(part[i, j] for i in rows for j in width)
        else:
            loose += part.values()
    found = [(stack, (len(stack) // (rows * width), rows, width)) for (rows, width), stack in stacks.items()]
    return [*found, (loose, (len(loose), 1, 1))] if loose else found


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
