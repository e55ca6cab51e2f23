"""The table of operations: the value and the derivatives of each.

All derivatives are in this file, and in no other.  One row of the table is one operation

    name = Op("name", value, (dz/dx, dz/dy, ...))

with one partial derivative for each argument.  A partial is a number where the derivative is constant, and otherwise an
ordinary Python expression of the result ``z`` and the arguments ``x, y``.  So it works for floats and for Values: for
floats it returns a float, which is what ``backward()`` needs; for Values it returns a graph, which can be
differentiated again, drawn, or compiled.  The whole library is built on this.

Each argument has its own entry, so only the derivatives that are needed are computed: ``(-3.0) ** 2`` never evaluates
the ``log(-3.0)`` in the derivative with respect to the exponent.

Names and the order of arguments follow NumPy.  In this file ``exp``, ``cos``, ``abs``, ``pow`` and so on are rows, not
Python's functions.  A row is itself a function: of floats it gives a float, of Values a Value.

At a kink or a jump the derivative is a convention:

    step(0) = 0, so relu'(0) = 0 and leaky_relu'(0) = 0.01;  sign(0) = 0, so abs'(0) = 0;
    maximum(x, x) and minimum(x, x) are the first argument, as in Python, so the first gets the gradient.

Where a value or a slope does not exist (log at 0, the slope of sqrt at 0) an error is raised, as in Python's math.

Some rows have further entries.  Skip them at first; backpropagation on numbers does not need them.

    array     the operation on whole arrays, for compiled graphs (programs), written with the functions of an array
              library ``xp``; without it, the function of ``xp`` with the row's name
    static    the arguments that ``array`` gets as plain floats where they are constants
    folds     the operation takes any number of arguments, combined two at a time from the left
    taken     for an operation that selects, such as ``where``: for each argument, 1 where it is selected, else 0.
              At a kink it is 1, so relu(sqrt(x)) at 0 is an error.  See paths.py
    interior  for an operation that has a value but no slope at some point, such as sqrt at 0: arguments at which it
              has both, put in where the result is not used.  See paths.py
"""

from __future__ import annotations

import math
import operator
from typing import Any

from autograd.engine import numerics
from autograd.engine.numerics import FAR, LEAK, SQRT2
from autograd.engine.op import Op

LN2 = math.log(2.0)
LN10 = math.log(10.0)

# Rows that are used above their definition, declared for the type checker.
xlogy: Op
cos: Op
cosh: Op
where: Op

# fmt: off
#   z = f(x, y)                                dz/dx                                 dz/dy
add = Op("add", operator.add,                 (1.0,                                  1.0),
         array=lambda xp, x, y: x + y,
         doc="add(x, y) = x + y")
sub = Op("sub", operator.sub,                 (1.0,                                 -1.0),
         array=lambda xp, x, y: x - y,
         doc="sub(x, y) = x - y")
mul = Op("mul", operator.mul,                 (lambda z, x, y: y,                    lambda z, x, y: x),
         array=lambda xp, x, y: x * y,
         doc="mul(x, y) = x y")
div = Op("div", operator.truediv,             (lambda z, x, y: 1.0 / y,              lambda z, x, y: -z / y),
         array=lambda xp, x, y: x / y,
         doc="div(x, y) = x / y")
# The slope of x^y in y is z log x.  xlogy gives it the value 0 at x = 0, where z = 0 and log x does not exist.
pow = Op("pow", math.pow,                     (lambda z, x, y: _dpow_dx(x, y),       lambda z, x, y: xlogy(z, x)),
         interior=lambda x, y: _dpow_interior(y),
         array=lambda xp, x, y: _pow_of_arrays(xp, x, y), static=(1,),
         doc="pow(x, y) = x^y, for x > 0, or for any x and an integer y")
neg = Op("neg", operator.neg,                 (-1.0,),
         array=lambda xp, x: -x,
         doc="neg(x) = -x")
pos = Op("pos", operator.pos,                 (1.0,),
         array=lambda xp, x: +x,
         doc="pos(x) = x, as a new node")

exp = Op("exp", math.exp,                     (lambda z, x: z,),
         doc="exp(x) = e^x")
