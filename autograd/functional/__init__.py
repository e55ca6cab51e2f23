"""Functions of numbers: their derivatives, a check of them, and a recording to be replayed.

In comes a function of Values, and numbers in any structure of lists; out come its derivatives in the same structure.
Read derivatives.py first, then structure.py, which takes structures apart; check.py compares with finite differences;
recording.py calls a function once so that its graph can be replayed, and tracing.py refuses what a replay would miss.
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
