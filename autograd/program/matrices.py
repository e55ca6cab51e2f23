"""How an instruction reads its operands: in the order in which the most of them are slices.

The scalars of a group read *sides*: a side is what they all read in one role, as their first arguments, or as the left
factors of one kind of their terms, a row for each scalar.  How a side is best read depends on how its places lie to
each other, and not on where they begin.  So it is found out once for each pattern of places, relative to the first of
each side: in a long simulation every step has the pattern of the one before, only further on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autograd.engine.op import Op
from autograd.program.plan import (
    BATCHED,
    UNIFORM,
    Block,
    Elementwise,
    Index,
    Instruction,
    MatMul,
    Sum,
    blocks,
    rebuilt,
    strides,
)
from autograd.program.sums import LEFT_BATCHED, NEGATIVE, RIGHT_BATCHED, SINGLE, Kinds


@dataclass(frozen=True, eq=False)
class Part:
    """An instruction for some scalars of a group.

    Attributes:
        members: which of the group, in the order of ``out``.
        instruction: its places count from the first of their side, those of ``out`` from 0.
        sides: the number of the side that each of its blocks is from, in the order of ``blocks``, but for ``out``.
        copied: how many operands of an operation are not slices as lists.
    """

    members: Index
    instruction: Instruction
    sides: list[int]
    copied: int = 0


class Pattern:
    """What groups of one signature have in common that are of one size.

    Arguments:
        size: how many scalars there are in a group.
        widths: for each side how many numbers each scalar reads.
        arrange: makes the parts of the sides.

    Attributes:
        starts: where each side begins in the list of all that a group reads.
        side: the number of the side of each place in that list.
    """

    def __init__(self, size: int, widths: Sequence[int], arrange: Callable[[list[Index]], list[Part]]) -> None:
        sizes = size * np.array(widths)
        self.starts = np.cumsum(sizes) - sizes
        self.side = np.repeat(np.arange(len(widths)), sizes)
        self._shapes = [(size, width) for width in widths]
        self._arrange = arrange
        self._known: dict[bytes, list[Part]] = {}

    def parts(self, relative: Index) -> list[Part]:
        """The instructions for a group, whose places count from the first of their side."""
        pattern = relative.tobytes()
        if pattern not in self._known:
            sides = np.split(relative, self.starts[1:])
            self._known[pattern] = self._arrange(
                [side.reshape(shape) for side, shape in zip(sides, self._shapes, strict=True)]
            )
        return self._known[pattern]


def placed(part: Part, starts: Index) -> Iterator[Instruction]:
    """The instruction of a part, again for each of the places that it is for.

    Arguments:
        starts: a row for each: where the sides begin, and then where ``out`` does.
    """
    columns: list[list[Block]] = []
    for block, side in zip(blocks(part.instruction), [*part.sides, -1], strict=True):
        indices = block.index + starts[:, side].reshape(-1, *[1] * block.index.ndim)
        columns.append([Block(block.array, index, block.steps) for index in indices])
    return (rebuilt(part.instruction, row) for row in zip(*columns, strict=True))


# ------------------------------------------------------------------------------------------------------ operations


def elementwise(op: Op, arrays: Sequence[str], out: str, sides: list[Index]) -> list[Part]:
    """One operation on all scalars of a group.

    Arguments:
        op: the operation.
        arrays: the array of each argument.
        out: that of the results.
        sides: the places of each argument.
    """
    read = np.concatenate(sides, axis=1)
    order = arranged(read)
    operands = [Block.of(array, places) for array, places in zip(arrays, read[order].T, strict=True)]
    copied = sum(block.steps is None for block in operands)
    *operands, made = in_grid([*operands, Block.of(out, np.arange(len(order)))])
    return [Part(order, Elementwise(op, tuple(operands), made), list(range(len(operands))), copied)]


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

    Where each row of a matrix is multiplied by a number of its own, these numbers are not a slice of their list, since
    each is repeated, but they are one in the grid: the step from column to column is 0.
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
    return blocks if width == size else [Block.of(block.array, block.index.reshape(-1, width)) for block in blocks]


# ------------------------------------------------------------------------------------------------------------ sums


def sums(kinds: Kinds, out: str, sides: list[Index]) -> list[Part]:
    """Sums with the same kinds of terms: their first kind of products is factored.

    Arguments:
        kinds: the kinds.
        out: the array of the results.
        sides: for each kind the places of the left factors, and for products those of the right ones.
    """
    if kinds[0][0] < SINGLE:
        left, right = lined_up(*sides[:2])
        sides = [left, right, *sides[2:]]
        found = find_matmuls(left, right)
    else:
        order = arranged(np.concatenate(sides, axis=1))
        found = [(order.tolist(), (len(order), 1, 1))]
    return [_sum(kinds, out, [side[part] for side in sides], np.array(part), shape) for part, shape in found]


def _sum(kinds: Kinds, out: str, sides: list[Index], members: Index, shape: tuple[int, int, int]) -> Part:
    """One instruction for sums that come in the order stack, row, column of their first kind of products."""
    terms: list[tuple[float, MatMul | Block]] = []
    singles: list[tuple[float, Block]] = []
    read: list[int] = []  # the sides of the terms
    read_singly: list[int] = []
    side = 0
    for kind, width in kinds:
        sign = -1.0 if kind & NEGATIVE else 1.0
        arrays = [BATCHED if kind & bit else UNIFORM for bit in (LEFT_BATCHED, RIGHT_BATCHED)]
        left = sides[side]
        if kind & SINGLE:
            whole = Block.of(arrays[0], left[:, np.argsort(left[0])])
            if width <= 2 or (width <= 4 and whole.steps is None):  # quicker one by one
                singles += [(sign, Block.of(whole.array, column)) for column in whole.index.T]
                read_singly += [side] * width
            else:
                terms.append((sign, whole))
                read.append(side)
            side += 1
            continue
        right = sides[side + 1]
        a, b = left[0], right[0]
        cells = np.arange(len(members)).reshape(shape)
        left, right = left[cells[:, :, 0]], right[cells[:, 0, :]].swapaxes(1, 2)
        inner = [np.lexsort((b, a)), np.lexsort((a, b))]  # the order of the terms, so that operands are slices
        products = [
            MatMul(Block.of(arrays[0], left[:, :, order]), Block.of(arrays[1], right[:, order])) for order in inner
        ]
        terms.append((sign, min(products, key=gather_cost)))
        read += [side, side + 1]
        side += 2
        shape = len(members), 1, 1  # of the kinds to come
    *blocks, made = in_grid([*(block for _, block in singles), Block.of(out, np.arange(len(members)))])
    terms += [(sign, block) for (sign, _), block in zip(singles, blocks, strict=True)]
    return Part(members, Sum(tuple(terms), made), read + read_singly)


def lined_up(left: Index, right: Index) -> tuple[Index, Index]:
    """The factors of one kind of terms, after all sums have them in the order in which the fewest lists differ.

    The adjoint of a layer's input, say, is a sum over its outputs.  If one output is read in another way than the rest,
    as the logit of the right class is, then its term comes at another place in each sum.
    """
    rows = np.arange(len(left))[:, None]
    orders = np.lexsort((right, left)), np.lexsort((left, right))
    ways = [(left, right), *((left[rows, order], right[rows, order]) for order in orders)]
    counts = [_distinct(a) + _distinct(b) for a, b in ways]
    return ways[counts.index(min(counts))]


def gather_cost(product: MatMul) -> int:
    """How many numbers must be copied to have the operands of a product side by side."""
    return sum(block.index.size for block in (product.left, product.right) if block.steps is None)


def find_matmuls(left: Index, right: Index) -> list[tuple[list[int], tuple[int, int, int]]]:
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