expm1 = Op("expm1", math.expm1,               (lambda z, x: exp(x),),
           doc="expm1(x) = e^x - 1, accurate also near 0")
log = Op("log", math.log,                     (lambda z, x: 1.0 / x,),
         doc="log(x): the natural logarithm, for x > 0")
log1p = Op("log1p", math.log1p,               (lambda z, x: 1.0 / (1.0 + x),),
           doc="log1p(x) = log(1 + x), accurate also near 0")
log2 = Op("log2", math.log2,                  (lambda z, x: 1.0 / (LN2 * x),),
          doc="log2(x): the logarithm to base 2, for x > 0")
log10 = Op("log10", math.log10,               (lambda z, x: 1.0 / (LN10 * x),),
           doc="log10(x): the logarithm to base 10, for x > 0")
xlogy = Op("xlogy", numerics.xlogy,           (lambda z, x, y: log(y),               lambda z, x, y: x / y),
           interior=(1.0, 1.0),
           array=lambda xp, x, y: x * xp.log(xp.where(x == 0.0, 1.0, y)),
           doc="xlogy(x, y) = x log y, and 0 where x = 0")
sqrt = Op("sqrt", math.sqrt,                  (lambda z, x: 0.5 / z,),
          interior=(1.0,),
          doc="sqrt(x): the square root, for x >= 0; no slope at 0")
cbrt = Op("cbrt", numerics.cbrt,              (lambda z, x: 1.0 / (3.0 * z * z),),
          interior=(1.0,),
          doc="cbrt(x): the cube root, also of negative numbers; no slope at 0")
square = Op("square", numerics.square,        (lambda z, x: 2.0 * x,),
            doc="square(x) = x^2")
reciprocal = Op("reciprocal", numerics.reciprocal, (lambda z, x: -z * z,),
                doc="reciprocal(x) = 1 / x")
hypot = Op("hypot", math.hypot,               (lambda z, x, y: x / z,                lambda z, x, y: y / z),
           interior=(1.0, 1.0), folds=True,
           doc="hypot(x, y, ...) = sqrt(x^2 + y^2 + ...), without overflow")

sin = Op("sin", math.sin,                     (lambda z, x: cos(x),),
         doc="sin(x): the sine, x in radians")
cos = Op("cos", math.cos,                     (lambda z, x: -sin(x),),
         doc="cos(x): the cosine, x in radians")
tan = Op("tan", math.tan,                     (lambda z, x: 1.0 + z * z,),
         doc="tan(x): the tangent, x in radians")
arcsin = Op("arcsin", math.asin,              (lambda z, x: 1.0 / sqrt((1.0 - x) * (1.0 + x)),),
            interior=(0.0,),
            doc="arcsin(x): the angle from -pi/2 to pi/2 whose sine is x")
arccos = Op("arccos", math.acos,              (lambda z, x: -1.0 / sqrt((1.0 - x) * (1.0 + x)),),
            interior=(0.0,),
            doc="arccos(x): the angle from 0 to pi whose cosine is x")
arctan = Op("arctan", math.atan,              (lambda z, x: 1.0 / (1.0 + x * x),),
            doc="arctan(x): the angle from -pi/2 to pi/2 whose tangent is x")
arctan2 = Op("arctan2", math.atan2,           (lambda z, x, y: _over_squared_distance(y, x, y),
                                               lambda z, x, y: -_over_squared_distance(x, x, y)),
             interior=(1.0, 1.0),
             doc="arctan2(y, x): the angle of the point (x, y), from -pi to pi; y comes first, as in NumPy")

sinh = Op("sinh", math.sinh,                  (lambda z, x: cosh(x),),
          doc="sinh(x) = (e^x - e^-x) / 2")
cosh = Op("cosh", math.cosh,                  (lambda z, x: sinh(x),),
          doc="cosh(x) = (e^x + e^-x) / 2")
tanh = Op("tanh", math.tanh,                  (lambda z, x: 1.0 - z * z,),
          doc="tanh(x) = (e^x - e^-x) / (e^x + e^-x)")
