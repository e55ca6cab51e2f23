"""A graph of scalars, stored in arrays, with trees of + and - flattened to sums of many terms.

Scalars are numbered here: first the nodes, in topological order; then the constants among their arguments, each once,
and 0; then a row of zeros; then the totals, which are sums over all samples.  The graph has an edge for each argument
of a node.  Each property of the edges or of the scalars is one array, so a few NumPy calls process a graph of 200,000
nodes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from itertools import chain, count, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.engine.graph import dependents, topological_order
from autograd.engine.rules import add, mul, neg, sub
from autograd.engine.value import Value
from autograd.program.plan import BATCHED, REDUCED, UNIFORM, Index

LEAF, OTHER, ADD, SUB, NEG, MUL = range(6)
ROLES = {None: LEAF, add: ADD, sub: SUB, neg: NEG, mul: MUL}

# The kind of a term is a sum of these flags: a single factor instead of a product of two, a negative sign, a batched
# left factor, a batched right factor.  In ascending order, products come before single factors, and added terms before
# subtracted terms.
SINGLE, NEGATIVE, LEFT_BATCHED, RIGHT_BATCHED = 8, 4, 2, 1
PRODUCT = LEFT_BATCHED + RIGHT_BATCHED  # a product of two batched factors
Kinds = tuple[tuple[int, int], ...]  # for each kind of term in a sum: the kind, and the number of terms

MINUS_ZERO = "-0.0"  # the key of the constant -0.0, which is equal to 0.0, although arctan2(0.0, -0.0) is pi


class SumsOfProducts:
    """The scalars of a graph, and the terms of its sums.

    Arguments:
        outputs: the output nodes of the graph.
        inputs: the leaves whose value differs from sample to sample.
        total: how many outputs, from the first, are summed over the samples if they depend on an input.
        order: the nodes in topological order, if already known.
        exact: whether sums are left as they are, each with its two terms.

    Attributes:
        graph: the nodes in topological order.
        order: the same without the operations that repeat another one on the same arguments.
        number: from a node to its number; that of a repeated operation is the number of the first.
        constants: the constants; the first has the number ``len(order)``.
        zero: the number of the constant 0, which may be missing from ``constants``.
        zeros: the number of the batched 0, a row of zeros; sums are padded with it or with ``zero``.
        totals: for each total the number of the node that it sums.
        first_total: the number of the first total.
        size: the number of scalars.
        leaves: the numbers of the leaves.
        roots: the number of each output, or of its total.
        batched: for each scalar whether it depends on an input; true for totals too, which sum such scalars.
        array: for each scalar the array of the plan that holds it.
        materialized: for each scalar whether its value is stored: it is an operation, and not part of a larger sum.
        kinds: for each sum the kinds of its terms, in ascending order.
        left, right: the factors of each term; right is -1 for a single factor.  The terms of a sum are adjacent, sorted
            by kind.  In a product of a uniform and a batched factor, the uniform factor is on the left.
    """

    def __init__(
        self,
        outputs: Sequence[Value],
        inputs: Sequence[Value],
        total: int,
        order: list[Value] | None = None,
        exact: bool = False,
    ) -> None:
        self.graph = topological_order(*outputs) if order is None else order
        depends = dependents(self.graph, inputs) if inputs else set()
        same = _repeated(self.graph)
        self.order = order = [node for node in self.graph if node not in same] if same else self.graph
        # Constants, and then 0, get the next numbers when they are first looked up.
        self.number: defaultdict[Any, int] = defaultdict(count(len(order)).__next__, zip(order, count(), strict=False))
        number = self.number
        args = [node.args for node in order]
        given = [same.get(x, x) if isinstance(x, Value) else _key(x) for x in chain.from_iterable(args)]
        operand = np.fromiter(map(number.__getitem__, given), np.intp)
        self.constants = [-0.0 if x == MINUS_ZERO else x for x in list(number)[len(order) :]]
        self.zero = number[0.0]
        self.zeros = number["zeros"]
        for node, first in same.items():
            number[node] = number[first]
        moving = [node in depends for node in order]
        summed = [i < total and moving[number[y]] for i, y in enumerate(outputs)]
        self.totals = [number[y] for y, is_total in zip(outputs, summed, strict=True) if is_total]
        self.first_total = self.zeros + 1
        self.size = self.first_total + len(self.totals)
        new = iter(range(self.first_total, self.size))
        self.roots = [next(new) if is_total else number[y] for y, is_total in zip(outputs, summed, strict=True)]

        self.batched = np.zeros(self.size, bool)
        self.batched[: len(order)] = moving
        self.batched[self.first_total :] = True
        self.batched[self.zeros] = True
        self.array = [BATCHED if x else UNIFORM for x in self.batched[: self.first_total].tolist()]
        self.array += [REDUCED] * len(self.totals)
        self._role = np.zeros(self.size, np.intp)
        self._role[: len(order)] = np.fromiter(map(ROLES.get, [node.op for node in order], repeat(OTHER)), np.intp)
        self._role[self.first_total :] = ADD
        self._is_sum = np.isin(self._role, (ADD, SUB, NEG))
        self.leaves: list[int] = np.flatnonzero(self._role[: len(order)] == LEAF).tolist()
        counts = np.zeros(self.size, np.intp)
        counts[: len(order)] = np.fromiter(map(len, args), np.intp)
        counts[self.first_total :] = 1
        self._operand = np.append(operand, np.array(self.totals, np.intp))  # of each edge
        self._reader = np.repeat(np.arange(self.size), counts)
        self._first = np.cumsum(counts) - counts  # for each scalar its first edge
        self._flatten(exact)

    def _flatten(self, exact: bool) -> None:
        """Find the terms of each sum.

        An addition or product becomes part of a sum if that sum is the only node that reads it, and if both are batched
        or both uniform.  So a whole tree of additions becomes one sum, at its root.
        """
        role, batched, operand, reader, sums = self._role, self.batched, self._operand, self._reader, self._is_sum
        sign = np.ones(len(operand))  # of each edge
        sign[self._first[role == SUB] + 1] = sign[self._first[role == NEG]] = -1.0

        everyone = np.arange(self.size)
        only_reader, its_sign = everyone.copy(), np.ones(self.size)
        only_reader[operand], its_sign[operand] = reader, sign
        inside = (sums | (role == MUL)) & sums[only_reader] & (batched == batched[only_reader])
        inside &= np.bincount(operand, minlength=self.size) == 1
        inside[self.roots] = False
        if exact:
            inside[:] = False
        root, to_root = np.where(inside, only_reader, everyone), np.where(inside, its_sign, 1.0)
        while inside[root].any():  # pointer doubling: each step skips twice as many levels as the one before
            to_root, root = to_root * to_root[root], root[root]
        self.materialized = ~inside & (role != LEAF)

        ends = np.flatnonzero(sums[reader] & ~(sums & inside)[operand])  # the edges that lead from a sum to a term
        above = reader[ends]
        self._terms(root[above], operand[ends], inside[operand[ends]], sign[ends] * to_root[above] < 0.0)

    def _terms(self, above: Index, left: Index, pair: NDArray[Any], negative: NDArray[Any]) -> None:
        """Sort the terms by sum and by kind, and set ``kinds``, ``left`` and ``right``.

        Arguments:
            above: for each term the sum that it belongs to.
            left: its scalar.
            pair: whether that scalar is a product, to be split into its factors.
            negative: whether the term is subtracted.
        """
        batched, operand = self.batched, self._operand
        right = np.full(len(left), -1)
        factors = self._first[left[pair]]
        left[pair], right[pair] = operand[factors], operand[factors + 1]
        swap = pair & batched[left] & ~batched[right]
        left[swap], right[swap] = right[swap], left[swap]
        kind = np.where(pair, RIGHT_BATCHED * batched[right], SINGLE) + LEFT_BATCHED * batched[left]
        kind += NEGATIVE * negative
        by_kind = np.lexsort((kind, above))
        self.left, self.right, above, kind = left[by_kind], right[by_kind], above[by_kind], kind[by_kind]

        counts = np.bincount(above, minlength=self.size)
        self._first_term = np.cumsum(counts) - counts
        starts = np.flatnonzero(np.diff(above * 16 + kind, prepend=-1))
        widths = np.diff(starts, append=len(kind))
        self.kinds: dict[int, Kinds] = {}
        for z, code, width in zip(above[starts].tolist(), kind[starts].tolist(), widths.tolist(), strict=True):
            self.kinds[z] = (*self.kinds.get(z, ()), (code, width))
        self._above = above

    def signature(self, z: int) -> Hashable:
        """The signature of a node: one instruction can compute independent nodes with equal signatures."""
        if z in self.kinds:
            return self.array[z], self.kinds[z]
        node = self.order[z]
        assert node.op is not None
        constants = [x for i in node.op.static if type(x := node.args[i]) is float]  # x**2 and x**3 differ
        first = self._first[z]
        operands = self._operand[first : first + len(node.args)].tolist()
        return (node.op, *constants, *[self.array[x] for x in operands])

    def sides(self, members: Index) -> list[Index]:
        """The operands of some scalars of the same signature, one array per side.

        An operation has a side for each argument.  A sum has a side for the left factors of each kind of term, followed
        by a side for the right factors if the terms are products.

        Arguments:
            members: the scalars, in any shape.

        Returns:
            For each side the operands of the scalars, along an extra last axis.
        """
        z = int(members.flat[0])
        if z not in self.kinds:
            return [self._operand[self._first[members] + i][..., None] for i in range(len(self.order[z].args))]
        found: list[Index] = []
        terms = self._first_term[members][..., None]
        for kind, width in self.kinds[z]:
            here = terms + np.arange(width)
            found += [self.left[here]] if kind & SINGLE else [self.left[here], self.right[here]]
            terms = terms + width
        return found

    def replace(self, members: list[int], kinds: Kinds, left: Index, right: Index) -> None:
        """Give some scalars other terms that add up to the same.

        Arguments:
            members: the scalars: sums, or products, which are sums of one term.
            kinds: the kinds of the terms, the same for all.
            left, right: the factors, a row for each scalar.
        """
        self._first_term[members] = len(self.left) + np.arange(len(members)) * left.shape[1]
        self.left = np.concatenate([self.left, left.ravel()])
        self.right = np.concatenate([self.right, right.ravel()])
        self.kinds.update(dict.fromkeys(members, kinds))

    def has_factor(self, z: int) -> bool:
        """Whether a scalar is a factor in a sum."""
        return bool((self.left == z).any() or (self.right == z).any())

    def kinds_of(self, z: int) -> Kinds:
        """The kinds of the terms of a sum; a product is a sum of one term.  Empty for other operations."""
        if z not in self.kinds and self._role[z] == MUL:
            first = self._first[z]
            batched = set(self.batched[self._operand[first : first + 2]].tolist())
            if len(batched) == 1:
                return ((PRODUCT * batched.pop(), 1),)
        return self.kinds.get(z, ())

    def reads(self) -> dict[int, list[int]]:
        """For each materialized scalar the materialized scalars that it reads."""
        direct = (self.materialized & ~self._is_sum)[self._reader]
        pair = self.right >= 0
        z = np.concatenate([self._reader[direct], self._above, self._above[pair]])
        x = np.concatenate([self._operand[direct], self.left, self.right[pair]])
        keep = self.materialized[x]
        z, x = np.divmod(np.unique(z[keep] * self.size + x[keep]), self.size)
        mine = np.flatnonzero(self.materialized)
        bounds = np.searchsorted(z, np.append(mine, self.size)).tolist()
        read: list[int] = x.tolist()
        return {i: read[a:b] for i, a, b in zip(mine.tolist(), bounds, bounds[1:], strict=False)}


def _repeated(order: Sequence[Value]) -> dict[Value, Value]:
    """The operations that repeat an earlier one on the same arguments, each with the first of them.

    A backward pass has many: the slope of  x / y  by x is 1 / y, which a softmax has once for each x.  Sums and
    products are left alone, since most of them become terms of larger sums.
    """
    found: dict[Value, Value] = {}
    first: dict[Hashable, Value] = {}
    for node in order:
        if ROLES.get(node.op, OTHER) == OTHER:
            key = node.op, *[found.get(x, x) if isinstance(x, Value) else _key(x) for x in node.args]
            before = first.setdefault(key, node)
            if before is not node:
                found[node] = before
    return found


def _key(x: float) -> Hashable:
    """What a constant is looked up by."""
    return MINUS_ZERO if x == 0.0 and math.copysign(1.0, x) < 0.0 else x
