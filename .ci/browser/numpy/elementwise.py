"""Functions of single numbers, applied to every element, with the floating-point errors that NumPy reports."""

from __future__ import annotations

import contextvars
import functools
import math
import operator
import warnings
from array import array as buffer_of
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from .array import as_array, axis_of, broadcast_shapes, converted, from_values, give_methods, ndarray, scalar_of
from .dtypes import BOOL, FLOAT, FLOAT32, INT, OBJECT, dtype, of_scalar, together

# ------------------------------------------------------------------------------------------------------------- errors

_state = contextvars.ContextVar[dict[str, str]]("errors")
USUAL = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
TEXTS = {"divide": "divide by zero", "over": "overflow", "invalid": "invalid value"}


class errstate:
    """A block, or a decorator, in which floating-point errors are handled as given."""

    def __init__(self, **given: str) -> None:
        every = given.pop("all", None)
        self._given = {**(dict.fromkeys(("divide", "over", "under", "invalid"), every) if every else {}), **given}

    def __enter__(self) -> None:
        self._token = _state.set({**_state.get(USUAL), **self._given})

    def __exit__(self, *error: object) -> None:
        _state.reset(self._token)

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(f)
        def inside(*args: Any, **options: Any) -> Any:
            with errstate(**self._given):
                return f(*args, **options)

        return inside


def geterr() -> dict[str, str]:
    return dict(_state.get(USUAL))


def report(kind: str, name: str) -> None:
    """Handle a floating-point error: not at all, by a warning, or by an exception."""
    how = _state.get(USUAL)[kind]
    text = f"{TEXTS[kind]} encountered in {name}"
    if how == "raise":
        raise FloatingPointError(text)
    if how == "warn":
        warnings.warn(text, RuntimeWarning, stacklevel=4)


def check(values: list[float], name: str, operands: list[list[Any]], pole: Callable[..., bool] | None = None) -> None:
    """Report what is not finite although the operands are.

    Arguments:
        values: the results.
        pole: whether infinity is the exact result, as in 1 / 0, for these operands.
    """
    if all(map(math.isfinite, values)):
        return
    kinds = set()
    for i, x in enumerate(values):
        if math.isfinite(x):
            continue
        given = [operand[i] for operand in operands]
        if math.isnan(x):
            if not any(map(math.isnan, given)):
                kinds.add("invalid")
        elif pole is not None and pole(*given):
            kinds.add("divide")
        elif all(map(math.isfinite, given)):
            kinds.add("over")
    for kind in ("divide", "over", "invalid"):
        if kind in kinds:
            report(kind, name)


# ---------------------------------------------------------------------------------------------------------- functions