arcsinh = Op("arcsinh", math.asinh,           (lambda z, x: 1.0 / hypot(1.0, x),),
             doc="arcsinh(x): the number whose sinh is x")
arccosh = Op("arccosh", math.acosh,           (lambda z, x: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),),
             interior=(2.0,),
             doc="arccosh(x): the number >= 0 whose cosh is x, for x >= 1; no slope at 1")
arctanh = Op("arctanh", math.atanh,           (lambda z, x: 1.0 / ((1.0 - x) * (1.0 + x)),),
             doc="arctanh(x): the number whose tanh is x, for -1 < x < 1")

sigmoid = Op("sigmoid", numerics.sigmoid,     (lambda z, x: z * (1.0 - z),),
             array=lambda xp, x: _sigmoid_of_arrays(xp, x),
             doc="sigmoid(x) = 1 / (1 + e^-x), the logistic function")
softplus = Op("softplus", numerics.softplus,  (lambda z, x: sigmoid(x),),
              array=lambda xp, x: xp.logaddexp(0.0, x),
              doc="softplus(x) = log(1 + e^x)")
silu = Op("silu", numerics.silu,              (lambda z, x: _dsilu(x),),
          array=lambda xp, x: xp.maximum(x, -FAR) * _sigmoid_of_arrays(xp, x),
          doc="silu(x) = x sigmoid(x).  Source: Elfwing, Uchibe, Doya, Neural Networks 107, 2018")
erf = Op("erf", math.erf,                     (lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x),),
         doc="erf(x) = 2 / sqrt(pi) * the integral of e^(-t^2) from 0 to x")
erfc = Op("erfc", math.erfc,                  (lambda z, x: -2.0 / math.sqrt(math.pi) * exp(-x * x),),
          doc="erfc(x) = 1 - erf(x), accurate also for large x")
gelu = Op("gelu", numerics.gelu,              (lambda z, x: _dgelu(x),),
          array=lambda xp, x: xp.maximum(x, -FAR) * (0.5 * xp.erfc(x / -SQRT2)),
          doc="gelu(x) = x Phi(x), Phi the normal distribution.  Source: Hendrycks, Gimpel, arXiv 1606.08415, 2016")

step = Op("step", numerics.step,              (0.0,),
          array=lambda xp, x: xp.where(x > 0.0, 1.0, 0.0),
          doc="step(x): 1 for x > 0, else 0; its slope is 0")
sign = Op("sign", numerics.sign,              (0.0,),
          doc="sign(x): -1, 0 or 1; its slope is 0")
abs = Op("abs", math.fabs,                    (lambda z, x: sign(x),),
         doc="abs(x) = |x|; the slope at 0 is 0")
# taken is 1 for x >= 0, although the slope at 0 is 0: at a kink the slopes on both sides must exist.
relu = Op("relu", numerics.relu,              (lambda z, x: step(x),),
          taken=(lambda z, x: 1.0 - step(-x),),
          array=lambda xp, x: xp.maximum(x, 0.0),
          doc="relu(x): x for x > 0, else 0; the slope at 0 is 0.  Source: Nair, Hinton, ICML 2010")
leaky_relu = Op("leaky_relu", numerics.leaky_relu, (lambda z, x: where(step(x), 1.0, LEAK),),
                array=lambda xp, x: xp.maximum(x, LEAK * x),
                doc="leaky_relu(x): x for x > 0, else 0.01 x.  Source: Maas, Hannun, Ng, ICML 2013")
elu = Op("elu", numerics.elu,                 (lambda z, x: where(step(x), 1.0, z + 1.0),),
         array=lambda xp, x: xp.where(x > 0.0, x, xp.expm1(xp.minimum(x, 0.0))),
         doc="elu(x): x for x > 0, else e^x - 1.  Source: Clevert, Unterthiner, Hochreiter, ICLR 2016")
maximum = Op("maximum", numerics.maximum,     (lambda z, x, y: 1.0 - step(y - x),    lambda z, x, y: step(y - x)),
             taken=(lambda z, x, y: 1.0 - step(y - x), lambda z, x, y: 1.0 - step(x - y)), folds=True,
             doc="maximum(x, y, ...): the largest of the numbers or of one list; in a tie the first gets the gradient")
