"""Op: one operation, a row of the table, which can be called."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from types import MethodType
from typing import Any

from autograd.engine.checks import describe, text, to_float
from autograd.engine.modes import as_expression

LIBRARY = "autograd.engine.rules"  # the module with the rows of this library


class Op:
    """One operation: a name, its value on floats, and one partial derivative for each argument.

    An Op is a function.  For numbers it returns a number; for a Value it records and returns a Value; on arrays it
    works elementwise.  As a class attribute it becomes a method, like any function.

    Arguments:
        name: the name of the operation in pictures, tables and messages.  To be pickled, the operation must also
            be an attribute of this name in the module that makes it.
        value: a function of as many floats as there are partials, which returns a float.
        partials: for each argument a number, or a function of ``z`` (the result) and all arguments.
        taken: for an operation that selects among its arguments, such as ``where``: for each argument a number or a
            function, as in ``partials``: 1 where it is selected; 0 where it is not, so that no slope below it matters.
        interior: for an operation that has a value but no slope at some points, arguments at which all slopes exist; or
            a function of the arguments that returns them, or None where no slope can be missing.
        array: the operation on whole arrays, as an expression of ``xp``, a library such as NumPy, and the arguments;
            without it a Program computes the operation one number at a time, which is slower.
        static: the indices of the arguments that ``array`` gets as plain floats where they are constants.
        folds: the operation takes any number of arguments, or one list of them, combined two at a time from the left.
        doc: a one-line description of the operation.

    Raises:
        TypeError: name is not a string, value not a function, or partials not a tuple of numbers and functions; when
            the operation is used, its value or a partial is not a number.

    >>> cube = Op("cube", lambda x: x * x * x, (lambda z, x: 3.0 * x * x,))
    >>> cube(2.0)
    8.0
    """

    def __init__(
        self,
        name: str,
        value: Callable[..., float],
        partials: tuple[float | Callable[..., Any], ...],
        *,
        taken: tuple[float | Callable[..., Any], ...] | None = None,
        interior: tuple[float, ...] | Callable[..., tuple[float, ...] | None] | None = None,
        array: Callable[..., Any] | None = None,
        static: tuple[int, ...] = (),
        folds: bool = False,
        doc: str = "",
    ) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"the name of an operation must be a non-empty string, not {describe(name)}")
        if not callable(value):
            raise TypeError(f"the value of operation {name!r} must be a function of floats, not {describe(value)}")
        if not isinstance(partials, tuple) or not partials:
            raise TypeError(
                f"the partials of operation {name!r} must be a tuple with one entry for each argument, not "
                f"{describe(partials)}; for a single argument write (lambda z, x: ...,) with the comma"
            )
        for partial in partials:
            if not callable(partial) and not isinstance(partial, Real):
                raise TypeError(
                    f"a partial of operation {name!r} must be a number or a function, not {describe(partial)}"
                )
        self.name = name
        # As in namedtuple: remember the module that defines the row, where pickle finds it by its name.
        self.__module__ = sys._getframe(1).f_globals.get("__name__", __name__)
        own = self.__module__ != LIBRARY  # a user's row
        if not own:
            self.__module__ = "autograd"  # where pickles find it, even if the file is moved
        self.__doc__ = doc or None
        self.value = _checked_value(value, name) if own else value
        self.partials = tuple(
            float(partial) if not callable(partial) else _checked_partial(partial, name, i) if own else partial
            for i, partial in enumerate(partials)
        )
        self.taken, self.static, self.folds = taken, static, folds
        # Names follow NumPy, so by default the array form of a row of this library is the function of its name.
        self.array = array if array or own else lambda xp, *args: getattr(xp, name)(*args)
        self.interior = interior if callable(interior) or interior is None else lambda *args: interior
        self.may_lack_slope = own or interior is not None  # whether a slope may be missing where there is a value

    def __call__(self, *args: Any) -> Any:
        if len(args) != len(self.partials):
            return self._fold(args)
        for x in args:
            if type(x) is not float:
                if hasattr(x, "_apply"):  # a Value, which this file cannot import
                    return x._apply(self, *args)
                if not isinstance(x, Real):
                    return self.elementwise(*args)
        try:
            return self.value(*map(to_float, args))
        except (ArithmeticError, ValueError) as error:
            raise undefined_error(f"{self.name}({', '.join(map(text, args))})", error) from None

    def _fold(self, args: tuple[Any, ...]) -> Any:
        """The operation on any number of arguments, or on one list of them."""
        if not self.folds:
            raise TypeError(f"{self.name}() takes {len(self.partials)} argument(s), {len(args)} given")
        if len(args) == 1 and isinstance(args[0], Iterable) and getattr(args[0], "ndim", 1) == 1:
            args = tuple(args[0])
        if not args:
            raise ValueError(f"{self.name}() of no numbers is undefined; give at least one")
        if len(args) == 1 and not (isinstance(args[0], Real) or hasattr(args[0], "_apply")):
            raise TypeError(f"{self.name}() takes numbers, or one list of them, not {describe(args[0])}")
        return functools.reduce(self, args[1:], args[0])

    def elementwise(self, *args: Any) -> Any:
        """The operation on each element of arrays, broadcast as NumPy does: an array of floats or of Values.

        Raises:
            TypeError: an argument is neither a number nor a Value nor an array.
        """
        for x in args:
            if not (isinstance(x, Real) or hasattr(x, "_apply") or hasattr(x, "__array_ufunc__")):
                raise TypeError(f"{self.name}() works on numbers, Values and arrays of them, not on {describe(x)}")
        import numpy

        found = numpy.frompyfunc(self, len(self.partials), 1)(*args)
        plain = not any(hasattr(x, "_apply") or getattr(getattr(x, "dtype", None), "kind", "") == "O" for x in args)
        return found.astype(float) if plain else found

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def __reduce__(self) -> str:
        return self.name


class DomainError(ValueError):
    """A function or a derivative does not exist at the given numbers, e.g. the logarithm of -1."""


def undefined_error(what: str, error: Exception, labels: Sequence[str] = ()) -> Exception:
    """The error of Python's ``math``, with the operation, its operands and their labels in the message."""
    at = " at " + ", ".join(repr(label) for label in labels if label) if any(labels) else ""
    for kind in (ZeroDivisionError, OverflowError, ArithmeticError):
        if isinstance(error, kind):
            return kind(f"{what}{at}: {error}")
    return DomainError(f"{what}{at}: {error}")


