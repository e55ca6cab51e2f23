"""The calculus: every operation of the library, its value and its derivatives.

This file is the only one that knows a derivative.  One row of the table is one operation

    name = Op("name", value, (dz/dx, dz/dy, ...))

with one partial derivative for each argument.  A partial is a number where the derivative is constant, and else an
ordinary expression of the result ``z`` and the arguments ``x, y``.  Because it is ordinary, it works on whatever it is
given: on floats it gives a float, which is what ``backward()`` needs; on Values it gives a graph, which can be
differentiated again, drawn, or compiled.  The whole library rests on that.

Each argument has its own entry, so what is not asked for is not computed: ``(-3.0) ** 2`` never evaluates the
``log(-3.0)`` that the derivative with respect to an exponent would need.

Some rows have one or two more entries.  ``taken`` says of an operation that chooses, as ``where`` does, when
it takes each argument; what is not taken has no part in a derivative.  ``interior`` is, for an operation with a value
where it has no slope, as ``sqrt`` at 0, a point where it has both.  paths.py says what they are for.
"""

from __future__ import annotations

import functools
import math
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from types import MethodType
from typing import Any

from autograd.modes import as_expression

# What each operation is; its documentation.
ABOUT = {
    "add": "add(x, y) = x + y",
    "sub": "sub(x, y) = x - y",
    "mul": "mul(x, y) = x y",
    "div": "div(x, y) = x / y",
    "pow": "pow(x, y) = x^y, for x > 0, or for any x and a whole number y",
    "neg": "neg(x) = -x",
    "pos": "pos(x) = x, as a node of its own",
    "exp": "exp(x) = e^x",
    "expm1": "expm1(x) = e^x - 1, exact also near 0",
    "log": "log(x): the natural logarithm, for x > 0",
    "log1p": "log1p(x) = log(1 + x), exact also near 0",
    "log2": "log2(x): the logarithm to base 2, for x > 0",
    "log10": "log10(x): the logarithm to base 10, for x > 0",
    "xlogy": "xlogy(x, y) = x log y, and 0 where x = 0",
    "sqrt": "sqrt(x): the square root, for x >= 0; no slope at 0",
    "cbrt": "cbrt(x): the cube root, also of negative numbers; no slope at 0",
    "square": "square(x) = x^2",
    "reciprocal": "reciprocal(x) = 1 / x",
    "hypot": "hypot(x, y) = sqrt(x^2 + y^2), without overflow",
    "sin": "sin(x): the sine, x in radians",
    "cos": "cos(x): the cosine, x in radians",
    "tan": "tan(x): the tangent, x in radians",
    "arcsin": "arcsin(x): the angle from -pi/2 to pi/2 whose sine is x",
    "arccos": "arccos(x): the angle from 0 to pi whose cosine is x",
    "arctan": "arctan(x): the angle from -pi/2 to pi/2 whose tangent is x",
    "arctan2": "arctan2(y, x): the angle of the point (x, y), from -pi to pi; y comes first, as in NumPy",
    "sinh": "sinh(x) = (e^x - e^-x) / 2",
    "cosh": "cosh(x) = (e^x + e^-x) / 2",
    "tanh": "tanh(x) = (e^x - e^-x) / (e^x + e^-x)",
    "arcsinh": "arcsinh(x): the number whose sinh is x",
    "arccosh": "arccosh(x): the number from 0 whose cosh is x, for x >= 1; no slope at 1",
    "arctanh": "arctanh(x): the number whose tanh is x, for -1 < x < 1",
    "sigmoid": "sigmoid(x) = 1 / (1 + e^-x), the logistic function",
    "softplus": "softplus(x) = log(1 + e^x)",
    "silu": "silu(x) = x sigmoid(x).  Source: Elfwing, Uchibe, Doya, Neural Networks 107, 2018",
    "erf": "erf(x) = 2 / sqrt(pi) * the integral of e^(-t^2) from 0 to x",
    "erfc": "erfc(x) = 1 - erf(x), exact also for large x",
    "gelu": "gelu(x) = x Phi(x), Phi the normal distribution.  Source: Hendrycks, Gimpel, arXiv 1606.08415, 2016",
    "step": "step(x): 1 for x > 0, else 0; its slope is 0",
    "sign": "sign(x): -1, 0 or 1; its slope is 0",
    "abs": "abs(x) = |x|; the slope at 0 is 0",
    "relu": "relu(x): x for x > 0, else 0; the slope at 0 is 0.  Source: Nair, Hinton, ICML 2010",
    "leaky_relu": "leaky_relu(x): x for x > 0, else 0.01 x.  Source: Maas, Hannun, Ng, ICML 2013",
    "elu": "elu(x): x for x > 0, else e^x - 1.  Source: Clevert, Unterthiner, Hochreiter, ICLR 2016",
    "maximum": "maximum(x, y, ...): the largest, of numbers or of one list; of equals the first gets the gradient",
    "minimum": "minimum(x, y, ...): the smallest, of numbers or of one list; of equals the first gets the gradient",
    "where": "where(condition, x, y): x where the condition is not 0, else y; the slope by the condition is 0",
    "stop_gradient": "stop_gradient(x) = x, as a constant: its slope is 0",
}

