"""Programs: a graph of scalars as a few calls on whole arrays.

In comes a finished graph; out comes a function of arrays, run by NumPy, and its source.  Read program.py first, with
replay.py; then vectorized.py and examples.py, for functions, and arguments.py.  From nodes to a plan (plan.py): sums.py
flattens sums, schedule.py groups nodes, matrices.py finds products of matrices, lower.py puts it together.  To run it:
forms.py makes calls of an array form, buffers.py shares memory, machine.py calls NumPy, verify.py compares.  To write
it out: source.py, notation.py for expressions, operands.py and slices.py for parts of arrays, names.py for names.
"""

from autograd.program.examples import ExampleProgram
from autograd.program.program import GradientProgram, Program
from autograd.program.vectorized import Vectorized, vectorize

__all__ = ["ExampleProgram", "GradientProgram", "Program", "Vectorized", "vectorize"]
