"""The scale of an axis: where a number lies, and which numbers are written."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """An axis from ``low`` to ``high``.

    Attributes:
        low, high: the numbers at its ends.
        log: whether it is logarithmic.
        names: what is written at 0, 1, 2, ..., for categories.
    """

    low: float
    high: float
    log: bool = False
    names: tuple[str, ...] = ()

    def place(self, x: float) -> float:
        """Where a number lies: 0 at the low end, 1 at the high end; nan where a logarithm does not exist."""
        if not self.log:
            return (x - self.low) / (self.high - self.low)
        if x <= 0.0:
            return math.nan
        return (math.log(x) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """The numbers that are marked, at most about so many, and what is written there.

        >>> Scale(0.0, 3.2).ticks(5)
        [(0.0, '0'), (1.0, '1'), (2.0, '2'), (3.0, '3')]
        >>> Scale(0.001, 20.0, log=True).ticks(3)
        [(0.01, '0.01'), (1.0, '1')]
        """
        if self.names:
            return [(float(i), name) for i, name in enumerate(self.names)]
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            if last > first:
                every = math.ceil((last - first + 1) / most)
                powers = [10.0**k for k in range(first, last + 1) if k % every == 0]
                return [(x, f"{x:g}") for x in powers]
        step = nice_step(self.high - self.low, most)
        start = math.ceil(self.low / step - 1e-9)
        marked = [k * step for k in range(start, math.floor(self.high / step + 1e-9) + 1)]
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        return [(x, _written(round(x, digits) + 0.0)) for x in marked if not self.log or x > 0.0]


def _written(x: float) -> str:
    return f"{x:,.0f}" if x == int(x) and 1e4 <= abs(x) < 1e7 else f"{x:.10g}" if abs(x) < 1e7 else f"{x:g}"


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5, 10, 20, ... of which at most so many fit into the span.

    >>> nice_step(3.2, 5), nice_step(0.7, 5)
    (1.0, 0.2)
    """
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if span / (power * factor) <= most)


LARGEST = 1e280  # larger numbers, and on a logarithmic axis smaller ones than 1e-280, are not shown


def scale(
    numbers: Iterable[float], fixed: tuple[float, float] | None, log: bool, names: tuple[str, ...], margin: float = 0.04
) -> Scale:
    """The scale for these numbers, with a margin on both sides; ``fixed`` are its ends, if they are given."""
    if names:
        return Scale(-0.6, len(names) - 0.4, names=names)
    if fixed is not None:
        return Scale(*fixed, log=log)
    seen = [x for x in numbers if abs(x) <= LARGEST and (x >= 1.0 / LARGEST or not log)]
    low, high = (min(seen), max(seen)) if seen else (1.0, 10.0) if log else (0.0, 1.0)
    if log:
        if low == high:
            return Scale(low / 2.0, high * 2.0, log=True)
        ratio = math.exp(margin * (math.log(high) - math.log(low)))
        return Scale(low / ratio, high * ratio, log=True)
    if high - low < 1.0 / LARGEST:
        half = 0.5 * abs(low) or 0.5
        return Scale(low - half, high + half)
    extra = margin * (high - low)
    return Scale(low - extra, high + extra)
