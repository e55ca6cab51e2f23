"""Random numbers: the generator of NumPy, with the same numbers for the same seed.

Sources: O'Neill, "PCG: a family of simple fast space-efficient statistically good algorithms for random number
generation", 2014 (the generator, XSL RR 128/64); the documentation of numpy.random.SeedSequence (how seeds are mixed).
"""

from __future__ import annotations

import functools
import math
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from .array import as_array, from_values
from .dtypes import FLOAT, INT, dtype
from .functions import arange

WORD, LONG, HUGE = 2**32 - 1, 2**64 - 1, 2**128 - 1
MULTIPLIER = 47026247687942121848144207491837523525
POOL = 4


def _words(x: Any) -> list[int]:
    """An integer, or several, as words of 32 bits, the lowest first."""
    if isinstance(x, Sequence):
        return [word for part in x for word in _words(part)]
    found = [int(x) & WORD]
    while (x := int(x) >> 32) > 0:
        found.append(x & WORD)
    return found


def seed_words(entropy: Any, count: int) -> list[int]:
    """Words of 32 bits, mixed from a seed."""
    given = _words(entropy)
    constant = 0x43B0D7E5

    def mixed(value: int) -> int:
        nonlocal constant
        value ^= constant
        constant = constant * 0x931E8875 & WORD
        value = value * constant & WORD
        return value ^ value >> 16

    def both(x: int, y: int) -> int:
        found = (0xCA01F9DD * x - 0x4973F715 * y) & WORD
        return found ^ found >> 16

    pool = [mixed(given[i] if i < len(given) else 0) for i in range(POOL)]
    for source in range(POOL):
        for target in range(POOL):
            if source != target:
                pool[target] = both(pool[target], mixed(pool[source]))
    for word in given[POOL:]:
        for target in range(POOL):
            pool[target] = both(pool[target], mixed(word))
    constant, found = 0x8B51F9DD, []
    for i in range(count):
        value = pool[i % POOL] ^ constant
        constant = constant * 0x58F38DED & WORD
        value = value * constant & WORD
        found.append(value ^ value >> 16)
    return found


class Generator:
    """Random numbers from a seed."""

    def __init__(self, seed: Any = None) -> None:
        words = seed_words(secrets.randbits(128) if seed is None else seed, 8)
        state, step = ([words[i + 1] << 32 | words[i] for i in (start, start + 2)] for start in (0, 4))
        self._step = ((step[0] << 64 | step[1]) << 1 | 1) & HUGE
        self._kept: list[int] = []
        self._state = self._step
        self._state = (self._state + (state[0] << 64 | state[1])) & HUGE
        self._advance()

    def _advance(self) -> None:
        self._state = (self._state * MULTIPLIER + self._step) & HUGE

    def _next(self) -> int:
        """64 random bits."""
        self._advance()
        turn = self._state >> 122
        value = (self._state >> 64 ^ self._state) & LONG
        return (value >> turn | value << (-turn & 63)) & LONG

    def _half(self) -> int:
        """32 random bits: the lower half of 64, and then the upper half."""
        if self._kept:
            return self._kept.pop()
        found = self._next()
        self._kept.append(found >> 32)
        return found & WORD

    def _one(self) -> float:
        return (self._next() >> 11) * 2.0**-53

    def random(self, size: Any = None) -> Any:
        """Numbers from 0 to 1."""
        return _many(self._one, size, FLOAT)

    def uniform(self, low: float = 0.0, high: float = 1.0, size: Any = None) -> Any:
        return _many(lambda: low + (high - low) * self._one(), size, FLOAT)

    def normal(self, loc: float = 0.0, scale: float = 1.0, size: Any = None) -> Any:
        """Normally distributed numbers."""
        return _many(lambda: loc + scale * self._normal(), size, FLOAT)

    standard_normal = lambda self, size=None: self.normal(size=size)  # noqa: E731

    def _normal(self) -> float:
        """The ziggurat method: Marsaglia, Tsang, Journal of Statistical Software 5(8), 2000, with 256 layers."""
        limits, widths, heights = _ziggurat()
        while True:
            bits = self._next()
            layer, bits = bits & 255, bits >> 8
            whole = bits >> 1 & 2**52 - 1
            x = -whole * widths[layer] if bits & 1 else whole * widths[layer]
            if whole < limits[layer]:
                return x
            if layer:
                if (heights[layer - 1] - heights[layer]) * self._one() + heights[layer] < math.exp(-0.5 * x * x):
                    return x
                continue
            while True:  # the tail
                out, down = -math.log1p(-self._one()) / TAIL, -math.log1p(-self._one())
                if down + down > out * out:
                    return -(TAIL + out) if whole >> 8 & 1 else TAIL + out

    def integers(self, low: int, high: int | None = None, size: Any = None) -> Any:
        """Integers from low, included, to high, excluded.

        Source: Lemire, "Fast random integer generation in an interval", ACM Transactions on Modeling and Computer
        Simulation 29, 2019.
        """
        low, high = (0, low) if high is None else (low, high)
        count = high - low
        if not 0 < count < 2**32:
            raise NotImplementedError("this NumPy draws integers from fewer than 2**32")

        def draw() -> int:
            if count == 1:
                return low
            product = self._half() * count
            if product & WORD < count:
                least = (2**32 - count) % count
                while product & WORD < least:
                    product = self._half() * count
            return low + (product >> 32)

        return _many(draw, size, INT)

    def choice(self, among: Any, size: Any = None) -> Any:
        """Some of the items, each as probable as the others; an item may be drawn again."""
        items = as_array(among) if not isinstance(among, int) else arange(among)
        return items[self.integers(0, len(items), size)]


def _many(draw: Callable[[], Any], size: Any, kind: dtype) -> Any:
    """One number, or an array of numbers."""
    if size is None:
        return draw()
    shape = (size,) if isinstance(size, int) else tuple(size)
    return from_values([draw() for _ in range(math.prod(shape))], shape, kind)


TAIL = 3.6541528853610088  # where the tail begins


@functools.cache
def _ziggurat() -> tuple[list[float], list[float], list[float]]:
    """For each layer the limit below which a point is inside, its width, and the height of the curve at its edge."""
    area = TAIL * math.exp(-0.5 * TAIL * TAIL) + math.sqrt(math.pi / 2.0) * math.erfc(TAIL / math.sqrt(2.0))
    edges = [0.0] * 256
    edges[255] = TAIL
    for i in range(254, 0, -1):
        edges[i] = math.sqrt(-2.0 * math.log(area / edges[i + 1] + math.exp(-0.5 * edges[i + 1] ** 2)))
    lowest = area / math.exp(-0.5 * TAIL * TAIL)
    limits = [int(TAIL / lowest * 2.0**52), 0, *(int(edges[i - 1] / edges[i] * 2.0**52) for i in range(2, 256))]
    widths = [lowest / 2.0**52, *(edges[i] / 2.0**52 for i in range(1, 256))]
    heights = [1.0, *(math.exp(-0.5 * edges[i] ** 2) for i in range(1, 256))]
    return limits, widths, heights


def default_rng(seed: Any = None) -> Generator:
    return seed if isinstance(seed, Generator) else Generator(seed)
