"""Examples and outputs as the rows of arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from numbers import Real
from typing import TYPE_CHECKING, Any

from autograd import flatten, flatten_like

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]


def without_frame(given: Any, what: str) -> Any:
    """A data frame or a series of pandas or polars as an array of numbers, and numbers of a small type as usual ones.

    Small integers would overflow, and 32-bit floats lose digits: examples become 64-bit floats, integers among the
    targets 64-bit integers.  Anything else is returned as it is.

    Arguments:
        given: the examples or targets; targets in one column, named "y", become an array of shape (n,).
        what: their name in error messages.

    Raises:
        ValueError: an entry is missing.
        TypeError: a column holds something other than numbers.
    """
    if hasattr(given, "__dask_graph__"):
        given = given.compute()
    if isinstance(given, list | tuple) and any(hasattr(x, "dtype") for x in given):
        return [_of_usual_type(x, what) for x in given]
    if not hasattr(given, "to_numpy"):
        return _of_usual_type(given, what)
    import numpy as np

    if not hasattr(given, "columns"):
        return _of_usual_type(_numbers(given.to_numpy(), what), what)
    names = list(given.columns)
    if len(set(names)) < len(names):
        raise ValueError(f"two columns of {what} have the same name, in {', '.join(map(str, names))}: rename them")
    columns = [_numbers(given[name].to_numpy(), f"column {str(name)!r} of {what}") for name in names]
    found = columns[0] if what == "y" and len(columns) == 1 else np.column_stack(columns)
    return _of_usual_type(found, what)


def _of_usual_type(given: Any, what: str) -> Any:
    """An array of numbers as one of 64-bit floats or, of integers among targets, of 64-bit integers."""
    kind = getattr(getattr(given, "dtype", None), "kind", "")
    if kind == "f" or (kind in ("i", "u", "b") and what == "X"):
        return given.astype(float, copy=False) if hasattr(given, "ndim") and given.ndim else float(given)
    if kind in ("i", "u", "b"):
        return given.astype("i8", copy=False) if given.ndim else int(given)
    return given


def in_memory(*given: Any) -> list[Any]:
    """Collections of Dask, computed together; anything else as it is."""
    if not any(hasattr(x, "__dask_graph__") for x in given):
        return list(given)
    import dask

    return list(dask.compute(*given))


def in_columns(given: Any, like: Any) -> Any:
    """A data frame with its columns in the order of another; anything else as it is.

    Raises:
        ValueError: the names of the columns are not the same.
    """
    if not hasattr(given, "columns") or not hasattr(like, "columns"):
        return given
    names, wanted = list(given.columns), list(like.columns)
    if set(names) != set(wanted):
        raise ValueError(f"the columns must be {', '.join(map(str, wanted))}, not {', '.join(map(str, names))}")
    return given[wanted]


def _numbers(column: NDArray[Any], name: str) -> NDArray[Any]:
    """The numbers in a column of a data frame."""
    import numpy as np

    if column.dtype.kind in "iub":
        return column
    # As objects: dates would become the integers that they are stored as.
    entries = column.tolist() if column.dtype.kind in "fO" else list(column)
    if column.dtype.kind != "f":
        for row, x in enumerate(entries):
            if x is None or type(x).__name__ == "NAType":  # pandas.NA, which cannot be compared
                entries[row] = math.nan
            elif not isinstance(x, Real) or column.dtype.kind == "m":  # NumPy counts a timedelta among its integers
                raise TypeError(
                    f"{name} holds {x!r} in row {row}, but a network takes numbers: number classes from 0, and one-hot "
                    "encode categories"
                )
    found = np.array(entries, dtype=float)
    if (missing := np.isnan(found)).any():
        raise ValueError(f"{name} has no number in row {missing.argmax()}: fill or drop missing entries first")
    return found


def rows_of(examples: Any, like: Any, what: str) -> Array:
    """The numbers of each example, as a row of an array.

    Arguments:
        examples: a sequence of examples: each a number, or a structure of lists, tuples, dictionaries and arrays of
            numbers.
        like: an example that all others must match.
        what: what they are, such as "example", for error messages.

    Raises:
        ValueError: the structure of one of them differs; the message says which.
    """
    import numpy as np

    count = len(flatten(like)[0])
    found = as_array(examples)
    if found is not None and found.shape == (len(examples), *np.shape(like)):
        return found.reshape(len(examples), count).astype(float)
    rows = [list(map(float, flatten_like(examples[i], like, f"{what} {i}"))) for i in range(len(examples))]
    return np.array(rows).reshape(len(examples), count)


def as_array(examples: Any) -> NDArray[Any] | None:
    """Numbers, or lists of numbers of one length, as an array; None for anything else."""
    import numpy as np

    try:
        found = np.asarray(examples)
    except ValueError:  # lists of different lengths
        return None
    return found if found.dtype.kind in "iuf" else None


def as_array_if_possible(examples: Any) -> Any:
    """Numbers, or lists of numbers of one length, as an array if NumPy is installed; anything else as it is."""
    try:
        found = as_array(examples)
    except ImportError:
        return examples
    return examples if found is None else found


def one_hot(classes: NDArray[Any], count: int) -> Array:
    """A row for each class number, with 1 at its position and 0 elsewhere.

    Raises:
        ValueError: one of them is not a class number.
    """
    import numpy as np

    places = np.arange(count) == classes[:, None]
    if not places.any(axis=1).all():
        wrong = classes[~places.any(axis=1)][0]
        raise ValueError(f"a target must be a class number from 0 to {count - 1}, not {wrong}")
    found: Array = places.astype(float)
    return found


def outputs_of(rows: Array, unflatten: Callable[[Iterator[Any]], Any]) -> Any:
    """The outputs of a module for many examples, from a row of numbers for each.

    Arguments:
        rows: the numbers.
        unflatten: puts the numbers of one row into the structure in which the module returns them.

    Returns:
        An array of shape (n,) if the module returns a number, (n, k) if it returns a list of k numbers; for any other
        structure a list.
    """
    if not len(rows):
        return rows
    first = unflatten(iter(rows[0].tolist()))
    if isinstance(first, float):
        return rows[:, 0]
    if isinstance(first, list | tuple) and all(isinstance(x, float) for x in first):
        return rows
    return [unflatten(iter(row)) for row in rows.tolist()]
