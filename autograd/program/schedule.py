"""Scheduling: which scalars one instruction computes, level by level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from itertools import chain

import numpy as np

from autograd.program.plan import UNIFORM
from autograd.program.sums import SumsOfProducts


def schedule(terms: SumsOfProducts) -> list[list[int]]:
    """The nodes in groups for one instruction, level by level.

    A node may be computed later than its operands allow.  In a sequence of vectors, for example, the first may take one
    operation less than the others, and everything after it would be computed separately.  So nodes wait for others
    of the same signature on one of the next two levels, if the total depth does not grow.
    """
    nodes: list[int] = np.flatnonzero(terms.materialized[: len(terms.order)]).tolist()
    read = terms.reads()
    level = [0] * terms.size
    for z in nodes:
        level[z] = 1 + max([level[x] for x in read[z]], default=0)
    alap = [max(level)] * terms.size
    for z in reversed(nodes):
        before = alap[z] - 1
        for x in read[z]:
            if alap[x] > before:
                alap[x] = before
    return _align_levels(terms, nodes, read, level, alap)


def _align_levels(
    terms: SumsOfProducts, nodes: list[int], read: Mapping[int, list[int]], level: list[int], alap: list[int]
) -> list[list[int]]:
    """The groups, level by level, after some have waited.

    A node waits for others of the same signature that read something made together with what it reads.
    """
    depth = max(level) + 1
    numbers: dict[Hashable, int] = {}  # of signatures, which are slow to compare
    signature = {z: numbers.setdefault(terms.signature(z), len(numbers)) for z in nodes}
    group = [-1] * terms.size  # of each node: its signature and its level in one number
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
            slack = min([alap[z] for z in members]) - now
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
        found += _padded(terms, ready)
    return found


def _padded(terms: SumsOfProducts, groups: list[list[int]]) -> list[list[int]]:
    """The same groups, with sums that differ in their number of terms merged by padding them with zeros.

    Where each word of a text attends to all words before it, each has a sum with one more term.  That many
    calls would take longer than the zeros do.  Batched sums are not padded: there the arithmetic takes the time.
    """
    if len(groups) <= 2:
        return groups
    alike: dict[Hashable, list[list[int]]] = defaultdict(list)
    for members in groups:
        kinds = terms.kinds.get(members[0], ())
        pads = kinds and terms.array[members[0]] == UNIFORM
        alike[tuple([kind for kind, _ in kinds]) if pads else members[0]].append(members)
    found = []
    for parts in alike.values():
        widths = np.array([[width for _, width in terms.kinds.get(part[0], ())] for part in parts])
        sizes = [len(part) for part in parts]
        if len(parts) > 2 and widths.max(axis=0).sum() * sum(sizes) <= 2 * (widths.sum(axis=1) @ sizes):
            together = list(chain.from_iterable(parts))
            terms.pad(together, widths.max(axis=0).tolist())
            found.append(together)
        else:
            found += parts
    return found
