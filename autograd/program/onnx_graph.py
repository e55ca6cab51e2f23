"""A program as an ONNX graph, for runtimes without Python.

The code of the program for the array API standard is run with tensors in the place of numbers: each operation on them
adds a node to the graph.  What does not depend on the batch is computed at once by NumPy, so the weights of a layer
become one array, with the name that it has in the code.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.program.libraries import STANDARD, Library, MissingError
from autograd.program.plan import Array, Plan
from autograd.program.source import source

OPSET, IR_VERSION = 18, 8  # of 2022: new enough for all that is needed
NUMPY = {standard: name for name, standard in STANDARD.items()}

# Functions that ONNX has, with those that ONNX Runtime computes in 32 bits only.
NODES = {
    "abs": "Abs",
    "cos": "Cos",
    "exp": "Exp",
    "log": "Log",
    "maximum": "Max",
    "minimum": "Min",
    "negative": "Neg",
    "positive": "Identity",
    "reciprocal": "Reciprocal",
    "sign": "Sign",
    "sin": "Sin",
    "sqrt": "Sqrt",
    "tanh": "Tanh",
    "where": "Where",
}
IN_32_BITS = {
    "acos": "Acos",
    "acosh": "Acosh",
    "asin": "Asin",
    "asinh": "Asinh",
    "atan": "Atan",
    "atanh": "Atanh",
    "erf": "Erf",
    "sinh": "Sinh",
}


BATCH = -2  # the size of the batch in a shape, where -1 means what is left


class Tensor:
    """A tensor of an ONNX graph; its last axis is the batch.

    Arguments:
        graph: the graph.
        name: its name there.
        like: an array of NumPy of the same shape, but for a batch of 1.
    """

    __array_ufunc__ = None  # so that NumPy leaves array @ tensor to the tensor

    def __init__(self, graph: Graph, name: str, like: Any) -> None:
        self.graph, self.name, self.like = graph, name, np.asarray(like)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, with ``BATCH`` for the batch."""
        return (*self.like.shape[:-1], BATCH)

    def __getitem__(self, key: Any) -> Tensor:
        return self.graph.part(self, key if isinstance(key, tuple) else (key,))

    def __neg__(self) -> Tensor:
        return self.graph.node("Neg", np.negative, self)

    def __pos__(self) -> Tensor:
        return self

    def __ne__(self, other: Any) -> Any:
        return self.graph.node("Not", np.logical_not, self == other)

    def __bool__(self) -> bool:
        raise TypeError("a tensor of an ONNX graph has no numbers yet")

    __hash__ = None  # type: ignore[assignment]


def _operator(op: str, function: Callable[..., Any]) -> tuple[Any, Any]:
    """The two methods of an operator: with the tensor on the left, and on the right."""

    def left(self: Tensor, other: Any) -> Tensor:
        return self.graph.node(op, function, self, other)

    def right(self: Tensor, other: Any) -> Tensor:
        return self.graph.node(op, function, other, self)

    return left, right


OPERATORS: list[tuple[str, str, Any]] = [  # the method of Python, the operation of ONNX, the function of NumPy
    ("add", "Add", np.add),
    ("sub", "Sub", np.subtract),
    ("mul", "Mul", np.multiply),
    ("truediv", "Div", np.divide),
    ("pow", "Pow", np.power),
    ("matmul", "MatMul", np.matmul),
    ("and", "And", np.logical_and),
    ("or", "Or", np.logical_or),
    ("gt", "Greater", np.greater),
    ("ge", "GreaterOrEqual", np.greater_equal),
    ("lt", "Less", np.less),
    ("le", "LessOrEqual", np.less_equal),
    ("eq", "Equal", np.equal),
]
for _name, _op, _function in OPERATORS:
    _left, _right = _operator(_op, _function)
    setattr(Tensor, f"__{_name}__", _left)
    if _op not in ("Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal"):  # which Python turns around itself
        setattr(Tensor, f"__r{_name}__", _right)


