"""Backward passes that make a known mistake.

A mistake is recognized by its numbers: for every graph that was tried, the gradients of the learner must be those of a
backward pass that makes this mistake.  ``fitting`` tries one mistake after the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from autograd.course.mistakes import Mistake, mistake
from autograd.course.recipes import Recipe
from autograd.engine.rules import pow
from autograd.engine.value import Value

Gradients = list[float]
Pass = Callable[[Recipe], Gradients]
Edges = list[list[tuple[int, float]]]  # for each node its operands, by number, with the local slopes


def sweep(recipe: Recipe, order: Sequence[int], edges: Edges | None = None, seed: float = 1.0) -> Gradients:
    """A backward pass that visits the nodes in this order."""
    found = [0.0] * len(recipe.nodes)
    found[-1] = seed
    for i in order:
        for x, slope in (edges or recipe.slopes)[i]:
            found[x] += found[i] * slope
    return found


def right_orders(recipe: Recipe) -> list[list[int]]:
    """The usual topological orders: the reverse of the program, and depth-first, left or right operands first."""
    orders = [list(reversed(range(len(recipe.nodes))))]
    for turn in (1, -1):
        done: list[int] = []
        _depth_first(recipe, len(recipe.nodes) - 1, turn, done)
        orders.append(done[::-1])
    return orders


def _depth_first(recipe: Recipe, i: int, turn: int, done: list[int]) -> None:
    for x in recipe.operands(i)[::turn]:
        if x not in done:
            _depth_first(recipe, x, turn, done)
    if i not in done:
        done.append(i)


def as_met(recipe: Recipe, breadth: bool, turn: int = 1) -> list[int]:
    """The nodes as they are met from the result, each once: breadth-first, or depth-first."""
    order, queue = [], [len(recipe.nodes) - 1]
    while queue:
        i = queue.pop(0 if breadth else -1)
        if i not in order:
            order.append(i)
            queue += recipe.operands(i)[::turn]
    return order


def _overwritten(which: int) -> Pass:
    def found(recipe: Recipe) -> Gradients:
        gradients = [0.0] * (len(recipe.nodes) - 1) + [1.0]
        for i in right_orders(recipe)[which]:
            for x, slope in recipe.slopes[i]:
                gradients[x] = gradients[i] * slope
        return gradients

    return found


def _each_path(recipe: Recipe) -> Gradients:
    """Recursion without memory: a node passes on all that it has, every time that something arrives."""
    gradients = [0.0] * (len(recipe.nodes) - 1) + [1.0]

    def visit(i: int) -> None:
        for x, slope in recipe.slopes[i]:
            gradients[x] += gradients[i] * slope
            visit(x)

    visit(len(gradients) - 1)
    return gradients


def _with_repeats(recipe: Recipe) -> Gradients:
    """The order of a depth-first search that does not remember where it has been."""
    order: list[int] = []

    def visit(i: int) -> None:
        for x in recipe.operands(i):
            visit(x)
        order.append(i)

    visit(len(recipe.nodes) - 1)
    return sweep(recipe, order[::-1])


def _chained(share: Callable[[float, float, float], float]) -> Pass:
    """A pass in which an operand receives share(gradient of the node, slope, number of the node)."""

    def found(recipe: Recipe) -> Gradients:
        gradients = [0.0] * (len(recipe.nodes) - 1) + [1.0]
        for i in reversed(range(len(gradients))):
            for x, slope in recipe.slopes[i]:
                gradients[x] += share(gradients[i], slope, recipe.nodes[i].data)
        return gradients

    return found


ORDERS: list[tuple[str, Pass]] = [
    *(("overwritten", _overwritten(which)) for which in range(3)),
    *(
        ("not topological", lambda r, breadth=breadth, turn=turn: sweep(r, as_met(r, breadth, turn)))
        for breadth in (True, False)
        for turn in (1, -1)
    ),
    *(("operand before its user", lambda r, which=which: sweep(r, right_orders(r)[which][::-1])) for which in range(3)),
    ("visited twice", _each_path),
    ("visited twice", _with_repeats),
    ("no start", lambda r: [0.0] * len(r.nodes)),
    ("no start", lambda r: sweep(r, right_orders(r)[0], seed=0.0)),
    ("starts with the number", lambda r: sweep(r, right_orders(r)[0], seed=r.nodes[-1].data)),
    ("not multiplied", _chained(lambda gradient, slope, data: slope)),
    ("added", _chained(lambda gradient, slope, data: gradient + slope)),
    ("data for gradient", _chained(lambda gradient, slope, data: slope * data)),
    ("nothing passed back", lambda r: [0.0] * (len(r.nodes) - 1) + [1.0]),
    ("always the result", lambda r: sweep(r, [len(r.nodes) - 1] * len(r.nodes))),
    ("stops early", lambda r: sweep(r, [len(r.nodes) - 1, *r.operands(len(r.nodes) - 1)])),
]

# ------------------------------------------------------------------------------------------------------- wrong slopes

Slopes = list[float | None]  # one for each argument; None for a plain number


def _at(node: Value, result: float, numbers: Sequence[float]) -> Slopes:
    """The slopes of a node as if it had another result, or other arguments."""
    assert node.op is not None
    return [
        None if isinstance(x, float) else partial(result, *numbers) if callable(partial) else partial
        for x, partial in zip(node.args, node.op.partials, strict=True)
    ]


def _numbers(node: Value) -> list[float]:
    return [x if isinstance(x, float) else x.data for x in node.args]


def _right(node: Value) -> Slopes:
    return _at(node, node.data, _numbers(node))


def _swapped(node: Value) -> Slopes:
    right = _right(node)
    return right if None in right else right[::-1]


def _at_result(node: Value) -> Slopes:
    numbers = [x if isinstance(x, float) else node.data for x in node.args]
    return _at(node, node.data, numbers)


def _at_operand(node: Value) -> Slopes:
    return _at(node, _numbers(node)[0], _numbers(node))


def _same_sign(node: Value) -> Slopes:
    first, *others = _right(node)
    return [first, *(None if slope is None else -slope for slope in others)]


def _one_only(which: int) -> Callable[[Value], Slopes]:
    def found(node: Value) -> Slopes:
        right = _right(node)
        return right if None in right else [slope if i == which else None for i, slope in enumerate(right)]

    return found


def _with_constant(slope: float) -> Callable[[Value], Slopes]:
    """The slope next to a plain number is 0 or 1, whatever the operation."""

    def found(node: Value) -> Slopes:
        right = _right(node)
        return [None if x is None else slope for x in right] if None in right else right

    return found


def _ones(node: Value) -> Slopes:
    return [None if slope is None else 1.0 for slope in _right(node)]


def _power(slope: Callable[[float, float], float]) -> Callable[[Value], Slopes]:
    """A wrong slope of x ** n."""

    def found(node: Value) -> Slopes:
        return [slope(*_numbers(node)), None] if node.op is pow else _right(node)

    return found


SLOPES: list[tuple[str, Callable[[Value], Slopes]]] = [
    ("wrong operand", _swapped),
    ("sign", _same_sign),
    ("slope at the wrong value", _at_result),
    ("slope at the wrong value", _at_operand),
    ("one operand", _one_only(0)),
    ("one operand", _one_only(1)),
    ("power rule", _power(lambda x, n: n * x)),
    ("power rule", _power(lambda x, n: x ** (n - 1.0))),
    ("power rule", _power(lambda x, n: n * x**n)),
    ("constant", _with_constant(0.0)),
    ("constant", _with_constant(1.0)),
    ("slope is 1", _ones),
]


def wrong_slopes(node: Value) -> Iterator[tuple[str, Slopes]]:
    """The slopes of a node by each mistake that is possible there."""
    for name, slopes in SLOPES:
        with suppress(ArithmeticError, ValueError):
            yield name, slopes(node)


def wrong_shares(node: Value, gradient: float) -> Iterator[tuple[str, Slopes]]:
    """What the operands of one node receive by each mistake; gradient is that of the node."""
    ways: list[tuple[str, Callable[[float], float]]] = [
        ("not multiplied", lambda slope: slope),
        ("added", lambda slope: gradient + slope),
        ("data for gradient", lambda slope: node.data * slope),
    ]
    for name, share in ways:
        yield name, [None if slope is None else share(slope) for slope in _right(node)]
    yield "data of the operand", [x * (slope or 0.0) for x, slope in zip(_numbers(node), _right(node), strict=True)]
    for name, slopes in wrong_slopes(node):
        yield name, [gradient * (slope or 0.0) for slope in slopes]


def _with_slopes(slopes: Callable[[Value], Slopes], symbol: str) -> Pass:
    """A pass with wrong slopes of one operation, or of all (symbol is empty)."""

    def found(recipe: Recipe) -> Gradients:
        edges: Edges = [[] for _ in recipe.leaves]
        for node, (operation, operands) in zip(recipe.nodes[len(recipe.leaves) :], recipe.steps, strict=True):
            here = slopes(node) if symbol in ("", operation) else _right(node)
            pairs = zip(operands, here, strict=True)
            edges.append([(x, slope) for x, slope in pairs if type(x) is int and slope is not None])
        return sweep(recipe, range(len(edges) - 1, -1, -1), edges)

    return found


def candidates(tried: Sequence[Recipe], orders: bool) -> Iterator[tuple[str, Pass]]:
    """All wrong backward passes over these graphs, by their mistakes."""
    if orders:
        yield from ORDERS
    symbols = dict.fromkeys(symbol for recipe in tried for symbol, _ in recipe.steps)
    for name, slopes in SLOPES:
        for symbol in ("", *symbols):
            yield name, _with_slopes(slopes, symbol)


def close(a: float, b: float, tolerance: float = 1e-6) -> bool:
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-9) or (math.isnan(a) and math.isnan(b))


Given = Sequence[float | None]  # the learner's number for each node; None where it is not compared


def same(right: Sequence[float], given: Given) -> bool:
    return all(y is None or close(x, y) for x, y in zip(right, given, strict=True))


def fitting(tried: Sequence[Recipe], given: Sequence[Given], orders: bool = True) -> Mistake | None:
    """The mistake that explains all gradients that were given for the graphs; None if no known one does.

    Arguments:
        tried, given: the graphs and the gradients.
        orders: whether the pass as a whole may be wrong; otherwise only a slope is.
    """
    for name, wrong in candidates(tried, orders):
        if all(_leads_to(wrong, recipe, gradients) for recipe, gradients in zip(tried, given, strict=True)):
            return mistake(name)
    return None


def _leads_to(wrong: Pass, recipe: Recipe, gradients: Given) -> bool:
    try:
        return same(wrong(recipe), gradients)
    except (ArithmeticError, ValueError):
        return False
