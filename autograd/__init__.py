"""A scalar automatic differentiation engine that shows every derivative and compiles to matrix operations."""

import os as _os
from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

if _os.path.exists(_os.path.join(_os.path.dirname(__file__), "tracer.py")):
    # tracer.py belongs to HIPS autograd, which installs into the same folder.
    raise ImportError(
        "the package 'autograd' (HIPS) and 'scalar-backprop' install into the same folder and have overwritten each "
        "other; remove both and install one: pip uninstall autograd scalar-backprop, then pip install scalar-backprop"
    )

if TYPE_CHECKING:
    from autograd.chart import *  # noqa: F403
    from autograd.engine import *  # noqa: F403
    from autograd.engine import abs as abs
    from autograd.engine import pow as pow
    from autograd.explanations import *  # noqa: F403
    from autograd.functional import *  # noqa: F403
    from autograd.javascript import *  # noqa: F403
    from autograd.lessons import *  # noqa: F403
    from autograd.live import *  # noqa: F403
    from autograd.picture import *  # noqa: F403
    from autograd.program import *  # noqa: F403

__version__ = "0.1.0"

# Each subpackage is imported when one of its names is first used.  All names not listed here belong to the engine.
_NAMES = {
    "chart": "Chart Panel",
    "functional": "grad value_and_grad gradients jacobian hessian jvp vjp hvp check_grads GradientError GradientReport "
    "KinkWarning record Recording flatten flatten_like",
    "javascript": "to_javascript NoJavaScriptError",
    "explanations": "explain backward_steps forward_steps what_if order_matters count_operations TooManyPathsError",
    "lessons": "exercises quiz",
    "live": "animate Animation explore Explorer",
    "picture": "draw draw_dot Picture",
    "program": "Program ExampleProgram vectorize MissingError",
}
_ROOMS = {name: room for room, names in _NAMES.items() for name in names.split()}
_NEEDS_NUMPY = _NAMES["program"].split()


def __getattr__(name: str) -> Any:
    if name == "__all__":  # without abs and pow, so that `from autograd import *` does not shadow the builtins
        return [*_room("engine").__all__, *(name for name in _ROOMS if name not in _NEEDS_NUMPY)]
    if name.startswith("__"):
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    if name in ("engine", *_NAMES):
        return _room(name)
    try:
        found = getattr(_room(_ROOMS.get(name, "engine")), name)
    except AttributeError:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}") from None
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS, *_room("engine").__all__})


def _room(name: str) -> Any:
    """Import a subpackage, after giving Value the function that displays it in a notebook."""
    from autograd.engine import value

    value.show = _draw
    return _import_module(f"autograd.{name}")


def _draw(value: Any) -> "str | None":
    """The picture of a Value that ends a notebook cell; None if the picture package cannot be imported."""
    try:
        from autograd.picture.picture import shown
    except ImportError:
        return None
    return shown(value)
