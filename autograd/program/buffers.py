"""Where the values of a plan are in memory.

Buffer reuse by liveness: batched values that are never live at the same time share a row, and an elementwise operation
works in place where an operand is not needed any more.  Totals, most of which are the gradient, are in the order of
the outputs, so that a gradient is one copy.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from autograd.program.plan import BATCHED, REDUCED, Block, Elementwise, Index, Plan, Sum, blocks, strides

InPlace = Callable[[Plan, Elementwise], bool]  # whether an instruction may write over one of its operands
SMALL = 32  # rows: for fewer, memory matters less than NumPy's check whether operands and result overlap
FEW = 4_000  # totals: fewer are gathered as fast, and adjacent places are a bit faster to fill


def allocate(plan: Plan, in_place: InPlace) -> dict[str, Index]:
    """For each value of an array of the plan its place in memory; the uniform ones stay where they are.

    Arguments:
        plan: the plan.
        in_place: whether an instruction may write over one of its operands.
    """
    return {BATCHED: allocate_rows(plan, in_place), REDUCED: allocate_totals(plan)}


def allocate_totals(plan: Plan) -> Index:
    """The place in memory of each total: the number of its output, or past the last output if it is none.

    If there are few, or if a slice would not stay one, all keep their order.
    """
    count = plan.sizes[REDUCED]
    if count < FEW:
        return np.arange(count)
    found = np.full(count, -1)
    for number, (array, place) in enumerate(plan.outputs):
        if array == REDUCED and found[place] < 0:
            found[place] = number
    others = np.flatnonzero(found < 0)
    found[others] = np.arange(len(others)) + len(plan.outputs)
    for instruction in plan.instructions:
        for block in blocks(instruction):
            if block.array == REDUCED:
                index = block.index
                if isinstance(instruction, Sum) and block is instruction.out:
                    index = index.reshape(instruction.shape)
                if strides(found[index]) is None:
                    return np.arange(count)
    return found


def allocate_rows(plan: Plan, in_place: InPlace = lambda plan, instruction: False) -> Index:
    """For each batched value of a plan, the row of the array that holds it.  Arguments as for ``allocate``.

    The results of one instruction stay adjacent, as do the values that one operand reads as a slice, even if several
    instructions produce them.  So every slice stays a slice.
    """
    count = plan.sizes[BATCHED]
    if not count:
        return np.zeros(0, np.intp)
    born, dies, joined = lives(plan)
    starts = np.flatnonzero(~joined)
    sizes = np.diff(starts, append=count)
    births, deaths = np.minimum.reduceat(born, starts), np.maximum.reduceat(dies, starts)
    heirs = _heirs(plan, starts, sizes, deaths, in_place)
    ending = set(range(len(starts))) - set(heirs.values())  # pieces whose rows are free after their last use
    first = np.zeros(len(starts), np.intp)
    memory = RowAllocator()
    in_use: list[tuple[int, int, int]] = []  # the time of the last use, the first row, the number of rows
    in_turn = np.lexsort((deaths, births))
    columns = [column[in_turn].tolist() for column in (births, deaths, sizes)]
    for piece, birth, death, size in zip(in_turn.tolist(), *columns, strict=True):
        while in_use and in_use[0][0] < birth:
            _, row, free = heappop(in_use)
            memory.free(row, free)
        first[piece] = row = int(first[heirs[piece]]) if piece in heirs else memory.take(size)
        if piece in ending:
            heappush(in_use, (death, row, size))
    return np.repeat(first - starts, sizes) + np.arange(count)


def _heirs(plan: Plan, starts: Index, sizes: Index, deaths: Index, in_place: InPlace) -> dict[int, int]:
    """The pieces that are computed in place, each with the piece of an operand whose rows it takes over.

    Arguments:
        plan, in_place: as for ``allocate``.
        starts, sizes, deaths: of each piece, that is, of values that stay adjacent.
    """
    found: dict[int, int] = {}
    taken: set[int] = set()
    for time, instruction in enumerate(plan.instructions, 1):
        out = instruction.out
        if out.array != BATCHED or out.index.size < SMALL or not isinstance(instruction, Elementwise):
            continue
        heir = _whole_piece(out, starts, sizes)
        if heir < 0 or not in_place(plan, instruction):
            continue
        for operand in instruction.operands:
            piece = _whole_piece(operand, starts, sizes) if operand.index.shape == out.index.shape else -1
            if piece >= 0 and piece not in taken and deaths[piece] == time:
                found[heir] = piece
                taken.add(piece)
                break
    return found


def _whole_piece(block: Block, starts: Index, sizes: Index) -> int:
    """The number of the piece that a block is, in order; -1 if it is only a part of one, or several."""
    if block.array != BATCHED:
        return -1
    places = block.index.ravel()
    piece = int(np.searchsorted(starts, places[0], "right")) - 1
    is_whole = places.size == sizes[piece] and (places == starts[piece] + np.arange(places.size)).all()
    return piece if is_whole else -1


def lives(plan: Plan) -> tuple[Index, Index, NDArray[np.bool_]]:
    """Live ranges: for each batched value when it is computed, when it is last used, and whether it must stay adjacent
    to the value before it.  Instructions run at times 1, 2, ...; inputs exist at time 0, and outputs are used after the
    last instruction.
    """
    count, end = plan.sizes[BATCHED], len(plan.instructions) + 1
    uses = [(0, Block.of(BATCHED, np.arange(plan.inputs)))]
    zeros = [Block.of(BATCHED, np.array([plan.inputs]))] * plan.zeros
    uses += [(0, block) for block in zeros]
    for time, instruction in enumerate(plan.instructions, 1):
        uses += [(time, block) for block in blocks(instruction) if block.array == BATCHED and block.index.size]
    uses += [(end, Block.of(BATCHED, np.array([place]))) for array, place in plan.outputs if array == BATCHED]
    uses += [(end, block) for block in zeros]  # never overwritten, so that they stay zero
    used = np.concatenate([block.index for _, block in uses], axis=None)
    sizes = np.array([block.index.size for _, block in uses])
    times = np.repeat([time for time, _ in uses], sizes)
    born, dies = np.zeros((2, count), np.intp)
    dies[used] = times  # the last assignment wins: the last use
    born[used[::-1]] = times[::-1]  # reversed, so that the first time wins

    starts = np.cumsum(sizes) - sizes
    slices = [block.steps is not None for _, block in uses]
    low, high = np.minimum.reduceat(used, starts)[slices], np.maximum.reduceat(used, starts)[slices]
    opened, closed = (np.bincount(bound + 1, minlength=count + 1) for bound in (low, high))
    return born, dies, np.cumsum(opened - closed)[:count] > 0


class RowAllocator:
    """A best-fit allocator of adjacent rows.

    Attributes:
        size: the number of rows, in use or free.
    """

    def __init__(self) -> None:
        self.size = 0
        self.gaps: list[tuple[int, int]] = []  # the free rows as (size, first row), sorted
        self.ends: dict[int, int] = {}  # from the end of a gap to its first row
        self.starts: dict[int, int] = {}  # from the first row of a gap to its size

    def take(self, size: int) -> int:
        """Allocate adjacent rows, in the smallest gap that fits, or at the end.  Returns the first row."""
        i = bisect_left(self.gaps, (size, 0))
        if i < len(self.gaps):
            length, start = self.gaps[i]
            self._forget(length, start)
            if length > size:
                self._remember(length - size, start + size)
            return start
        start = self.ends.get(self.size, self.size)  # a gap at the end can grow
        if start < self.size:
            self._forget(self.size - start, start)
        self.size = start + size
        return start

    def free(self, start: int, size: int) -> None:
        """Free some rows, and merge them with the gaps next to them."""
        if start in self.ends:
            before = self.ends[start]
            self._forget(start - before, before)
            start, size = before, size + start - before
        if start + size in self.starts:
            after = self.starts[start + size]
            self._forget(after, start + size)
            size += after
        self._remember(size, start)

    def _remember(self, size: int, start: int) -> None:
        insort(self.gaps, (size, start))
        self.starts[start], self.ends[start + size] = size, start

    def _forget(self, size: int, start: int) -> None:
        del self.gaps[bisect_left(self.gaps, (size, start))], self.starts[start], self.ends[start + size]
