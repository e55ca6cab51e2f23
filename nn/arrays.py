"""Numbers as arrays of NumPy, JAX and PyTorch, and back."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

# For each library the module and its function that makes an array, with the options for the numbers of a model.
MAKERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "numpy": ("numpy", "array", {"dtype": float}),
    "jax": ("jax.numpy", "array", {"dtype": float}),
    "torch": ("torch", "tensor", {}),
}


def maker(library: str) -> Callable[[Any], Any]:
    """A function that makes an array of a library, with the floats of the library, from numbers in nested lists.

    Raises:
        ValueError: there is no such library.
        ImportError: it is not installed; the message names the extra.
    """
    if not isinstance(library, str) or library not in MAKERS:
        raise ValueError(f"arrays must be of {', '.join(map(repr, MAKERS))}, not {library!r:.40}")
    module, function, options = MAKERS[library]
    try:
        make = getattr(import_module(module), function)
    except ImportError as error:
        raise ImportError(f"arrays of {library} need more: pip install 'scalar-backprop[{library}]'") from error
    if library == "torch":
        options = {"dtype": import_module(module).float64}
    return lambda numbers: make(numbers, **options)


def shape_of(numbers: Any) -> tuple[int, ...]:
    """The shape of nested lists, or tuples; those of different lengths have none.

    Raises:
        ValueError: the lists differ in length.
    """
    if not isinstance(numbers, list | tuple):
        return ()
    inner = {shape_of(part) for part in numbers}
    if len(inner) > 1:
        raise ValueError("the lists differ in length")
    return (len(numbers), *(inner.pop() if inner else ()))


def lists_of(array: Any) -> Any:
    """The numbers of an array of any library, or of nested lists, in nested lists."""
    array = array.detach() if hasattr(array, "detach") else array
    return array.tolist() if hasattr(array, "tolist") else array
