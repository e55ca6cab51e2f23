"""A function of one example, recorded once and replayed over many examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from autograd.functional.recording import record
from autograd.functional.structure import flatten, flatten_like
from autograd.program.program import Program

Row = list[float]  # the numbers of one example


class ExampleProgram:
    """A function of one example, compiled to a Program over many examples.

    Arguments:
        f: a function of one example: a number, or a structure of lists, tuples, dictionaries and arrays of numbers.  It
            returns a Value, or a structure of Values.
        first: the example to record.
        others: more examples; f is called again with the first of them, to check that it builds the same graph.

    Attributes:
        recording: the recorded call with the first example.

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
        """The program, which maps the numbers of an example to the numbers of the result."""
        return Program(self.recording.outputs, self.recording.inputs)

    def row(self, example: Any, name: str = "an example") -> Row:
        """The numbers of an example as a flat list.

        Raises:
            ValueError: its structure differs from that of the first example.
        """
        return list(map(float, flatten_like(example, self._like, name)))

    def rows(self, examples: Iterable[Any]) -> list[Row]:
        """The numbers of each example as a flat list.

        Raises:
            ValueError: the structure of an example differs from that of the first; the message says which example.
        """
        return [self.row(example, f"example {i}") for i, example in enumerate(examples)]

    def __call__(self, rows: Sequence[Row]) -> list[Any]:
        """The result of f for each row, with floats instead of Values."""
        return self.rebuilt(self.program(*zip(*rows, strict=True)))

    def rebuilt(self, columns: Iterable[Any]) -> list[Any]:
        """The results, rebuilt from one array for each number of a result."""
        numbers = zip(*(column.tolist() for column in columns), strict=True)
        return [self.recording.unflatten(iter(row)) for row in numbers]

    def confirm(self, rows: Sequence[Row], seed: int = 0) -> None:
        """Compare the recording with fresh calls of f, on a random sample of the rows.

        Arguments:
            rows: the numbers of each example.
            seed: selects the sample.

        Raises:
            ValueError: they differ; the message says how.
        """
        self.recording.confirm(rows[i] for i in self.recording.some(len(rows), seed))
