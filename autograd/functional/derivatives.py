"""Derivatives of functions: grad, value_and_grad, jacobian, hessian, jvp, vjp, hvp.

Each of them calls the function once on new Values, and applies the chain rule of graph.py to the recorded graph.  The
arguments may be numbers, or nested lists, tuples, dictionaries or arrays of numbers; a gradient has the structure of
the argument.  If only numbers are involved, the result consists of numbers.  If an argument holds Values, or the
function uses Values from its enclosing scope, the result consists of Values, which can be differentiated again.  So
these functions can be nested.

New Values keep nested derivatives apart.  In

    grad(lambda x: x * grad(lambda y: x * y)(x))

the inner derivative is d(x * y)/dy = x, at y = x.  If the inner function were called with x itself, it would return
x * x, whose derivative is 2 * x.  So it is called with ``+x``, a new node that depends on x.

An inner function may also use the variable of an outer one from its enclosing scope.  In

    grad(lambda w: grad(lambda y: w * y * y)(3.0))(2.0)

the inner derivative is 2 * w * y.  If it were returned as the number 12.0, the outer derivative would be 0.  So a
result is a number only if it does not depend on a Value of the user, or on a variable of a function that is still
running.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd.engine.checks import describe, name_of
from autograd.engine.graph import adjoint_graph, adjoints, tangents, topological_order
from autograd.engine.modes import enable_grad, gc_paused
from autograd.engine.paths import constantly_zero
from autograd.engine.value import Value, is_array
from autograd.functional.structure import Unflatten, flatten, flatten_like

Function = Callable[..., Any]


def gradients(y: Value, xs: Sequence[Value]) -> list[Value]:
    """The derivatives dy/dx as Values, which can be differentiated again.

    Arguments:
        y: the Value to differentiate.
        xs: the Values to differentiate with respect to; they need not be leaves.

    Returns:
        One Value for each x; its number is 0.0 if y does not depend on x.  No ``grad`` attribute changes.

    Raises:
        TypeError: y or one of xs is not a Value.
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist, e.g. that of sqrt at 0.

    >>> x = Value(2.0)
    >>> (slope,) = gradients(x**3, [x])
    >>> (curvature,) = gradients(slope, [x])
    >>> slope.data, curvature.data
    (12.0, 12.0)
    """
    if not isinstance(y, Value):
        raise TypeError(f"gradients(y, xs) needs a Value to differentiate, not {describe(y)}")
    xs = xs if isinstance(xs, Value) else list(xs)
    if isinstance(xs, Value) or not all(isinstance(x, Value) for x in xs):
        raise TypeError(f"gradients(y, xs) needs a list of Values to differentiate with respect to, not {describe(xs)}")
    with gc_paused():
        order = topological_order(y)
        adjoint = adjoint_graph(order, {y: 1.0}, xs)
    given = set(order)
    # A derivative may be a node of the graph: d(x * w)/dx is w.  Return +w, so that the caller can label or change it.
    found = [adjoint.get(x, 0.0) for x in xs]
    return [Value(dx) if isinstance(dx, float) else +dx if dx in given else dx for dx in found]


def grad(f: Function, argnum: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The function that computes the gradient of f.

    Arguments:
        f: a function that returns one number.
        argnum: the index of the argument to differentiate with respect to; a tuple of indices gives a tuple of
            gradients.
        has_aux: f returns a pair: the number, and auxiliary data that is not differentiated, such as predictions.  The
            result is then the pair of the gradient and the data, with numbers where the gradient has numbers.

    Returns:
        A function of the same arguments.  Its result has the structure of argument ``argnum``, and consists of numbers,
        or of Values if an argument holds Values or f uses Values from its enclosing scope.

    Raises:
        TypeError: when called, if f does not return one number.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda w, x: w[0] * x + w[1])([3.0, 1.0], 2.0)
    [2.0, 1.0]
    """
    both = value_and_grad(f, argnum, has_aux)

    @functools.wraps(f, assigned=("__doc__", "__module__"), updated=())
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, slope = both(*args, **kwargs)
        return (slope, value[1]) if has_aux else slope

    return gradient


