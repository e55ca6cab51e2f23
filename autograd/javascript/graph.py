"""A graph as data for engine.js."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from importlib import resources
from typing import Any

from autograd.engine.op import Op
from autograd.engine.paths import by_structure
from autograd.engine.value import Value
from autograd.javascript.rows import row
from autograd.javascript.writing import Writer

Key = tuple[Op, tuple[float | None, ...]]  # a row, and its arguments that are constants


class GraphData:
    """A graph as JavaScript: the rows that it uses, as code, and its nodes, as data.

    Arguments:
        order: the nodes, arguments first.

    Attributes:
        code: JavaScript that defines the array ``rows`` and the functions that they call.
        nodes: the nodes, as engine.js reads them.

    Raises:
        NoJavaScriptError: an operation has no JavaScript.
    """

    def __init__(self, order: Sequence[Value]) -> None:
        writer = Writer()
        index = {node: i for i, node in enumerate(order)}
        rows: dict[Key, int] = {}
        written = []
        self.nodes: list[Any] = []
        for node in order:
            if node.op is None:
                self.nodes.append(real(node.data))
                continue
            key = (
                node.op,
                tuple(x if type(x) is float and i in node.op.static else None for i, x in enumerate(node.args)),
            )
            if key not in rows:
                rows[key] = len(rows)
                written.append(row(writer, *key))
            args = [index[x] if isinstance(x, Value) else [real(x)] for x in node.args]
            through = [isinstance(x, Value) and by_structure(node, i) != 0.0 for i, x in enumerate(node.args)]
            self.nodes.append({"row": rows[key], "args": args, "open": through})
        listed = ",\n  ".join(written)
        self.code = "\n".join([*writer.functions.values(), f"const rows = [\n  {listed},\n];\n"])


def engine() -> str:
    """The code of engine.js."""
    return resources.files("autograd.javascript").joinpath("engine.js").read_text("utf-8")


def real(x: float) -> float | str:
    """A float for JSON, which has neither nan nor infinity: these are texts, of which JavaScript makes numbers."""
    return x if math.isfinite(x) else "NaN" if math.isnan(x) else "Infinity" if x > 0.0 else "-Infinity"


def dumps(data: Any) -> str:
    """Data as JSON that can stand inside of a script in a page."""
    return json.dumps(data, allow_nan=False).replace("<", "\\u003c")
