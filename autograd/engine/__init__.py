"""The engine: Values, the operations on them, and the chain rule.

In come numbers and arithmetic; out comes a graph, and by ``backward()`` the derivative of its result by every node.
Read rules.py first: all operations with their derivatives.  Then graph.py, the chain rule over a graph; value.py, how
arithmetic becomes a graph; modes.py, when it does not; paths.py, which paths count where a slope does not exist.
op.py is what a row of the table is, numerics.py what math lacks, symbols.py how operations are written, checks.py how
what was given is checked, reductions.py sums, pickling.py copies of deep graphs.  No file here imports another room.
"""

from autograd.engine.graph import topological_order
from autograd.engine.modes import no_grad, scope
from autograd.engine.op import DomainError, Op
from autograd.engine.reductions import dot, logsumexp, mean
from autograd.engine.rules import *  # noqa: F403
from autograd.engine.rules import TABLE
from autograd.engine.rules import abs as abs
from autograd.engine.rules import pow as pow
from autograd.engine.value import Value, assign

# Without abs and pow, so that `from autograd import *` leaves Python's own alone.
__all__ = [
    *(row.name for row in TABLE if row.name not in ("abs", "pow")),
    "TABLE",
    "DomainError",
    "Op",
    "Value",
    "assign",
    "dot",
    "logsumexp",
    "mean",
    "no_grad",
    "scope",
    "topological_order",
]