def value_and_grad(f: Function, argnum: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The function that computes the value of f and its gradient, with one call of f.

    Arguments and errors are those of ``grad``; with ``has_aux``, the value is the pair that f returns.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    >>> value_and_grad(lambda x: (x**3, {"half": x / 2.0}), has_aux=True)(2.0)
    ((8.0, {'half': 1.0}), 12.0)
    """

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        trace = _Trace(f, args, argnum, kwargs, has_aux=has_aux)
        y = trace.scalar()
        value = (trace.result(y), trace.auxiliary()) if has_aux else trace.result(y)
        return value, trace.unflatten(iter(trace.adjoints({y: 1.0})))

    return value_and_gradient


def jacobian(f: Function, argnum: int | tuple[int, ...] = 0, mode: str | None = None) -> Function:
    """The function that computes the Jacobian of f: the derivative of every output by every number in an argument.

    J[i][j] = dy_i / dx_j

    Arguments:
        f: a function of numbers, or structures of them, that returns numbers, or a structure of them.
        argnum: the index of the argument to differentiate with respect to; a tuple of indices gives a tuple for each
            output.
        mode: "reverse" makes one pass over the graph for each output, "forward" one for each number in the argument;
            None chooses the mode with fewer passes.  f is called once in either mode.

    Returns:
        A function of the arguments of f.  Its result has the structure of f's result, where each number is replaced by
        a structure like the argument; for arrays, it is an array of shape ``y.shape + x.shape``.

    Raises:
        ValueError: the mode is not "reverse", "forward" or None.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    >>> jacobian(lambda x, y: [x * y, x + y, x - y], argnum=1, mode="forward")(2.0, 3.0)
    [2.0, 1.0, -1.0]
    """
    if mode not in (None, "forward", "reverse"):
        raise ValueError(f"mode must be 'forward', 'reverse' or None, not {mode!r}")

    def matrix(*args: Any, **kwargs: Any) -> Any:
        trace = _Trace(f, args, argnum, kwargs)
        if mode == "forward" or (mode is None and len(trace.nodes) < len(trace.outputs)):
            columns = [trace.tangents({x: 1.0}) for x in trace.nodes]
            rows = [[column[i] for column in columns] for i in range(len(trace.outputs))]
        else:
            rows = [trace.adjoints({y: 1.0}) for y in trace.outputs]
        return trace.rebuild_output(iter([trace.unflatten(iter(row)) for row in rows]))

    return matrix


def hessian(f: Function) -> Function:
    """The function that computes the Hessian of f, its second derivatives; f must return one number.

    H[i][j] = d2y / (dx_i dx_j)

    Returns:
        A function of the arguments of f.  Its result has the structure of the first argument, where each number is
        replaced by that structure again; for an array, it is an array of shape ``x.shape + x.shape``.

    Raises:
        TypeError: when called, if f does not return one number.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 5.0])
    [[10.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f))


def jvp(f: Function, xs: Any, vs: Any) -> tuple[Any, Any]:
    """Jacobian-vector product: f(xs) and J v, its directional derivative along vs, in forward mode.

    Arguments:
        f: a function of one argument.
        xs: the argument.
        vs: the direction, with the structure of xs.

    Returns:
        f(xs) and the directional derivative, both with the structure of f's result.

    Raises:
        ValueError: vs does not have the structure of xs.

    >>> jvp(lambda x: x[0] * x[1], [2.0, 3.0], [1.0, 0.0])
    (6.0, 3.0)
    """
    trace = _Trace(f, (xs,), 0, {}, direction=vs)
    seeds = dict(zip(trace.nodes, _plain(flatten_like(vs, xs, "the direction vs")), strict=True))
    return trace.value(), trace.rebuild_output(iter(trace.tangents(seeds)))


