"""Training and evaluation: some modules do in training what they do not do when they predict.

While ``fit`` makes a step, ``is_training()`` is true, and ``uniform()`` gives random numbers, one for each call.  In
eager training these are numbers; while an example is recorded they are Values, inputs of the recording, for which each
replay draws new numbers.  So a recording of a random module stays valid, and a seed repeats its numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograd import Value, assign

Kept = list[tuple[Value, Any]]  # Values, and the numbers that they will hold after the step

_random: ContextVar[Callable[[], Any] | None] = ContextVar("the source of random numbers in training", default=None)
_kept: ContextVar[Kept | None] = ContextVar("what is kept after the step", default=None)


class _Demand:
    """A source of random numbers that counts how many are asked for.

    Attributes:
        draws: how many.
        asked: whether ``is_training`` was called.
    """

    def __init__(self) -> None:
        self.draws, self.asked = 0, False

    def __call__(self) -> float:
        self.draws += 1
        return 0.5


def is_training() -> bool:
    """Whether the model is in training mode: a step of a training is being made.

    >>> is_training()
    False
    """
    source = _random.get()
    if isinstance(source, _Demand):
        source.asked = True
    return source is not None


def uniform() -> Any:
    """A random number in [0, 1), another one for each example and each call; to be used in training only.

    Raises:
        RuntimeError: no step is being made.
    """
    source = _random.get()
    if source is None:
        raise RuntimeError("random numbers are for training: ask is_training() first, or call inside nn.training(seed)")
    return source()


def keep(value: Value, new: Any) -> None:
    """Set a buffer, a Value that is not trained such as a running mean, to a new number after the step.

    Raises:
        RuntimeError: no step is being made.
    """
    kept = _kept.get()
    if kept is None:
        raise RuntimeError("numbers are kept in training: ask is_training() first, or call inside nn.training(seed)")
    kept.append((value, new))


@contextmanager
def training(source: Callable[[], Any] | int, is_recorded: bool = False) -> Iterator[Kept]:
    """A block in which modules behave as in training, for a training loop of your own.

    What modules ``keep``, such as running means, they hold after the block.  So call ``backward()`` inside it.

    Arguments:
        source: a seed, or a function that returns the next number in [0, 1).
        is_recorded: what modules ``keep`` is only listed; otherwise the Values hold it after the block.

    >>> with training(0):
    ...     is_training(), 0.0 <= uniform() < 1.0
    (True, True)
    """
    if not callable(source):
        import random

        source = random.Random(operator.index(source)).random
    kept: Kept = []
    tokens = _random.set(source), _kept.set(kept)
    try:
        yield kept
    finally:
        _random.reset(tokens[0])
        _kept.reset(tokens[1])
    if not is_recorded:
        assign([value for value, _ in kept], [new.data if isinstance(new, Value) else new for _, new in kept])


def demand_of(call: Callable[[], Any]) -> tuple[int, bool]:
    """How many random numbers a function asks for in training, and whether it asks for the mode or for numbers."""
    demand = _Demand()
    with training(demand, is_recorded=True):
        call()
    return demand.draws, demand.asked or demand.draws > 0


def numbers_from(given: Iterable[Any]) -> Callable[[], Any]:
    """A source that returns the given numbers, or Values, one by one.

    Raises:
        ValueError: in a call, if all have been returned.
    """
    left = iter(given)

    def source() -> Any:
        for number in left:
            return number
        raise ValueError("a module asks for more random numbers than for the first example; it must ask for as many")

    return source


def random_numbers(key: tuple[int, ...], samples: int, each: int) -> Any:
    """The random numbers of one step: a list of lists, or an array, with a row for each example.

    Arguments:
        key: a seed, and the numbers of the step and of the mini-batch.  The result depends only on these, and on
            whether NumPy is installed, so a training that goes on from a checkpoint repeats it.
        samples: the number of examples.
        each: how many numbers for each.
    """
    try:
        import numpy as np
    except ImportError:
        import random

        rng = random.Random(f"{key}")
        return [[rng.random() for _ in range(each)] for _ in range(samples)]
    return np.random.default_rng(key).random((samples, each)) if each else np.empty((samples, 0))
