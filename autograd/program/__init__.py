"""Programs: a graph of scalars compiled to a few calls on whole arrays.

A finished graph goes in; a function of arrays, run by NumPy, and its source code come out.  Read program.py,
gradient.py and replay.py first, then vectorized.py and examples.py for functions, arguments.py, and chunked.py for
Dask.  From nodes to a plan (plan.py): sums.py, schedule.py groups nodes, padding.py makes sums equally long,
matrices.py finds matrix products, lower.py.  To run it: buffers.py places values in memory, chains.py finds maxima,
machine.py calls NumPy, verify.py checks.  As code: source.py; notation.py for expressions, operands.py and slices.py
for parts of arrays, names.py; ported.py and libraries.py for JAX, PyTorch and others; onnx_graph.py.
"""

from autograd.program.examples import ExampleProgram
from autograd.program.gradient import GradientProgram
from autograd.program.libraries import MissingError
from autograd.program.program import Program
from autograd.program.vectorized import Vectorized, vectorize

__all__ = ["ExampleProgram", "GradientProgram", "MissingError", "Program", "Vectorized", "vectorize"]