class ufunc:
    """A function of numbers, applied to each element.

    Arguments:
        name: its name.
        f: the function on Python numbers.
        nin: how many operands it takes.
        kind: the dtype of the result: "same" as the operands, "float", "bool", or "object".
        pole: as for ``check``; None where no infinity is exact.
        exact: f gives the right result for every float, and raises nothing.
    """

    def __init__(
        self,
        name: str,
        f: Callable[..., Any],
        nin: int = 1,
        kind: str = "float",
        pole: Callable[..., bool] | None = None,
        exact: bool = False,
        folds: Callable[[list[Any]], Any] | None = None,
    ) -> None:
        self.__name__, self._f, self.nin, self._kind, self._pole = name, f, nin, kind, pole
        self._exact, self._folds = exact, folds
        self.nout, self.nargs = 1, nin + 1

    def __repr__(self) -> str:
        return f"<ufunc {self.__name__!r}>"

    def __call__(self, *args: Any, out: Any = None, where: Any = True, casting: str = "", dtype: Any = None) -> Any:
        operands = args[: self.nin]
        if dtype is not None:
            raise NotImplementedError("in this NumPy a function takes no dtype: convert the result with astype")
        if len(operands) < self.nin:
            raise TypeError(f"{self.__name__}() takes {self.nin} arguments ({len(operands)} given)")
        if len(args) > self.nin:
            out = args[self.nin]
        out = out[0] if isinstance(out, tuple) else out
        numbers = [x if isinstance(x, (ndarray, float, int)) else as_array(x) for x in operands]
        arrays = [x for x in numbers if isinstance(x, ndarray)]
        shape = broadcast_shapes(*(x.shape for x in arrays))
        if out is not None and out.shape != shape:
            if broadcast_shapes(shape, out.shape) != out.shape:
                raise ValueError(f"{self.__name__}: the output has the shape {out.shape}, but the result {shape}")
            shape = out.shape
        kind = self._result(numbers)
        count = 1
        for n in shape:
            count *= n
        lists = [x.broadcast_to(shape).values() if isinstance(x, ndarray) else [x] * count for x in numbers]
        values = self._values(lists, kind)
        if out is None:
            if not arrays:
                return values[0]
            found = from_values(values, shape, kind)
            return found if shape else scalar_of(found)
        if where is not True:
            values = [
                x if there else y
                for x, y, there in zip(values, out.values(), as_array(where).broadcast_to(shape).values())
            ]
        out.put_values(converted(values, kind, out.dtype))
        return out

    def _result(self, numbers: list[Any]) -> dtype:
        if self._kind == "bool":
            return BOOL
        if self._kind == "object":
            return OBJECT
        arrays = [x.dtype for x in numbers if isinstance(x, ndarray)]
        found = together(arrays, [of_scalar(x) for x in numbers if not isinstance(x, ndarray)])
        if found.kind in "OU":
            return found
        if self._kind == "same":
            if found is BOOL and self.__name__ in ("subtract", "negative"):
                raise TypeError(f"numpy boolean {self.__name__} is not supported; use ^ or ~ instead")
            return found
        return found if found.kind == "f" else FLOAT

    def _values(self, lists: list[list[Any]], kind: dtype) -> list[Any]:
        if kind.kind == "O" and self.nin == 1 and self.__name__ not in ("negative", "positive", "absolute"):
            # An object that is not a number, such as a Value, has a method for each function.
            return [getattr(x, self.__name__)() if hasattr(x, self.__name__) else self._f(x) for x in lists[0]]
        if kind.kind == "O" or self._kind in ("bool", "object") or kind.kind in "iu":
            return list(map(self._f, *lists))
        if kind is BOOL:  # + and * of truth values
            return [bool(x) for x in map(self._f, *(map(bool, values) for values in lists))]
        if self._exact:
            values = list(map(self._f, *lists))
        else:
            try:
                values = list(map(self._f, *lists))
            except (ArithmeticError, ValueError):
                values = [self._one(*given) for given in zip(*lists)]
        if kind is FLOAT32:
            values = buffer_of("f", values).tolist()  # rounded
        check(values, self.__name__, lists, self._pole)
        return values

    def _one(self, *given: float) -> float:
        """The value by IEEE 754, where Python's functions raise an error."""
        try:
            return float(self._f(*given))
        except OverflowError:
            falls = given[0] < 0.0 and (self.__name__ == "sinh" or (self.__name__ == "power" and given[1] % 2.0 == 1.0))
            return -math.inf if falls else math.inf
        except (ZeroDivisionError, ValueError):
            return LIMITS.get(self.__name__, _nan)(*given)

    # ----------------------------------------------------------------------------------------------------- reductions

    def reduce(
        self,
        array: Any,
        axis: Any = 0,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        initial: Any = None,
    ) -> Any:
        """All elements along one or more axes, one after the other."""
        array = as_array(array) if dtype is None else as_array(array, dtype)
        axes = (
            tuple(range(array.ndim))
            if axis is None
            else tuple(axis_of(a, array.ndim) for a in (axis if isinstance(axis, tuple) else (axis,)))
        )
        keep = [a for a in range(array.ndim) if a not in axes]
        shape = tuple(array.shape[a] for a in keep)
        width = 1
        for a in axes:
            width *= array.shape[a]
        values = array.transpose([*keep, *axes]).values() if array.ndim else array.values()
        count = 1
        for n in shape:
            count *= n
        kind = INT if array.dtype is BOOL and self.__name__ in ("add", "multiply") else array.dtype
        if kind.kind in "iu" and self.__name__ in ("add", "multiply"):
            kind = INT
        folds = self._folds or (lambda row: functools.reduce(self._f, row))
        least = [] if initial is None else [initial]
        if not width and not least and self.__name__ not in EMPTY:
            raise ValueError(f"zero-size array to reduction operation {self.__name__} which has no identity")
        rows = (values[i * width : (i + 1) * width] for i in range(count))
        found = [folds(least + row) if width or least else EMPTY[self.__name__] for row in rows]
        if kind.kind == "f":
            if self.__name__ in ("maximum", "minimum"):
                pass
            elif not all(map(math.isfinite, found)):
                _check_sums(found, [values[i * width : (i + 1) * width] for i in range(count)], "reduce")
        found = list(map(bool, found)) if self._kind == "bool" else found
        result = from_values(found, shape, BOOL if self._kind == "bool" else kind)
        if keepdims:
            result = result.reshape(tuple(1 if a in axes else n for a, n in enumerate(array.shape)))
        if out is not None:
            if out.shape != result.shape:
                raise ValueError(f"{self.__name__}: the output has the shape {out.shape} instead of {result.shape}")
            out[...] = result
            return out
        return result if result.shape else scalar_of(result)

    def reduceat(self, array: ndarray, starts: Any) -> ndarray:
        if array.ndim != 1:
            raise NotImplementedError("this NumPy has reduceat for one axis only")
        values, bounds = array.values(), [*as_array(starts).values(), len(array)]
        found = [
            functools.reduce(self._f, values[start:end]) if end > start else values[start]
            for start, end in pairwise(bounds)
        ]
        return from_values(found, (len(found),), array.dtype)

    def outer(self, a: Any, b: Any) -> Any:
        a, b = as_array(a), as_array(b)
        return self(a.reshape((*a.shape, *([1] * b.ndim))), b)

    def at(self, array: ndarray, index: Any, x: Any) -> None:
        view, places, shape = array._selected(index if isinstance(index, tuple) else as_array(index))
        for place, y in zip(view.places() if places is None else places, as_array(x).broadcast_to(shape).values()):
            array._buffer[place] = self._f(array._buffer[place], y)


