"""Write scalars, see every derivative, run at matrix speed."""

from pathlib import Path as _Path
from typing import TYPE_CHECKING, Any

if (_Path(__file__).parent / "tracer.py").exists():  # a file of HIPS autograd, which installs into the same folder
    raise ImportError(
        "the package 'autograd' (HIPS) and 'scalar-backprop' install into the same folder and have overwritten each "
        "other; remove both and install one: pip uninstall autograd scalar-backprop, then pip install scalar-backprop"
    )

from autograd.animation import Animation, animate
from autograd.check import GradientError, GradientReport, KinkWarning, check_grads
from autograd.explain import (
    TooManyPathsError,
    backward_steps,
    count_operations,
    explain,
    forward_steps,
    order_matters,
    what_if,
)
from autograd.functional import grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.graph import topological_order
from autograd.modes import no_grad, scope
from autograd.picture import Picture, draw, draw_dot
from autograd.quiz import quiz
from autograd.recording import Recording, record
from autograd.reductions import dot, logsumexp, mean
from autograd.rules import (
    TABLE,
    DomainError,
    Op,
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cbrt,
    cos,
    cosh,
    div,
    elu,
    erf,
    erfc,
    exp,
    expm1,
    gelu,
    hypot,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    maximum,
    minimum,
    mul,
    neg,
    pos,
    reciprocal,
    relu,
    sigmoid,
    sign,
    silu,
    sin,
    sinh,
    softplus,
    sqrt,
    square,
    step,
    stop_gradient,
    sub,
    tan,
    tanh,
    where,
    xlogy,
)
from autograd.rules import (
    abs as abs,
)
from autograd.rules import (
    pow as pow,
)
from autograd.structure import flatten, flatten_like
from autograd.value import Value, assign
from autograd.widget import Explorer, explore

if TYPE_CHECKING:
    from autograd.program import Program as Program
    from autograd.program import vectorize as vectorize

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Programs, and with them NumPy, are loaded when they are asked for."""
    if name in ("Program", "vectorize"):
        from autograd import program

        return getattr(program, name)
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


# Without abs and pow, so that `from autograd import *` leaves Python's own alone.
__all__ = [
    "TABLE",
    "Animation",
    "DomainError",
    "Explorer",
    "GradientError",
    "GradientReport",
    "KinkWarning",
    "Op",
    "Picture",
    "Recording",
    "TooManyPathsError",
    "Value",
    "add",
    "animate",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "assign",
    "backward_steps",
    "cbrt",
    "check_grads",
    "cos",
    "cosh",
    "count_operations",
    "div",
    "dot",
    "draw",
    "draw_dot",
    "elu",
    "erf",
    "erfc",
    "exp",
    "explain",
    "explore",
    "expm1",
    "flatten",
    "flatten_like",
    "forward_steps",
    "gelu",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "hypot",
    "jacobian",
    "jvp",
    "leaky_relu",
    "log",
    "log1p",
    "log2",
    "log10",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "mul",
    "neg",
    "no_grad",
    "order_matters",
    "pos",
    "quiz",
    "reciprocal",
    "record",
    "relu",
    "scope",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "square",
    "step",
    "stop_gradient",
    "sub",
    "tan",
    "tanh",
    "topological_order",
    "value_and_grad",
    "vjp",
    "what_if",
    "where",
    "xlogy",
]
