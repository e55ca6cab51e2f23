"""Memory layout of an instruction: its scalars are ordered so that as many operands as possible are slices.

The operands of a group are its *sides*.  A side has one row per scalar, and contains what all of them read in one role:
their first arguments, for example, or the left factors of one kind of term.  The best layout depends only on the
indices of a side relative to its first index.  So it is computed once for each such pattern and then reused: in a long
simulation every step has the pattern of the step before, at an offset.
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
    """An instruction that computes some of the scalars of a group.

    Attributes:
        members: which scalars of the group, in the order of ``out``.
        instruction: the instruction; indices are relative to the first index of their side, and those of ``out`` to 0.
        sides: for each of its blocks except ``out``, in the order of ``blocks``, the number of the side it is from.
        copied: how many operands of an elementwise operation are not slices, as flat lists.
    """

    members: Index
    instruction: Instruction
    sides: list[int]
    copied: int = 0


class Pattern:
    """The layouts of all groups with the same signature and size, cached by their relative indices.

    Arguments:
        size: the number of scalars in a group.
        widths: for each side the number of values that each scalar reads.
        arrange: computes the parts from the sides.

    Attributes:
        starts: where each side starts in the flat list of all operands of a group.
        side: for each entry of that list the number of its side.
    """

    def __init__(self, size: int, widths: Sequence[int], arrange: Callable[[list[Index]], list[Part]]) -> None:
        sizes = size * np.array(widths)
        self.starts = np.cumsum(sizes) - sizes
        self.side = np.repeat(np.arange(len(widths)), sizes)
        self._shapes = [(size, width) for width in widths]
        self._arrange = arrange
        self._known: dict[bytes, list[Part]] = {}

    def parts(self, relative: Index) -> list[Part]:
        """The parts of a group, from the indices of its operands, each relative to the first index of its side."""
        pattern = relative.tobytes()
        if pattern not in self._known:
            sides = np.split(relative, self.starts[1:])
            self._known[pattern] = self._arrange(
                [side.reshape(shape) for side, shape in zip(sides, self._shapes, strict=True)]
            )
        return self._known[pattern]


def placed(part: Part, starts: Index) -> Iterator[Instruction]:
    """The instruction of a part, once for each offset.

    Arguments:
        part: the part.
        starts: a row for each instruction: where its sides start, then where ``out`` starts.
    """
    columns: list[list[Block]] = []
    for block, side in zip(blocks(part.instruction), [*part.sides, -1], strict=True):
        indices = block.index + starts[:, side].reshape(-1, *[1] * block.index.ndim)
        columns.append([Block(block.array, index, block.steps) for index in indices])
    return (rebuilt(part.instruction, row) for row in zip(*columns, strict=True))


# ------------------------------------------------------------------------------------------------------ operations


def elementwise(op: Op, arrays: Sequence[str], out: str, sides: list[Index]) -> list[Part]:
    """The layout of one operation on all scalars of a group.

    Arguments:
        op: the operation.
        arrays: the array of each argument.
        out: the array of the results.
        sides: the indices of each argument.
    """
    read = np.concatenate(sides, axis=1)
    order = arranged(read)
    operands = [Block.of(array, places) for array, places in zip(arrays, read[order].T, strict=True)]
    copied = sum(block.steps is None for block in operands)
    *operands, made = in_grid([*operands, Block.of(out, np.arange(len(order)))])
    return [Part(order, Elementwise(op, tuple(operands), made), list(range(len(operands))), copied)]


def arranged(read: Index) -> Index:
    """The order of some scalars in which the most operands are slices.

    Arguments:
        read: a row for each scalar: the indices of its operands.
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
    """How many index lists of the same length are slices, and the width of the grid in which they are.

    For example, if each row of a matrix is multiplied by its own scalar, the list of these scalars contains each of
    them several times.  That list is not a slice, but in a grid with the width of the matrix it is one: the step from
    column to column is 0.
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
    """Blocks of the same length, reshaped to rows and columns if that makes more of them slices."""
    size = len(blocks[0].index)
    width = slices([block.index for block in blocks])[1]
    return blocks if width == size else [Block.of(block.array, block.index.reshape(-1, width)) for block in blocks]


# ------------------------------------------------------------------------------------------------------------ sums


def sums(kinds: Kinds, out: str, sides: list[Index]) -> list[Part]:
    """The layout of sums with the same kinds of terms.  The first kind of product is factored into matrix products.

    Arguments:
        kinds: the kinds of terms.
        out: the array of the results.
        sides: for each kind the indices of the left factors, followed, for products, by those of the right factors.
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
    """One instruction for sums in the order stack, row, column of the matrix product of their first kind."""
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
            if width <= 2 or (width <= 4 and whole.steps is None):  # faster as separate terms than as a reduction
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
        products = [
            MatMul(Block.of(arrays[0], left[:, :, order]), Block.of(arrays[1], right[:, order]))
            for order in (np.lexsort((b, a)), np.lexsort((a, b)))  # either side may become a slice
        ]
        terms.append((sign, min(products, key=gather_cost)))
        read += [side, side + 1]
        side += 2
        shape = len(members), 1, 1  # only the first kind is factored
    *blocks, made = in_grid([*(block for _, block in singles), Block.of(out, np.arange(len(members)))])
    terms += [(sign, block) for (sign, _), block in zip(singles, blocks, strict=True)]
    return Part(members, Sum(tuple(terms), made), read + read_singly)