def _check_sums(sums: list[float], rows: list[list[float]], name: str) -> None:
    """Report the sums that are not finite, although their terms are."""
    kinds = set()
    for total, row in zip(sums, rows):
        if not math.isfinite(total) and not any(map(math.isnan, row)):
            if not any(map(math.isinf, row)):
                kinds.add("over")
            elif math.isnan(total):
                kinds.add("invalid")
    for kind in kinds:
        report(kind, name)


def _sum(row: list[Any]) -> Any:
    return sum(row[1:], row[0])


def _nan(*given: float) -> float:
    return math.nan


# The limits where Python's operators and functions raise an error.
LIMITS: dict[str, Callable[..., float]] = {
    "divide": lambda x, y: math.nan if x == 0.0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y),
    "reciprocal": lambda x: math.copysign(math.inf, x),
    "log": lambda x: -math.inf if x == 0.0 else math.nan,
    "log2": lambda x: -math.inf if x == 0.0 else math.nan,
    "log10": lambda x: -math.inf if x == 0.0 else math.nan,
    "log1p": lambda x: -math.inf if x == -1.0 else math.nan,
    "arctanh": lambda x: math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan,
    "power": lambda x, y: (
        (math.copysign(math.inf, x) if y % 2.0 == 1.0 else math.inf) if x == 0.0 and y < 0.0 else math.nan
    ),
}
EMPTY: dict[str, Any] = {"add": 0, "multiply": 1, "logical_and": True, "logical_or": False}