# ------------------------------------------------------------------------------------------------- one row of the table


class Op:
    """One operation: a name, its value on floats, and one partial derivative for each argument.

    An Op is a function.  Given numbers it gives a number; given a Value it records and gives a Value; given arrays it
    works on each element.  As an attribute of a class it becomes a method, as any function does.

    Arguments:
        name: what the operation is called in pictures, tables and messages.  To be pickled, the operation must also
            stand under this name in the module that makes it.
        value: a function from as many floats as there are partials to a float.
        partials: for each argument a number, or a function of ``z`` (the result) and of all arguments.
        taken: for an operation that chooses among its arguments, a function like a partial for each of them: 0 where
            the argument is not taken, so that no slope below it matters, else 1.
        interior: for an operation whose slopes do not exist everywhere where its value does, arguments for which all
            of them exist; or a function from the arguments to these, or to None where no slope can be missing.
        folds: the operation takes any number of arguments, or one list of them, two at a time from the left.

    Raises:
        TypeError: name, value and partials are not a string, a function, and a tuple of numbers and functions; or,
            when the operation is used, its value or a partial is not a number.

    >>> cube = Op("cube", lambda x: x * x * x, (lambda z, x: 3.0 * x * x,))
    >>> cube(2.0)
    8.0
    """

    def __init__(
        self,
        name: str,
        value: Callable[..., float],
        partials: tuple[float | Callable[..., Any], ...],
        *,
        taken: tuple[float | Callable[..., Any], ...] | None = None,
        interior: tuple[float, ...] | Callable[..., tuple[float, ...] | None] | None = None,
        folds: bool = False,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"the name of an operation is a string that is not empty, not {describe(name)}")
        if not callable(value):
            raise TypeError(f"the value of operation {name!r} is a function of floats, not {describe(value)}")
        if not isinstance(partials, tuple) or not partials:
            raise TypeError(
                f"the partials of operation {name!r} are a tuple with one entry for each argument, not "
                f"{describe(partials)}; for a single argument write (lambda z, x: ...,) with the comma"
            )
        for partial in partials:
            if not callable(partial) and not isinstance(partial, Real):
                raise TypeError(f"a partial of operation {name!r} is a number or a function, not {describe(partial)}")
        self.name = name
        # As namedtuple does: note the module that wrote the row, so that pickle finds the row there by its name.
        self.__module__ = sys._getframe(1).f_globals.get("__name__", __name__)
        own = self.__module__ != __name__  # a row of a user
        self.__doc__ = None if own else ABOUT.get(name)
        self.value = _checked_value(value, name) if own else value
        self.partials = tuple(
            float(partial) if not callable(partial) else _checked_partial(partial, name, i) if own else partial
            for i, partial in enumerate(partials)
        )
        self.taken, self.folds = taken, folds
        self.interior = interior if callable(interior) or interior is None else lambda *args: interior
        self.edges = own or interior is not None  # whether a slope may be missing where there is a value

    def __call__(self, *args: Any) -> Any:
        if len(args) != len(self.partials):
            return self._fold(args)
        for x in args:
            if type(x) is not float:
                if hasattr(x, "record"):  # a Value
                    return x.record(self, *args)
                if not isinstance(x, Real):
                    return self.elementwise(*args)
        try:
            return self.value(*map(to_float, args))
        except (ArithmeticError, ValueError) as error:
            raise undefined(f"{self.name}({', '.join(map(text, args))})", error) from None

    def _fold(self, args: tuple[Any, ...]) -> Any:
        """The operation on any number of arguments, or on one list of them."""
        if not self.folds:
            raise TypeError(f"{self.name}() takes {len(self.partials)} argument(s), {len(args)} given")
        if len(args) == 1 and isinstance(args[0], Iterable) and getattr(args[0], "ndim", 1) == 1:
            args = tuple(args[0])
        if not args:
            raise ValueError(f"{self.name}() of no numbers does not exist; give it one at least")
        if len(args) == 1 and not (isinstance(args[0], Real) or hasattr(args[0], "record")):
            raise TypeError(f"{self.name}() takes numbers, or one list of them, not {describe(args[0])}")
        return functools.reduce(self, args[1:], args[0])

    def elementwise(self, *args: Any) -> Any:
        """The operation on each element of arrays, broadcast as NumPy does: an array of floats or of Values.

        Raises:
            TypeError: an argument is neither a number nor a Value nor an array.
        """
        for x in args:
            if not (isinstance(x, Real) or hasattr(x, "record") or hasattr(x, "__array_ufunc__")):
                raise TypeError(f"{self.name}() works on numbers, Values and arrays of them, not on {describe(x)}")
        import numpy

        found = numpy.frompyfunc(self, len(self.partials), 1)(*args)
        plain = not any(hasattr(x, "record") or getattr(getattr(x, "dtype", None), "kind", "") == "O" for x in args)
        return found.astype(float) if plain else found

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def __reduce__(self) -> str:
        return self.name