class Graph:
    """An ONNX graph that is being made.

    Arguments:
        dtype: the dtype of its numbers.
        reserved: names that are taken: those of its input and of its output.

    Attributes:
        inputs: the batch, with a row for each input; set before anything else is added.
        nodes: its nodes.
        arrays: its constants, by name.
        names: the names of arrays of NumPy, by where they are in memory: ``b1[:, None]`` is ``b1``.
    """

    inputs: Tensor

    def __init__(self, dtype: Any, reserved: Sequence[str]) -> None:
        self.dtype = np.dtype(dtype)
        self._taken = set(reserved)
        self.nodes: list[Any] = []
        self.arrays: dict[str, Array] = {}
        self.names: dict[tuple[int, int], str] = {}

    def node(self, op: str, function: Callable[..., Any], *args: Any, **attributes: Any) -> Tensor:
        """A new node.

        Arguments:
            op: the operation of ONNX.
            function: the same of NumPy.
            args: its operands: tensors, arrays or numbers.
            attributes: of the node.
        """
        with np.errstate(all="ignore"):
            like = function(*(x.like if isinstance(x, Tensor) else x for x in args))
        return self.add(op, [self.operand(x) for x in args], like, **attributes)

    def add(self, op: str, operands: Sequence[str], like: Any, **attributes: Any) -> Tensor:
        """A new node, from the names of its operands."""
        from onnx import helper

        name = self._free(f"{op.lower()}_{len(self.nodes)}")
        self.nodes.append(helper.make_node(op, list(operands), [name], name, **attributes))
        return Tensor(self, name, like)

    def operand(self, x: Any) -> str:
        """The name of a tensor; of an array or a number, which becomes a constant."""
        if isinstance(x, Tensor):
            return x.name
        array = np.asarray(x)
        name = self.names.get(_place(array), "")
        array = array.astype(self.dtype if array.dtype.kind == "f" else array.dtype)
        if not np.isfinite(array).all():
            raise ValueError(f"{name or 'a parameter or a constant'} of the program is not finite as {self.dtype}")
        return self.constant(array, name)

    def constant(self, array: Any, name: str = "") -> str:
        """The name of a constant: the same for the same numbers."""
        for other, there in self.arrays.items():
            if there.dtype == array.dtype and np.array_equal(there, array) and (not name or other == name):
                return other
        name = self._free(name or f"constant_{len(self.arrays)}")
        self.arrays[name] = array
        return name

    def _free(self, name: str) -> str:
        """The name, with an underscore for each time that it is taken already; from now on it is taken too."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def whole_numbers(self, numbers: Sequence[int]) -> str:
        """The name of a constant of integers: a shape, axes, or places."""
        return self.constant(np.array(numbers, np.int64))

    def rename(self, tensor: Tensor, name: str) -> None:
        """Give a tensor that was just made, and that nothing reads yet, the name that it has in the code."""
        if self.nodes and self.nodes[-1].output[0] == tensor.name:
            name = self._free(name)
            self.nodes[-1].output[0] = self.nodes[-1].name = tensor.name = name

    def part(self, x: Tensor, key: tuple[Any, ...]) -> Tensor:
        """x[key], for slices, integers, None and an ellipsis."""
        axes = x.like.ndim - sum(part is not None and part is not ... for part in key)
        key = tuple(part for k in key for part in ([slice(None)] * axes if k is ... else [k]))
        starts, stops, steps, sliced, dropped, added = [], [], [], [], [], []
        axis, place = 0, 0  # in x, and in the result before single entries are dropped
        for part in key:
            if part is None:
                added.append(place)
                place += 1
                continue
            if isinstance(part, slice) and part != slice(None):
                start, stop, step = part.indices(x.like.shape[axis])
                starts.append(start)
                stops.append(stop if stop >= 0 else -(2**31))
                steps.append(step)
                sliced.append(axis)
            elif not isinstance(part, slice):
                starts.append(int(part))
                stops.append(int(part) + 1)
                steps.append(1)
                sliced.append(axis)
                dropped.append(axis)
                place -= 1
            axis += 1
            place += 1
        if sliced:
            whole = tuple(slice(part, part + 1) if isinstance(part, int) else part for part in key if part is not None)
            numbers = [self.whole_numbers(each) for each in (starts, stops, sliced, steps)]
            x = self.add("Slice", [x.name, *numbers], x.like[whole])
        if dropped:
            x = self.add("Squeeze", [x.name, self.whole_numbers(dropped)], np.squeeze(x.like, tuple(dropped)))
        if added:
            x = self.add("Unsqueeze", [x.name, self.whole_numbers(added)], np.expand_dims(x.like, tuple(added)))
        return x

    def reshape(self, x: Any, shape: Sequence[int]) -> Any:
        """x in another shape."""
        if not isinstance(x, Tensor):
            return np.reshape(x, shape)
        like = np.reshape(x.like, [1 if n == BATCH else n for n in shape])
        if BATCH in shape:
            shape = [*like.shape[:-1], -1]
        return self.add("Reshape", [x.name, self.whole_numbers(shape)], like)

    def broadcast_to(self, x: Any, shape: Sequence[int]) -> Any:
        """x repeated along some axes."""
        if BATCH not in shape:
            return np.broadcast_to(x, shape)
        x = x if isinstance(x, Tensor) else np.asarray(x, float)
        like = np.broadcast_to(x.like if isinstance(x, Tensor) else x, [1 if n == BATCH else n for n in shape])
        if isinstance(x, Tensor):  # which keeps its batch
            return self.add("Expand", [x.name, self.whole_numbers([max(n, 1) for n in shape])], like)
        size = self.add("Shape", [self.inputs.name], np.zeros(1), start=1)
        sizes = self.add("Concat", [self.whole_numbers(shape[:-1]), size.name], np.zeros(len(shape)), axis=0)
        return self.add("Expand", [self.operand(x), sizes.name], like)

    def take(self, x: Any, places: Any, axis: int = 0) -> Any:
        """Some entries along an axis."""
        if not isinstance(x, Tensor):
            return np.take(x, places, axis)
        indices = self.constant(np.asarray(places, np.int64))
        return self.add("Gather", [x.name, indices], np.take(x.like, places, axis), axis=axis)

    def repeat(self, x: Any, times: int, axis: int = 0) -> Any:
        """Each entry along an axis several times."""
        count = (x.like if isinstance(x, Tensor) else x).shape[axis]
        return self.take(x, np.repeat(np.arange(count), times), axis)

    def concat(self, arrays: Sequence[Any], axis: int = 0) -> Any:
        """Arrays one after the other."""
        if not any(isinstance(x, Tensor) for x in arrays):
            return np.concatenate(arrays, axis)
        batched = next(x for x in arrays if isinstance(x, Tensor))
        rows = [x if isinstance(x, Tensor) else self.broadcast_to(x, (*x.shape[:-1], BATCH)) for x in arrays]
        like = np.concatenate([x.like for x in rows], axis)
        return self.add("Concat", [x.name for x in rows], like, axis=axis % batched.like.ndim)

    def tensordot(self, x: Any, y: Any, axes: int = 1) -> Any:
        """The matrix x times the array y of shape (k, ..., B)."""
        assert axes == 1
        if not isinstance(y, Tensor):
            return np.tensordot(x, y, axes)
        flat = self.reshape(y, (y.shape[0], -1))
        return self.reshape(self.node("MatMul", np.matmul, x, flat), (*np.shape(x)[:-1], *y.shape[1:]))

    def einsum(self, pattern: str, x: Any, y: Any) -> Any:
        """Sums of products."""
        if not isinstance(x, Tensor) and not isinstance(y, Tensor):
            return np.einsum(pattern, x, y)
        return self.node("Einsum", lambda x, y: np.einsum(pattern, x, y), x, y, equation=pattern)

    def sum(self, x: Any, axis: int | tuple[int, ...]) -> Any:
        """Sums along axes."""
        if not isinstance(x, Tensor):
            return np.sum(x, axis=axis)
        axes = [axis] if isinstance(axis, int) else list(axis)
        like = np.sum(x.like, axis=axis)
        return self.add("ReduceSum", [x.name, self.whole_numbers(axes)], like, keepdims=0)

    def moveaxis(self, x: Any, first: int, second: int) -> Any:
        if not isinstance(x, Tensor):
            return np.moveaxis(x, first, second)
        order = list(range(x.like.ndim))
        order.insert(second, order.pop(first))
        return self.add("Transpose", [x.name], np.moveaxis(x.like, first, second), perm=order)

    def namespace(self) -> Any:
        """The functions of the array API standard that the code calls."""
        known = dict(NODES) | (IN_32_BITS if self.dtype == np.float32 else {})
        found = SimpleNamespace(**{name: self._function(name, op) for name, op in known.items()})
        for name in ("reshape", "broadcast_to", "take", "repeat", "concat", "tensordot", "einsum", "sum", "moveaxis"):
            setattr(found, name, getattr(self, name))
        found.asarray = lambda x, dtype=None: x if isinstance(x, Tensor) else np.asarray(x, dtype)
        xp = found
        # Composed of those, without a loss of digits near 0.
        found.expm1 = lambda x: xp.tanh(0.5 * x) * (xp.exp(x) + 1.0)
        found.log1p = lambda x: _log1p(xp, x)
        found.logaddexp = lambda x, y: _logaddexp(xp, x, y)
        found.log2 = lambda x: xp.log(x) * (1.0 / math.log(2.0))
        found.log10 = lambda x: xp.log(x) * (1.0 / math.log(10.0))
        found.tan = lambda x: xp.sin(x) / xp.cos(x)
        found.cosh = lambda x: _cosh(xp, x)
        found.cbrt = lambda x: xp.sign(x) * xp.abs(x) ** (1.0 / 3.0)
        found.hypot = lambda x, y: _hypot(xp, x, y)
        if "erf" in known:
            found.erfc = lambda x: 1.0 - xp.erf(x)
            found.atan2 = lambda y, x: _atan2(xp, y, x)
        return found

    def _function(self, name: str, op: str) -> Callable[..., Any]:
        """A function of the standard: a node for tensors, NumPy's for others."""
        of_numpy = getattr(np, NUMPY.get(name, name), None) or np.vectorize(getattr(math, name))

        def function(*args: Any) -> Any:
            if any(isinstance(x, Tensor) for x in args):
                return self.node(op, of_numpy, *args)
            return of_numpy(*args)

        return function