# The functions of a user's row are checked on every call: after a forgotten return, None would count as a slope of 0.


def _checked_value(f: Callable[..., Any], name: str) -> Callable[..., float]:
    """The value of a user's row, which must be a number."""

    @functools.wraps(f)
    def value(*args: float) -> float:
        found = f(*args)
        return found if type(found) is float else _number(found, f"the value of operation {name!r}", args)

    return value


def _checked_partial(f: Callable[..., Any], name: str, i: int) -> Callable[..., Any]:
    """A partial of a user's row.

    For floats it must return a number; for nodes a number or a node, and it must not read the nodes' numbers.
    """

    @functools.wraps(f)
    def partial(*args: Any) -> Any:
        graph = any(hasattr(x, "_apply") for x in args)
        found = as_expression(f, *args) if graph else f(*args)
        if type(found) is float or (graph and hasattr(found, "_apply")):
            return found
        return _number(found, f"the partial of operation {name!r} with respect to argument {i}", args)

    return partial


def _number(found: Any, what: str, args: Sequence[Any]) -> float:
    if isinstance(found, Real):
        return float(found)
    hint = "; is a return missing?" if found is None else ""
    raise TypeError(f"{what} must be a number, but for {', '.join(map(text, args))} it is {describe(found)}{hint}")
