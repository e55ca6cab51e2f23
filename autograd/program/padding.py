"""Padding: sums that differ only in how many terms they have become one instruction.

In causal attention, for example, each token attends to all tokens before it, so each has a sum with one term more than
the last:  s0 * v0,  then  s0 * v0 + s1 * v1,  and so on.  Separate calls would take longer than the zeros that are
added.  If the short sums get all the values of the longest, with zeros beside those they lack, they share one list of
values, and are a matrix product whose other matrix is a triangle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from itertools import chain

import numpy as np

from autograd.program.plan import UNIFORM, Index
from autograd.program.sums import LEFT_BATCHED, NEGATIVE, PRODUCT, SINGLE, SumsOfProducts

FEWEST = 3  # different numbers of terms, from which it is worth it
MANY = 4  # the same for batched sums with no list in common, whose factors must be copied
Factors = tuple[list[int], list[int]]  # of a sum of products: the first of each product, and the second


def padded(terms: SumsOfProducts, groups: list[list[int]]) -> list[list[int]]:
    """The groups of one level, after merging groups of sums that differ only in their numbers of terms.

    Batched sums with weights are not padded: there the arithmetic dominates, not the calls.
    """
    if len(groups) < FEWEST:
        return groups
    alike: dict[Hashable, list[list[int]]] = defaultdict(list)
    for members in groups:
        z = members[0]
        kinds = tuple([kind for kind, _ in terms.kinds_of(z)])
        batched = {kind & ~NEGATIVE for kind in kinds}
        pads = kinds and (terms.array[z] == UNIFORM or batched <= {SINGLE + LEFT_BATCHED, PRODUCT})
        alike[(terms.array[z], kinds) if pads else z].append(members)
    found: list[list[int]] = []
    for parts in alike.values():
        if len(parts) >= FEWEST and [kind & ~NEGATIVE for kind, _ in terms.kinds_of(parts[0][0])] == [PRODUCT]:
            completed, parts = _completed(terms, parts)
            found += completed
        enough = FEWEST if parts and terms.array[parts[0][0]] == UNIFORM else MANY
        found += [list(chain(*parts))] if len(parts) >= enough and _pad(terms, parts) else parts
    return found


def _pad(terms: SumsOfProducts, parts: list[list[int]]) -> bool:
    """Pad some groups to the same numbers of terms.  Returns whether it is worth it; if not, nothing is changed."""
    kinds = [terms.kinds_of(part[0]) for part in parts]
    widths = np.array([[width for _, width in of] for of in kinds])
    sizes, most = np.array([len(part) for part in parts]), widths.max(axis=0).tolist()
    if sum(most) * sizes.sum() > 2 * (widths.sum(axis=1) @ sizes):
        return False
    sides = [iter(terms.sides(np.array(part))) for part in parts]
    left, right = [], []

    def with_zeros(kind: int, width: int) -> Index:
        zero = terms.zeros if kind & LEFT_BATCHED else terms.zero
        rows = [next(side) for side in sides]
        return np.concatenate([np.pad(x, ((0, 0), (0, width - x.shape[1])), constant_values=zero) for x in rows])

    for (kind, _), width in zip(kinds[0], most, strict=True):
        left.append(with_zeros(kind, width))
        right.append(np.full(left[-1].shape, -1) if kind & SINGLE else with_zeros(kind, width))
    together = tuple((kind, width) for (kind, _), width in zip(kinds[0], most, strict=True))
    terms.replace(list(chain(*parts)), together, np.concatenate(left, axis=1), np.concatenate(right, axis=1))
    return True


def _completed(terms: SumsOfProducts, parts: list[list[int]]) -> tuple[list[list[int]], list[list[int]]]:
    """Complete the short lists of factors, where they are parts of the longest ones.

    Returns:
        The groups of sums that now have as many terms as the longest, and the groups of all others.
    """
    factors: dict[int, Factors] = {}
    for part in parts:
        left, right = (side.tolist() for side in terms.sides(np.array(part)))
        factors |= dict(zip(part, zip(left, right, strict=True), strict=True))
    done: list[list[int]] = []
    for longest in sorted(parts, key=lambda part: -len(factors[part[0]][0])):
        for side in (0, 1):
            left_over = [z for z in longest if z in factors]
            group = _with_whole_lists(left_over, factors, side, terms.zeros) if left_over else {}
            if group:
                whole, others = (np.array(rows) for rows in zip(*group.values(), strict=True))
                kind = terms.kinds_of(longest[0])[0][0]
                terms.replace([*group], ((kind, whole.shape[1]),), whole, others)
                factors = {z: of for z, of in factors.items() if z not in group}
                done.append([*group])
    return done, [rest for part in parts if (rest := [z for z in part if z in factors])]


def _with_whole_lists(longest: list[int], factors: dict[int, Factors], side: int, zero: int) -> dict[int, Factors]:
    """The sums with a list of factors that is part of that of a longest sum, and those longest sums.

    Arguments:
        longest: the longest sums.
        factors: of all sums.
        side: which of the two factors of a product is in the list.
        zero: the other factor of the products that a sum lacks.

    Returns:
        For each such sum the whole list, and the other factors.  Empty if it is not worth it.
    """
    width = len(factors[longest[0]][side])
    has: dict[int, set[tuple[int, ...]]] = defaultdict(set)  # from a factor to the longest lists that have it
    sums: dict[tuple[int, ...], list[int]] = defaultdict(list)  # from such a list to its sums
    for z in longest:
        whole = tuple(factors[z][side])
        sums[whole].append(z)
        for x in whole:
            has[x].add(whole)
    found: dict[int, Factors] = {}
    for z, both in factors.items():
        own, other = both[side], both[1 - side]
        lists = [whole for whole in has[own[0]] if {*own} <= {*whole}] if len(own) < width else []
        if len(lists) == 1 and len({*own}) == len(own) and len({*lists[0]}) == width:
            beside = dict(zip(own, other, strict=True))
            found[z] = [*lists[0]], [beside.get(x, zero) for x in lists[0]]
            found |= {y: (factors[y][side], factors[y][1 - side]) for y in sums[lists[0]]}
    lengths = [len(factors[z][side]) for z in found]
    return found if len({*lengths}) >= FEWEST and width * len(lengths) <= 2 * sum(lengths) else {}
