"""Learning-rate schedules: the learning rate as a function of the step number, counted from 0."""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd.engine.checks import between, integer, positive

Schedule = Callable[[int], float]  # the learning rate at each step, counted from 0


def reads_only_the_step(lr: float | Schedule) -> bool:
    """Whether a learning rate is a number or a schedule of this file, and not a function that may look at a model."""
    return not callable(lr) or getattr(lr, "reads_only_the_step", False) is True


def _schedule(f: Schedule, given: float | Schedule = 0.0) -> Schedule:
    """A schedule of this library, made from a learning rate or another schedule."""
    f.reads_only_the_step = reads_only_the_step(given)  # type: ignore[attr-defined]
    return f


def constant_lr(lr: float) -> Schedule:
    """A constant learning rate."""
    return _schedule(lambda step: lr)


def step_lr(lr: float, every: int, factor: float = 0.1) -> Schedule:
    """lr * factor^(step // every)

    >>> [step_lr(1.0, every=2, factor=0.5)(step) for step in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    integer("every", every)
    return _schedule(lambda step: lr * factor ** (step // every))


def exponential_lr(lr: float, factor: float) -> Schedule:
    """lr * factor^step"""
    return _schedule(lambda step: lr * factor**step)


def cosine_lr(lr: float, steps: int, final: float = 0.0) -> Schedule:
    """Cosine annealing: from lr to final along half a cosine wave in the given number of steps, then constant.

    Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """
    integer("steps", steps)
    return _schedule(lambda step: _along_cosine(lr, final, min(step / steps, 1.0)))


def warmup_lr(then: float | Schedule, steps: int) -> Schedule:
    """A linear warm-up over the given number of steps, followed by a learning rate or schedule.

    >>> [warmup_lr(1.0, steps=4)(step) for step in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    """
    integer("steps", steps)
    after = then if callable(then) else constant_lr(then)
    return _schedule(lambda step: after(step - steps) if step >= steps else after(0) * (step + 1) / steps, then)


def one_cycle_lr(lr: float, steps: int, warm_up: float = 0.3, start: float = 25.0, end: float = 1e4) -> Schedule:
    """One cycle: up to lr along half a cosine wave, down again along another, to almost nothing; then constant.

    Arguments:
        lr: the highest learning rate.
        steps: the number of steps of the whole cycle.
        warm_up: the fraction of the steps that goes up, between 0 and 1.
        start, end: the learning rate starts at  lr / start  and ends at  lr / (start * end).

    Source: Smith, "A disciplined approach to neural network hyper-parameters", arXiv 1803.09820, 2018; along cosine
    waves, as in PyTorch.

    >>> [round(one_cycle_lr(1.0, steps=10, warm_up=0.3)(step), 3) for step in range(10)]
    [0.04, 0.52, 1.0, 0.95, 0.812, 0.611, 0.389, 0.188, 0.05, 0.0]
    """
    integer("steps", steps, 2)
    between("warm_up", warm_up, 0.0, 1.0)
    positive("start", start)
    positive("end", end)
    top = max(warm_up * steps - 1.0, 0.0)

    def rate(step: int) -> float:
        if step < top:
            return _along_cosine(lr / start, lr, step / top)
        return _along_cosine(lr, lr / (start * end), min((step - top) / max(steps - 1 - top, 1e-300), 1.0))

    return _schedule(rate)


def _along_cosine(first: float, last: float, part: float) -> float:
    """From the first number to the last along half a cosine wave, after this part of the way."""
    return last + (first - last) * (1.0 + math.cos(math.pi * part)) / 2.0
