"""Functions that Python's ``math`` lacks, for any float: no overflow, no loss of digits, and nan propagates.

Only step(nan) is 0: nan is not above 0.
"""

from __future__ import annotations

import math
import sys

LEAK = 0.01  # the slope of leaky_relu on the left
FAR = 1000.0  # beyond it the tails of sigmoid and of the normal distribution are 0; clipping avoids infinity * 0 = nan
SQRT2 = math.sqrt(2.0)


def square(x: float) -> float:
    return x * x


def reciprocal(x: float) -> float:
    return 1.0 / x


def xlogy(x: float, y: float) -> float:
    return x * math.log(y) if x else 0.0


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0.0 else math.exp(x) / (1.0 + math.exp(x))


def softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-math.fabs(x)))


def silu(x: float) -> float:
    return max(x, -FAR) * sigmoid(x)


def gelu(x: float) -> float:
    return 0.5 * max(x, -FAR) * math.erfc(-x / SQRT2)


def step(x: float) -> float:
    return 1.0 if x > 0.0 else 0.0


def sign(x: float) -> float:
    return 0.0 if x == 0.0 else x if x != x else math.copysign(1.0, x)


def relu(x: float) -> float:
    return 0.0 if x <= 0.0 else x  # in this order nan propagates


def leaky_relu(x: float) -> float:
    return LEAK * x if x <= 0.0 else x


def elu(x: float) -> float:
    return math.expm1(x) if x <= 0.0 else x


def maximum(x: float, y: float) -> float:
    return x if x >= y or x != x else y  # nan propagates from either argument


def minimum(x: float, y: float) -> float:
    return x if x <= y or x != x else y


def where(condition: float, x: float, y: float) -> float:
    return x if condition else y


if sys.version_info >= (3, 11):
    cbrt = math.cbrt
else:

    def cbrt(x: float) -> float:
        root = math.copysign(math.fabs(x) ** (1.0 / 3.0), x)  # then one step of Newton's method
        return root - (root * root * root - x) / (3.0 * root * root) if root and math.isfinite(root) else root
