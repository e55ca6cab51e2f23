"""The engine: Values, the operations on them, and the chain rule.

Arithmetic goes in; a graph comes out, and ``backward()`` gives the derivative of its result at every node.  Read first
what micrograd has in one file: value.py records arithmetic as a graph; rules.py is the table of operations and their
derivatives; ``topological_order`` and ``adjoints`` in graph.py are the chain rule.  Then modes.py, recording on and
off; paths.py, what counts where a slope does not exist; op.py, the class of a table row; numerics.py, functions that
math lacks; notation.py, operations, numbers and names as text; forms.py, operations on arrays as trees; checks.py,
argument checks; reductions.py, sums; pickling.py, pickles of deep graphs.  No file imports from another folder.
"""

from autograd.engine.graph import topological_order
from autograd.engine.modes import no_grad, scope
from autograd.engine.notation import label_variables
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
    "label_variables",
    "logsumexp",
    "mean",
    "no_grad",
    "scope",
    "topological_order",
]
