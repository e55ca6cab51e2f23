"""The engine: Values, the operations on them, and the chain rule.

In come numbers and arithmetic; out comes a graph, and by ``backward()`` the derivative of its result by every node.
Read first what micrograd has in one file: value.py, arithmetic becomes a graph; rules.py, the table of operations and
derivatives; ``topological_order`` and ``adjoints`` in graph.py, the chain rule.  Then modes.py, when no graph is
recorded; paths.py, what counts where a slope does not exist; op.py, what a row of the table is; numerics.py, functions
that math lacks; symbols.py, how operations are written; forms.py, operations on arrays as trees; checks.py, messages
for wrong input; reductions.py, sums; pickling.py, copies of deep graphs.  No file here imports another room: a room is
a folder such as this one.
"""

from autograd.engine.graph import topological_order
from autograd.engine.modes import no_grad, scope
from autograd.engine.op import DomainError, Op
from autograd.engine.reductions import dot, logsumexp, mean
from autograd.engine.rules import *  # noqa: F403
from autograd.engine.rules import TABLE
from autograd.engine.rules import abs as abs  # `as` exports a name that is not in __all__
from autograd.engine.rules import pow as pow
from autograd.engine.value import Value, assign

# Without abs and pow: `from autograd import *` must not replace Python's own.
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
