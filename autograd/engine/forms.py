"""The array form of an operation, as a tree of calls.

A row of the table defines its array form, the computation on whole arrays, as a function of a namespace, for example

    relu = Op("relu", ..., array=lambda xp, x: xp.maximum(x, 0.0))

Called with NumPy as ``xp``, it computes.  Called with the ``Namespace`` of this file, it returns a tree of calls, from
which programs make NumPy calls on buffers, and from which code is written, in Python and in JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from autograd.engine.checks import describe
from autograd.engine.op import Op


def _operator(function: str) -> Callable[..., Any]:
    return lambda *operands: Call(function, operands)


def _reflected(function: str) -> Callable[..., Any]:
    """An operator of which the form is the right operand, as in 1.0 - x."""
    return lambda right, left: Call(function, (left, right))


class Form:
    """A node of the tree: an argument or a call.  Arithmetic and comparison operators build calls of NumPy's names."""

    __add__, __radd__ = _operator("add"), _reflected("add")
    __sub__, __rsub__ = _operator("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _operator("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _operator("divide"), _reflected("divide")
    __pow__, __rpow__ = _operator("power"), _reflected("power")
    __neg__, __pos__ = _operator("negative"), _operator("positive")
    __lt__, __le__ = _operator("less"), _operator("less_equal")
    __gt__, __ge__ = _operator("greater"), _operator("greater_equal")
    __eq__, __ne__ = _operator("equal"), _operator("not_equal")
    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise TypeError("an array form cannot branch on its arguments; use xp.where(condition, a, b)")


Operand = Any  # a Form or a number
COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")


@dataclass(frozen=True, eq=False)
class Argument(Form):
    """An argument of the operation, by its index."""

    number: int


@dataclass(frozen=True, eq=False)
class Call(Form):
    """A call of an array function, by its name in NumPy, with its arguments."""

    function: str
    args: tuple[Operand, ...]


class Namespace:
    """A stand-in for the NumPy module: each of its functions returns a ``Call``."""

    def __getattr__(self, name: str) -> Callable[..., Call]:
        return lambda *args: Call(name, args)


def form(op: Op, constants: Sequence[float | None]) -> Call | None:
    """The tree of an operation; None if it has no array form, and so must be computed element by element.

    Arguments:
        op: the operation.
        constants: for each argument its constant value, if it has one and ``Op.static`` lists it; else None.

    Raises:
        TypeError: the array form does not return an expression.
    """
    if op.array is None:
        return None
    args = [Argument(i) if constant is None else constant for i, constant in enumerate(constants)]
    found = op.array(Namespace(), *args)
    if not isinstance(found, Form):
        raise TypeError(
            f"the array form of operation {op.name!r} must be an expression of its arguments and of functions of xp, "
            f"but it returned {describe(found)}"
        )
    return found if isinstance(found, Call) else +found


def static_constants(op: Op, args: Sequence[Any]) -> tuple[float | None, ...]:
    """For each argument its number, if it is a constant and ``Op.static`` lists it; else None.

    Arguments:
        op: the operation.
        args: its arguments: Values, and floats for constants.
    """
    return tuple(x if type(x) is float and i in op.static else None for i, x in enumerate(args))


def calls(tree: Call) -> list[Call]:
    """The calls of a tree in topological order, each once."""
    found: dict[Call, None] = {}

    def visit(call: Call) -> None:
        for x in call.args:
            if isinstance(x, Call) and x not in found:
                visit(x)
        found[call] = None

    visit(tree)
    return list(found)
