"""Lowering: from a graph of scalars to a few instructions on whole arrays.

A node is *batched* if it depends on an input, whose value differs from sample to sample; otherwise it is *uniform*.
Uniform values are stored in a vector, one entry each; batched values in a matrix, one row each, one column per sample.
Lowering has four steps:

1. flatten   trees of + and - become sums of many terms; a product that only one sum reads becomes one of its terms
             (sums.py);
2. level     the level of a node is one more than the highest level of its operands, or slightly higher, to be grouped
             with similar nodes (schedule.py); sums of one level are padded to the same length (padding.py);
3. group     nodes of one level with the same operation become one instruction;
4. factor    the left factors of each sum of products form a list, and so do the right factors; if a group contains one
             sum for every pair of a left list and a right list, it is a matrix product (matrices.py).

Nothing here knows about neurons or layers.  Step 4 discovers that the sums of a layer are ``W @ x``, and that their
gradients are ``W.T @ delta`` and ``delta @ x.T``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np

from autograd.engine.value import Value
from autograd.program.matrices import Part, Pattern, elementwise, placed, sums
from autograd.program.plan import BATCHED, REDUCED, UNIFORM, Address, Index, Instruction, Plan
from autograd.program.schedule import schedule
from autograd.program.sums import Kinds, SumsOfProducts


@dataclass(frozen=True)
class Request:
    """What a plan must compute.

    Attributes:
        outputs: the nodes to compute.
        inputs: leaves whose value differs from sample to sample.
        parameters: leaves with one value for all samples; leaves in neither list are constants.
        total: how many outputs, from the first, are summed over the samples; uniform ones are not.
        adjoint: from nodes to their adjoints, if the graph contains a backward pass; used to name the adjoints.
        order: the nodes in topological order, if already known.
        exact: whether each operation is done by itself, in the order of the graph, so that a replay rounds as eager
            code does; else sums of products are matrix products, which is faster.
    """

    outputs: list[Value]
    inputs: list[Value]
    parameters: list[Value]
    total: int = 0
    adjoint: Mapping[Value, Any] = field(default_factory=dict)
    order: list[Value] | None = None
    exact: bool = False


class Lowering:
    """The translation of a graph into a plan.

    Attributes:
        outputs: the nodes to compute.
        terms: the scalars of the graph, numbered.
        plan: the plan.
        place: for each scalar its index in its array; -1 until it is allocated.
        members: for each instruction the scalars that it computes, in order.
    """

    def __init__(self, request: Request) -> None:
        self.outputs = request.outputs
        self.terms = terms = SumsOfProducts(
            request.outputs, request.inputs, request.total, request.order, request.exact
        )
        self.array = terms.array
        groups = schedule(terms)
        if (
            request.exact
        ):  # few scalars and many samples: to copy operands side by side would take longer than a call each
            groups = [[z] for group in groups for z in group]
        self.place = np.full(terms.size, -1)
        self.plan = Plan(len(request.inputs), len(request.parameters), self.leaves(request))
        if terms.has_factor(terms.zeros):
            self.place[terms.zeros] = len(request.inputs)
            self.plan.zeros = 1
        self.members: list[Index] = []
        start = len(request.parameters) + len(self.plan.constants)
        self.next = {UNIFORM: start, BATCHED: len(request.inputs) + self.plan.zeros, REDUCED: 0}
        self.producer = np.zeros(terms.size, np.intp)  # the instruction that computes each scalar, counted from 1

        self.patterns: dict[Hashable, Pattern] = {}  # by signature and group size

        self.uses: dict[Part, list[tuple[int, Index, int]]] = defaultdict(list)  # see ``group``
        self.arrange(groups)
        self.arrange(self.groups_of_totals())
        self.plan.instructions = self.instructions()

        self.plan.sizes = dict(self.next)
        self.plan.outputs = [self.at(root) for root in terms.roots]
        self.names(request)

    def leaves(self, request: Request) -> list[float]:
        """Allocate all leaves and constants.  Returns the values of the constants, including leaves in neither list."""
        terms, order = self.terms, self.terms.order
        for given in (request.inputs, request.parameters):
            for i, x in enumerate(given):
                if x in terms.number:
                    self.place[terms.number[x]] = i
        after = len(order) + len(terms.constants)
        held = list(range(len(order), after))
        if terms.zero == after and terms.has_factor(terms.zero):  # a sum was padded
            held.append(terms.zero)
        held += [i for i in terms.leaves if self.place[i] < 0]
        start = len(request.parameters)
        self.place[held] = np.arange(start, start + len(held))
        constants = [*terms.constants, 0.0]
        return [order[i].data if i < len(order) else constants[i - len(order)] for i in held]

    def names(self, request: Request) -> None:
        """Record the labels and scopes of all allocated nodes, and which node each adjoint belongs to."""
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

    def at(self, z: int) -> Address:
        return self.array[z], int(self.place[z])

    def groups_of_totals(self) -> list[list[int]]:
        """The totals, one group per instruction: same kinds of terms, with operands from the same instructions.

        If the gradients of all layers were one group, their operands, whole batches, would have to be copied together.
        """
        terms = self.terms
        alike: dict[Kinds, list[int]] = defaultdict(list)
        for total in range(terms.first_total, terms.size):
            alike[terms.kinds[total]].append(total)
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for kinds, members in alike.items():
            producers = self.producer[np.concatenate(terms.sides(np.array(members)), axis=1)]
            for total, row in zip(members, producers, strict=True):
                groups[kinds, row.tobytes()].append(total)
        return list(groups.values())

    def arrange(self, groups: list[list[int]]) -> None:
        """Allocate the scalars of some groups, each of which depends only on the groups before it."""
        alike: dict[Hashable, list[int]] = defaultdict(list)
        for number, group in enumerate(groups):
            alike[self.terms.signature(group[0]), len(group)].append(number)
        todo: dict[int, tuple[Pattern, Index, Index]] = {}
        for kind, numbers in alike.items():  # one lookup for the operands of all groups of a kind
            members = np.array([groups[number] for number in numbers])
            sides = self.terms.sides(members)
            operands = np.concatenate([side.reshape(len(members), -1) for side in sides], axis=1)
            if kind not in self.patterns:
                self.patterns[kind] = self.pattern(members[0], sides)
            pattern = self.patterns[kind]
            todo.update(zip(numbers, zip(repeat(pattern), members, operands, strict=False), strict=True))
        for number in range(len(groups)):
            self.group(*todo[number])

    def pattern(self, members: Index, sides: list[Index]) -> Pattern:
        """The pattern of all groups with the signature and size of this one, which reads these sides."""
        out, z = self.array[members[0]], int(members[0])
        if z in self.terms.kinds:
            arrange = partial(sums, self.terms.kinds[z], out)
        else:
            arrays = [self.array[side.flat[0]] for side in sides]
            op = self.terms.order[z].op
            assert op is not None
            arrange = partial(elementwise, op, arrays, out)
        return Pattern(len(members), [side.shape[-1] for side in sides], arrange)

    def group(self, pattern: Pattern, members: Index, operands: Index) -> None:
        """Allocate scalars that have the same signature and do not depend on each other.

        ``uses`` records their instructions under the part that computes them, each as (the number of the instruction,
        where the operands start, where the results start).

        Arguments:
            pattern: the pattern of the group.
            members: the scalars.
            operands: the scalars that they read, all sides in one list.
        """
        places = self.place[operands]
        first = places[pattern.starts]
        parts = pattern.parts(places - first[pattern.side])
        if parts[0].copied:  # one group per producer takes more calls, but copies fewer operands
            producers = self.producer[operands].reshape(-1, len(members)).T
            by_producer: dict[bytes, list[int]] = defaultdict(list)
            for i in parts[0].members:
                by_producer[producers[i].tobytes()].append(int(members[i]))
            if 1 < len(by_producer) <= 1 + 2 * parts[0].copied:
                self.arrange(list(by_producer.values()))
                return
        for part in parts:
            scalars = np.where(part.members < 0, -1, members[part.members])
            self.uses[part].append((len(self.members), first, self.allocate(scalars)))

    def instructions(self) -> list[Instruction]:
        """The instructions in order; all instructions of one part are built at once."""
        found: dict[int, Instruction] = {}
        for part, uses in self.uses.items():
            numbers, first, starts = zip(*uses, strict=True)
            places = np.column_stack([np.concatenate(first).reshape(len(uses), -1), starts])
            found.update(zip(numbers, placed(part, places), strict=True))
        self.patterns.clear()  # frees memory: neither is read again
        self.uses.clear()
        return [found[number] for number in range(len(found))]

    def allocate(self, members: Index) -> int:
        """Assign the next free indices to some scalars, in this order; -1 leaves one unused.  Returns the first."""
        there = members >= 0
        array = self.array[members[there][0]]
        start = self.next[array]
        self.next[array] = end = start + len(members)
        self.members.append(members)
        self.producer[members[there]] = len(self.members)
        self.place[members[there]] = np.arange(start, end)[there]
        return start

    def nodes(self, instruction: int) -> list[Value | None]:
        """The nodes that an instruction computes, or sums over all samples, in order; None for an unused index."""
        order, first = self.terms.order, self.terms.first_total
        members: list[int] = self.members[instruction].tolist()
        return [None if z < 0 else order[z if z < first else self.terms.totals[z - first]] for z in members]
