"""For every row of the table: the same function in mpmath, and points to test it at.  A row without points fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp


def bell_below(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


UNIT = [(-0.9,), (-0.3,), (0.0,), (0.4,), (0.95,)]
LINE = [(-3.0,), (-0.7,), (0.0,), (0.2,), (1.0,), (2.5,)]
POSITIVE = [(0.01,), (0.5,), (1.0,), (2.0,), (30.0,)]
BOTH_SIDES = [(-2.0,), (-0.3,), (0.3,), (2.0,)]
PAIRS = [(-2.0, 3.0), (0.5, -0.25), (3.0, 0.7), (1.0, -4.0)]

POINTS: dict[str, tuple[Callable[..., Any], list[tuple[float, ...]]]] = {
    "add": (lambda x, y: x + y, PAIRS),
    "sub": (lambda x, y: x - y, PAIRS),
    "mul": (lambda x, y: x * y, PAIRS),
    "div": (lambda x, y: x / y, PAIRS),
    "pow": (lambda x, y: x**y, [(2.0, 3.0), (0.5, -1.5), (3.0, 0.5), (10.0, 0.1)]),
    "neg": (lambda x: -x, LINE),
    "pos": (lambda x: +x, LINE),
    "exp": (mp.exp, LINE),
    "expm1": (mp.expm1, [*LINE, (1e-12,)]),
    "log": (mp.log, POSITIVE),
    "log1p": (mp.log1p, [(-0.5,), (1e-12,), (0.5,), (3.0,)]),
    "log2": (lambda x: mp.log(x, 2), POSITIVE),
    "log10": (mp.log10, POSITIVE),
    "xlogy": (lambda x, y: x * mp.log(y), [(2.0, 3.0), (-1.5, 0.5), (0.5, 10.0)]),
    "sqrt": (mp.sqrt, POSITIVE),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), BOTH_SIDES),
    "square": (lambda x: x * x, LINE),
    "reciprocal": (lambda x: 1 / x, BOTH_SIDES),
    "hypot": (mp.hypot, PAIRS),
    "sin": (mp.sin, LINE),
    "cos": (mp.cos, LINE),
    "tan": (mp.tan, LINE),
    "arcsin": (mp.asin, UNIT),
    "arccos": (mp.acos, UNIT),
    "arctan": (mp.atan, LINE),
    "arctan2": (mp.atan2, PAIRS),
    "sinh": (mp.sinh, LINE),
    "cosh": (mp.cosh, LINE),
    "tanh": (mp.tanh, LINE),
    "arcsinh": (mp.asinh, LINE),
    "arccosh": (mp.acosh, [(1.1,), (2.0,), (9.0,)]),
    "arctanh": (mp.atanh, UNIT),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), LINE),
    "softplus": (lambda x: mp.log(1 + mp.exp(x)), LINE),
    "silu": (lambda x: x / (1 + mp.exp(-x)), LINE),
    "erf": (mp.erf, LINE),
    "erfc": (mp.erfc, [*LINE, (9.0,)]),
    "gelu": (lambda x: x * bell_below(x), LINE),
    "step": (lambda x: mp.mpf(x > 0), BOTH_SIDES),
    "sign": (mp.sign, BOTH_SIDES),
    "abs": (abs, BOTH_SIDES),
    "relu": (lambda x: x if x > 0 else 0 * x, BOTH_SIDES),
    "leaky_relu": (lambda x: x if x > 0 else x / 100, BOTH_SIDES),
    "elu": (lambda x: x if x > 0 else mp.expm1(x), BOTH_SIDES),
    "maximum": (lambda x, y: x if x >= y else y, PAIRS),
    "minimum": (lambda x, y: x if x <= y else y, PAIRS),
    "where": (lambda c, x, y: x if c else y, [(1.0, 2.0, 3.0), (0.0, 2.0, 3.0), (-0.5, 2.0, 3.0)]),
    "stop_gradient": (lambda x: +x, LINE),
}

NO_SLOPE = {("where", 0), ("stop_gradient", 0)}  # arguments whose slope is 0 by definition
