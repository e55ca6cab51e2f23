"""Memory layout of an instruction: its scalars are ordered so that as many operands as possible are slices.

The operands of a group are its *sides*.  A side has one row per scalar, and contains what all of them read in one role:
their first arguments, for example, or the left factors of one kind of term.  The best layout depends only on the
indices of a side relative to its first index.  So it is computed once for each such pattern and then reused: in a long
simulation every step has the pattern of the step before, at an offset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from autograd.engine.op import Op
from autograd.program.plan import (
    BATCHED,
    REDUCED,
    UNIFORM,
    Block,
    Elementwise,
    Index,
    Instruction,
    MatMul,
    Product,
    Sum,
    blocks,
    rebuilt,
    strides,
)
from autograd.program.sums import LEFT_BATCHED, NEGATIVE, PRODUCT, RIGHT_BATCHED, SINGLE, Kinds

FEW = 4  # terms of a sum that may be added one by one
TYPICAL_BATCH = 100  # samples, to compare the cost of reading batched and uniform values


@dataclass(frozen=True, eq=False)
class Part:
    """An instruction that computes some of the scalars of a group.

    Attributes:
        members: which scalars of the group, in the order of ``out``; -1 for a cell that no scalar needs.
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
    """The order of some scalars in which the most operands are slices, and of these the most consecutive values.

    Arguments:
        read: a row for each scalar: the indices of its operands.
    """
    best, most = np.arange(len(read)), (-1, -1)
    if len(read) == 1:
        return best
    for first in range(min(read.shape[1], 8)):
        order = np.lexsort(np.roll(read, -first, axis=1).T[::-1])
        columns = read[order].T
        found = slices(list(columns))[0], int((np.diff(columns) == 1).all(axis=1).sum())
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
        found = find_matmuls(left, right, out == REDUCED, len(kinds) == 1 and kinds[0][0] & ~NEGATIVE == PRODUCT)
    else:
        order = arranged(np.concatenate(sides, axis=1))
        found = [(order.tolist(), (len(order), 1, 1))]
    return [_best(kinds, out, sides, np.array(part), shape) for part, shape in found]


def _best(kinds: Kinds, out: str, sides: list[Index], members: Index, shape: tuple[int, int, int]) -> Part:
    """One instruction for some sums, in the order of their matrix product, or else in that in which it copies least."""
    ways = [members]
    if shape[1:] == (1, 1) and len(members) > 1:
        ways.insert(0, members[arranged(np.concatenate([side[members] for side in sides], axis=1))])
    parts = [_sum(kinds, out, [side[way] for side in sides], way, shape) for way in ways]
    return min(parts, key=lambda part: costs(blocks(part.instruction)[:-1]))


def _sum(kinds: Kinds, out: str, sides: list[Index], members: Index, shape: tuple[int, int, int]) -> Part:
    """One instruction for sums in the order stack, row, column of the matrix product of their first kind."""
    terms: list[tuple[float, MatMul | Product | Block]] = []
    single: list[tuple[float, list[tuple[int, Block]]]] = []  # terms of one value, or one product, for each sum
    read: list[int] = []  # the sides of the terms
    side = 0
    for kind, width in kinds:
        sign = -1.0 if kind & NEGATIVE else 1.0
        arrays = [BATCHED if kind & bit else UNIFORM for bit in (LEFT_BATCHED, RIGHT_BATCHED)]
        left = sides[side]
        if kind & SINGLE:
            whole = Block.of(arrays[0], left[:, np.argsort(left[0])])
            if width <= 2 or (width <= FEW and whole.steps is None):  # faster as separate terms than as a reduction
                single += [(sign, [(side, Block.of(whole.array, column))]) for column in whole.index.T]
            else:
                terms.append((sign, whole))
                read.append(side)
            side += 1
            continue
        right = sides[side + 1]
        product = _matmul(arrays, left, right, members, shape)
        if shape[1:] == (1, 1) and width <= FEW and out != REDUCED:
            columns = [(Block.of(arrays[0], a), Block.of(arrays[1], b)) for a, b in zip(left.T, right.T, strict=True)]
            if width == 1 or costs(in_grid([*chain(*columns)])) < costs([product.left, product.right]):
                single += [(sign, [(side, a), (side + 1, b)]) for a, b in columns]
                side += 2
                continue
        terms.append((sign, product))
        read += [side, side + 1]
        side += 2
        shape = len(members), 1, 1  # only the first kind is factored
    flat = [block for _, pair in single for _, block in pair]
    *values, made = in_grid([*flat, Block.of(out, np.arange(len(members)))])
    terms = [(sign, laid_out(term, made.index.shape)) for sign, term in terms]
    value = iter(values)
    for sign, pair in single:
        terms.append((sign, next(value) if len(pair) == 1 else Product(next(value), next(value))))
        read += [side for side, _ in pair]
    return Part(members, Sum(tuple(terms), made), read)


