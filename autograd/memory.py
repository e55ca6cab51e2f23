"""Which numbers of a plan may share a row of memory, because they are not needed at the same time."""

from __future__ import annotations

from bisect import bisect_left, insort
from heapq import heappop, heappush

import numpy as np

from autograd.plan import BATCHED, Index, Plan, blocks


def rows(plan: Plan) -> Index:
    """For each batched number of a plan the row of the array that is to hold it.

    Numbers that one instruction makes stay side by side, as do those that one operand reads from several instructions,
    so that what was a slice stays one.
    """
    count = plan.sizes[BATCHED]
    born, dies = np.zeros(count, int), np.full(count, -1)
    joined = np.zeros(count + 1, bool)  # joined[i]: number i stays beside number i - 1
    joined[1 : plan.inputs] = True
    times: list[int] = []  # of each use of some numbers
    uses: list[Index] = []
    for time, instruction in enumerate(plan.instructions, 1):
        for block in blocks(instruction):
            if block.array == BATCHED:
                times.append(time)
                uses.append(block.index)
                if block.steps is not None and block.index.size > 1:
                    joined[block.index.min() + 1 : block.index.max() + 1] = True
        if instruction.out.array == BATCHED:
            born[instruction.out.index] = time
    for array, place in plan.outputs:
        if array == BATCHED:
            times.append(len(plan.instructions) + 1)
            uses.append(np.array([place]))
    if uses:
        used = np.concatenate(uses, axis=None)
        dies[used] = np.repeat(times, [index.size for index in uses])  # of several times the last one stays
    starts = np.flatnonzero(~joined[:count])
    if not len(starts):
        return np.zeros(0, np.intp)
    sizes = np.diff(starts, append=count)
    births, deaths = np.minimum.reduceat(born, starts), np.maximum.reduceat(dies, starts)
    first = np.zeros(len(starts), np.intp)
    memory = Memory()
    in_use: list[tuple[int, int, int]] = []  # the time of the last use, first row, how many rows
    in_turn = np.lexsort((deaths, births))
    columns = (column[in_turn].tolist() for column in (births, deaths, sizes))
    for piece, birth, death, size in zip(in_turn.tolist(), *columns, strict=True):
        while in_use and in_use[0][0] < birth:
            memory.free(*heappop(in_use)[1:])
        first[piece] = row = memory.take(size)
        heappush(in_use, (death, row, size))
    return np.repeat(first - starts, sizes) + np.arange(count)


class Memory:
    """Rows, of which some are in use.

    Attributes:
        size: how many rows there are, in use or not.
    """

    def __init__(self) -> None:
        self.size = 0
        self.gaps: list[tuple[int, int]] = []  # the rows not in use: how many, and the first; the smallest gap first
        self.ends: dict[int, int] = {}  # the first row of the gap that ends there
        self.starts: dict[int, int] = {}  # how many rows the gap has that starts there

    def take(self, size: int) -> int:
        """The first of some rows side by side: those of the smallest gap that is large enough, or new ones."""
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
        """These rows are not in use any more."""
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
