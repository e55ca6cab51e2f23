"""Derivatives of functions: grad, value_and_grad, jacobian, hessian, jvp, vjp, hvp.

Each of them calls the function once on fresh Values, takes the recorded graph, and applies the chain rule of graph.py
to it.  The function may work on numbers or on nested lists, tuples, dictionaries or arrays of numbers, and the result
has the structure of the argument.  Given numbers, the result is numbers; given Values, or if the function uses
Values from outside, it is Values, which can be differentiated again.  So these functions can be nested.

Fresh Values keep nested derivatives apart.  In

    grad(lambda x: x * grad(lambda y: x * y)(x))

the inner derivative, with respect to y at y = x, is x.  If the inner function were called with x itself, its result
x * x would have the derivative 2 * x.  So it is called with ``+x``, a new node that leads back to x.

An inner function may also use the variable of an outer one from its enclosing scope.  In

    grad(lambda w: grad(lambda y: w * y * y)(3.0))(2.0)

the inner derivative is 2 * w * y: if it were returned as the number 12.0, the outer one would be 0.  So a result is a
number only if it was computed from nothing but numbers: from no Value of the user's, and no variable of a function that
is still running.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd.engine.checks import describe
from autograd.engine.graph import adjoint_graph, adjoints, tangents, topological_order
from autograd.engine.modes import enable_grad, gc_paused
from autograd.engine.value import Value, is_array
from autograd.functional.structure import Unflatten, flatten, flatten_like

Function = Callable[..., Any]


def gradients(y: Value, xs: Sequence[Value]) -> list[Value]:
    """The derivatives dy/dx as Values, which can be differentiated again.

    Arguments:
        y: the Value to differentiate.
        xs: the Values, leaves or not, with respect to which.

    Returns:
        One Value for each x; 0.0 where y does not depend on it.  No ``grad`` is changed.

    Raises:
        TypeError: y or one of xs is not a Value.
        ZeroDivisionError, ValueError, OverflowError: a derivative does not exist, such as that of sqrt at 0.

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
        raise TypeError(f"gradients(y, xs) needs a list of Values to differentiate by, not {describe(xs)}")
    with gc_paused():
        order = topological_order(y)
        adjoint = adjoint_graph(order, {y: 1.0}, xs)
    given = set(order)
    # A slope may be a node of the graph itself, as d(x * w)/dx is w; +w lets the caller label or change the result.
    found = [adjoint.get(x, 0.0) for x in xs]
    return [Value(dx) if isinstance(dx, float) else +dx if dx in given else dx for dx in found]


def grad(f: Function, argnum: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The function that gives the gradient of f.

    Arguments:
        f: a function that gives one number.
        argnum: the argument to differentiate by; several give a tuple of gradients.
        has_aux: f returns a pair: the number, and auxiliary data that is not differentiated, such as predictions.  The
            result is then the pair of the gradient and the data, with numbers where the gradient has numbers.

    Returns:
        A function of the same arguments; its result has the structure of argument ``argnum``: numbers, or Values
        where Values are given or f uses some from outside.

    Raises:
        TypeError: when called, if f does not give one number.

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
    """The function that gives the value of f and its gradient, from one recording.

    Arguments and errors as for ``grad``; with ``has_aux`` the value is the pair that f gives.

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
    """The function that gives the derivative of every output of f with respect to every number in an argument.

    J[i][j] = dy_i / dx_j

    Arguments:
        f: a function of numbers, or structures of them, that gives numbers, or a structure of them.
        argnum: the argument to differentiate by; several give a tuple for each output.
        mode: "reverse" makes one pass over the graph for each output, "forward" one for each number in the argument;
            None takes the mode with fewer passes.  f is called once in any case.

    Returns:
        A function of the arguments of f.  Its result has the structure of f's result, with the structure of the
        argument for each number; for arrays an array of shape ``y.shape + x.shape``.

    Raises:
        ValueError: the mode is not one of these.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    >>> jacobian(lambda x, y: [x * y, x + y, x - y], argnum=1, mode="forward")(2.0, 3.0)
    [2.0, 1.0, -1.0]
    """
    if mode not in (None, "forward", "reverse"):
        raise ValueError(f"mode is 'forward', 'reverse' or None, not {mode!r}")

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
    """The function that gives all second derivatives of f, which gives one number.

    H[i][j] = d2y / dx_i dx_j

    Returns:
        A function of the arguments of f.  Its result has the structure of the first argument, with that structure again
        for each number; for an array an array of shape ``x.shape + x.shape``.

    Raises:
        TypeError: when called, if f does not give one number.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 5.0])
    [[10.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f))


def jvp(f: Function, xs: Any, vs: Any) -> tuple[Any, Any]:
    """The value of f(xs) and its derivative along vs, J v, in forward mode: the Jacobian times a vector.

    Arguments:
        f: a function of one argument.
        xs: the argument.
        vs: the direction, with the structure of xs.

    Returns:
        f(xs) and the derivative, both with the structure of f's result.

    Raises:
        ValueError: vs does not have the structure of xs.

    >>> jvp(lambda x: x[0] * x[1], [2.0, 3.0], [1.0, 0.0])
    (6.0, 3.0)
    """
    trace = _Trace(f, (xs,), 0, {}, direction=vs)
    seeds = dict(zip(trace.nodes, _plain(flatten_like(vs, xs, "the direction vs")), strict=True))
    return trace.value(), trace.rebuild_output(iter(trace.tangents(seeds)))


