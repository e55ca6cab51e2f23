"""vectorize: turns a function of scalars into a function of whole arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.checks import describe
from autograd.functional.derivatives import gradients
from autograd.functional.recording import Recording, record
from autograd.functional.tracing import call_traced
from autograd.program.arguments import numbers
from autograd.program.plan import Array
from autograd.program.program import Program


class Vectorized:
    """A vectorized function; see ``vectorize``.

    Attributes:
        program: the Program; None before the first call.
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        if not callable(f):
            raise TypeError(f"vectorize needs a function of Values, not {describe(f)}")
        functools.update_wrapper(self, f)
        self.f = f
        self.program: Program | None = None
        self._gradient: Program | None = None
        self._calls = 0

    def __call__(self, *arrays: Any) -> Any:
        """f of each element.  The arrays are broadcast by NumPy's rules."""
        shape, columns = _broadcast(arrays)
        if self.program is None:
            self._recording = self._record(columns)
            self.program = Program(self._recording.outputs, self._recording.inputs)
        results = self.program(*columns)
        self._confirm(self._recording, columns)
        return self._recording.unflatten(iter([result.reshape(shape) for result in results]))

    def value_and_grad(self, *arrays: Any) -> tuple[Any, tuple[Any, ...]]:
        """f of each element, and its derivative with respect to each argument.

        Raises:
            TypeError: f returns more than one number.
        """
        shape, columns = _broadcast(arrays)
        if self._gradient is None:
            found = self._record(columns)
            if len(found.outputs) != 1:
                raise TypeError(f"value_and_grad needs a function that returns one number, not {len(found.outputs)}")
            self._recording_with_gradient = found
            slopes = call_traced(gradients, found.outputs[0], found.inputs)
            self._gradient = Program([*found.outputs, *slopes], found.inputs)
        value, *slopes = self._gradient(*columns)
        self._confirm(self._recording_with_gradient, columns)
        return value.reshape(shape), tuple(slope.reshape(shape) for slope in slopes)

    def _record(self, columns: list[Array]) -> Recording:
        """Record f at the first element, and check the recording at the last."""
        if not len(columns[0]):
            return record(self.f, [1.0] * len(columns))
        return record(self.f, *([float(column[i]) for column in columns] for i in (0, -1)))

    def _confirm(self, recording: Recording, columns: list[Array]) -> None:
        """Check that f still agrees with its recording, in calls 1, 2, 4, 8, ..."""
        self._calls += 1
        if self._calls & (self._calls - 1) == 0:
            some = recording.some(len(columns[0]), seed=self._calls)
            recording.confirm([[float(column[i]) for column in columns] for i in some])

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        raise TypeError(
            f"a vectorized function is not a method: it would use one recording for all objects; write "
            f"vectorize(self.{getattr(self, '__name__', 'method')}) for each object, for example in __init__"
        )


def vectorize(f: Callable[..., Any]) -> Vectorized:
    """Turn a function of scalars into a function of whole arrays, recorded once and replayed as NumPy calls.

    The first call runs f on Values and records its graph; every later call replays that graph for other numbers.  So f
    must build the same graph for all numbers: comparing its arguments raises an error; use ``maximum`` or ``where``
    instead.  Values that f uses from outside are read again in each call.

    Arguments:
        f: a function of Values that returns a Value, or lists, tuples and dictionaries of Values.

    Returns:
        A function of arrays or numbers, with the attributes ``program`` and ``value_and_grad``.

    Raises:
        TypeError: in the first call, if f compares its arguments, or reads their numbers with ``x.data``; in any call
            inside a function that is being differentiated with respect to a variable that f uses, since the results
            are plain numbers.
        ValueError: in the first call, if an argument does not reach the result, or if f builds different graphs for the
            first and the last element, e.g. because it uses random numbers; in the first and some later calls, if f no
            longer agrees with its recording.

    >>> from autograd import Value
    >>> slope = Value(2.0)
    >>> @vectorize
    ... def line(x):
    ...     return slope * x + 1.0
    >>> line([0.0, 1.0, 2.0])
    array([1., 3., 5.])
    >>> slope.data = 10.0
    >>> line([[0.0], [1.0]])
    array([[ 1.],
           [11.]])
    >>> line.value_and_grad([0.0, 1.0])
    (array([ 1., 11.]), (array([10., 10.]),))
    """
    return Vectorized(f)


def _broadcast(arrays: Sequence[Any]) -> tuple[tuple[int, ...], list[Array]]:
    """The broadcast shape of some arrays, and each array broadcast to it and flattened."""
    if not arrays:
        raise TypeError("a vectorized function takes at least one array")
    found = np.broadcast_arrays(*(numbers(array, float) for array in arrays))
    return found[0].shape, [array.reshape(-1) for array in found]
