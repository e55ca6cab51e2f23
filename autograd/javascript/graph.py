"""A graph as data for engine.js."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import resources
from typing import Any

from autograd.engine.forms import static_constants
from autograd.engine.op import Op
from autograd.engine.paths import by_structure
from autograd.engine.value import Value
from autograd.javascript.rows import row
from autograd.javascript.writing import Writer

Node = float | str | dict[str, Any]  # the number of a leaf, or an operation


class Rows:
    """The rows that some graphs use, as JavaScript."""

    def __init__(self) -> None:
        self._writer = Writer()
        self._index: dict[tuple[Op, tuple[float | None, ...]], int] = {}
        self._code: list[str] = []

    def nodes(self, order: Sequence[Value]) -> list[Node]:
        """The nodes of a graph, as engine.js reads them; rows that it needs are added.

        Arguments:
            order: the nodes, arguments first.

        Raises:
            NoJavaScriptError: an operation has no JavaScript.
        """
        place = {node: i for i, node in enumerate(order)}
        return [real(z.data) if z.op is None else self._operation(z, z.op, place) for z in order]

    def _operation(self, z: Value, op: Op, place: dict[Value, int]) -> Node:
        constants = static_constants(op, z.args)
        if (op, constants) not in self._index:
            self._code.append(row(self._writer, op, constants))
            self._index[op, constants] = len(self._index)
        return {
            "row": self._index[op, constants],
            "args": [place[x] if isinstance(x, Value) else [real(x)] for x in z.args],
            "open": [isinstance(x, Value) and by_structure(z, i) != 0.0 for i, x in enumerate(z.args)],
        }

    @property
    def code(self) -> str:
        """JavaScript that defines the array ``rows``, and the functions that they call."""
        listed = "".join(f"  {row},\n" for row in self._code)
        return "\n".join([*self._writer.functions.values(), f"const rows = [\n{listed}];\n"])


def engine() -> str:
    """The code of the engine: short.js, which writes numbers, and engine.js."""
    folder = resources.files("autograd.javascript")
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in ("short.js", "engine.js"))


def real(x: float) -> float | str:
    """A float for JSON, which has neither nan nor infinity: these are texts, from which JavaScript makes numbers."""
    return x if math.isfinite(x) else "NaN" if math.isnan(x) else "Infinity" if x > 0.0 else "-Infinity"
