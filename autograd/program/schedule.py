"""Scheduling: groups scalars into instructions, level by level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping

import numpy as np

from autograd.program.padding import padded
from autograd.program.sums import SumsOfProducts


def schedule(terms: SumsOfProducts) -> list[list[int]]:
    """The nodes, one group per instruction, level by level.

    A node may be scheduled later than its operands allow.  For example, the first of a sequence of vectors may take one
    operation less than the others.  Scheduled as early as possible, everything that depends on it would need separate
    instructions.  So nodes wait for nodes of the same signature on one of the next two levels, if that does not
    increase the number of levels.
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
    """The groups, level by level, after some have been delayed.

    A group waits for one of the same signature, one or two levels later, that reads from one of the groups it reads.
    """
    depth = max(level) + 1
    numbers: dict[Hashable, int] = {}  # numbers for the signatures, which are slow to compare
    signature = {z: numbers.setdefault(terms.signature(z), len(numbers)) for z in nodes}
    group = [-1] * terms.size  # for each node its signature and its level, encoded as one number
    sources: dict[int, set[int]] = defaultdict(set)  # for each group the groups that it reads
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
        found += padded(terms, ready)
    return found
