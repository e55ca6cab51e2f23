"""Names for nodes, and numbers as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from autograd.engine.checks import describe
from autograd.engine.graph import dependents, topological_order
from autograd.engine.value import Value


class Names:
    """A name for each node of a graph: its label, or v1, v2, ... if it has none.

    A label that several nodes share is made unique with the numbers in the node's scope, or with an apostrophe.

    Arguments:
        order: the nodes in topological order; the last is the output.
        last: the name of the output if it has no label.
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
        """The name in LaTeX, e.g. W_{1} for W1."""
        name = self.text[node]
        match = re.fullmatch(r"([A-Za-z])_?(\w*)", name)
        if match:
            return f"{match[1]}_{{{match[2]}}}" if match[2] else match[1]
        safe = re.sub(r"[^A-Za-z0-9 .,'()\[\]+*/=<>-]", " ", name)
        return rf"\text{{{safe}}}"


def decimal(x: float) -> str:
    """A number as text, with up to six significant digits and a decimal point."""
    text = f"{x:.6g}"
    return text if any(letter in text for letter in ".eni") else f"{text}.0"


def check_values(*values: object) -> None:
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"expected a Value, not {describe(value)}")


def between(y: Value, x: Value) -> list[Value]:
    """The nodes on paths from x to y, in topological order, x first.

    Raises:
        TypeError: y or x is not a Value.
        ValueError: y does not depend on x.
    """
    check_values(y, x)
    order = topological_order(y)
    found = dependents(order, [x])
    if y not in found or x not in order:
        raise ValueError(f"{y!r} does not depend on {x!r}")
    return [x, *(node for node in order if node in found and node is not x)]  # y depends on every node in order
