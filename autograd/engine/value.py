"""Value: a number that remembers how it was made."""

from __future__ import annotations

import operator
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from itertools import repeat
from numbers import Real
from typing import Any, NoReturn, SupportsFloat, cast

from autograd.engine import rules
from autograd.engine.checks import describe, text, to_float
from autograd.engine.graph import adjoints, edges, no_derivative_error, topological_order
from autograd.engine.modes import active_replays, mode, refuse_in_replays, replaying
from autograd.engine.notation import INFIX
from autograd.engine.op import Op, undefined_error
from autograd.engine.pickling import reduce_graph

Operand = Any  # a Value or a number: int, float, bool, Fraction, a NumPy scalar


class Value:
    """A number that remembers how it was made, so that its derivatives can be found.

    Arithmetic on Values gives Values.  Each result holds its operation and its arguments, and so the graph of the
    whole computation; ``backward()`` walks it from the result to the leaves.

    Arguments:
        data: the number: int, float, bool, Fraction or a NumPy scalar; kept as a float.
        label: a name for messages and pictures.

    Attributes:
        data: the number, always a float.  May be set, to any number.
        grad: dL/d(this), where L is the Value whose ``backward()`` ran; 0.0 before.
        op: the operation that made this Value, a row of the table in ``rules.py``; None for a leaf.
        args: its arguments, in order: Values and floats.
        label: the name; may be set at any time.
        scope: the module in which the Value was made, e.g. ``"layers.0/neurons.2"``; see ``scope()``.

    Raises:
        TypeError: data is not a number.

    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> y = (x * w + 7.0).tanh()
    >>> y.backward()
    >>> print(f"{y:.4f}", f"{w.grad:.4f}")
    0.7616 0.8399
    >>> x * w
    Value(data=-6.0, grad=-)
    """

    __slots__ = ("_data", "_grad", "args", "label", "op", "scope")

    _data: float  # what this library reads; the property ``data`` checks what is assigned
    op: Op | None
    args: tuple[Value | float, ...]
    label: str
    scope: str
    _grad: float | None  # None until a backward pass reaches it, so that pictures can tell "not yet" from zero

    def __init__(self, data: SupportsFloat, label: str = "") -> None:
        if isinstance(data, Value):
            raise TypeError("Value(v) of a Value v would cut the graph; use v itself, or v.detach() to cut it")
        if not isinstance(label, str):
            raise TypeError(f"a label must be a string, not {describe(label)}")
        self._data = as_float(data)
        self._grad = None
        self.op = None
        self.args = ()
        self.label = label
        current = _mode()  # what results become, see modes.py; usually it is just a string, the name of the scope
        self.scope = current if type(current) is str else current.scope

    # ------------------------------------------------------------------------------------------------------ arithmetic

    def __add__(self, other: Operand) -> Value:
        return binary(rules.add, self, other)

    def __radd__(self, other: Operand) -> Value:
        return binary(rules.add, other, self)

    def __sub__(self, other: Operand) -> Value:
        return binary(rules.sub, self, other)

    def __rsub__(self, other: Operand) -> Value:
        return binary(rules.sub, other, self)

    def __mul__(self, other: Operand) -> Value:
        return binary(rules.mul, self, other)

    def __rmul__(self, other: Operand) -> Value:
        return binary(rules.mul, other, self)

    def __truediv__(self, other: Operand) -> Value:
        return binary(rules.div, self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return binary(rules.div, other, self)

    def __pow__(self, other: Operand) -> Value:
        return binary(rules.pow, self, other)

    def __rpow__(self, other: Operand) -> Value:
        return binary(rules.pow, other, self)

    def __mod__(self, other: Operand) -> NoReturn:
        _no_slope("%", "x - y * math.floor(x.data / y), whose slope in x is 1")

    def __floordiv__(self, other: Operand) -> NoReturn:
        _no_slope("//", "math.floor(x.data / y), which is a plain number")

    def __round__(self, digits: int | None = None) -> NoReturn:
        _no_slope("round()", "round(x.data), which is a plain number, or print(f'{x:.2f}')")

    __rmod__ = __divmod__ = __rdivmod__ = __mod__
    __rfloordiv__ = __floordiv__

    def __neg__(self) -> Value:
        return unary(rules.neg, self)

    def __pos__(self) -> Value:
        return unary(rules.pos, self)

    def __abs__(self) -> Value:
        return unary(rules.abs, self)

    # Like a function, an operation becomes a method as a class attribute: x.tanh() is tanh(x).  Operations that are not
    # listed here are functions only.

    exp, expm1, log, log1p, log2, log10 = rules.exp, rules.expm1, rules.log, rules.log1p, rules.log2, rules.log10
    sqrt, cbrt, square, reciprocal = rules.sqrt, rules.cbrt, rules.square, rules.reciprocal
    sin, cos, tan = rules.sin, rules.cos, rules.tan
    arcsin, arccos, arctan, arctan2 = rules.arcsin, rules.arccos, rules.arctan, rules.arctan2
    sinh, cosh, tanh = rules.sinh, rules.cosh, rules.tanh
    arcsinh, arccosh, arctanh = rules.arcsinh, rules.arccosh, rules.arctanh
    sigmoid, softplus, silu, gelu = rules.sigmoid, rules.softplus, rules.silu, rules.gelu
    erf, erfc = rules.erf, rules.erfc
    relu, leaky_relu, elu = rules.relu, rules.leaky_relu, rules.elu
    abs, sign, step = rules.abs, rules.sign, rules.step
    maximum, minimum, hypot, xlogy, where = rules.maximum, rules.minimum, rules.hypot, rules.xlogy, rules.where
    stop_gradient = rules.stop_gradient

    # ----------------------------------------------------------------------------------------------------- comparisons

    def __lt__(self, other: Operand) -> bool:
        return compare(operator.lt, self, other)

    def __le__(self, other: Operand) -> bool:
        return compare(operator.le, self, other)

    def __gt__(self, other: Operand) -> bool:
        return compare(operator.gt, self, other)

    def __ge__(self, other: Operand) -> bool:
        return compare(operator.ge, self, other)

    # There is no __eq__: a Value equals only itself, so Values can be dictionary keys and set members.

    def __bool__(self) -> bool:
        raise TypeError("a Value has no truth value; compare it (v > 0.0) or use v.data")

    def __float__(self) -> float:
        raise TypeError(
            "a Value is not converted to a float automatically, because its gradient would be lost; "
            "use v.data, or autograd.exp(v) instead of math.exp(v) to keep the gradient"
        )

    # ----------------------------------------------------------------------------------------------------------- number

    @property
    def data(self) -> float:
        """The number.  May be set to any number, which is kept as a float; a Value or a string is a TypeError.

        Reading or setting it is an error while a graph is recorded to be replayed with other numbers; see modes.py.
        """
        if active_replays:
            refuse_in_replays("the number of a Value (.data, .item(), f'{x:.2f}')")
        return self._data

    @data.setter
    def data(self, data: SupportsFloat) -> None:
        if active_replays:
            refuse_in_replays("a change of a Value's .data")
        self._data = data if type(data) is float else _plain_number(data)

    # ------------------------------------------------------------------------------------------------------- gradients

    @property
    def grad(self) -> float:
        """dL/d(this) from the last backward pass; 0.0 before the first.  May be set."""
        if active_replays:
            refuse_in_replays("the .grad of a Value (the results of grad(f) and gradients() can be replayed)")
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, grad: float | None) -> None:
        self._grad = grad if grad is None or type(grad) is float else _plain_number(grad)

    def backward(self, seed: float = 1.0) -> None:
        """Compute d(this)/d(node) for every node of the graph, by the chain rule from this Value to the leaves.

        Leaf gradients accumulate, so that those of several examples add up; to start over, set them to 0.0 or call a
        model's ``zero_grad()``.  The ``grad`` of any other node is overwritten.  Either all nodes get their gradient
        or, after an error or Ctrl-C, none does.

        Arguments:
            seed: dL/d(this), if this Value is an intermediate result of some L; 1.0 if it is L itself.

        Raises:
            TypeError: the seed is not a number.
            ZeroDivisionError, ValueError, OverflowError: a derivative does not exist, such as that of sqrt at 0.

        Source: Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", Nature 323, 1986.

        >>> x = Value(3.0)
        >>> y = x * x * x
        >>> y.backward()
        >>> x.grad
        27.0
        >>> y.backward()
        >>> x.grad
        54.0
        """
        if active_replays:
            refuse_in_replays("backward(), which changes the .grad of Values (gradients() can be replayed)")
        adjoint = adjoints(topological_order(self), {self: _plain_number(seed)})  # dL/dnode for every node
        leaves = [node for node in adjoint if node.op is None]
        with _grad_lock:
            # First add, then store all at once, so that Ctrl-C cannot leave half of them; see _store.
            for leaf in leaves:
                if leaf._grad:
                    adjoint[leaf] += leaf._grad
            _store("_grad", adjoint, adjoint.values())

    def _backward(self) -> None:
        """One step of the backward pass, by hand: add ``grad`` * dz/dx to the ``grad`` of each argument x of this z.

        As in micrograd; ``backward()`` does not use it.

        >>> a, b = Value(2.0), Value(-3.0)
        >>> c = a * b
        >>> c.grad = 1.0
        >>> c._backward()
        >>> a.grad, b.grad
        (-3.0, 2.0)
        """
        try:
            found = edges(self)
        except (ArithmeticError, ValueError) as error:
            raise no_derivative_error(self, error) from None
        for x, dzdx in found:
            x._grad = (x._grad or 0.0) + (self._grad or 0.0) * dzdx

    def detach(self) -> Value:
        """A leaf with the same number and label: the graph ends there.

        >>> x = Value(3.0)
        >>> y = x.detach() * x
        >>> y.backward()
        >>> x.grad
        3.0
        """
        if replaying():
            return cast(Value, rules.stop_gradient(self))  # which a replay computes too
        return Value(self._data, self.label)

    # ----------------------------------------------------------------------------------------------------- as an object

    def item(self) -> float:
        """The number, as NumPy and PyTorch call it.

        >>> Value(2).item()
        2.0
        """
        return self.data

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        if replaying():  # the number is hidden, since a branch on this text would be replayed too
            return f"Value(data=?{label})"
        grad = "-" if self._grad is None else self._grad
        return f"Value(data={self._data}, grad={grad}{label})"

    def _repr_html_(self) -> str | None:
        """The graph, for a notebook; None for a leaf, or if ``show`` below is not set."""
        return show(self) if show and self.op else None

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    @property
    def _prev(self) -> set[Value]:
        """micrograd's name for the set of Values among ``args``."""
        return {x for x in self.args if isinstance(x, Value)}

    @property
    def _op(self) -> str:
        """micrograd's name for the operation: "+", "*", "**2", "tanh", "ReLU"; empty for a leaf."""
        if self.op is None:
            return ""
        name = "ReLU" if self.op is rules.relu else INFIX.get(self.op, self.op.name)
        return f"{name}{self.args[1]:g}" if name == "**" and isinstance(self.args[1], float) else name

    # Copies and pickles.  By default copy.deepcopy and pickle recurse from a node into its arguments, and fail on a
    # chain of a few hundred nodes.  In topological order, the arguments of a node are always done before it.

    def __copy__(self) -> Value:
        self._may_be_copied()
        return Value._restore(self._data, self._grad, self.op, self.args, self.label, self.scope)

    def _may_be_copied(self) -> None:
        """Raise an error where a copy would not be part of the graph; a subclass may have further reasons."""
        if active_replays:
            refuse_in_replays("a copy of a Value, which is a separate graph")

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        for node in topological_order(self):
            node._may_be_copied()
            if id(node) not in memo:
                args = tuple(x if isinstance(x, float) else memo[id(x)] for x in node.args)
                memo[id(node)] = Value._restore(node._data, node._grad, node.op, args, node.label, node.scope)
        copied: Value = memo[id(self)]
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        self._may_be_copied()
        return reduce_graph(
            self, (Value._restore, (self._data, self._grad, self.op, self.args, self.label, self.scope))
        )

    @staticmethod
    def _restore(
        data: float, grad: float | None, op: Op | None, args: tuple[Value | float, ...], label: str, scope: str
    ) -> Value:
        """A Value with exactly these fields."""
        z = _new(Value)
        z._data, z._grad, z.op, z.args, z.label, z.scope = data, grad, op, args, label, scope
        return z

    @staticmethod
    def _apply(op: Op, *args: Operand) -> Value:
        """The Value ``op(*args)``; an array of Values if an argument is an array."""
        if len(args) == 2:
            return binary(op, *args)
        return unary(op, *args) if len(args) == 1 else variadic(op, *args)