def lined_up(left: Index, right: Index) -> tuple[Index, Index]:
    """The factors of one kind of term, sorted within each sum so that the sums have the fewest distinct factor lists.

    For example, the adjoint of a layer's input is a sum over the outputs of the layer.  If one output is used
    differently from the rest, such as the logit of the correct class, its term has a different position in each sum.
    """
    rows = np.arange(len(left))[:, None]
    orders = np.lexsort((right, left)), np.lexsort((left, right))
    ways = [(left, right), *((left[rows, order], right[rows, order]) for order in orders)]
    counts = [_distinct(a) + _distinct(b) for a, b in ways]
    return ways[counts.index(min(counts))]


def gather_cost(product: MatMul) -> int:
    """How many values must be copied, because an operand of the product is not a slice."""
    return sum(block.index.size for block in (product.left, product.right) if block.steps is None)


def find_matmuls(left: Index, right: Index) -> list[tuple[list[int], tuple[int, int, int]]]:
    """Sums of products, split into stacks of matrix products, each in the order stack, row, column.

    Two sums are connected if they have the same list of left factors or the same list of right factors.  A connected
    component is a matrix product if it contains one sum for every pair of a left list and a right list.  All other sums
    are returned as a stack of products of shape 1 x 1.

    Arguments:
        left, right: a row for each sum: the indices of its factors.

    Returns:
        For each stack the sums that it computes, and its shape (stack, rows, columns).
    """
    cells = list(zip(_numbered(left), _numbered(right), strict=True))
    component = _components(cells)
    parts: dict[int, dict[tuple[int, int], int]] = {}
    loose: list[int] = []
    for z, cell in enumerate(cells):
        part = parts.setdefault(component[cell[0]], {})
        if cell in part:
            loose.append(z)  # a duplicate of a sum
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
    """The number of distinct rows."""
    return len({row.tobytes() for row in rows})


def _numbered(rows: Index) -> list[int]:
    """For each row a number, the same for equal rows.

    Distinct rows are numbered in ascending order of their sorted entries.
    """
    keys = [row.tobytes() for row in rows]
    kinds = dict(zip(keys, rows, strict=True))
    ascending = sorted(kinds, key=lambda key: (sorted(kinds[key].tolist()), kinds[key].tolist()))
    number = {key: i for i, key in enumerate(ascending)}
    return [number[key] for key in keys]


def _components(cells: list[tuple[int, int]]) -> list[int]:
    """For each list of left factors the number of its connected component; a cell connects a left and a right list."""
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
