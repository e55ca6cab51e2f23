"""The backward pass told: step by step, path by path, in numbers and in formulas.

Nothing here finds a derivative.  Partials come from the table by way of graph.py; what is told is what
``backward()`` does with them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from autograd.engine.graph import adjoints, partials_with_part, replay, topological_order
from autograd.engine.op import describe
from autograd.engine.value import Value

# ------------------------------------------------------------------------------------------------------------- names


class Names:
    """What the nodes of a graph are called in a text: by their labels, where these tell them apart, else v1, v2, ...

    Arguments:
        order: the nodes; the last is the one to differentiate.
        last: what it is called if it has no label.
    """

    def __init__(self, order: Sequence[Value], last: str = "y") -> None:
        labels = {node: "".join(c if c.isprintable() else "·" for c in node.label) for node in order}
        count = Counter(labels.values())
        self.text: dict[Value, str] = {}
        used = {label for label, n in count.items() if label and n == 1} | {last}
        number = 0
        for node in order:
            label = labels[node]
            if label and count[label] == 1:
                self.text[node] = label
            elif node is order[-1]:
                self.text[node] = label or last
            elif label:
                place = re.findall(r"\d+", node.scope)
                name = f"{label}[{','.join(place)}]" if place else label
                while name in used:
                    name += "'"
                used.add(name)
                self.text[node] = name
            else:
                number += 1
                while f"v{number}" in used:
                    number += 1
                self.text[node] = f"v{number}"

    def __getitem__(self, node: Value) -> str:
        return self.text[node]

    def latex(self, node: Value) -> str:
        """The name in LaTeX: W1 as W_{1}."""
        name = self.text[node]
        match = re.fullmatch(r"([A-Za-z])_?(\w*)", name)
        if match:
            return f"{match[1]}_{{{match[2]}}}" if match[2] else match[1]
        safe = re.sub(r"[^A-Za-z0-9 .,'()\[\]+*/=<>-]", " ", name)
        return rf"\text{{{safe}}}"


def decimal(x: float) -> str:
    """A number for a text, with six digits, and a point that shows that it is no count."""
    text = f"{x:.6g}"
    return text if any(letter in text for letter in ".eni") else f"{text}.0"


# ------------------------------------------------------------------------------------------------------------ steps


@dataclass(frozen=True)
class Contribution:
    """What one node hands to one of its operands.

    Attributes:
        operand: the node that receives.
        partial: the local derivative.
        amount: adjoint times partial.
        total: what the operand has received with this.
    """

    operand: Value
    partial: float
    amount: float
    total: float


@dataclass(frozen=True)
class Step:
    """One node's turn in a pass over the graph.

    Attributes:
        node: the node.
        adjoint: dL/dnode, complete, since all that read the node have had their turn.
        contributions: what it hands to each operand.
        names: what the nodes are called.
        end: the node that is differentiated.
    """

    node: Value
    adjoint: float
    contributions: tuple[Contribution, ...]
    names: Names = field(repr=False)
    end: Value = field(repr=False)

    def __str__(self) -> str:
        name, end = self.names[self.node], self.names[self.end]
        if not self.contributions:
            return f"d{end}/d{name} = {decimal(self.adjoint)}"
        lines = []
        for part in self.contributions:
            x = self.names[part.operand]
            line = (
                f"d{end}/d{x} += d{end}/d{name} * d{name}/d{x} = {decimal(self.adjoint)} * {decimal(part.partial)}"
                f" = {decimal(part.amount)}"
            )
            lines.append(line if part.total == part.amount else f"{line}, so far {decimal(part.total)}")
        return "\n".join(lines)


def backward_steps(y: Value) -> Iterator[Step]:
    """The backward pass, one node at a time, from y to the leaves; no ``grad`` is touched.

    Arguments:
        y: the Value to differentiate.

    Raises:
        TypeError: y is no Value.
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> L = a * b
    >>> L.label = "L"
    >>> for step in backward_steps(L):
    ...     print(step)
    dL/da += dL/dL * dL/da = 1.0 * -3.0 = -3.0
    dL/db += dL/dL * dL/db = 1.0 * 2.0 = 2.0
    dL/db = 2.0
    dL/da = -3.0
    """
    _check(y)
    order = topological_order(y)
    names, partials = Names(order), partials_with_part(order, [y])
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[y] = 1.0
    for node in reversed(order):
        parts = []
        dz = adjoint[node]
        if node.op is not None and (dz != 0.0 or node.op.edges):  # under a zero too a slope must exist
            for x, partial in zip(node.args, partials(node), strict=True):
                if isinstance(x, Value) and partial is not None and dz != 0.0:
                    adjoint[x] += dz * partial
                    parts.append(Contribution(x, partial, dz * partial, adjoint[x]))
        yield Step(node, dz, tuple(parts), names, y)


@dataclass(frozen=True)
class ForwardStep:
    """One node's turn in forward mode.

    Attributes:
        node: the node.
        tangent: dnode/dx, complete at once, since its operands come before it.
        contributions: for each operand that moves with x its partial, and the partial times its tangent.
        read: the tangents of these operands.
        names, start: what the nodes are called, and x.
    """

    node: Value
    tangent: float
    contributions: tuple[Contribution, ...]
    read: tuple[float, ...]
    names: Names = field(repr=False)
    start: Value = field(repr=False)

    def __str__(self) -> str:
        name, x = self.names[self.node], self.names[self.start]
        if not self.contributions:
            return f"d{name}/d{x} = {decimal(self.tangent)}"
        terms = [f"d{name}/d{self.names[c.operand]} * d{self.names[c.operand]}/d{x}" for c in self.contributions]
        numbers = [
            f"{decimal(c.partial)} * {decimal(tangent)}"
            for c, tangent in zip(self.contributions, self.read, strict=True)
        ]
        return f"d{name}/d{x} = {' + '.join(terms)} = {' + '.join(numbers)} = {decimal(self.tangent)}"


def forward_steps(y: Value, x: Value) -> Iterator[ForwardStep]:
    """Forward mode, one node at a time, from x to y: how fast each node moves as x does.

    Arguments:
        y: where to stop.
        x: what moves; one pass gives the derivatives by this one number only.

    Raises:
        TypeError, ValueError: y or x is no Value, or y does not depend on x.

    >>> a = Value(2.0, "a")
    >>> b = a * a
    >>> b.label = "b"
    >>> print(*forward_steps(b * 3.0, a), sep="\\n")
    da/da = 1.0
    db/da = db/da * da/da + db/da * da/da = 2.0 * 1.0 + 2.0 * 1.0 = 4.0
    dy/da = dy/db * db/da = 3.0 * 4.0 = 12.0
    """
    order = _between(y, x)
    names, partials = Names(topological_order(y)), partials_with_part(topological_order(y), [y])
    tangent = {x: 1.0}
    yield ForwardStep(x, 1.0, (), (), names, x)
    for node in order[1:]:
        parts = []
        for operand, partial in zip(node.args, partials(node), strict=True):
            if isinstance(operand, Value) and partial is not None and operand in tangent:
                tangent[node] = tangent.get(node, 0.0) + partial * tangent[operand]
                parts.append(Contribution(operand, partial, partial * tangent[operand], tangent[node]))
        read = tuple(tangent[part.operand] for part in parts)
        if parts:  # else it has no slope, and is not taken
            yield ForwardStep(node, tangent[node], tuple(parts), read, names, x)


# ------------------------------------------------------------------------------------------------------------ paths


class TooManyPathsError(ValueError):
    """There are too many paths to list; the factored form does without them."""


@dataclass(frozen=True)
class Path:
    """One way from y down to x.

    Attributes:
        nodes: from y to x.
        factors: the local derivative along each edge.
        product: of the factors: what this path adds to dy/dx.
    """

    nodes: tuple[Value, ...]
    factors: tuple[float, ...]
    product: float


class Explanation:
    """dy/dx as the sum over all paths of the products along them.  See ``explain``.

    Attributes:
        y, x: what is differentiated, and by what.
        count: how many paths there are.
        limit: how many are listed at most.
        total: the sum, which is the gradient.
    """

    def __init__(self, y: Value, x: Value, limit: int = 100) -> None:
        self.y, self.x, self.limit = y, x, limit
        self._order = _between(y, x)
        self.names = Names(topological_order(y), last="y")
        self._edges: dict[Value, list[tuple[Value, float]]] = {}
        inside = set(self._order)
        partials = partials_with_part(topological_order(y), [y])
        ways = {x: 1}
        for node in self._order[1:]:
            self._edges[node] = [
                (operand, partial)
                for operand, partial in zip(node.args, partials(node), strict=True)
                if isinstance(operand, Value) and partial is not None and operand in inside
            ]
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
                f"{self.limit:,}; see .factored, which adds up at each node, or give explain() a larger limit"
            )
        found: list[Path] = []
        todo: list[tuple[tuple[Value, ...], tuple[float, ...]]] = [((self.y,), ())]
        while todo:
            nodes, factors = todo.pop()
            if nodes[-1] is self.x:
                product = 1.0
                for factor in factors:
                    product *= factor
                found.append(Path(nodes, factors, product))
            else:
                for operand, partial in reversed(self._edges[nodes[-1]]):
                    todo.append(((*nodes, operand), (*factors, partial)))
        return found

    @property
    def factored(self) -> str:
        """The same sum, added up at each node on the way: as many products as edges, however many paths there are."""
        name, x = self.names, self.names[self.x]
        lines = []
        tangent = {self.x: 1.0}
        for node in self._order[1:]:
            terms = [f"{decimal(partial)} * {decimal(tangent[operand])}" for operand, partial in self._edges[node]]
            tangent[node] = sum(partial * tangent[operand] for operand, partial in self._edges[node])
            symbols = [f"d{name[node]}/d{name[operand]} * d{name[operand]}/d{x}" for operand, _ in self._edges[node]]
            left = f"d{name[node]}/d{x}"
            if symbols == [f"{left} * d{x}/d{x}"]:
                lines.append(f"{left} = {decimal(tangent[node])}")
            else:
                lines.append(f"{left} = {' + '.join(symbols)} = {' + '.join(terms)} = {decimal(tangent[node])}")
        return "\n".join(lines)

    def __str__(self) -> str:
        name = self.names
        left = f"d{name[self.y]}/d{name[self.x]}"
        if self.y is self.x:
            return f"{left} = 1.0"
        if self.count > self.limit:
            return f"{self.count:,} paths; added up at each node:\n{self.factored}"
        plural = "path" if self.count == 1 else "paths"
        lines = [f"{left}: {self.count} {plural}"]
        products = []
        for path in self.paths:
            steps = [f"d{name[a]}/d{name[b]}" for a, b in pairwise(path.nodes)]
            lines.append(f"  {' -> '.join(name[node] for node in path.nodes)}")
            numbers = " * ".join(map(decimal, path.factors))
            lines.append(
                f"    {' * '.join(steps)} = {numbers}" + (f" = {decimal(path.product)}" if path.factors[1:] else "")
            )
            products.append(decimal(path.product))
        sum_of = f"{' + '.join(products)} = " if len(products) > 1 else ""
        return "\n".join([*lines, f"{left} = {sum_of}{decimal(self.total)}"])

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
        products = [r" \cdot ".join(slope(a, b) for a, b in pairwise(path.nodes)) for path in paths]
        numbers = [r" \cdot ".join(_latex(x, factor=i > 0) for i, x in enumerate(path.factors)) for path in paths]
        lines = [rf"{left} &= {' + '.join(products)} \\", rf"&= {' + '.join(numbers)} \\"]
        if self.count > 1:
            lines.append(
                rf"&= {' + '.join(_latex(path.product, factor=i > 0) for i, path in enumerate(self.paths))} \\"
            )
        lines.append(f"&= {_latex(self.total)}")
        return "$$\\begin{aligned}\n" + "\n".join(lines) + "\n\\end{aligned}$$"


def explain(y: Value, x: Value, limit: int = 100) -> Explanation:
    """Every path from y to x: the local derivatives along it, their product, and the sum, which is the gradient.

    Arguments:
        y: the Value to differentiate.
        x: by what: a leaf or any node below y.
        limit: how many paths to list; where there are more, the sum is shown factored.

    Returns:
        An Explanation: print it, or let a notebook show it in symbols and numbers.

    Raises:
        TypeError: y or x is no Value.
        ValueError: y does not depend on x.

    Source: Bauer, "Computational graphs and rounding error", SIAM Journal on Numerical Analysis 11, 1974.

    >>> a = Value(2.0, "a")
    >>> b = a * 3.0
    >>> b.label = "b"
    >>> L = b + a * b
    >>> L.label = "L"
    >>> print(explain(L, a))
    dL/da: 3 paths
      L -> b -> a
        dL/db * db/da = 1.0 * 3.0 = 3.0
      L -> v1 -> a
        dL/dv1 * dv1/da = 1.0 * 6.0 = 6.0
      L -> v1 -> b -> a
        dL/dv1 * dv1/db * db/da = 1.0 * 2.0 * 3.0 = 6.0
    dL/da = 3.0 + 6.0 + 6.0 = 15.0
    """
    return Explanation(y, x, limit)


def _latex(x: float, factor: bool = False) -> str:
    text = decimal(x)
    match = re.fullmatch(r"(.*)e([-+]?)0*(\d+)", text)
    if match:
        text = rf"{match[1]} \cdot 10^{{{match[2].replace('+', '')}{match[3]}}}"
    return f"({text})" if factor and x < 0.0 else text


# ---------------------------------------------------------------------------------------------------------- what if


@dataclass(frozen=True)
class WhatIf:
    """A change foretold by the gradient, beside the change that comes.  See ``what_if``.

    Attributes:
        delta: by how much x changes.
        predicted: gradient * delta.
        actual: how much y changes when the recorded graph is computed again.
    """

    gradient: float
    delta: float
    predicted: float
    actual: float
    names: tuple[str, str]

    def __str__(self) -> str:
        y, x = self.names
        return (
            f"{x} changes by {decimal(self.delta)}\n"
            f"predicted: d{y}/d{x} * {decimal(self.delta)} = {decimal(self.gradient)} * {decimal(self.delta)} = "
            f"{decimal(self.predicted)}\n"
            f"actual:    {y} changes by {decimal(self.actual)}"
        )


def what_if(y: Value, x: Value, delta: float) -> WhatIf:
    """What the gradient says of a change, beside what the change does.

    Arguments:
        y: the Value that is watched.
        x: the Value that is changed; the graph stays as it is.
        delta: by how much.

    Raises:
        TypeError, ValueError: y or x is no Value, or y does not depend on x, or the graph is not defined there.

    >>> x = Value(3.0, "x")
    >>> print(what_if(x * x, x, 0.1))
    x changes by 0.1
    predicted: dy/dx * 0.1 = 6.0 * 0.1 = 0.6
    actual:    y changes by 0.61
    """
    _between(y, x)
    order = topological_order(y)
    gradient = adjoints(order, {y: 1.0})[x]
    moved = replay(order, {x: x.data + delta})[y]
    names = Names(order)
    return WhatIf(gradient, delta, gradient * delta, moved - y.data, (names[y], names[x]))


# ---------------------------------------------------------------------------------------------------- why the order


@dataclass(frozen=True)
class OrderReport:
    """Gradients by the right order and by a wrong one.  See ``order_matters``.

    Attributes:
        right, wrong: dL/dnode for each leaf.
        visited: the nodes in the wrong order.
    """

    right: dict[Value, float]
    wrong: dict[Value, float]
    visited: tuple[Value, ...]
    names: Names = field(repr=False)

    @property
    def differ(self) -> list[Value]:
        """The leaves whose gradient comes out wrong."""
        return [leaf for leaf in self.right if self.right[leaf] != self.wrong[leaf]]

    def __str__(self) -> str:
        name = self.names
        end = name[self.visited[0]]
        lines = [f"visited as they are met, nearest first: {', '.join(name[node] for node in self.visited)}"]
        for leaf in self.right:
            verdict = "wrong" if leaf in self.differ else "right by luck"
            lines.append(
                f"d{end}/d{name[leaf]} = {decimal(self.right[leaf])} in topological order, "
                f"{decimal(self.wrong[leaf])} in this one: {verdict}"
            )
        return "\n".join(lines)


def order_matters(y: Value | None = None) -> OrderReport:
    """The backward pass in a wrong order: each node hands on its adjoint when it is first met, level by level from y.

    A node that is read twice then hands on what the nearer reader has paid in, and misses what the farther one pays
    later.

    Arguments:
        y: any Value; None for a program of four lines that goes wrong:
            ``a = Value(2.0);  b = a * 3.0;  c = a * b;  y = b + c``

    >>> print(order_matters())
    visited as they are met, nearest first: y, b, c, a
    dy/da = 15.0 in topological order, 9.0 in this one: wrong
    """
    if y is None:
        a = Value(2.0, "a")
        b = a * 3.0
        c = a * b
        y = b + c
        b.label, c.label, y.label = "b", "c", "y"
    _check(y)
    order = topological_order(y)
    partials = partials_with_part(order, [y])
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[y] = 1.0
    visited, queue = [], [y]
    met = {y}
    for node in queue:  # which grows on the way
        visited.append(node)
        if node.op is None:
            continue
        for x, partial in zip(node.args, partials(node), strict=True):
            if isinstance(x, Value) and partial is not None:
                adjoint[x] += adjoint[node] * partial
                if x not in met:
                    met.add(x)
                    queue.append(x)
    right = adjoints(order, {y: 1.0})
    leaves = [node for node in order if node.op is None]
    return OrderReport(
        {leaf: right[leaf] for leaf in leaves}, {leaf: adjoint[leaf] for leaf in leaves}, tuple(visited), Names(order)
    )


# ------------------------------------------------------------------------------------------------------------- cost


@dataclass(frozen=True)
class Cost:
    """How many operations three ways to all derivatives take.  See ``count_operations``.

    Attributes:
        inputs: how many derivatives.
        forward_pass: operations of one forward pass.
        finite_differences, forward_mode, reverse_mode: operations for all derivatives.
    """

    inputs: int
    forward_pass: int
    finite_differences: int
    forward_mode: int
    reverse_mode: int

    def __str__(self) -> str:
        rows = [
            ("central differences", 2 * self.inputs, "forward passes", self.finite_differences),
            ("forward mode", self.inputs, "forward passes, with tangents", self.forward_mode),
            ("reverse mode", 1, "forward and backward pass", self.reverse_mode),
        ]
        lines = [f"{self.inputs} derivatives of one number that takes {self.forward_pass:,} operations"]
        return "\n".join(
            [*lines, *(f"{name:<20}{n:>6} {what:<30}{total:>12,} operations" for name, n, what, total in rows)]
        )


def count_operations(y: Value, xs: Sequence[Value]) -> Cost:
    """How many operations it takes to find dy/dx for all xs: by finite differences, forward mode and reverse mode.

    An operation of the table counts as one, and so does a product, and a sum, of the chain rule.

    Source: Griewank, Walther, "Evaluating Derivatives", 2nd edition, SIAM 2008, chapter 3.

    >>> xs = [Value(1.0), Value(2.0), Value(3.0)]
    >>> count_operations(xs[0] * xs[1] * xs[2], xs).reverse_mode
    10
    """
    _check(y)
    order = topological_order(y)
    passes = sum(node.op is not None for node in order)
    edges = sum(isinstance(x, Value) for node in order for x in node.args)
    forward_mode = 0
    for x in xs:
        moving = {x}
        for node in order:
            hits = sum(operand in moving for operand in node.args if isinstance(operand, Value))
            if hits:
                moving.add(node)
                forward_mode += 2 * hits
        forward_mode += passes
    # Central differences: two passes, a difference and a division each.
    return Cost(len(xs), passes, len(xs) * (2 * passes + 2), forward_mode, passes + 2 * edges)


# -------------------------------------------------------------------------------------------------------- what is asked


def _check(*values: object) -> None:
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"expected a Value, not {describe(value)}")


def _between(y: Value, x: Value) -> list[Value]:
    """The nodes that depend on x, up to y, in order, x first.

    Raises:
        TypeError: y or x is no Value.
        ValueError: y does not depend on x.
    """
    _check(y, x)
    order = topological_order(y)
    found = {x}
    for node in order:
        if not found.isdisjoint(node.args):
            found.add(node)
    if y not in found or x not in order:
        raise ValueError(f"{y!r} does not depend on {x!r}")
    # Of these only what leads to y: all of them do, since the order holds nothing else.
    return [x, *(node for node in order if node in found and node is not x)]
