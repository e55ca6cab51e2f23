"""Backpropagation, step by step, path by path, and as a quiz.

In comes a Value; out comes text: what each node passes to its operands, the product along each path, what a small
change would do, why the order matters, what each mode costs.  Read explain.py first; quiz.py asks for gradients found
by hand.  Nothing here finds a derivative: the engine does.
"""

from autograd.lessons.explain import (
    TooManyPathsError,
    backward_steps,
    count_operations,
    explain,
    forward_steps,
    order_matters,
    what_if,
)
from autograd.lessons.quiz import quiz

__all__ = [
    "TooManyPathsError",
    "backward_steps",
    "count_operations",
    "explain",
    "forward_steps",
    "order_matters",
    "quiz",
    "what_if",
]