def _maximum(x: Any, y: Any) -> Any:
    return x if x >= y or x != x else y


def _minimum(x: Any, y: Any) -> Any:
    return x if x <= y or x != x else y


def _fold(f: Callable[[Any], Any]) -> Callable[[list[Any]], Any]:
    """The largest or smallest of a list, or nan if it has one."""

    def fold(row: list[Any]) -> Any:
        return math.nan if any(x != x for x in row) else f(row)

    return fold


def _power(x: Any, y: Any) -> Any:
    if isinstance(x, int) and isinstance(y, int):
        if y < 0:
            raise ValueError("Integers to negative integer powers are not allowed.")
        return x**y
    return math.pow(x, y)


def _floor_divide(x: Any, y: Any) -> Any:
    if isinstance(x, float) or isinstance(y, float):
        raise NotImplementedError("this NumPy has // for integers only")
    return x // y


def _logaddexp(x: float, y: float) -> float:
    if x != x or y != y:
        return math.nan
    if x == y:
        return x + math.log(2.0)
    high, low = max(x, y), min(x, y)
    return high if math.isinf(high) else high + math.log1p(math.exp(low - high))


def _sign(x: Any) -> Any:
    return x if x != x else (x > 0) - (x < 0)


def _floor(f: Callable[[float], int]) -> Callable[[float], float]:
    return lambda x: float(f(x)) if math.isfinite(x) else x


def _cbrt(x: float) -> float:
    return math.cbrt(x)


FUNCTIONS: list[ufunc] = [
    ufunc("add", operator.add, 2, "same", exact=True, folds=_sum),
    ufunc("subtract", operator.sub, 2, "same", exact=True),
    ufunc("multiply", operator.mul, 2, "same", exact=True),
    ufunc("divide", operator.truediv, 2, pole=lambda x, y: y == 0.0),
    ufunc("floor_divide", _floor_divide, 2, "same"),
    ufunc("remainder", operator.mod, 2, "same"),
    ufunc("power", _power, 2, "same", pole=lambda x, y: x == 0.0),
    ufunc("maximum", _maximum, 2, "same", exact=True, folds=_fold(max)),
    ufunc("minimum", _minimum, 2, "same", exact=True, folds=_fold(min)),
    ufunc("hypot", math.hypot, 2),
    ufunc("arctan2", math.atan2, 2),
    ufunc("logaddexp", _logaddexp, 2),
    ufunc("copysign", math.copysign, 2),
    ufunc("negative", operator.neg, 1, "same", exact=True),
    ufunc("positive", operator.pos, 1, "same", exact=True),
    ufunc("absolute", abs, 1, "same", exact=True),
    ufunc("sign", _sign, 1, "same", exact=True),
    ufunc("square", lambda x: x * x, 1, "same", exact=True),
    ufunc("reciprocal", lambda x: 1.0 / x, pole=lambda x: x == 0.0),
    ufunc("sqrt", math.sqrt),
    ufunc("cbrt", _cbrt),
    ufunc("exp", math.exp),
    ufunc("expm1", math.expm1),
    ufunc("log", math.log, pole=lambda x: x == 0.0),
    ufunc("log1p", math.log1p, pole=lambda x: x == -1.0),
    ufunc("log2", math.log2, pole=lambda x: x == 0.0),
    ufunc("log10", math.log10, pole=lambda x: x == 0.0),
    ufunc("sin", math.sin),
    ufunc("cos", math.cos),
    ufunc("tan", math.tan),
    ufunc("arcsin", math.asin),
    ufunc("arccos", math.acos),
    ufunc("arctan", math.atan),
    ufunc("sinh", math.sinh),
    ufunc("cosh", math.cosh),
    ufunc("tanh", math.tanh),
    ufunc("arcsinh", math.asinh),
    ufunc("arccosh", math.acosh),
    ufunc("arctanh", math.atanh, pole=lambda x: abs(x) == 1.0),
    ufunc("floor", _floor(math.floor)),
    ufunc("ceil", _floor(math.ceil)),
    ufunc("rint", _floor(round)),
    ufunc("equal", operator.eq, 2, "bool"),
    ufunc("not_equal", operator.ne, 2, "bool"),
    ufunc("less", operator.lt, 2, "bool"),
    ufunc("less_equal", operator.le, 2, "bool"),
    ufunc("greater", operator.gt, 2, "bool"),
    ufunc("greater_equal", operator.ge, 2, "bool"),
    ufunc("logical_and", lambda x, y: bool(x) and bool(y), 2, "bool"),
    ufunc("logical_or", lambda x, y: bool(x) or bool(y), 2, "bool"),
    ufunc("logical_not", operator.not_, 1, "bool"),
    ufunc("isfinite", math.isfinite, 1, "bool"),
    ufunc("isnan", math.isnan, 1, "bool"),
    ufunc("isinf", math.isinf, 1, "bool"),
    ufunc("signbit", lambda x: math.copysign(1.0, x) < 0.0, 1, "bool"),
    ufunc("bitwise_and", operator.and_, 2, "same"),
    ufunc("bitwise_or", operator.or_, 2, "same"),
    ufunc("bitwise_xor", operator.xor, 2, "same"),
    ufunc("invert", lambda x: not x if isinstance(x, bool) else ~x, 1, "same"),
]
BY_NAME = {f.__name__: f for f in FUNCTIONS}
BY_NAME["abs"] = BY_NAME["absolute"]