def vjp(f: Function, xs: Any) -> tuple[Any, Function]:
    """Vector-Jacobian product: f(xs), and the function that maps v to v J, in reverse mode.

    Arguments:
        f: a function of one argument.
        xs: the argument.

    Returns:
        f(xs), and a function that takes v, with the structure of f's result, and returns v J, with the structure of xs.

    >>> y, pull = vjp(lambda x: [x[0] * x[1], x[0] + x[1]], [2.0, 3.0])
    >>> y, pull([1.0, 10.0])
    ([6.0, 5.0], [13.0, 12.0])
    """
    trace = _Trace(f, (xs,), 0, {})

    def pull(vs: Any) -> Any:
        weights = _plain(flatten_like(vs, trace.output, "the vector"))
        seeds: dict[Any, Any] = {}
        for y, weight in zip(trace.outputs, weights, strict=True):
            seeds[y] = seeds[y] + weight if y in seeds else weight
        plain = trace.plain and not any(isinstance(weight, Value) for weight in weights)
        return trace.unflatten(iter(trace.adjoints(seeds, plain)))

    return trace.value(), pull


def hvp(f: Function, xs: Any, vs: Any) -> Any:
    """Hessian-vector product H v, without computing the Hessian: forward mode over reverse mode.

    Arguments:
        f: a function of one argument that returns one number.
        xs: the argument.
        vs: the vector, with the structure of xs.

    Source: Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6, 1994.

    >>> hvp(lambda x: x[0] ** 2 * x[1], [3.0, 5.0], [1.0, 0.0])
    [10.0, 6.0]
    """
    return jvp(grad(f), xs, vs)[1]


class Variable(Value):
    """A leaf that replaces a number to differentiate with respect to.

    Attributes:
        trace: the function call that it was made for.
    """

    __slots__ = ("trace",)

    def __init__(self, number: Any, trace: _Trace) -> None:
        super().__init__(number)
        self.trace = trace

    def _may_be_copied(self) -> None:
        super()._may_be_copied()
        if self.trace.running:
            raise TypeError(
                "cannot copy a variable of the function that is being differentiated: the copy would be a constant, "
                "and the derivative would miss it; use the variable itself, or x.detach() for a constant"
            )


def differentiated(leaves: Iterable[Value]) -> list[Variable]:
    """Those of the leaves that are variables of a function that is still running."""
    return [leaf for leaf in leaves if isinstance(leaf, Variable) and leaf.trace.running]


class _Constant(Value):
    """A leaf that holds a constant derivative where a Value is needed."""

    __slots__ = ()


