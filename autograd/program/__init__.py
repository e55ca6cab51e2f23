"""Programs: a graph of scalars as a few calls on whole arrays.

In comes a finished graph; out comes a function of arrays, run by NumPy, and its source code.  Read program.py first;
then, in the order of the work: sums.py flattens sums, lower.py groups nodes into instructions, matrices.py finds the
products of matrices among them, plan.py is the result, buffers.py shares memory, machine.py runs it, source.py with
slices.py writes it out.
"""

from autograd.program.program import GradientProgram, Program, Vectorized, vectorize

__all__ = ["GradientProgram", "Program", "Vectorized", "vectorize"]
