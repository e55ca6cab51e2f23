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


class Form:
    """A node of the tree: an argument or a call.  Arithmetic and comparison operators build calls of NumPy's names."""

    def __add__(self, other: Operand) -> Call:
        return Call("add", (self, other))

    def __radd__(self, other: Operand) -> Call:
        return Call("add", (other, self))

    def __sub__(self, other: Operand) -> Call:
        return Call("subtract", (self, other))

    def __rsub__(self, other: Operand) -> Call:
        return Call("subtract", (other, self))

    def __mul__(self, other: Operand) -> Call:
        return Call("multiply", (self, other))

    def __rmul__(self, other: Operand) -> Call:
        return Call("multiply", (other, self))

    def __truediv__(self, other: Operand) -> Call:
        return Call("divide", (self, other))

    def __rtruediv__(self, other: Operand) -> Call:
        return Call("divide", (other, self))

    def __pow__(self, other: Operand) -> Call:
        return Call("power", (self, other))

    def __rpow__(self, other: Operand) -> Call:
        return Call("power", (other, self))

    def __neg__(self) -> Call:
        return Call("negative", (self,))

    def __pos__(self) -> Call:
        return Call("positive", (self,))

    def __lt__(self, other: Operand) -> Call:
        return Call("less", (self, other))

    def __le__(self, other: Operand) -> Call:
        return Call("less_equal", (self, other))

    def __gt__(self, other: Operand) -> Call:
        return Call("greater", (self, other))

    def __ge__(self, other: Operand) -> Call:
        return Call("greater_equal", (self, other))

    def __eq__(self, other: object) -> Any:
        return Call("equal", (self, other))

    def __ne__(self, other: object) -> Any:
        return Call("not_equal", (self, other))

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