class DomainError(ValueError):
    """A function or a derivative is asked for where it does not exist, as the logarithm of -1."""


def undefined(what: str, error: Exception, labels: Sequence[str] = ()) -> Exception:
    """The error of Python's ``math``, with the operation, its operands and their labels in the message."""
    at = " at " + ", ".join(repr(label) for label in labels if label) if any(labels) else ""
    for kind in (ZeroDivisionError, OverflowError, ArithmeticError):
        if isinstance(error, kind):
            return kind(f"{what}{at}: {error}")
    return DomainError(f"{what}{at}: {error}")


def describe(x: object) -> str:
    """What was given, for a message: the type, and the value where it is short."""
    written = text(x)
    return type(x).__name__ + (f" {written}" if len(written) <= 40 and written != "None" else "")


def text(x: object) -> str:
    """What Python writes for x; for an int of thousands of digits, which it refuses to write, how long it is."""
    try:
        return repr(x)
    except ValueError:
        return f"of {x.bit_length():,} bits" if isinstance(x, int) else "that cannot be written out"


def to_float(x: Any) -> float:
    """The float next to a number.

    Raises:
        OverflowError: the number is too large for one.
    """
    try:
        return float(x)
    except OverflowError:
        raise OverflowError(f"{describe(x)} is too large for a float, whose largest is about 1.8e308") from None


# The functions of a user's row are checked, each time: a forgotten return would count as 0.


def _checked_value(f: Callable[..., Any], name: str) -> Callable[..., float]:
    """The value of a user's row, which must be a number."""

    @functools.wraps(f)
    def value(*args: float) -> float:
        found = f(*args)
        return found if type(found) is float else _number(found, f"the value of operation {name!r}", args)

    return value


