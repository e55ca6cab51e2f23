"""Small graphs as recipes, which any class of values with operators can follow."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd.engine.graph import adjoints, edges
from autograd.engine.value import Value

# How each operation is applied to operands of any class.  Those of one operand are methods, or operators.
APPLY: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "tanh": lambda x: x.tanh(),
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
}
ONE_OPERAND = ("neg", "tanh", "exp", "log")
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Operand = int | float  # the number of an earlier node, or a plain number
Step = tuple[str, tuple[Operand, ...]]


@dataclass(frozen=True)
class Recipe:
    """A graph as the program that builds it.

    Attributes:
        leaves: the numbers of its leaves, which are the nodes 0, 1, ...
        steps: for each further node an operation of ``APPLY`` and its operands: an int is the number of an earlier
            node, a float is a plain number.

    >>> print(Recipe((2.0, -3.0), (("*", (0, 1)), ("+", (2, 0)))))
    a = 2
    b = -3
    c = a * b
    d = c + a
    """

    leaves: tuple[float, ...]
    steps: tuple[Step, ...]

    def build(self, leaf: Callable[[float], Any]) -> list[Any]:
        """All nodes, in the order of the program; ``leaf`` makes a leaf from a number."""
        nodes = [leaf(x) for x in self.leaves]
        for symbol, operands in self.steps:
            nodes.append(APPLY[symbol](*(nodes[x] if type(x) is int else x for x in operands)))
        return nodes

    @cached_property
    def nodes(self) -> list[Value]:
        """The graph in Values, labelled with the names of the program."""
        nodes: list[Value] = self.build(Value)
        for node, name in zip(nodes, self.names, strict=True):
            node.label = name
        return nodes

    @property
    def names(self) -> list[str]:
        return [LETTERS[i] if i < 26 else f"v{i}" for i in range(len(self.leaves) + len(self.steps))]

    @property
    def lines(self) -> list[str]:
        """The program, one line for each node."""
        lines = [f"{name} = {x:g}" for name, x in zip(self.names, self.leaves, strict=False)]
        for name, (symbol, operands) in zip(self.names[len(self.leaves) :], self.steps, strict=True):
            lines.append(f"{name} = {written(symbol, self._names_of(operands))}")
        return lines

    @property
    def formula(self) -> str:
        """The program in one line: the operations first, then the numbers of the leaves."""
        computed = self.lines[len(self.leaves) :]
        return ", ".join(computed) + " with " + ", ".join(self.lines[: len(self.leaves)])

    def __str__(self) -> str:
        return "\n".join(self.lines)

    @property
    def symbols(self) -> set[str]:
        """The operations that occur."""
        return {symbol for symbol, _ in self.steps}

    def operands(self, i: int) -> list[int]:
        """The nodes that node i reads, as often as it reads them."""
        steps = self.steps[i - len(self.leaves)][1] if i >= len(self.leaves) else ()
        return [x for x in steps if type(x) is int]

    def _names_of(self, operands: Sequence[Operand]) -> list[str]:
        return [self.names[x] if type(x) is int else f"({x:g})" if x < 0 else f"{x:g}" for x in operands]

    # ------------------------------------------------------------------------------------------------- what is expected

    @cached_property
    def slopes(self) -> list[list[tuple[int, float]]]:
        """For each node its operands that are nodes, by number, with the local slopes."""
        place = {node: i for i, node in enumerate(self.nodes)}
        return [[(place[x], slope) for x, slope in edges(node)] for node in self.nodes]

    @cached_property
    def gradients(self) -> list[float]:
        """d(last node)/d(node) for every node."""
        adjoint = adjoints(self.nodes, {self.nodes[-1]: 1.0})
        return [adjoint[node] for node in self.nodes]


def written(symbol: str, operands: Sequence[str]) -> str:
    """An operation on these operands, as a learner writes it.

    >>> written("+", ["a", "b"]), written("tanh", ["a"]), written("neg", ["a"])
    ('a + b', 'a.tanh()', '-a')
    """
    if symbol == "neg":
        return f"-{operands[0]}"
    return f" {symbol} ".join(operands) if len(operands) == 2 else f"{operands[0]}.{symbol}()"


def chain(length: int) -> Recipe:
    """a + b, added to b, added to b, ...: as deep as it is long."""
    return Recipe((1.0, 2.0), (("+", (0, 1)), *(("+", (i, 1)) for i in range(2, length + 1))))


def ladder(rungs: int) -> Recipe:
    """a + a, added to itself, and so on: 2**rungs paths lead from the last node to the first."""
    return Recipe((1.0,), tuple(("+", (i, i)) for i in range(rungs)))


def recipes(symbols: str, *, shared: bool, numbers: bool = False, count: int = 40, most: int = 5) -> list[Recipe]:
    """Random graphs, the smallest first, the same on every call.

    Arguments:
        symbols: the operations, separated by blanks.  Each occurs alone first.
        shared: whether nodes may be used more than once.  If not, each is used exactly once.
        numbers: whether an operand may be a plain number.
        count: how many.
        most: the maximum number of operations.
    """
    rng = random.Random(f"{symbols} {shared} {numbers}")
    found = [alone(symbol, rng) for symbol in symbols.split()]
    if shared:
        found += [Recipe((3.0,), ((symbol, (0, 0)),)) for symbol in symbols.split() if symbol in ("+", "*")]
        found.append(
            Recipe((2.0, 3.0), (("*", (0, 1)), ("*", (0, 2)), ("+", (2, 3))))
        )  # c is used near e, and far from it
    sizes = [2 + i * (most - 1) // count for i in range(count)]
    for size in sizes:
        while True:
            recipe = _random(symbols.split(), size, shared, numbers, rng)
            if recipe is not None:
                found.append(recipe)
                break
    return sorted(found, key=lambda recipe: len(recipe.steps))


NUMBERS = (-3.0, -2.0, -1.5, 0.5, 1.5, 2.0, 3.0, 4.0, 5.0)
LARGEST = 200.0  # so that numbers can be read, and exp does not overflow


def alone(symbol: str, rng: random.Random) -> Recipe:
    """One operation on leaves with different numbers."""
    if symbol == "**":
        return Recipe((rng.choice((-3.0, -2.0, 2.0, 5.0)),), (("**", (0, 3.0)),))
    if symbol in ONE_OPERAND:
        return Recipe((0.5 if symbol in ("tanh", "exp") else 4.0,), ((symbol, (0,)),))
    x, y = rng.sample(NUMBERS, 2)
    return Recipe((x, y), ((symbol, (0, 1)),))


def _random(symbols: list[str], size: int, shared: bool, numbers: bool, rng: random.Random) -> Recipe | None:
    """A graph of this many operations; None if it came out too large, undefined or with an operation unused."""
    leaves = rng.sample(NUMBERS, min(size + 1, 3 if shared else 9))
    steps: list[Step] = []
    unread = list(range(len(leaves)))
    for k in range(size):
        symbol = rng.choice(symbols)
        here = len(leaves) + k
        if symbol in ONE_OPERAND:
            operands: tuple[Operand, ...] = (_take(unread, here, shared, rng),)
        elif symbol == "**":
            operands = (_take(unread, here, shared, rng), rng.choice((2.0, 3.0, -1.0)))
        elif numbers and rng.random() < 0.4:
            pair: list[Operand] = [_take(unread, here, shared, rng), rng.choice(NUMBERS)]
            rng.shuffle(pair)
            operands = tuple(pair)
        elif not shared and len(unread) < 2:
            return None
        else:
            operands = (_take(unread, here, shared, rng), _take(unread, here, shared, rng))
        steps.append((symbol, operands))
        unread.append(here)
    if len(unread) > 1:
        return None
    recipe = Recipe(tuple(leaves), tuple(steps))
    try:
        sizes = [abs(x) for x in (*(node.data for node in recipe.nodes), *recipe.gradients)]
    except (ArithmeticError, ValueError):
        return None
    return recipe if max(sizes) < LARGEST and min(sizes) > 1e-2 else None


def _take(unread: list[int], nodes: int, shared: bool, rng: random.Random) -> int:
    """A node to read: preferably one that nothing has read yet."""
    if unread and (not shared or rng.random() < 0.6):
        return unread.pop(rng.randrange(len(unread)))
    x = rng.randrange(nodes)
    if x in unread:
        unread.remove(x)
    return x
