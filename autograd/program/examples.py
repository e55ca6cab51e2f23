"""A function of one example, recorded once and replayed over many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from autograd.functional.recording import record
from autograd.functional.structure import flatten, flatten_like
from autograd.program.program import Program

Row = list[float]  # the numbers of one example


class ExampleProgram:
    """A function of one example as a Program over many.

    Arguments:
        f: a function of an example, which is a number, or lists, tuples, dictionaries and arrays of numbers; it gives
            a Value, or a structure of Values.
        first: the example that is recorded.
        others: more examples; with the first of them f is called again, to see that it does the same.

    Attributes:
        recording: the call with the first example.

    Raises:
        TypeError, ValueError: f cannot be replayed; the message says why.

    >>> length = ExampleProgram(lambda p: (p["x"] ** 2 + p["y"] ** 2).sqrt(), {"x": 3.0, "y": 4.0})
    >>> length(length.rows([{"x": 6.0, "y": 8.0}, {"y": 12.0, "x": 5.0}]))
    [10.0, 13.0]
    """

    def __init__(self, f: Callable[[Any], Any], first: Any, *others: Any) -> None:
        self._like = first
        unflatten = flatten(first)[1]

        def call(*numbers: Any) -> Any:
            return f(unflatten(iter(numbers)))

        call.__name__ = getattr(f, "__name__", type(f).__name__)
        self.recording = record(call, self.row(first), *map(self.row, others), unused=True)

    @cached_property
    def program(self) -> Program:
        """The program, from the numbers of an example to those of the result."""
        return Program(self.recording.outputs, self.recording.inputs)

    def row(self, example: Any, name: str = "an example") -> Row:
        """The numbers of an example.

        Raises:
            ValueError: it has another structure than the first.
        """
        return list(map(float, flatten_like(example, self._like, name)))

    def rows(self, examples: Iterable[Any]) -> list[Row]:
        """The numbers of each example.

        Raises:
            ValueError: one has another structure than the first; the message says which.
        """
        return [self.row(example, f"example {i}") for i, example in enumerate(examples)]

    def __call__(self, rows: Sequence[Row]) -> list[Any]:
        """The result of f for each row, with floats for Values."""
        return self.rebuilt(self.program(*zip(*rows, strict=True)))

    def rebuilt(self, columns: Iterable[Any]) -> list[Any]:
        """The results, from an array for each number of a result."""
        numbers = zip(*(column.tolist() for column in columns), strict=True)
        return [self.recording.unflatten(iter(row)) for row in numbers]

    def confirm(self, rows: Sequence[Row], seed: int = 0) -> None:
        """Compare some of the rows, others for another seed, with what f gives now.

        Raises:
            ValueError: they differ; the message says how.
        """
        self.recording.confirm(rows[i] for i in self.recording.some(len(rows), seed))