Value._restore.__module__ = "autograd"  # where pickles find it, even if this file is moved

show: Callable[[Value], str | None] | None = None  # draws a Value for a notebook; autograd/__init__.py sets it

# ------------------------------------------------------------------------------------------------------------ recording
#
# Code that is not compiled to a program spends most of its time here, so recording is written out for one argument and
# for two.

_new = object.__new__
_mode = mode.get


def unary(op: Op, x: Value) -> Value:
    """The Value z = op(x)."""
    z = _new(Value)
    try:
        z._data = op.value(x._data)
    except (ArithmeticError, ValueError) as error:
        raise no_value_error(op, (x,), error) from None
    z._grad = None
    z.label = ""
    current = _mode()
    if type(current) is str:  # the usual mode: record, in the scope of this name
        z.op, z.args, z.scope = op, (x,), current
    elif current.plain_leaves:
        z.op, z.args, z.scope = None, (), ""
    else:
        current.finish(z, op, (x,))
    return z


def binary(op: Op, x: Operand, y: Operand) -> Value:
    """The Value z = op(x, y); despite the annotation, an array of Values if x or y is an array."""
    try:
        if isinstance(x, Value):
            a = x._data
        else:
            a = x = as_float(x)
        if isinstance(y, Value):
            b = y._data
        else:
            b = y = as_float(y)
    except TypeError:
        if is_array(x) or is_array(y):
            return cast(Value, op.elementwise(x, y))
        raise
    z = _new(Value)
    try:
        z._data = op.value(a, b)
    except (ArithmeticError, ValueError) as error:
        raise no_value_error(op, (x, y), error) from None
    z._grad = None
    z.label = ""
    current = _mode()
    if type(current) is str:
        z.op, z.args, z.scope = op, (x, y), current
    elif current.plain_leaves:
        z.op, z.args, z.scope = None, (), ""
    else:
        current.finish(z, op, (x, y))
    return z