def _checked_partial(f: Callable[..., Any], name: str, i: int) -> Callable[..., Any]:
    """A partial of a user's row: for floats it must give a number; for nodes it may give a node, and only compute."""

    @functools.wraps(f)
    def partial(*args: Any) -> Any:
        graph = any(hasattr(x, "record") for x in args)
        found = as_expression(f, *args) if graph else f(*args)
        if type(found) is float or (graph and hasattr(found, "record")):
            return found
        return _number(found, f"the partial of operation {name!r} by argument {i}", args)

    return partial


def _number(found: Any, what: str, args: Sequence[Any]) -> float:
    if isinstance(found, Real):
        return float(found)
    hint = "; is a return missing?" if found is None else ""
    raise TypeError(f"{what} must be a number, but for {', '.join(map(text, args))} it is {describe(found)}{hint}")


# ------------------------------------------------------------- values that Python's math lacks, stable for every float


def _square(x: float) -> float:
    return x * x


def _reciprocal(x: float) -> float:
    return 1.0 / x


def _xlogy(x: float, y: float) -> float:
    return x * math.log(y) if x else 0.0


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0.0 else math.exp(x) / (1.0 + math.exp(x))


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-math.fabs(x)))


def _silu(x: float) -> float:
    return max(x, -FAR) * _sigmoid(x)


def _gelu(x: float) -> float:
    return 0.5 * max(x, -FAR) * math.erfc(-x / SQRT2)


def _step(x: float) -> float:
    return 1.0 if x > 0.0 else 0.0


def _sign(x: float) -> float:
    return 0.0 if x == 0.0 else x if x != x else math.copysign(1.0, x)


def _relu(x: float) -> float:
    return 0.0 if x <= 0.0 else x  # so written, a nan stays a nan


def _leaky(x: float) -> float:
    return LEAK * x if x <= 0.0 else x


def _elu(x: float) -> float:
    return math.expm1(x) if x <= 0.0 else x


def _maximum(x: float, y: float) -> float:
    return x if x >= y or x != x else y  # a nan on either side stays


def _minimum(x: float, y: float) -> float:
    return x if x <= y or x != x else y


def _where(condition: float, x: float, y: float) -> float:
    return x if condition else y


if sys.version_info >= (3, 11):
    _cbrt = math.cbrt
else:

    def _cbrt(x: float) -> float:
        root = math.copysign(math.fabs(x) ** (1.0 / 3.0), x)  # then one step of Newton's method
        return root - (root * root * root - x) / (3.0 * root * root) if root and math.isfinite(root) else root


LEAK = 0.01  # the slope of leaky_relu on the left
FAR = 1000.0  # beyond it the tails of sigmoid and of the normal distribution are 0; infinity times 0 would be a nan
SQRT2 = math.sqrt(2.0)
LN2 = math.log(2.0)
LN10 = math.log(10.0)


# ------------------------------------------- derivatives too long for a line of the table: expressions, as in the table


def _dpow_dx(x: Any, y: Any) -> Any:
    """y * x^(y - 1), the slope of x^y in x.

    The constant exponent 0 stands apart, because polynomials end there: without it the third derivative of ``x ** 2``
    at 0 would be ``0 * 0 ** -1``, an error, where it is 0.  So do 1 and 2, to spare a power: the slope of a square is
    ``2 * x``.  An exponent that is a Value may hold 0 as well.
    """
    if y == 0.0 or y == 1.0:
        return y
    if y == 2.0:
        return 2.0 * x
    return y * pow(x if type(y) is float else where(y, x, 1.0), y - 1.0)


def _dpow_interior(x: Any, y: Any) -> tuple[float, float] | None:
    """x^y has a value at 0 but no slope there for exponents between 0 and 1; other constant exponents have no edge."""
    return None if type(y) is float and not 0.0 < y < 1.0 else (1.0, 1.0)


