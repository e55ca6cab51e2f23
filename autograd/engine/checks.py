"""Argument checks, and descriptions of arguments for error messages."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any


def describe(x: object) -> str:
    """The type of x, and its value where that is short, for an error message."""
    written = text(x)
    return type(x).__name__ + (f" {written}" if len(written) <= 40 and written != "None" else "")


def text(x: object) -> str:
    """``repr(x)``; for an int of thousands of digits, which Python refuses to convert, its length in bits."""
    try:
        return repr(x)
    except ValueError:
        return f"of {x.bit_length():,} bits" if isinstance(x, int) else "that cannot be written out"


def name_of(f: object) -> str:
    """The name of a function, for an error message."""
    return getattr(f, "__name__", "the function")


def to_float(x: Any) -> float:
    """The float nearest to a number.

    Raises:
        OverflowError: the number is too large for a float.
    """
    try:
        return float(x)
    except OverflowError:
        raise OverflowError(f"{describe(x)} is too large for a float, whose largest is about 1.8e308") from None


def integer(name: str, given: Any, least: int = 1, most: int | None = None) -> int:
    """Check that ``given`` is an integer from ``least`` to ``most`` (None: no limit); True and 2.0 are not.

    Raises:
        ValueError: it is not such an integer.

    >>> integer("epochs", 3)
    3
    >>> integer("epochs", 0)
    Traceback (most recent call last):
        ...
    ValueError: epochs must be a positive integer, not 0
    """
    is_integer = isinstance(given, Integral) and not isinstance(given, bool)  # of NumPy, too
    if not is_integer or given < least or (most is not None and given > most):
        bounds = f"of at least {least}" if most is None else f"from {least} to {most:,}"
        wanted = "a positive integer" if least == 1 and most is None else f"an integer {bounds}"
        raise ValueError(f"{name} must be {wanted}, not {text(given):.60}")
    return int(given)


def number(name: str, given: Any, fits: Callable[[float], bool], wanted: str) -> float:
    """Check a number and convert it to a float.

    A 32-bit NumPy scalar, if kept, would lower the precision of everything computed with it.

    Arguments:
        name: the name of the argument, for the message.
        given: the number.
        fits: a function that says whether the number is allowed.
        wanted: what is allowed, in words.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not allowed.
    """
    if isinstance(given, bool) or not isinstance(given, Real):
        raise TypeError(f"{name} must be {wanted}, not {text(given):.60}")
    try:
        x = float(given)
    except OverflowError:
        raise ValueError(f"{name} must be {wanted}, and not too large for a float") from None
    if not fits(x):
        raise ValueError(f"{name} must be {wanted}, not {given!r}")
    return x


def finite(name: str, given: Any) -> float:
    """A number that is neither infinite nor nan."""
    return number(name, given, math.isfinite, "a finite number")


def from_zero(name: str, given: Any, otherwise: str = "") -> float:
    """A finite number that is not negative."""
    return number(name, given, lambda x: 0.0 <= x < math.inf, f"a non-negative number{otherwise}")


def from_zero_to_one(name: str, given: Any) -> float:
    """A number in [0, 1): 0 is allowed, 1 is not."""
    return number(name, given, lambda x: 0.0 <= x < 1.0, "a number in [0, 1)")


def positive(name: str, given: Any) -> float:
    """A finite positive number."""
    return number(name, given, lambda x: 0.0 < x < math.inf, "a positive number")


def between(name: str, given: Any, least: float, most: float) -> float:
    """Check a number that may be from ``least`` to ``most``."""
    return number(name, given, lambda x: least <= x <= most, f"a number from {least:g} to {most:g}")