def variadic(op: Op, *args: Operand) -> Value:
    """The Value z = op(*args) for any number of arguments; arrays as in ``binary``."""
    if any(is_array(x) for x in args):
        return cast(Value, op.elementwise(*args))
    args = tuple(x if isinstance(x, Value) else as_float(x) for x in args)
    try:
        data = op.value(*map(as_float, args))
    except (ArithmeticError, ValueError) as error:
        raise no_value_error(op, args, error) from None
    current = _mode()
    if type(current) is str:
        return Value._restore(data, None, op, args, "", current)
    z = Value._restore(data, None, None, (), "", "")
    current.finish(z, op, args)
    return z


def compare(relation: Callable[[float, float], bool], x: Value, y: Operand) -> bool:
    """The relation between two numbers: a plain bool, which is not recorded in the graph."""
    if active_replays:
        refuse_in_replays("a branch on a Value's number (if, max(), min(), sorted())")
    return NotImplemented if is_array(y) else relation(x._data, as_float(y))


def as_float(x: Operand) -> float:
    """A number, or the number of a Value, as a float.

    Raises:
        TypeError: x is neither.
    """
    if type(x) is float:
        return x
    if isinstance(x, Value):
        return x._data
    # A time difference of NumPy, whose kind is "m", claims to be a Real.
    if (isinstance(x, Real) and getattr(getattr(x, "dtype", None), "kind", "") != "m") or _is_numpy_scalar(x):
        return to_float(x)
    raise TypeError(f"expected a number or a Value, not {describe(x)}")


