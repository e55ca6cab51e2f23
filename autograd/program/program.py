"""A finished graph of scalars, compiled to NumPy calls and replayed over a whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.engine.checks import describe
from autograd.engine.graph import topological_order
from autograd.engine.modes import gc_paused
from autograd.engine.value import Value
from autograd.javascript.function import function
from autograd.program.arguments import leaves, numbers, other_leaves, values
from autograd.program.chunked import are_chunked, outputs
from autograd.program.gradient import GradientProgram
from autograd.program.lower import Request
from autograd.program.onnx_graph import onnx_model
from autograd.program.plan import Array
from autograd.program.replay import Replay
from autograd.program.source import source


class Program(Replay):
    """A finished graph of scalars, compiled to a few NumPy calls and replayed over a batch.

    Arguments:
        outputs: the Value, or the Values, to compute.
        inputs: leaves whose numbers are passed in each call, one for each sample.
        parameters: leaves whose ``data`` is read in each call; None for all leaves that are not inputs, sorted by
            scope.  A leaf in neither list is a constant: it keeps the number that it has now.
        dtype: float, or numpy.float32.
        exact: do each operation by itself and in the order of the graph, so that +, -, *, / and sqrt round as in eager
            code, to the last bit.  Otherwise sums of products are matrix products, which are faster.

    Raises:
        TypeError: an argument is not a Value.
        ValueError: an input or a parameter is not a leaf, or is given twice.

    >>> x, w = Value(0.0, "x"), Value(3.0, "w")
    >>> program = Program(w * x + 1.0, inputs=[x])
    >>> program([1.0, 2.0])
    array([4., 7.])
    >>> w.data = 10.0
    >>> program([1.0, 2.0])
    array([11., 21.])
    """

    def __init__(
        self,
        outputs: Value | Iterable[Value],
        inputs: Iterable[Value],
        parameters: Iterable[Value] | None = None,
        dtype: Any = float,
        exact: bool = False,
    ) -> None:
        self.single = isinstance(outputs, Value)
        ends = values([outputs] if isinstance(outputs, Value) else outputs, "an output")
        if not ends:
            raise ValueError("a program needs at least one output")
        inputs = leaves(inputs, "an input")
        with gc_paused():
            order = topological_order(*ends)
            parameters = leaves(other_leaves(order, inputs) if parameters is None else parameters, "a parameter")
            super().__init__(Request(ends, inputs, parameters, order=order, exact=exact), dtype)
        self._all = self._slots(0, len(ends))

    def __call__(self, *arrays: Any, parameters: Any = None) -> Any:
        """The outputs for each sample.

        Arguments:
            arrays: for each input a number or an array of shape (B,); or for k inputs an array of shape (k, B).
            parameters: an array with a number for each parameter, used instead of their ``data``.

        Returns:
            An array of shape (B,) for each output, in a list if there are several.  For Dask arrays they are Dask
            arrays, which are computed when they are asked for, block by block: on the cores of this computer, or with a
            ``dask.distributed.Client`` on those of a cluster.  Its workers unpickle the program, so connect only to a
            scheduler that you trust, or secure it by TLS (``distributed.Security``).
        """
        if are_chunked(arrays):
            return outputs(self, arrays, self._vector(parameters))
        samples, batch = self._batch(arrays)
        results = self._results_of(batch, samples, self._vector(parameters))
        return results[0] if self.single else list(results)

    def outputs(self, batch: Array, vector: Array, first: int = 0) -> Array:
        """A row for each output, for an array with a row for each input.

        Arguments:
            batch: the inputs.
            vector: the numbers of the parameters.
            first: the number of the first sample, for error messages.
        """
        return self._results_of([numbers(batch, self.dtype)], batch.shape[1], vector, first)

    def _results_of(self, batch: Sequence[Array], samples: int, vector: Array, first: int = 0) -> Array:
        results = np.empty((len(self.plan.outputs), samples), self.dtype)
        for part, machine in self._blocks(batch, samples, vector, first):
            machine.put(self._all, results[:, part])
        return results

    @classmethod
    def value_and_grad(
        cls,
        loss: Value,
        inputs: Iterable[Value] = (),
        parameters: Iterable[Value] | None = None,
        reduction: str = "mean",
        dtype: Any = float,
        *,
        wrt: Iterable[Value] | None = None,
        plus: Value | None = None,
        weight: Value | None = None,
        outputs: Iterable[Value] = (),
    ) -> GradientProgram:
        """A program that computes the mean (or sum) of a loss over a batch, and its gradient, in one replay.

        value = mean(loss) + plus,  or with weights  sum(weight * loss) / sum(weight) + plus

        Arguments:
            loss: the loss of one sample.
            inputs, parameters, dtype: as for ``Program``.
            reduction: "mean" or "sum".
            wrt: the parameters with respect to which the gradient is computed; None means all.
            plus: a term that is added once and not for each sample, such as an L2 penalty; it depends on no input.
            weight: one of the inputs, the weight of each sample.
            outputs: other nodes, such as the predictions, whose numbers are returned as well.

        >>> x, y, w = Value(0.0), Value(0.0), Value(3.0)
        >>> step = Program.value_and_grad((w * x - y) ** 2, inputs=[x, y], parameters=[w])
        >>> step([1.0, 2.0], [3.0, 5.0])
        (0.5, array([2.]))
        >>> with_penalty = Program.value_and_grad((w * x - y) ** 2, [x, y], [w], plus=0.5 * w * w)
        >>> with_penalty([1.0, 2.0], [3.0, 5.0])
        (5.0, array([5.]))
        """
        return GradientProgram(loss, inputs, parameters, reduction, dtype, wrt, plus, weight, outputs)

    @property
    def source(self) -> str:
        """The program as readable NumPy code.

        It defines a function of ``inputs``, an array with a row for each input, and ``parameters``, an array of their
        numbers; a program without inputs takes only the parameters.  It returns the outputs, a row for each.  The code
        needs only NumPy, and computes the same as the program.  If it calls operations of your own, pass them to
        ``exec``: ``exec(program.source, dict(program.operations))``.

        Sums over some of the values of a list, as in causal attention, may be one matrix product with zeros for the
        others.  Where one of the others is infinite, the code gives nan; the program itself does not.

        >>> x, w, b = Value(0.0, "x"), Value(3.0, "w"), Value(1.0, "b")
        >>> program = Program((w * x + b).tanh(), inputs=[x])
        >>> print("\\n".join(program.source.splitlines()[9:]))
            w1 = parameters[0:1]  # (1,)
            x = inputs            # (1, B)
            b1 = parameters[1:2]  # (1,)
        <BLANKLINE>
            z1 = w1[:, None] * x + b1[:, None]  # (1, B)
            h1 = np.tanh(z1)                    # (1, B)
        <BLANKLINE>
            return h1
        """
        return source(self.plan, "program")

    def to_onnx(
        self,
        dtype: str = "float32",
        names: tuple[str, str] = ("x", "y"),
        about: str = "",
        parameters: Any = None,
        single_input: bool = False,
    ) -> Any:
        """The program as an ONNX model, which ONNX Runtime and others run without Python.

        Its input is an array of shape (N, inputs), a row for each sample; its output one of shape (N, outputs), or (N,)
        for a single output.  Its parameters are constants, with the numbers that they have now.  Of erfc only the
        absolute error is small.

        Arguments:
            dtype: "float32", or "float64", in which ONNX Runtime lacks some functions.
            names: the names of the input and of the output.
            about: a description, which is stored in the model.
            parameters: as for a call.
            single_input: for a program with one input: let the input have the shape (N,).

        Returns:
            An ``onnx.ModelProto``, checked by ``onnx.checker``; ``onnx.save(model, path)`` writes it.

        Raises:
            MissingError: ONNX lacks an operation; the message names it.
            ValueError: a parameter is not finite, or there are no inputs.
            ImportError: onnx is not installed; the message names the extra.
        """
        if dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be 'float32' or 'float64', not {describe(dtype)}")
        if not self.inputs:
            raise ValueError("a program without inputs has no batch, so there is nothing for an ONNX model to compute")
        is_pair = isinstance(names, tuple | list) and len(names) == 2 and names[0] != names[1]
        if not is_pair or not all(isinstance(name, str) and name.isprintable() and name for name in names):
            raise ValueError(f"names must be two different names, of the input and of the output, not {names!r:.60}")
        if single_input and len(self.inputs) > 1:
            raise ValueError(f"this program has {len(self.inputs)} inputs, not a single one")
        single = single_input, self.single
        return onnx_model(self.plan, self._vector(parameters), single, dtype, names, about)

    def to_javascript(self, name: str = "program") -> str:
        """The program as a JavaScript function of one sample, for a web page.  See ``autograd.to_javascript``.

        Arguments:
            name: the name of the function.

        Raises:
            NoJavaScriptError: an operation of your own has no array form.

        >>> x, w = Value(0.0, "x"), Value(3.0, "w")
        >>> print(Program(w * x + 1.0, inputs=[x]).to_javascript())
        function program(inputs, parameters) {
          const [x] = inputs;
          const [w] = parameters;
          return w * x + 1;
        }
        """
        return function(*self._graph(), name, self.single)
