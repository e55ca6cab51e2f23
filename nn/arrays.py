"""Numbers as arrays of NumPy, JAX and PyTorch, and back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any


def _of_numpy() -> Callable[[Any], Any]:
    import numpy as np

    return partial(np.array, dtype=float)


def _of_jax() -> Callable[[Any], Any]:
    import jax.numpy as jnp

    return partial(jnp.array, dtype=float)


def _of_torch() -> Callable[[Any], Any]:
    import torch

    return partial(torch.tensor, dtype=torch.float64)


MAKERS: dict[str, Callable[[], Callable[[Any], Any]]] = {"numpy": _of_numpy, "jax": _of_jax, "torch": _of_torch}


def maker(library: str) -> Callable[[Any], Any]:
    """A function that makes an array of a library, with its floats, from numbers in nested lists.

    Raises:
        ValueError: there is no such library.
        ImportError: it is not installed; the message names the extra.
    """
    if not isinstance(library, str) or library not in MAKERS:
        raise ValueError(f"arrays must be of {', '.join(map(repr, MAKERS))}, not {library!r:.40}")
    try:
        return MAKERS[library]()
    except ImportError as error:
        raise ImportError(f"arrays of {library} need more: pip install 'scalar-backprop[{library}]'") from error


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