def _plain_number(x: Any) -> float:
    """A number as a float, to be stored in a Value; a Value is an error."""
    if isinstance(x, Value):
        raise TypeError(f"expected a number, not a Value, whose graph would be cut here; use its .data: {x!r}")
    return as_float(x)


def _no_slope(what: str, instead: str) -> NoReturn:
    raise TypeError(f"{what} of Values is not supported, because it is discontinuous; write {instead}")


# NumPy is never imported here, so its objects are recognized by their attributes: arrays define __array_ufunc__, and
# scalars such as numpy.float32 have a dtype and an empty shape.


def is_array(x: object) -> bool:
    """Whether x is a NumPy array, or similar; not a NumPy scalar or an array without dimensions."""
    return hasattr(x, "__array_ufunc__") and not isinstance(x, Real) and not _is_numpy_scalar(x)


def _is_numpy_scalar(x: Any) -> bool:
    """Whether x is one number with a NumPy dtype, not masked: bool, int, unsigned or float."""
    kind = getattr(getattr(x, "dtype", None), "kind", "")
    return getattr(x, "shape", None) == () and kind in ("b", "i", "u", "f") and not hasattr(x, "mask")


def no_value_error(op: Op, args: tuple[Operand, ...], error: Exception) -> Exception:
    """The error for an operation outside its domain, with its numbers and the labels of its arguments."""
    numbers = ", ".join(text(as_float(x)) for x in args)
    return undefined_error(f"{op.name}({numbers})", error, [x.label for x in args if isinstance(x, Value)])


