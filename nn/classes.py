"""Which class an output predicts, and how often that is the right one."""

from __future__ import annotations

import math
from typing import Any, SupportsFloat

from nn.module import plain


def accuracy(outputs: Any, y: Any) -> float:
    """The share of examples whose output tells the right class.

    Arguments:
        outputs: for each example a list with a number for each class, of which the largest counts; or one number,
            above zero for class 1, and else class 0, or -1 where the targets are -1 and 1.
        y: the right classes.  A row of probabilities stands for the class with the largest; another row says of each
            output whether it is to be above zero.

    Raises:
        ValueError: outputs and y differ in length, or are empty, or an output is nan, or a target is no class.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    _same_length(outputs, y)
    return count_right(outputs, y) / len(y)


def confusion_matrix(outputs: Any, y: Any, classes: int | None = None) -> list[list[int]]:
    """How often examples of each class (row) were taken for each class (column).  Arguments as for ``accuracy``.

    Where the classes are -1 and 1, they come in this order.

    >>> confusion_matrix([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    [[0, 0], [1, 1]]
    """
    _same_length(outputs, y)
    signed = _signed(y)
    y = [_class_of(target) for target in y]
    told = [predicted_class(output, signed) for output in outputs]
    if signed:
        told, y = [(t + 1) // 2 for t in told], [(t + 1) // 2 for t in y]
    size = max([classes or 2, *(t + 1 for t in (*told, *y))])
    matrix = [[0] * size for _ in range(size)]
    for right, answer in zip(y, told, strict=True):
        matrix[right][answer] += 1
    return matrix


def predicted_class(output: Any, signed: bool = False) -> int:
    """The class that one output tells: see ``accuracy``."""
    numbers = _numbers_of(output)
    if any(map(math.isnan, numbers)):
        raise ValueError(f"an output that is nan belongs to no class: {plain(output)}")
    if _is_row(output):
        return numbers.index(max(numbers))
    return 1 if numbers[0] > 0.0 else -1 if signed else 0


def count_right(outputs: Any, y: Any) -> int:
    signed = _signed(y)
    return sum(_is_right(output, target, signed) for output, target in zip(outputs, y, strict=True))


def _signed(y: Any) -> bool:
    """Whether the classes are -1 and 1."""
    return any(not _is_row(target) and target == -1 for target in y)


def _class_of(target: Any) -> int:
    """The class that a target stands for: its number, the nearer one for a probability, or the largest of a row."""
    if _is_row(target):
        return predicted_class(target)
    if isinstance(target, SupportsFloat) and (0.0 < float(target) < 1.0 or float(target).is_integer()):
        return round(float(target))
    raise ValueError(f"a target is the number of a class, a probability, or a row of numbers, not {target!r}")


def _is_right(output: Any, target: Any, signed: bool) -> bool:
    numbers = _numbers_of(target) if _is_row(target) else []
    if not numbers or (math.isclose(sum(numbers), 1.0) and min(numbers) >= 0.0):
        return predicted_class(output, signed) == _class_of(target)
    middle = 0.0 if min(numbers) < 0.0 else 0.5  # of targets -1 and 1, and of 0 and 1
    return all((predicted_class(x) == 1) == (t > middle) for x, t in zip(output, numbers, strict=True))


def _is_row(x: Any) -> bool:
    return isinstance(x, list | tuple) or bool(getattr(x, "shape", ()))


def _numbers_of(x: Any) -> list[float]:
    """The numbers of a row, or the one number."""
    return [plain(part) for part in x] if _is_row(x) else [plain(x)]


def _same_length(outputs: Any, y: Any) -> None:
    if len(outputs) != len(y) or not len(y):
        raise ValueError(f"{len(outputs)} output(s) for {len(y)} target(s)")
