"""Flatten and unflatten nested lists, tuples, dictionaries and arrays of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from autograd.engine.checks import describe
from autograd.engine.value import Value, as_float, is_array

Unflatten = Callable[[Iterator[Any]], Any]


def flatten(structure: Any) -> tuple[list[Any], Unflatten]:
    """The numbers and Values in a structure, in order, and a function that puts results into the same structure.

    Arguments:
        structure: a number, a Value, an array, or lists, tuples and dictionaries of them, nested to any depth.

    Returns:
        A flat list of the numbers and Values, and a function that takes an iterator over as many results and returns
        them in the given structure.

    Raises:
        TypeError: the structure contains something else.

    >>> numbers, unflatten = flatten([1.0, (2.0, 3.0)])
    >>> numbers
    [1.0, 2.0, 3.0]
    >>> unflatten(iter("abc"))
    ['a', ('b', 'c')]
    """
    if isinstance(structure, dict):
        keys = list(structure)
        leaves, parts = _flatten_all(structure.values())
        return leaves, lambda new: {key: part(new) for key, part in zip(keys, parts, strict=True)}
    if isinstance(structure, list | tuple):
        leaves, parts = _flatten_all(structure)
        kind: Any = type(structure)
        if hasattr(kind, "_fields"):  # a namedtuple takes its fields as separate arguments
            return leaves, lambda new: kind(*(part(new) for part in parts))
        return leaves, lambda new: kind([part(new) for part in parts])
    if is_array(structure):
        shape = structure.shape
        return structure.reshape(-1).tolist(), lambda new: _array(new, shape)
    if not isinstance(structure, Value):
        try:
            as_float(structure)
        except TypeError:
            raise TypeError(
                f"expected a number, a Value, an array, or lists, tuples and dictionaries of them, "
                f"not {describe(structure)}"
            ) from None
    return [structure], next


def flatten_like(structure: Any, like: Any, what: str) -> list[Any]:
    """The numbers and Values of a structure, in the order of a reference structure that it must match.

    Arguments:
        structure: numbers, as for ``flatten``; an array may replace a list.
        like: the reference structure.
        what: the name of the structure in error messages.

    Raises:
        ValueError: the keys, lengths or shapes differ.

    >>> flatten_like({"b": 2.0, "a": [1.0]}, {"a": [0.0], "b": 0.0}, "the direction")
    [1.0, 2.0]
    """
    if type(like) is type(structure) is float:  # the most common case, handled first for speed
        return [structure]
    if isinstance(like, dict):
        if not isinstance(structure, dict) or set(structure) != set(like):
            raise ValueError(f"{what} needs the keys {', '.join(map(repr, like))}, not {describe(structure)}")
        return [leaf for key, part in like.items() for leaf in flatten_like(structure[key], part, what)]
    if isinstance(like, list | tuple):
        if is_array(structure):
            structure = list(structure)
        if not isinstance(structure, list | tuple) or len(structure) != len(like):
            raise ValueError(f"{what} needs a list of {len(like)} entries here, not {describe(structure)}")
        return [leaf for part, model in zip(structure, like, strict=True) for leaf in flatten_like(part, model, what)]
    if is_array(like):
        import numpy

        if numpy.shape(structure) != like.shape:
            raise ValueError(f"{what} needs the shape {like.shape} here, not {numpy.shape(structure)}")
        return flatten(structure)[0]
    if isinstance(structure, dict | list | tuple) or is_array(structure):
        raise ValueError(f"{what} needs a single number here, not {describe(structure)}")
    return flatten(structure)[0]


def _flatten_all(structures: Any) -> tuple[list[Any], list[Unflatten]]:
    flat = [flatten(part) for part in structures]
    return [leaf for leaves, _ in flat for leaf in leaves], [unflatten for _, unflatten in flat]


def _array(new: Iterator[Any], shape: tuple[int, ...]) -> Any:
    """An array of this shape, of floats or of Values; if the results are arrays, they are stacked."""
    import numpy

    results = [next(new) for _ in range(math.prod(shape))]
    if results and all(is_array(result) for result in results):
        return numpy.stack(results).reshape(shape + results[0].shape)
    plain = all(isinstance(result, float) for result in results)
    array = numpy.empty(len(results), dtype=float if plain else object)
    array[:] = results
    return array.reshape(shape)
