"""Gradient clipping."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value
from autograd.engine.checks import number


def clip_grad_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """Scale all gradients by one factor, so that their Euclidean norm is at most ``max_norm``.

    Returns:
        The norm before clipping.

    Raises:
        ValueError: ``max_norm`` is negative.
        ArithmeticError: a gradient is nan or infinite.

    Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
    """
    parameters = list(parameters)
    norm = math.hypot(*(parameter.grad for parameter in parameters))
    factor = clip_factor(norm, number("max_norm", max_norm, lambda x: x >= 0.0, "a non-negative number"))
    for parameter in parameters if factor != 1.0 else ():
        parameter.grad *= factor
    return norm


def clip_factor(norm: float, max_norm: float) -> float:
    """The factor that scales gradients of this norm so that it is at most ``max_norm``.

    Raises:
        ArithmeticError: the norm is nan or infinite.
    """
    if not math.isfinite(norm):
        raise ArithmeticError(f"the gradients cannot be clipped: their norm is {norm}")
    return max_norm / norm if norm > max_norm else 1.0


def clip_grad_value(parameters: Iterable[Value], limit: float) -> None:
    """Clip each gradient to the interval from -limit to limit.

    Raises:
        ValueError: the limit is negative.
        ArithmeticError: a gradient is nan.
    """
    limit = number("limit", limit, lambda x: x >= 0.0, "a non-negative number")
    parameters = list(parameters)
    if any(math.isnan(parameter.grad) for parameter in parameters):
        raise ArithmeticError("the gradients cannot be clipped: one of them is nan")
    for parameter in parameters:
        parameter.grad = max(-limit, min(limit, parameter.grad))
