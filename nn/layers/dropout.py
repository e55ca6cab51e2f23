"""Dropout."""

from __future__ import annotations

from typing import Any

from autograd import step
from autograd.engine.checks import from_zero_to_one
from nn.modes import is_training, uniform
from nn.module import Module


class Dropout(Module):
    """In training, set each number to 0 with probability p, and divide the others by 1 - p; otherwise do nothing.

    h <- h * m / (1 - p),  where m is 1 with probability 1 - p, else 0.  So the expected value of h stays the same.

    Arguments:
        p: the probability, at least 0 and below 1.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout", Journal of Machine Learning Research
    15, 2014.

    >>> from nn.modes import training
    >>> dropout = Dropout(0.5)
    >>> dropout([1.0, 2.0, 3.0, 4.0])
    [1.0, 2.0, 3.0, 4.0]
    >>> with training(seed := 1):
    ...     dropout([1.0, 2.0, 3.0, 4.0])
    [2.0, 0.0, 0.0, 8.0]
    """

    name = "dropout"

    def __init__(self, p: float = 0.5) -> None:
        self.p = from_zero_to_one("p", p)

    def __call__(self, x: Any) -> Any:
        """The numbers that are left, in a list; x itself when not in training."""
        if not is_training() or self.p == 0.0:
            return x
        keep = 1.0 - self.p
        return [h * (step(keep - uniform()) / keep) for h in x]

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"