# ------------------------------------------------------------------------------------------ all or nothing, and threads


def assign(leaves: Iterable[Value], numbers: Iterable[SupportsFloat]) -> None:
    """Set the number of each leaf: of all of them or, after an error or Ctrl-C, of none.

    Arguments:
        leaves: the Values.
        numbers: one number for each.

    Raises:
        TypeError: one of them is not a number.
        ValueError: there are more or fewer numbers than leaves.

    >>> a, b = Value(0.0), Value(0.0)
    >>> assign([a, b], [1, 2])
    >>> a.data, b.data
    (1.0, 2.0)
    """
    leaves, data = list(leaves), [x if type(x) is float else _plain_number(x) for x in numbers]
    if len(leaves) != len(data):
        raise ValueError(f"assign() needs one number per Value, not {len(data)} number(s) for {len(leaves)} Value(s)")
    _store("_data", leaves, data)


def _store(field: str, nodes: Iterable[Value], numbers: Iterable[float]) -> None:
    """Set a field of many nodes, in one call into C, so that Ctrl-C takes effect before it or after it."""
    deque(map(setattr, nodes, repeat(field), numbers), maxlen=0)


# Any number of threads may build graphs and find gradients at once, also over shared leaves: recording only makes new
# objects, and a backward pass only reads the graph.  Only `leaf.grad += adjoint` could lose updates, hence this lock.
# It is reentrant, because Ctrl-C may come in the moment after it is acquired and before its block is entered: then
# nothing releases it, and the same thread must still be able to go on.
_grad_lock = threading.RLock()


def _after_fork() -> None:
    """A new lock for a child process: if a thread of the parent held the old one, nothing there would release it."""
    global _grad_lock
    _grad_lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