def _over_squared_distance(t: Any, x: Any, y: Any) -> Any:
    """t / (x^2 + y^2), where the squares may be too small or too large for a float."""
    r = hypot(x, y)
    return t / r / r


def _dsilu(z: Any, x: Any) -> Any:
    """sigmoid(x) + x sigmoid(x) sigmoid(-x)"""
    near = minimum(x, FAR)
    return sigmoid(x) + silu(near) * sigmoid(-near)


def _dgelu(z: Any, x: Any) -> Any:
    """Phi(x) + x phi(x), Phi the normal distribution and phi its density."""
    near = maximum(minimum(x, FAR), -FAR)
    return _normal_cdf(x) + near * _normal_pdf(near)


def _normal_pdf(x: Any) -> Any:
    """The density of the standard normal distribution."""
    return exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def _normal_cdf(x: Any) -> Any:
    """The standard normal distribution function: the share of the bell that lies below x."""
    return 0.5 * erfc(x / -SQRT2)


# ------------------------------------------------------------------------------------------------------------ the table
#
# Names and order of arguments are NumPy's.  In this module abs and pow are rows, not Python's functions.
#
# At a kink or a jump there is no derivative, and a convention stands in for it:
#   step(0) = 0, so relu'(0) = 0 and leaky_relu'(0) = 0.01;  sign(0) = 0, so abs'(0) = 0;
#   maximum(x, x) and minimum(x, x) are the first argument, as Python's max and min, and so the first gets the gradient.
# Where a value or a slope does not exist (log at 0, the slope of sqrt at 0) an error is raised, as Python's math does.
# At a kink both sides count as taken, so that relu(sqrt(x)) at 0, which has no slope there, is an error too.

# Rows that rows above them call, announced to the type checker.
xlogy: Op
cos: Op
cosh: Op
where: Op
sigmoid: Op

# fmt: off
#             z = f(x, y)                   dz/dx                                 dz/dy
add        = Op("add", operator.add,       (1.0,                                  1.0))
sub        = Op("sub", operator.sub,       (1.0,                                 -1.0))
mul        = Op("mul", operator.mul,       (lambda z, x, y: y,                    lambda z, x, y: x))
div        = Op("div", operator.truediv,   (lambda z, x, y: 1.0 / y,              lambda z, x, y: -z / y))
pow        = Op("pow", math.pow,           (lambda z, x, y: _dpow_dx(x, y),       lambda z, x, y: xlogy(z, x)),
                                            interior=_dpow_interior)
neg        = Op("neg", operator.neg,       (-1.0,))
pos        = Op("pos", operator.pos,       (1.0,))

exp        = Op("exp", math.exp,           (lambda z, x: z,))
expm1      = Op("expm1", math.expm1,       (lambda z, x: exp(x),))
log        = Op("log", math.log,           (lambda z, x: 1.0 / x,))
log1p      = Op("log1p", math.log1p,       (lambda z, x: 1.0 / (1.0 + x),))
log2       = Op("log2", math.log2,         (lambda z, x: 1.0 / (LN2 * x),))
log10      = Op("log10", math.log10,       (lambda z, x: 1.0 / (LN10 * x),))
xlogy      = Op("xlogy", _xlogy,           (lambda z, x, y: log(y),               lambda z, x, y: x / y),
                                            interior=(1.0, 1.0))
sqrt       = Op("sqrt", math.sqrt,         (lambda z, x: 0.5 / z,),               interior=(1.0,))
cbrt       = Op("cbrt", _cbrt,             (lambda z, x: 1.0 / (3.0 * z * z),),   interior=(1.0,))
square     = Op("square", _square,         (lambda z, x: 2.0 * x,))
reciprocal = Op("reciprocal", _reciprocal, (lambda z, x: -z * z,))
hypot      = Op("hypot", math.hypot,       (lambda z, x, y: x / z,                lambda z, x, y: y / z),
                                            interior=(1.0, 1.0), folds=True)

