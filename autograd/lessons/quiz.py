"""A quiz: differentiate a small graph by hand, and check the answers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from autograd.engine.checks import integer
from autograd.engine.notation import short
from autograd.engine.value import Value
from autograd.explanations.paths import explain
from autograd.output import notebook

# What the page says to an answer.
SAID = {
    "number": "write a number, such as -1.5 or 3/2",
    "onePath": "this is only one of the paths; the gradient is their sum",
    "sign": "only the sign is wrong",
    "wrong": "not right: take a hint",
}


@dataclass(frozen=True)
class Verdict:
    """The result of checking answers; it is true if all of them are right.

    Attributes:
        right: for each name, whether its gradient is right.
        text: the same in words, with all paths for each wrong answer.
    """

    right: dict[str, bool]
    text: str = field(repr=False)

    def __bool__(self) -> bool:
        return all(self.right.values())

    def __str__(self) -> str:
        return self.text


class Quiz:
    """A small graph to differentiate by hand.  See ``quiz``.

    Attributes:
        value: the output, which you can draw.
        leaves: the leaves by name.
        lines: the program that builds the graph.
    """

    def __init__(self, seed: int, size: int) -> None:
        rng = random.Random(seed)
        self.seed = seed
        letters = iter("abcdefghijklmnopqrstuvwxyz")
        self.leaves: dict[str, Value] = {}
        self.lines: list[str] = []
        for _ in range(2 + (size > 3)):
            name = next(letters)
            number = float(rng.choice([-3, -2, -1, 1, 2, 3, 4, 5]))
            self.leaves[name] = Value(number, name)
            self.lines.append(f"{name} = {number:g}")
        unread = list(self.leaves.values())
        nodes = list(unread)
        for i in range(size):
            x = unread.pop(rng.randrange(len(unread))) if unread else rng.choice(nodes)
            rest = [node for node in nodes if node is not x]
            y = rng.choice([node for node in unread if node is not x] or rest)
            if y in unread:
                unread.remove(y)
            symbol = rng.choice("+*-*+" if i else "*")
            result = {"+": x + y, "-": x - y, "*": x * y}[symbol]
            if abs(result.data) > 200.0:
                symbol, result = "-", x - y
            result.label = next(letters)
            self.lines.append(f"{result.label} = {x.label} {symbol} {y.label}")
            nodes.append(result)
            unread.append(result)
        while len(unread) > 1:
            x, y = unread.pop(0), unread.pop(0)
            result = x + y
            result.label = next(letters)
            self.lines.append(f"{result.label} = {x.label} + {y.label}")
            unread.append(result)
        self.value = unread[0]

    def __str__(self) -> str:
        asked = ", ".join(f"d{self.value.label}/d{name}" for name in self.leaves)
        return "\n".join([*self.lines, f"What are {asked}?"])

    __repr__ = __str__

    def data(self) -> dict[str, Any]:
        """What the page needs to ask, to check and to explain, as plain data."""
        end = self.value.label
        leaves = []
        for name, leaf in self.leaves.items():
            found = explain(self.value, leaf)
            first, *paths = str(found).splitlines()
            ways = [line.partition(":")[0].strip() for line in paths[:-1]]
            leaves.append(
                {
                    "name": name,
                    "question": f"d{end}/d{name}",
                    "total": found.total,
                    "products": [path.product for path in found.paths],
                    "said": SAID,
                    "hints": [
                        f"{first.partition(': ')[2]} from {end} to {name}: " + "; ".join(ways),
                        "A path is the product of its local derivatives; the gradient is the sum over the paths.",
                        "\n".join(paths),
                    ],
                }
            )
        return {"lines": [*self.lines, f"What are the gradients of {end}?"], "leaves": leaves}

    @property
    def page(self) -> str:
        """A page of its own, with a field for each gradient and hints."""
        code = notebook.script(*(notebook.asset("autograd.lessons", name) for name in ("answers.js", "quiz.js")))
        title = f"quiz {self.seed}: the gradients of {self.value.label}"
        return notebook.page(title, code, notebook.style("autograd.lessons", "quiz.css"), self.data())

    def _repr_html_(self) -> str:
        still = f"<pre>{escape(str(self))}</pre>"
        return notebook.framed(self.page, "a quiz", still, height=190 + 40 * (len(self.leaves) + len(self.lines)))

    def answer(self, answers: Mapping[str, float] | None = None, **more: float) -> Verdict:
        """Check gradients, and show all paths for the wrong ones.

        Arguments:
            answers, more: the gradients by name of the leaf, e.g. ``answer(a=3, b=-2)``.

        Raises:
            ValueError: a name is not the name of a leaf, or no gradients are given.
        """
        given = {**(answers or {}), **more}
        unknown = [name for name in given if name not in self.leaves]
        if unknown or not given:
            raise ValueError(
                f"give gradients of {', '.join(self.leaves)}, e.g. answer(a=1.0), not {unknown or 'nothing'}"
            )
        end = self.value.label
        right, lines = {}, []
        for name, number in given.items():
            found = explain(self.value, self.leaves[name])
            right[name] = abs(found.total - number) <= 1e-9 * max(1.0, abs(found.total))
            if right[name]:
                lines.append(f"d{end}/d{name} = {short(number)}: right")
                continue
            lines.append(f"d{end}/d{name} = {short(number)}: no, it is {short(found.total)}")
            products = [path.product for path in found.paths]
            if len(products) > 1 and any(abs(number - product) < 1e-9 for product in products):
                lines.append(f"  this is only one of {len(products)} paths; the gradient is their sum")
            elif abs(number + found.total) < 1e-9:
                lines.append("  only the sign is wrong")
            lines += [f"  {line}" for line in str(found).splitlines()[1:]]
        return Verdict(right, "\n".join(lines))


def quiz(seed: int, size: int = 4) -> Quiz:
    """A small random graph to differentiate by hand; ``answer(...)`` checks the gradients.

    Arguments:
        seed: an integer; the same seed gives the same quiz.
        size: the minimum number of operations, from 1 to 12.

    Raises:
        ValueError: the size is not an integer from 1 to 12.

    >>> question = quiz(seed=5, size=2)
    >>> print(question)
    a = 2
    b = 3
    c = a * b
    d = c + a
    What are dd/da, dd/db?
    >>> print(question.answer(a=3.0, b=2.0))
    dd/da = 3: no, it is 4
      this is only one of 2 paths; the gradient is their sum
        d -> c -> a:  dd/dc * dc/da = 3
        d -> a:       dd/da = 1
      dd/da = 3 + 1 = 4
    dd/db = 2: right
    """
    return Quiz(seed, integer("the size of a quiz", size, most=12))