def _place(array: Array) -> tuple[int, int]:
    """Where an array is in memory, and how many numbers it has."""
    return array.__array_interface__["data"][0], array.size


def _log1p(xp: Any, x: Any) -> Any:
    """log(1 + x), by Kahan: what 1 + x has lost, the quotient has lost too."""
    u = 1.0 + x
    correction = xp.where(u == x, 1.0, x / xp.where(u == 1.0, 1.0, u - 1.0))  # where x is infinite, it would be nan
    return xp.where(u == 1.0, x, xp.log(u) * correction)


def _logaddexp(xp: Any, x: Any, y: Any) -> Any:
    """log(exp(x) + exp(y))."""
    difference = xp.where(x == y, 0.0, x - y)  # both may be infinite
    return xp.maximum(x, y) + _log1p(xp, xp.exp(-xp.abs(difference)))


def _cosh(xp: Any, x: Any) -> Any:
    """exp(x) alone would be infinite where cosh(x) is not yet."""
    half = xp.exp(0.5 * xp.abs(x))
    return 0.5 * half * half + 0.5 * xp.exp(-xp.abs(x))


def _hypot(xp: Any, x: Any, y: Any) -> Any:
    larger, smaller = xp.maximum(xp.abs(x), xp.abs(y)), xp.minimum(xp.abs(x), xp.abs(y))
    ratio = smaller / xp.where(larger == 0.0, 1.0, larger)
    return larger * xp.sqrt(1.0 + ratio * ratio)


