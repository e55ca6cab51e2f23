"""Rows of the table in JavaScript: value, partial derivatives, and the derivatives of these.

A partial is an ordinary expression of z, x and y.  Called with Values it gives a graph, which is written here, and
differentiated once more for second derivatives.  So this file contains no derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from autograd.engine.graph import adjoint_graph, topological_order
from autograd.engine.modes import as_expression, enable_grad
from autograd.engine.op import Op
from autograd.engine.value import Value
from autograd.javascript.writing import NoJavaScriptError, Writer, array_form

POINTS = (0.5, 2.0, 0.25, -0.5, 1.5, -2.0)  # numbers at which a row is recorded: where it is defined, any will do


def row(writer: Writer, op: Op, constants: Sequence[float | None]) -> str:
    """The code for an object with the functions of a row, each from z and its arguments.

    ``value`` is z; ``partials[i]`` is dz/dx_i; ``taken[i]``, where the row has it, is 0 where argument i does not
    count; ``second[i][j]`` is the derivative of ``partials[i]`` by x_j, z being a function of the arguments.

    Arguments:
        writer: where the functions that these call are kept.
        op: the operation.
        constants: for each argument its number, if ``Op.static`` lists it and it is a constant; else None.

    Raises:
        NoJavaScriptError: the operation, or one that its derivatives use, has no JavaScript.
    """
    letters = [f"x{i}" for i in range(len(constants))] if len(constants) > 3 else ["x", "y", "c"][: len(constants)]
    head = f"({', '.join(['z', *letters])}) =>"

    def code(y: Value | float, names: dict[Value, str]) -> str:
        lines, (end,) = writer.statements([y], names, indent=" ")
        return f"{head} {{{''.join(lines)} return {end}; }}" if lines else f"{head} {end}"

    array_form(op, constants)
    z, args = _somewhere(op, constants)
    names = {x: letter for x, letter in zip(args, letters, strict=True) if isinstance(x, Value)}
    by = list(names)
    value = code(z, names)
    names[z] = "z"
    partials = [_at(partial, z, args) for partial in op.partials]
    parts = [
        f'name: "{op.name}"' if op.name.isidentifier() else 'name: ""',
        f"value: {value}",
        f"partials: [{', '.join(code(partial, names) for partial in partials)}]",
    ]
    if op.taken:
        parts.append(f"taken: [{', '.join(code(_at(taken, z, args), names) for taken in op.taken)}]")
    second = [[code(slope, names) for slope in _slopes(partial, args, by)] for partial in partials]
    parts.append(f"second: [{', '.join(f'[{chr(44).join(slopes)}]' for slopes in second)}]")
    return "{ " + ", ".join(parts) + " }"


def _somewhere(op: Op, constants: Sequence[float | None]) -> tuple[Value, list[Value | float]]:
    """The operation at some numbers for which it is defined, and so are its first and second derivatives."""
    for numbers in product(POINTS, repeat=len(constants)):
        args = [Value(x) if constant is None else constant for x, constant in zip(numbers, constants, strict=True)]
        try:
            with enable_grad():
                z = op(*args)
                for partial in op.partials:
                    _slopes(_at(partial, z, args), args, [x for x in args if isinstance(x, Value)])
        except (ArithmeticError, ValueError):
            continue
        except TypeError as error:  # it branches on a number
            raise NoJavaScriptError(f"operation {op.name!r} has no JavaScript: {error}") from None
        if isinstance(z, Value):
            return z, args
    raise NoJavaScriptError(f"operation {op.name!r} has no JavaScript: it is not defined for {POINTS[0]}, ...")


def _at(expression: float | Callable[..., Any], z: Value, args: Sequence[Value | float]) -> Value | float:
    """A partial, or a condition, as a graph."""
    with enable_grad():
        found = as_expression(expression, z, *args) if callable(expression) else expression
    return found if isinstance(found, Value) else float(found)


def _slopes(y: Value | float, args: Sequence[Value | float], by: Sequence[Value]) -> list[Value | float]:
    """The derivative of a graph by each argument; 0 by those that are constant."""
    if not isinstance(y, Value):
        return [0.0] * len(args)
    with enable_grad():
        adjoint = adjoint_graph(topological_order(y), {y: 1.0}, by)
    return [adjoint.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in args]
