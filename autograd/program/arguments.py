"""What may be given to a program: leaves when it is made, numbers when it is called."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

from autograd.engine.checks import describe
from autograd.engine.value import Value
from autograd.program.plan import Array


def numbers(array: Any, dtype: Any) -> Array:
    """An array of numbers, if it is one: NumPy would take None for nan, a date for a number, and forget a mask."""
    if type(array) is np.ndarray and array.dtype == dtype:
        return array
    found = np.asarray(array)
    if isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array):
        raise ValueError("a masked array has entries without a number; fill them first, with array.filled(number)")
    if found.dtype.kind not in "biuf":
        items = found.ravel().tolist()
        wrong = next((x for x in items if isinstance(x, bool) or not isinstance(x, Real)), found)
        if found.dtype.kind != "O" or wrong is not found:
            raise TypeError(f"an input of a program is a number or an array of numbers, not of {describe(wrong)}")
    try:
        return np.asarray(found, dtype=dtype)
    except OverflowError:
        raise OverflowError("an input of a program is too large for a float, whose largest is about 1.8e308") from None


def values(given: Iterable[Any], what: str) -> list[Value]:
    """The Values in a list.

    Raises:
        TypeError: it is not a list of Values.
    """
    if isinstance(given, Value) or not isinstance(given, Iterable):
        raise TypeError(f"{what} of a program is in a list of Values, not {describe(given)}")
    found = list(given)
    for value in found:
        if not isinstance(value, Value):
            raise TypeError(f"{what} of a program is a Value, not {describe(value)}")
    return found


def leaves(given: Iterable[Value], what: str) -> list[Value]:
    """The leaves in a list.

    Raises:
        TypeError: it is not a list of Values.
        ValueError: one of them is not a leaf, or is given twice.
    """
    found = values(given, what)
    for value in found:
        if value.op is not None:
            raise ValueError(f"{what} of a program is a leaf, not the result of {value.op.name}")
    if len(set(found)) != len(found):
        raise ValueError(f"{what} is given twice")
    return found