def _atan2(xp: Any, y: Any, x: Any) -> Any:
    def is_negative(v: Any) -> Any:  # so is -0.0
        return xp.where(v == 0.0, 1.0 / v, v) < 0.0

    turn = xp.where(is_negative(y), -math.pi, math.pi)
    upright = xp.where(y == 0.0, xp.where(is_negative(x), turn, y), 0.5 * xp.sign(y) * math.pi)
    angle = xp.atan(y / xp.where(x == 0.0, 1.0, x))
    return xp.where(x == 0.0, upright, angle + xp.where(x < 0.0, turn, 0.0))


def onnx_model(
    plan: Plan, vector: Array, single: tuple[bool, bool], dtype: Any, names: tuple[str, str], about: str
) -> Any:
    """A program as an ONNX model: from a batch of shape (N, inputs) to its outputs, of shape (N, outputs).

    Arguments:
        plan: the plan.
        vector: the numbers of the parameters.
        single: whether the input, and whether the output, is a number for each sample, of shape (N,).
        dtype: float32 or float64.
        names: of the input and of the output.
        about: what the model is.

    Raises:
        MissingError: ONNX, or ONNX Runtime in 64 bits, lacks an operation; the message names it.
        ValueError: a parameter is not finite.
        ImportError: onnx is not installed; the message names the extra.
    """
    try:
        import onnx
        from onnx import helper, numpy_helper
    except ImportError as error:
        raise ImportError("this needs more: pip install 'scalar-backprop[onnx]'") from error
    graph = Graph(dtype, names)
    library = _Onnx("ONNX" if graph.dtype == np.float32 else "ONNX Runtime with 64 bits", "onnx", "onnx", graph)
    try:
        code = ast.parse(source(plan, "program", None, library))
    except MissingError as error:
        if graph.dtype == np.float32:
            raise
        raise MissingError(f"{error}; it may have it with 32 bits, dtype='float32'") from None
    if single[0]:
        graph.inputs = graph.add("Unsqueeze", [names[0], graph.whole_numbers([0])], np.ones((1, 1)))
    else:
        graph.inputs = graph.add("Transpose", [names[0]], np.ones((plan.inputs, 1)), perm=[1, 0])
    result = _run(code, graph, {"xp": graph.namespace(), "np": np, "inputs": graph.inputs, "parameters": vector})
    if not isinstance(result, Tensor):
        result = graph.broadcast_to(result, (*result.shape[:-1], BATCH))
    if single[1]:
        graph.add("Reshape", [result.name, graph.whole_numbers([-1])], result.like)
    else:
        graph.add("Transpose", [result.name], result.like.T, perm=[1, 0])
    graph.nodes[-1].output[0] = graph.nodes[-1].name = names[1]
    kind = helper.np_dtype_to_tensor_dtype(graph.dtype)
    shapes = [["N"] if alone else ["N", n] for alone, n in zip(single, (plan.inputs, len(plan.outputs)), strict=True)]
    used = {name for node in graph.nodes for name in node.input}
    made = helper.make_graph(
        graph.nodes,
        "program",
        [helper.make_tensor_value_info(names[0], kind, shapes[0])],
        [helper.make_tensor_value_info(names[1], kind, shapes[1])],
        [numpy_helper.from_array(array, name) for name, array in graph.arrays.items() if name in used],
        doc_string=about,
    )
    model = helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="scalar-backprop",
    )
    onnx.checker.check_model(model, full_check=True)
    return model


