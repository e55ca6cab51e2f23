"""Reductions of a list to one number (dot, mean, logsumexp), written with the operations of the table.

For the largest and the smallest of a list there are ``maximum`` and ``minimum`` in the table, which take any number of
arguments, or a list; Python's ``sum`` works on Values as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.engine.checks import describe
from autograd.engine.rules import exp, log, maximum, stop_gradient


def dot(xs: Iterable[Any], ys: Iterable[Any]) -> Any:
    """The sum of the products of two lists:  sum_i x_i y_i.

    Arguments:
        xs, ys: lists of numbers or Values, of the same length.

    Raises:
        TypeError: one of them is not a list.
        ValueError: their lengths differ, or they are empty.

    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    xs, ys = _listed(xs, "dot"), _listed(ys, "dot")
    if len(xs) != len(ys):
        raise ValueError(f"dot(xs, ys) needs two lists of the same length, not of {len(xs)} and {len(ys)} numbers")
    return _sum([x * y for x, y in zip(xs, ys, strict=True)])


def mean(xs: Iterable[Any]) -> Any:
    """The arithmetic mean:  sum_i x_i / n.

    Arguments:
        xs: a list of numbers or Values.

    Raises:
        TypeError: it is not a list.
        ValueError: it is empty.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    xs = _listed(xs, "mean")
    return _sum(xs) / len(xs)


def logsumexp(xs: Iterable[Any]) -> Any:
    """log(sum_i exp(x_i)), without overflow.

    The largest number m is factored out of the sum first:  m + log(sum_i exp(x_i - m)).  The result is the same for any
    m, so m is treated as a constant, and no gradient flows through it.

    Arguments:
        xs: a list of numbers or Values.

    Raises:
        TypeError: it is not a list.
        ValueError: it is empty.

    >>> round(logsumexp([1000.0, 1000.0]), 6)
    1000.693147
    """
    xs = _listed(xs, "logsumexp")
    largest = stop_gradient(maximum(xs))
    return largest + log(_sum([exp(x - largest) for x in xs]))


def _listed(xs: Iterable[Any], name: str) -> list[Any]:
    if isinstance(xs, str | dict) or not isinstance(xs, Iterable):
        raise TypeError(f"{name} works on lists of numbers, not on {describe(xs)}")
    found = [_number(x, name) for x in xs]
    if not found:
        raise ValueError(f"{name} of no numbers is undefined; give at least one")
    return found


def _number(x: Any, name: str) -> Any:
    """A number of NumPy as one of Python: the sum of two 8-bit integers has 8 bits, so 200 + 100 would be 44."""
    if (axes := getattr(x, "ndim", None)) is None:
        return x
    if axes:
        raise TypeError(f"{name} works on lists of numbers, not of arrays; give it one row at a time")
    return x.item()


def _sum(terms: list[Any]) -> Any:
    """The sum of at least one term, without a node for 0 + x."""
    return sum(terms[1:], terms[0])