def laid_out(term: MatMul | Product | Block, grid: tuple[int, ...]) -> MatMul | Product | Block:
    """Values to be summed, with the axes of the result before the one that is summed over; or a product as it is."""
    return Block.of(term.array, term.index.reshape(*grid, -1)) if isinstance(term, Block) else term


def _matmul(arrays: list[str], left: Index, right: Index, members: Index, shape: tuple[int, int, int]) -> MatMul:
    """The product of matrices whose rows are the lists of left factors, and whose columns those of right factors."""
    a, b = left[0], right[0]
    cells = members.reshape(shape) >= 0
    at = np.arange(len(left)).reshape(shape)
    rows = np.take_along_axis(at, cells.argmax(axis=2)[:, :, None], 2)[:, :, 0]  # a sum in each row that is not missing
    columns = np.take_along_axis(at, cells.argmax(axis=1)[:, None], 1)[:, 0]
    left, right = left[rows], right[columns].swapaxes(1, 2)
    products = [
        MatMul(Block.of(arrays[0], left[:, :, order]), Block.of(arrays[1], right[:, order]))
        for order in (np.lexsort((b, a)), np.lexsort((a, b)))  # either side may become a slice
    ]
    return min(products, key=lambda product: costs([product.left, product.right]))


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


def costs(operands: Iterable[Block]) -> tuple[int, int]:
    """How many values must be copied, since these operands are not slices, and how many are not read in their order.

    A batched operand counts once for each sample of a typical batch.
    """
    copied = scattered = 0
    for block in operands:
        size = block.index.size * (1 if block.array == UNIFORM else TYPICAL_BATCH)
        copied += size if block.steps is None else 0
        scattered += size if (np.diff(block.index.ravel()) != 1).any() else 0
    return copied, scattered


def find_matmuls(
    left: Index, right: Index, reduced: bool = False, complete: bool = False
) -> list[tuple[list[int], tuple[int, int, int]]]:
    """Sums of products, split into stacks of matrix products, each in the order stack, row, column.

    Two sums are connected if they have the same list of left factors or the same list of right factors.  A connected
    component is a matrix product if it contains one sum for every pair of a left list and a right list.  So it is if
    some are missing, but no more than there are: the scores of causal attention, for example, are one triangle of a
    product of matrices.  All other sums are returned as a stack of products of shape 1 x 1.

    Arguments:
        left, right: a row for each sum: the indices of its factors.
        reduced: whether they are summed over the samples, so that products of single values are matrix products too.
        complete: whether sums may be missing.

    Returns:
        For each stack the sums that it computes, -1 where one is missing, and its shape (stack, rows, columns).
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
        size, smaller = len(rows) * len(width), min(len(rows), len(width))
        if left.shape[1] == 1 == smaller and not reduced:
            loose += part.values()
        elif len(part) == size or (complete and not reduced and size <= 2 * len(part) and smaller > 2):
            stacks.setdefault((len(rows), len(width)), []).extend(part.get((i, j), -1) for i in rows for j in width)
        else:
            loose += part.values()
    found = [(stack, (len(stack) // (rows * width), rows, width)) for (rows, width), stack in stacks.items()]
    return [*found, (loose, (len(loose), 1, 1))] if loose else found


def _distinct(rows: Index) -> int:
    """The number of distinct rows."""
    return len({row.tobytes() for row in rows})


def _numbered(rows: Index) -> list[int]:
    """For each row a number, the same for equal rows.

    Distinct rows are numbered in ascending order of their sorted entries.  Those of padded sums are compared from their
    largest entries on, since the smallest are zeros.
    """
    keys = [row.tobytes() for row in rows]
    kinds = {key: row.tolist() for key, row in zip(keys, rows, strict=True)}
    padded = any(len({*row}) < len(row) for row in kinds.values())
    ascending = sorted(kinds, key=lambda key: (sorted(kinds[key], reverse=padded), kinds[key]))
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
