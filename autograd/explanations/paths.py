"""A derivative as a sum over paths: each path adds the product of the local derivatives along it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from autograd.engine.checks import integer
from autograd.engine.graph import adjoints, contributing_edges, topological_order
from autograd.engine.notation import Names, short
from autograd.engine.value import Value
from autograd.explanations.between import between
from autograd.output.theme import PALETTE, PATHS


class TooManyPathsError(ValueError):
    """There are too many paths to list; use the factored form instead."""


@dataclass(frozen=True)
class Path:
    """One path from y down to x.

    Attributes:
        nodes: from y to x.
        factors: the local derivative along each edge.
        product: the product of the factors, which is this path's contribution to dy/dx.
    """

    nodes: tuple[Value, ...]
    factors: tuple[float, ...]
    product: float

    def __iter__(self) -> Iterator[Value]:
        return iter(self.nodes)

    @property
    def factors_but_one(self) -> tuple[float, ...]:
        """The factors, without those that are 1."""
        return tuple(factor for factor in self.factors if factor != 1.0)


class Explanation:
    """dy/dx as the sum, over all paths, of the products of local derivatives.  See ``explain``.

    Attributes:
        y, x: the node to differentiate, and the node to differentiate with respect to.
        count: the number of paths.
        limit: the maximum number of paths to list.
        total: the sum, which is the gradient.
    """

    def __init__(self, y: Value, x: Value, limit: int = 100) -> None:
        self.y, self.x, self.limit = y, x, integer("the limit", limit)
        self._order = between(y, x)
        self.names = Names(topological_order(y), last="y")
        self._edges: dict[Value, list[tuple[Value, float]]] = {}
        inside = set(self._order)
        edges = contributing_edges(topological_order(y), [y])
        ways = {x: 1}
        for node in self._order[1:]:
            self._edges[node] = [(operand, partial) for operand, partial in edges(node) if operand in inside]
            ways[node] = sum(ways[operand] for operand, _ in self._edges[node])
        self.count = ways[y]
        self.total = adjoints(topological_order(y), {y: 1.0})[x]

    @property
    def paths(self) -> list[Path]:
        """All paths.

        Raises:
            TooManyPathsError: there are more than ``limit``.
        """
        if self.count > self.limit:
            raise TooManyPathsError(
                f"{self.count:,} paths lead from {self.names[self.y]} to {self.names[self.x]}, more than the limit of "
                f"{self.limit:,}; use .factored, which sums at each node, or call explain() with a larger limit"
            )
        found: list[Path] = []
        todo: list[tuple[tuple[Value, ...], tuple[float, ...]]] = [((self.y,), ())]
        while todo:
            nodes, factors = todo.pop()
            if nodes[-1] is self.x:
                found.append(Path(nodes, factors, math.prod(factors, start=1.0) + 0.0))  # -0.0 is shown as 0
            else:
                for operand, partial in reversed(self._edges[nodes[-1]]):
                    todo.append(((*nodes, operand), (*factors, partial)))
        return found

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    @property
    def factored(self) -> str:
        """The same sum, factored at each node: one product per edge, however many paths there are."""
        name, x = self.names, self.names[self.x]
        lines = []
        tangent = {self.x: 1.0}
        for node in self._order[1:]:
            terms = [f"{short(partial)} * {short(tangent[operand])}" for operand, partial in self._edges[node]]
            tangent[node] = sum(partial * tangent[operand] for operand, partial in self._edges[node])
            symbols = [f"d{name[node]}/d{name[operand]} * d{name[operand]}/d{x}" for operand, _ in self._edges[node]]
            left = f"d{name[node]}/d{x}"
            if symbols == [f"{left} * d{x}/d{x}"]:
                lines.append(f"{left} = {short(tangent[node])}")
            else:
                lines.append(f"{left} = {' + '.join(symbols)} = {' + '.join(terms)} = {short(tangent[node])}")
        return "\n".join(lines)

    def __str__(self) -> str:
        name = self.names
        left = f"d{name[self.y]}/d{name[self.x]}"
        if self.y is self.x:
            return f"{left} = 1"
        if self.count > self.limit:
            return f"{self.count:,} paths; summed at each node:\n{self.factored}"
        plural = "path" if self.count == 1 else "paths"
        lines = [f"{left}: {self.count} {plural}"]
        paths = self.paths
        ways = [" -> ".join(name[node] for node in path.nodes) + ":" for path in paths]
        for way, path in zip(ways, paths, strict=True):
            slopes = " * ".join(f"d{name[a]}/d{name[b]}" for a, b in pairwise(path.nodes))
            factors = path.factors_but_one
            numbers = f"{' * '.join(map(short, factors))} = " if len(factors) > 1 else ""
            lines.append(f"  {way.ljust(max(map(len, ways)))}  {slopes} = {numbers}{short(path.product)}")
        sum_of = f"{' + '.join(short(path.product) for path in paths)} = " if len(paths) > 1 else ""
        return "\n".join([*lines, f"{left} = {sum_of}{short(self.total)}"])

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        r"""The chain rule in symbols, then in numbers."""

        def slope(a: Value, b: Value) -> str:
            return rf"\frac{{\partial {self.names.latex(a)}}}{{\partial {self.names.latex(b)}}}"

        left = slope(self.y, self.x)
        if self.y is self.x:
            return f"$${left} = 1$$"
        if self.count > self.limit:
            nodes = [(operand, partial) for operand, partial in self._edges[self.y]]
            symbols = " + ".join(f"{slope(self.y, operand)} {slope(operand, self.x)}" for operand, _ in nodes)
            return f"$${left} = {symbols} = {_latex(self.total)}$$"
        paths = self.paths
        lines = []
        for i, path in enumerate(paths):
            symbols = r" \cdot ".join(slope(a, b) for a, b in pairwise(path.nodes))
            factors = path.factors_but_one
            numbers = r" \cdot ".join(_latex(x, factor=k > 0) for k, x in enumerate(factors))
            steps = [symbols, *([numbers] if len(factors) > 1 else []), _latex(path.product)]
            sign = "=" if i == 0 else "+"
            lines.append(rf"{left if i == 0 else ''} &{sign} {_in_colour(i, ' = '.join(steps))}")
        if self.count > 1:
            products = [_in_colour(i, _latex(path.product, factor=i > 0)) for i, path in enumerate(paths)]
            lines.append(rf"&= {' + '.join(products)} = {_latex(self.total)}")
        return "$$\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}$$"


def explain(y: Value, x: Value, limit: int = 100) -> Explanation:
    """All paths from y to x: the local derivatives along each path, their products, and their sum, the gradient.

    Arguments:
        y: the Value to differentiate.
        x: the node to differentiate with respect to: any node that y depends on, leaf or not.
        limit: the maximum number of paths to list; if there are more, the sum is shown in factored form.

    Returns:
        An Explanation: it prints as text, and a notebook displays it as formulas.

    Raises:
        TypeError: y or x is not a Value.
        ValueError: y does not depend on x.

    Source: Bauer, "Computational graphs and rounding error", SIAM Journal on Numerical Analysis 11, 1974.

    >>> a = Value(2.0, "a")
    >>> b = a * 3.0
    >>> b.label = "b"
    >>> L = b + a * b
    >>> L.label = "L"
    >>> print(explain(L, a))
    dL/da: 3 paths
      L -> b -> a:        dL/db * db/da = 3
      L -> v1 -> a:       dL/dv1 * dv1/da = 6
      L -> v1 -> b -> a:  dL/dv1 * dv1/db * db/da = 2 * 3 = 6
    dL/da = 3 + 6 + 6 = 15
    """
    return Explanation(y, x, limit)


def _in_colour(path: int, formula: str) -> str:
    """A formula in the color that a path has in a picture, if it has one."""
    return rf"{{\color{{{PALETTE[f'path{path}'][0]}}}{{{formula}}}}}" if path < PATHS else formula


def _latex(x: float, factor: bool = False) -> str:
    text = short(x).replace("inf", r"\infty").replace("nan", r"\text{nan}")
    match = re.fullmatch(r"(.*)e([-+]?)0*(\d+)", text)
    if match:
        text = rf"{match[1]} \cdot 10^{{{match[2].replace('+', '')}{match[3]}}}"
    return f"({text})" if factor and x < 0.0 else text