def vjp(f: Function, xs: Any) -> tuple[Any, Function]:
    """The value of f(xs), and the function from v to v J, in reverse mode: a vector times the Jacobian.

    Arguments:
        f: a function of one argument.
        xs: the argument.

    Returns:
        f(xs) and a function from a vector with the structure of f's result to one with the structure of xs.

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
    """The Hessian of f times a vector, H v, without the Hessian: forward mode over reverse mode.

    Arguments:
        f: a function of one argument that gives one number.
        xs: the argument.
        vs: the vector, with the structure of xs.

    Source: Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6, 1994.

    >>> hvp(lambda x: x[0] ** 2 * x[1], [3.0, 5.0], [1.0, 0.0])
    [10.0, 6.0]
    """
    return jvp(grad(f), xs, vs)[1]


class Variable(Value):
    """A leaf that replaces a number to differentiate by.

    Attributes:
        trace: the call of the function that it was made for.
    """

    __slots__ = ("trace",)

    trace: _Trace

    def _may_be_copied(self) -> None:
        if self.trace.running:
            raise TypeError(
                "a copy of the variable that a function is differentiated by would be a constant, and its part in the "
                "derivative lost; use the variable itself, or x.detach() for a constant"
            )


def differentiated(leaves: Iterable[Value]) -> list[Variable]:
    """The leaves that a function that is still running is being differentiated by."""
    return [leaf for leaf in leaves if isinstance(leaf, Variable) and leaf.trace.running]


class _Constant(Value):
    """A leaf for a derivative that is a constant, where a Value is needed."""

    __slots__ = ()


class _Trace:
    """One call of f, with fresh Values for the numbers to differentiate by.

    Attributes:
        nodes: the fresh Values.
        running: whether f has not returned yet.
        plain: whether only plain numbers were traced, so that the results are numbers too.  Otherwise the results may
            have to be differentiated again: by a Value that was given, or by one that f uses from outside, such as the
            variable of an enclosing function.
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
            raise TypeError(f"cannot differentiate by argument {argnum!r}: {len(args)} positional argument(s) given")
        leaves, unflatten = flatten(tuple(args[i] for i in picked))
        given = leaves + flatten(direction)[0]
        self.unflatten: Unflatten = unflatten if isinstance(argnum, tuple) else lambda new: unflatten(new)[0]
        self.running = True
        try:
            with gc_paused(), enable_grad():
                self.nodes = [+x if isinstance(x, Value) else self._variable(x) for x in leaves]
                for i, fresh in zip(picked, unflatten(iter(self.nodes)), strict=True):
                    args[i] = fresh
                y = f(*args, **kwargs)
        finally:
            self.running = False
        self.f = f
        self.aux: Any = ()
        if has_aux:
            if not isinstance(y, tuple) or len(y) != 2:
                raise TypeError(f"with has_aux {_name(f)} must give a number and something else, not {describe(y)}")
            y, self.aux = y
        self.output = y
        try:
            self.outputs, self.rebuild_output = flatten(y)
        except TypeError as error:
            raise TypeError(f"{_name(f)} must give numbers: {error}") from None
        self.recorded = [y for y in self.outputs if isinstance(y, Value)]
        self.plain = not any(isinstance(x, Value) for x in given) and self._is_plain(self.recorded)

    def _variable(self, x: Any) -> Value:
        found = Variable(x)
        found.trace = self
        return found

    def _is_plain(self, ends: Iterable[Value]) -> bool:
        """Whether these depend only on constants, and on variables of functions that have returned."""
        leaves = [node for node in topological_order(*ends) if node.op is None]
        return all(isinstance(leaf, Variable | _Constant) for leaf in leaves) and not differentiated(leaves)

    def scalar(self) -> Any:
        """The single number that f returned."""
        if len(self.outputs) != 1:
            raise TypeError(
                f"a gradient needs a function that gives one number, but {_name(self.f)} gave {len(self.outputs)}; "
                "use jacobian"
            )
        return self.outputs[0]

    def value(self) -> Any:
        return self.rebuild_output(iter([self.result(y) for y in self.outputs]))

    def result(self, y: Any) -> Any:
        """y as a float if only plain numbers were traced, and else as a Value."""
        if self.plain:
            return y._data if isinstance(y, Value) else float(y)
        return _value(y)

    def auxiliary(self) -> Any:
        """The auxiliary data of f, with numbers for Values that depend on plain numbers only."""

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
        """The derivative by each number given, of the outputs weighted by the seeds."""
        seeds = {y: seed for y, seed in seeds.items() if isinstance(y, Value) and not _is_zero(seed)}
        order = topological_order(*seeds)
        if self.plain if plain is None else plain:
            adjoint = adjoints(order, seeds, self.nodes)
            return [adjoint.get(x, 0.0) for x in self.nodes]
        with gc_paused(), enable_grad():
            graph = adjoint_graph(order, seeds, self.nodes)
            return [_value(graph.get(x, 0.0)) for x in self.nodes]

    def tangents(self, seeds: dict[Any, Any]) -> list[Any]:
        """The derivative of each output along the direction of the seeds."""
        seeds = {x: seed for x, seed in seeds.items() if not _is_zero(seed)}
        with gc_paused(), enable_grad():
            moved = tangents(topological_order(*self.recorded), seeds, self.recorded, graph=not self.plain)
            return [self.result(moved.get(y, 0.0) if isinstance(y, Value) else 0.0) for y in self.outputs]


def _is_zero(seed: Any) -> bool:
    """Whether a weight is the number 0, so that what it belongs to has no part in the derivative."""
    return type(seed) is float and seed == 0.0


def _value(x: Any) -> Value:
    return x if isinstance(x, Value) else _Constant(x)


def _plain(numbers: Iterable[Any]) -> list[Any]:
    """Numbers as floats, Values as they are."""
    return [x if isinstance(x, Value) else float(x) for x in numbers]


def _name(f: Function) -> str:
    return getattr(f, "__name__", "the function")
