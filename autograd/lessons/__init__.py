"""Backpropagation, step by step, path by path, and as a quiz.

In: a Value.  Out: text.  Read steps.py first: what each node passes to its operands.  paths.py multiplies along each
path, change.py compares the predicted change with the actual one, order.py shows why topological order matters, cost.py
counts operations, and quiz.py asks for gradients worked out by hand, on a page with quiz.js and quiz.css; between.py
finds the part of the graph that they are about.  No derivative rules are defined here: the engine has them.
"""

from autograd.lessons.change import what_if
from autograd.lessons.cost import count_operations
from autograd.lessons.order import order_matters
from autograd.lessons.paths import TooManyPathsError, explain
from autograd.lessons.quiz import quiz
from autograd.lessons.steps import backward_steps, forward_steps

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