sin        = Op("sin", math.sin,           (lambda z, x: cos(x),))
cos        = Op("cos", math.cos,           (lambda z, x: -sin(x),))
tan        = Op("tan", math.tan,           (lambda z, x: 1.0 + z * z,))
arcsin     = Op("arcsin", math.asin,       (lambda z, x: 1.0 / sqrt((1.0 - x) * (1.0 + x)),),         interior=(0.0,))
arccos     = Op("arccos", math.acos,       (lambda z, x: -1.0 / sqrt((1.0 - x) * (1.0 + x)),),        interior=(0.0,))
arctan     = Op("arctan", math.atan,       (lambda z, x: 1.0 / (1.0 + x * x),))
arctan2    = Op("arctan2", math.atan2,     (lambda z, x, y: _over_squared_distance(y, x, y),
                                            lambda z, x, y: -_over_squared_distance(x, x, y)),   interior=(1.0, 1.0))

sinh       = Op("sinh", math.sinh,         (lambda z, x: cosh(x),))
cosh       = Op("cosh", math.cosh,         (lambda z, x: sinh(x),))
tanh       = Op("tanh", math.tanh,         (lambda z, x: 1.0 - z * z,))
arcsinh    = Op("arcsinh", math.asinh,     (lambda z, x: 1.0 / hypot(1.0, x),))
arccosh    = Op("arccosh", math.acosh,     (lambda z, x: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),),     interior=(2.0,))
arctanh    = Op("arctanh", math.atanh,     (lambda z, x: 1.0 / ((1.0 - x) * (1.0 + x)),))

sigmoid    = Op("sigmoid", _sigmoid,       (lambda z, x: z * (1.0 - z),))
softplus   = Op("softplus", _softplus,     (lambda z, x: sigmoid(x),))
silu       = Op("silu", _silu,             (_dsilu,))
erf        = Op("erf", math.erf,           (lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x),))
erfc       = Op("erfc", math.erfc,         (lambda z, x: -2.0 / math.sqrt(math.pi) * exp(-x * x),))
gelu       = Op("gelu", _gelu,             (_dgelu,))

step       = Op("step", _step,             (0.0,))
sign       = Op("sign", _sign,             (0.0,))
abs        = Op("abs", math.fabs,          (lambda z, x: sign(x),))
relu       = Op("relu", _relu,             (lambda z, x: step(x),),
                                      taken=(lambda z, x: 1.0 - step(-x),))
leaky_relu = Op("leaky_relu", _leaky,      (lambda z, x: where(step(x), 1.0, LEAK),))
elu        = Op("elu", _elu,               (lambda z, x: where(step(x), 1.0, z + 1.0),))
maximum    = Op("maximum", _maximum,       (lambda z, x, y: 1.0 - step(y - x),    lambda z, x, y: step(y - x)),
                                      taken=(lambda z, x, y: 1.0 - step(y - x),   lambda z, x, y: 1.0 - step(x - y)),
                                            folds=True)
minimum    = Op("minimum", _minimum,       (lambda z, x, y: 1.0 - step(x - y),    lambda z, x, y: step(x - y)),
                                      taken=(lambda z, x, y: 1.0 - step(x - y),   lambda z, x, y: 1.0 - step(y - x)),
                                            folds=True)
where      = Op("where", _where,           (0.0, lambda z, c, x, y: where(c, 1.0, 0.0),
                                                 lambda z, c, x, y: where(c, 0.0, 1.0)),
                                      taken=(0.0, lambda z, c, x, y: where(c, 1.0, 0.0),
                                                  lambda z, c, x, y: where(c, 0.0, 1.0)))
stop_gradient = Op("stop_gradient", operator.pos, (0.0,))
# fmt: on

TABLE: tuple[Op, ...] = tuple(row for row in list(globals().values()) if isinstance(row, Op))
