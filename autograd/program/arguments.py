"""Argument checks: the leaves a program is made from, and the numbers it is called with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd.engine.checks import describe
from autograd.engine.value import Value
from autograd.program.plan import Array


def numbers(array: Any, dtype: Any) -> Array:
    """The argument as an array of this dtype.

    ``np.asarray`` alone would turn None into nan and a date into a number, and would drop a mask.

    Raises:
        TypeError: it contains something other than real numbers.
        ValueError: it is a masked array with masked entries.
        OverflowError: a number is too large for a float.
    """
    if type(array) is np.ndarray and array.dtype == dtype:
        return array
    found = np.asarray(array)
    if isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array):
        raise ValueError("a masked array has entries without a value; fill them first, with array.filled(number)")
    if found.dtype.kind not in "biuf":
        items = found.ravel().tolist()
        wrong = next((x for x in items if isinstance(x, bool) or not isinstance(x, Real)), found)
        if found.dtype.kind != "O" or wrong is not found:
            raise TypeError(f"an input of a program must be a number or an array of numbers, not of {describe(wrong)}")
    try:
        return np.asarray(found, dtype=dtype)
    except OverflowError:
        raise OverflowError("an input of a program is too large for a float; the largest is about 1.8e308") from None


def values(given: Iterable[Any], what: str) -> list[Value]:
    """The Values of an iterable, as a list.

    Raises:
        TypeError: it is not an iterable of Values.
    """
    if isinstance(given, Value) or not isinstance(given, Iterable):
        raise TypeError(f"{what} of a program must be given in a list of Values, not as {describe(given)}")
    found = list(given)
    for value in found:
        if not isinstance(value, Value):
            raise TypeError(f"{what} of a program must be a Value, not {describe(value)}")
    return found


def leaves(given: Iterable[Value], what: str) -> list[Value]:
    """The leaves of an iterable, as a list.

    Raises:
        TypeError: it is not an iterable of Values.
        ValueError: one of them is not a leaf, or is given twice.
    """
    found = values(given, what)
    for value in found:
        if value.op is not None:
            raise ValueError(f"{what} of a program must be a leaf, not the result of {value.op.name}")
    if len(set(found)) != len(found):
        raise ValueError(f"{what} is given twice")
    return found


def other_leaves(order: Iterable[Value], inputs: Sequence[Value]) -> list[Value]:
    """All leaves that are not inputs, sorted by scope, and within a scope in topological order."""
    given = set(inputs)
    found = [node for node in order if node.op is None and node not in given]

    def parts(leaf: Value) -> list[Any]:  # neurons.9 before neurons.10
        return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", leaf.scope)]

    return sorted(found, key=parts)
