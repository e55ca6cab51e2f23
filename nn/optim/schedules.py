"""Learning-rate schedules: the learning rate as a function of the step number, counted from 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd.engine.checks import between, integer, positive

Schedule = Callable[[int], float]  # the learning rate at each step, counted from 0


@dataclass(frozen=True)
class _Schedule:
    """A schedule of this library; unlike a closure it can be compared, printed and pickled.

    Attributes:
        name: the name of the function that makes it.
        rule: the learning rate, from the step and what was given.
        given: its arguments.
    """

    name: str
    rule: Callable[..., float]
    given: tuple[Any, ...]

    def __call__(self, step: int) -> float:
        return self.rule(step, *self.given)

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(repr, self.given))})"


def reads_only_the_step(lr: float | Schedule) -> bool:
    """Whether a learning rate is a number or a schedule of this file, and not a function that may look at a model."""
    return not callable(lr) or (isinstance(lr, _Schedule) and all(map(reads_only_the_step, lr.given)))


def constant_lr(lr: float) -> Schedule:
    """A constant learning rate."""
    return _Schedule("constant_lr", _constant, (lr,))


def _constant(step: int, lr: float) -> float:
    return lr


def step_lr(lr: float, every: int, factor: float = 0.1) -> Schedule:
    """lr * factor^(step // every)

    >>> schedule = step_lr(1.0, every=2, factor=0.5)
    >>> [schedule(step) for step in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    return _Schedule("step_lr", _in_steps, (lr, integer("every", every), factor))


def _in_steps(step: int, lr: float, every: int, factor: float) -> float:
    return lr * factor ** (step // every)


def exponential_lr(lr: float, factor: float) -> Schedule:
    """lr * factor^step

    >>> exponential_lr(0.1, factor=0.5)
    exponential_lr(0.1, 0.5)
    """
    return _Schedule("exponential_lr", _exponential, (lr, factor))


def _exponential(step: int, lr: float, factor: float) -> float:
    return lr * factor**step


def cosine_lr(lr: float, steps: int, final: float = 0.0) -> Schedule:
    """Cosine annealing: from lr to final along half a cosine wave in the given number of steps, then constant.

    Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """
    return _Schedule("cosine_lr", _cosine, (lr, integer("steps", steps), final))


def _cosine(step: int, lr: float, steps: int, final: float) -> float:
    return _along_cosine(lr, final, min(step / steps, 1.0))


def warmup_lr(then: float | Schedule, steps: int) -> Schedule:
    """A linear warm-up over the given number of steps, followed by a learning rate or schedule.

    >>> schedule = warmup_lr(1.0, steps=4)
    >>> [schedule(step) for step in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    """
    return _Schedule("warmup_lr", _warm_up, (then, integer("steps", steps)))


def _warm_up(step: int, then: float | Schedule, steps: int) -> float:
    after = then if callable(then) else constant_lr(then)
    return after(step - steps) if step >= steps else after(0) * (step + 1) / steps


def one_cycle_lr(lr: float, steps: int, warm_up: float = 0.3, start: float = 25.0, end: float = 1e4) -> Schedule:
    """One cycle: up to lr along half a cosine wave, down again along another, to almost nothing; then constant.

    Arguments:
        lr: the highest learning rate.
        steps: the number of steps of the whole cycle.
        warm_up: the fraction of the steps that goes up, between 0 and 1.
        start, end: the learning rate starts at  lr / start  and ends at  lr / (start * end).

    Source: Smith, "A disciplined approach to neural network hyper-parameters", arXiv 1803.09820, 2018; along cosine
    waves, as in PyTorch.

    >>> schedule = one_cycle_lr(1.0, steps=10, warm_up=0.3)
    >>> [round(schedule(step), 3) for step in range(10)]
    [0.04, 0.52, 1.0, 0.95, 0.812, 0.611, 0.389, 0.188, 0.05, 0.0]
    """
    given = integer("steps", steps, 2), between("warm_up", warm_up, 0.0, 1.0), positive("start", start)
    return _Schedule("one_cycle_lr", _one_cycle, (lr, *given, positive("end", end)))


def _one_cycle(step: int, lr: float, steps: int, warm_up: float, start: float, end: float) -> float:
    top = max(warm_up * steps - 1.0, 0.0)
    if step < top:
        return _along_cosine(lr / start, lr, step / top)
    return _along_cosine(lr, lr / (start * end), min((step - top) / max(steps - 1 - top, 1e-300), 1.0))


def _along_cosine(first: float, last: float, part: float) -> float:
    """From the first number to the last along half a cosine wave, after this part of the way."""
    return last + (first - last) * (1.0 + math.cos(math.pi * part)) / 2.0