minimum = Op("minimum", numerics.minimum,     (lambda z, x, y: 1.0 - step(x - y),    lambda z, x, y: step(x - y)),
             taken=(lambda z, x, y: 1.0 - step(x - y), lambda z, x, y: 1.0 - step(y - x)), folds=True,
             doc="minimum(x, y, ...): the smallest of the numbers or of one list; in a tie the first gets the gradient")
where = Op("where", numerics.where,           (0.0, lambda z, c, x, y: where(c, 1.0, 0.0),
                                                    lambda z, c, x, y: where(c, 0.0, 1.0)),
           taken=(0.0, lambda z, c, x, y: where(c, 1.0, 0.0), lambda z, c, x, y: where(c, 0.0, 1.0)),
           array=lambda xp, c, x, y: xp.where(c != 0.0, x, y),
           doc="where(condition, x, y): x where the condition is not 0, else y; the slope in the condition is 0")
stop_gradient = Op("stop_gradient", operator.pos, (0.0,),
                   array=lambda xp, x: +x,
                   doc="stop_gradient(x) = x, as a constant: its slope is 0")
# fmt: on

TABLE: tuple[Op, ...] = tuple(row for row in list(globals().values()) if isinstance(row, Op))


# ------------------------------------------- derivatives too long for a line of the table: expressions, as in the table


def _dpow_dx(x: Any, y: Any) -> Any:
    """y * x^(y - 1), the slope of x^y in x.

    The exponent 0 is a special case: without it, the third derivative of ``x ** 2`` at 0 would be
    ``0 * 0 ** -1``, an error, although it is 0.  The exponents 1 and 2 are written without a power: the slope of a
    square is ``2 * x``.  An exponent that is a Value may become 0 later, so there ``where`` selects in the graph.
    """
    # While a graph is built, a Value never equals a number (== on Values is identity): these are constant exponents.
    # For y = 0 and y = 1 the slope y x^(y-1) is y itself.
    if y == 0.0 or y == 1.0:
        return y
    if y == 2.0:
        return 2.0 * x
    return y * pow(x if type(y) is float else where(y, x, 1.0), y - 1.0)


def _dpow_interior(y: Any) -> tuple[float, float] | None:
    """At x = 0, x^y has a value but no slope if 0 < y < 1; for other constant exponents this cannot happen."""
    return None if type(y) is float and not 0.0 < y < 1.0 else (1.0, 1.0)


def _over_squared_distance(t: Any, x: Any, y: Any) -> Any:
    """t / (x^2 + y^2), without overflow or underflow of the squares."""
    r = hypot(x, y)
    return t / r / r


def _dsilu(x: Any) -> Any:
    """sigmoid(x) + x sigmoid(x) sigmoid(-x)"""
    near = minimum(x, FAR)
    return sigmoid(x) + silu(near) * sigmoid(-near)


def _dgelu(x: Any) -> Any:
    """Phi(x) + x phi(x), Phi the normal distribution and phi its density."""
    near = maximum(minimum(x, FAR), -FAR)
    return _normal_cdf(x) + near * _normal_pdf(near)


def _normal_pdf(x: Any) -> Any:
    """The density of the standard normal distribution."""
    return exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def _normal_cdf(x: Any) -> Any:
    """The standard normal distribution function: the area under the bell curve to the left of x."""
    return 0.5 * erfc(x / -SQRT2)


# ---------------------------------------------------------------------- array forms too long for a line of the table


def _pow_of_arrays(xp: Any, x: Any, y: Any) -> Any:
    """x^y, by a faster function such as ``square`` for some constant exponents."""
    known = {2.0: "square", 1.0: "positive", 0.5: "sqrt", -1.0: "reciprocal"}
    return getattr(xp, known[y])(x) if type(y) is float and y in known else x**y


def _sigmoid_of_arrays(xp: Any, x: Any) -> Any:
    """The logistic function, without overflow of e^-x for large negative x."""
    small = xp.exp(-xp.abs(x))
    return xp.where(x < 0.0, small, 1.0) / (1.0 + small)