def frompyfunc(f: Callable[..., Any], nin: int, nout: int) -> ufunc:
    if nout != 1:
        raise NotImplementedError("this NumPy makes functions with one result only")
    return ufunc(getattr(f, "__name__", "function"), f, nin, "object")


class vectorize:
    """A function of numbers as one of arrays."""

    def __init__(self, f: Callable[..., Any], otypes: Any = None) -> None:
        self._f, self._otypes = f, otypes

    def __call__(self, *args: Any) -> Any:
        arrays = [as_array(x) for x in args]
        shape = broadcast_shapes(*(x.shape for x in arrays))
        values = [self._f(*given) for given in zip(*(x.broadcast_to(shape).values() for x in arrays))]
        return as_array(values, self._otypes[0] if self._otypes else None).reshape(shape)


# ---------------------------------------------------------------------------------------------------------- operators


def _operator(name: str, reflected: bool = False) -> Callable[..., Any]:
    f = BY_NAME[name]

    def method(self: ndarray, other: Any) -> Any:
        if isinstance(other, (str, bytes, dict, set)) or getattr(other, "__array_ufunc__", True) is None:
            return NotImplemented
        return f(other, self) if reflected else f(self, other)

    return method


def _in_place(name: str) -> Callable[..., Any]:
    f = BY_NAME[name]

    def method(self: ndarray, other: Any) -> ndarray:
        if (
            self.dtype.kind in "iu"
            and f._result([self, other if isinstance(other, ndarray) else as_array(other)]).kind == "f"
        ):
            raise TypeError(f"Cannot cast {name} output from float64 to {self.dtype}")
        f(self, other, out=self)
        return self

    return method


def _inverted(self: ndarray) -> ndarray:
    return BY_NAME["logical_not" if self.dtype is BOOL else "invert"](self)


OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "power", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
}  # fmt: skip
COMPARED = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
give_methods({f"__{name}__": _operator(f) for name, f in (OPERATORS | COMPARED).items()})
give_methods({f"__r{name}__": _operator(f, True) for name, f in OPERATORS.items()})
give_methods({f"__i{name}__": _in_place(f) for name, f in OPERATORS.items()})
give_methods(
    {
        "__neg__": lambda self: BY_NAME["negative"](self),
        "__pos__": lambda self: BY_NAME["positive"](self),
        "__abs__": lambda self: BY_NAME["absolute"](self),
        "__invert__": _inverted,
    }
)
