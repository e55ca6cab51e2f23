"""Derivatives of functions, gradient checking, and recording for replay.

In: a function, and its arguments as numbers in any nested structure.  Out: its derivatives in the same structure.
Read derivatives.py first, then structure.py, which flattens structures; check.py compares with finite differences;
recording.py calls a function once so that its graph can be replayed; tracing.py rejects code that can't be replayed.
"""

from autograd.functional.check import GradientError, GradientReport, KinkWarning, check_grads
from autograd.functional.derivatives import grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.functional.recording import Recording, record
from autograd.functional.structure import flatten, flatten_like

__all__ = [
    "GradientError",
    "GradientReport",
    "KinkWarning",
    "Recording",
    "check_grads",
    "flatten",
    "flatten_like",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "record",
    "value_and_grad",
    "vjp",
]
