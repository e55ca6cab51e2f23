"""Backpropagation, step by step and path by path.

In: a Value.  Out: text.  Read steps.py first: what each node passes to its operands.  paths.py multiplies along each
path, change.py compares the predicted change with the actual one, order.py shows why topological order matters, and
cost.py counts operations; between.py finds the part of the graph that they are about.  No derivative rules are defined
here: the engine has them.
"""

from autograd.explanations.change import what_if
from autograd.explanations.cost import count_operations
from autograd.explanations.order import order_matters
from autograd.explanations.paths import TooManyPathsError, explain
from autograd.explanations.steps import backward_steps, forward_steps

__all__ = [
    "TooManyPathsError",
    "backward_steps",
    "count_operations",
    "explain",
    "forward_steps",
    "order_matters",
    "what_if",
]
