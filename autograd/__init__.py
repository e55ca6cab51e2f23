"""Write scalars, see every derivative, run at matrix speed."""

import os as _os
from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

if _os.path.exists(
    _os.path.join(_os.path.dirname(__file__), "tracer.py")
):  # a file of HIPS autograd, which installs into the same folder
    raise ImportError(
        "the package 'autograd' (HIPS) and 'scalar-backprop' install into the same folder and have overwritten each "
        "other; remove both and install one: pip uninstall autograd scalar-backprop, then pip install scalar-backprop"
    )

from autograd import engine
from autograd.engine import *  # noqa: F403
from autograd.engine import abs as abs
from autograd.engine import pow as pow

if TYPE_CHECKING:
    from autograd.functional import *  # noqa: F403
    from autograd.lessons import *  # noqa: F403
    from autograd.live import *  # noqa: F403
    from autograd.picture import *  # noqa: F403
    from autograd.program import *  # noqa: F403

__version__ = "0.1.0"

# The other rooms are loaded when one of their names is asked for: pictures and programs take longer than the engine.
_NAMES = {
    "functional": "grad value_and_grad gradients jacobian hessian jvp vjp hvp check_grads GradientError GradientReport "
    "KinkWarning record Recording flatten flatten_like",
    "lessons": "explain backward_steps forward_steps what_if order_matters count_operations quiz TooManyPathsError",
    "live": "animate Animation explore Explorer",
    "picture": "draw draw_dot Picture",
    "program": "Program ExampleProgram vectorize",
}
_ROOMS = {name: room for room, names in _NAMES.items() for name in names.split()}

# Without abs and pow, so that `from autograd import *` leaves Python's own alone, and without what needs NumPy.
__all__ = [*engine.__all__, *(name for name in _ROOMS if name not in ("Program", "ExampleProgram", "vectorize"))]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    return getattr(_import_module(f"autograd.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS})


def _draw(value: engine.Value) -> "str | None":
    """The graph of a Value that ends a cell of a notebook, if the pictures are there."""
    try:
        from autograd.picture.picture import shown
    except ImportError:
        return None
    return shown(value)


engine.value.show = _draw
