"""Numbers that are given to optimizers, checked."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any


def from_zero(name: str, given: Any, otherwise: str = "") -> float:
    return number(name, given, lambda x: 0.0 <= x < math.inf, f"a number from 0{otherwise}")


def from_zero_to_one(name: str, given: Any) -> float:
    return number(name, given, lambda x: 0.0 <= x < 1.0, "a number from 0 and below 1")


def positive(name: str, given: Any) -> float:
    return number(name, given, lambda x: 0.0 < x < math.inf, "a number above 0")


def number(name: str, given: Any, fits: Callable[[float], bool], wanted: str) -> float:
    """The number given as a float, so that a NumPy scalar of 32 bits does not make all parameters as rough as it is."""
    if isinstance(given, bool) or not isinstance(given, Real):
        raise TypeError(f"{name} is {wanted}, not {given!r:.60}")
    try:
        x = float(given)
    except OverflowError:
        raise ValueError(f"{name} is {wanted}, and not too large for a float") from None
    if not fits(x):
        raise ValueError(f"{name} is {wanted}, not {given!r}")
    return x