class _Onnx(Library):
    """ONNX as a library whose namespace is that of a graph."""

    def __init__(self, name: str, module: str, extra: str, graph: Graph) -> None:
        super().__init__(name, module, extra, {name: f"xp.{name}" for name in ("erf", "erfc", "cbrt")})
        object.__setattr__(self, "_graph", graph)

    def namespace(self) -> Any:
        return self._graph.namespace()  # type: ignore[attr-defined]


def _run(code: ast.Module, graph: Graph, names: dict[str, Any]) -> Any:
    """Run the code of a program line by line, so that a tensor has the name of its variable; returns the result."""
    function = code.body[-1]
    assert isinstance(function, ast.FunctionDef)
    others = [part for part in code.body[:-1] if not isinstance(part, ast.Import)]
    exec(compile(ast.Module(others, []), "<program for ONNX>", "exec"), names)
    for line in function.body:
        if isinstance(line, ast.Expr):  # the docstring
            continue
        assert isinstance(line, ast.Assign | ast.Return)
        assert line.value is not None
        value = eval(compile(ast.Expression(line.value), "<program for ONNX>", "eval"), names)
        if isinstance(line, ast.Return):
            return value
        (target,) = line.targets
        assert isinstance(target, ast.Name)
        names[target.id] = value
        if isinstance(value, Tensor):
            graph.rename(value, target.id)
        elif isinstance(value, np.ndarray):
            graph.names[_place(value)] = target.id
    raise AssertionError("the code of a program returns its outputs")
