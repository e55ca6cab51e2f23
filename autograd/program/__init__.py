"""Programs: a graph of scalars as a few calls on whole arrays.

In comes a finished graph; out comes a function of arrays, run by NumPy, and its source code.  Read program.py first;
examples.py is for functions of structured examples.  From nodes to instructions: sums.py flattens sums, lower.py groups
nodes, matrices.py finds products of matrices, plan.py is the result.  To run it: forms.py makes a tree of an array
form, buffers.py shares memory, machine.py calls NumPy.  To write it out: source.py, with notation.py for expressions,
operands.py and slices.py for parts of arrays, names.py for names.
"""

from autograd.program.examples import ExampleProgram
from autograd.program.program import GradientProgram, Program, Vectorized, vectorize

__all__ = ["ExampleProgram", "GradientProgram", "Program", "Vectorized", "vectorize"]