class _Trace:
    """One call of f, with new Values for the numbers to differentiate with respect to.

    Attributes:
        nodes: the new Values.
        running: True until f returns.
        plain: whether only plain numbers were traced, so that the results are numbers too.  Otherwise the results may
            be differentiated again, with respect to a Value in the arguments, or one that f uses from its enclosing
            scope, such as the variable of an outer function.
    """

    def __init__(
        self,
        f: Function,
        args: Sequence[Any],
        argnum: int | tuple[int, ...],
        kwargs: Any,
        direction: Any = (),
        has_aux: bool = False,
    ) -> None:
        args = list(args)
        picked = argnum if isinstance(argnum, tuple) else (argnum,)
        fits = all(isinstance(i, int) and -len(args) <= i < len(args) for i in picked)
        if not fits or len({i % len(args) for i in picked}) < len(picked):
            raise TypeError(
                f"cannot differentiate with respect to argument {argnum!r}: {len(args)} positional argument(s) given"
            )
        leaves, unflatten = flatten(tuple(args[i] for i in picked))
        given = leaves + flatten(direction)[0]
        self.unflatten: Unflatten = unflatten if isinstance(argnum, tuple) else lambda new: unflatten(new)[0]
        self.running = True
        try:
            with gc_paused(), enable_grad():
                self.nodes = [+x if isinstance(x, Value) else Variable(x, self) for x in leaves]
                for i, fresh in zip(picked, unflatten(iter(self.nodes)), strict=True):
                    args[i] = fresh
                y = f(*args, **kwargs)
        finally:
            self.running = False
        self.f = f
        self.aux: Any = ()
        if has_aux:
            if not isinstance(y, tuple) or len(y) != 2:
                raise TypeError(f"with has_aux, {name_of(f)} must return (number, auxiliary data), not {describe(y)}")
            y, self.aux = y
        self.output = y
        try:
            self.outputs, self.rebuild_output = flatten(y)
        except TypeError as error:
            raise TypeError(f"{name_of(f)} must return numbers: {error}") from None
        self.recorded = [y for y in self.outputs if isinstance(y, Value)]
        self.plain = not any(isinstance(x, Value) for x in given) and self._is_plain(self.recorded)

    def _is_plain(self, ends: Iterable[Value]) -> bool:
        """Whether these depend only on constants and on variables of functions that have returned."""
        leaves = [node for node in topological_order(*ends) if node.op is None]
        return all(isinstance(leaf, Variable | _Constant) for leaf in leaves) and not differentiated(leaves)

    def scalar(self) -> Any:
        """The single number that f returned."""
        if len(self.outputs) != 1:
            raise TypeError(
                f"a gradient needs a function that returns one number, but {name_of(self.f)} returned "
                f"{len(self.outputs)}; use jacobian"
            )
        return self.outputs[0]

    def value(self) -> Any:
        return self.rebuild_output(iter([self.result(y) for y in self.outputs]))

    def result(self, y: Any) -> Any:
        """y as a float if only plain numbers were traced, otherwise as a Value."""
        if self.plain:
            return y._data if isinstance(y, Value) else float(y)
        return _value(y)

    def auxiliary(self) -> Any:
        """The auxiliary data of f, with numbers in place of the Values that depend only on plain numbers."""

        def plain(thing: Any) -> Any:
            if isinstance(thing, Value):
                return thing._data if self.plain and self._is_plain([thing]) else thing
            if isinstance(thing, dict):
                return {key: plain(part) for key, part in thing.items()}
            if isinstance(thing, list | tuple):
                parts = [plain(part) for part in thing]
                return type(thing)(*parts) if hasattr(thing, "_fields") else type(thing)(parts)
            if is_array(thing) and thing.dtype == object:
                numbers, unflatten = flatten(thing)
                return unflatten(iter([plain(x) for x in numbers]))
            return thing

        return plain(self.aux)

    def adjoints(self, seeds: dict[Any, Any], plain: bool | None = None) -> list[Any]:
        """The derivative of the sum of the outputs, weighted by the seeds, with respect to each node."""
        seeds = {y: seed for y, seed in seeds.items() if isinstance(y, Value) and not constantly_zero(seed)}
        order = topological_order(*seeds)
        if self.plain if plain is None else plain:
            adjoint = adjoints(order, seeds, self.nodes)
            return [adjoint.get(x, 0.0) for x in self.nodes]
        with gc_paused(), enable_grad():
            graph = adjoint_graph(order, seeds, self.nodes)
            return [_value(graph.get(x, 0.0)) for x in self.nodes]

    def tangents(self, seeds: dict[Any, Any]) -> list[Any]:
        """The derivative of each output in the direction of the seeds."""
        seeds = {x: seed for x, seed in seeds.items() if not constantly_zero(seed)}
        with gc_paused(), enable_grad():
            moved = tangents(topological_order(*self.recorded), seeds, self.recorded, graph=not self.plain)
            return [self.result(moved.get(y, 0.0) if isinstance(y, Value) else 0.0) for y in self.outputs]


def _value(x: Any) -> Value:
    return x if isinstance(x, Value) else _Constant(x)


def _plain(numbers: Iterable[Any]) -> list[Any]:
    """Numbers as floats, Values unchanged."""
    return [x if isinstance(x, Value) else float(x) for x in numbers]
