"""Predicted classes, accuracy, and the confusion matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, SupportsFloat

from nn.module import to_floats

if TYPE_CHECKING:
    from nn.plane import Array


def accuracy(outputs: Any, y: Any) -> float:
    """The fraction of examples whose class is predicted correctly.

    Arguments:
        outputs: for each example either a score for each class, where the largest is the prediction; or one number,
            which predicts class 1 if it is positive, and otherwise class 0 (-1 if the targets are -1 and 1).
        y: the correct classes.  A row of probabilities means the most probable class; any other row is a
            multi-label target, which says separately for each output whether it must be positive.

    Raises:
        ValueError: outputs and y differ in length or are empty, an output is nan, or a target is not a class.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    _same_length(outputs, y)
    if _are_arrays(outputs, y):
        return _accuracy_of_arrays(outputs, y)
    return count_right(outputs, y) / len(y)


def confusion_matrix(outputs: Any, y: Any, classes: int | None = None) -> list[list[int]]:
    """The number of examples of each class (row) predicted as each class (column).  Arguments as for ``accuracy``.

    If the classes are -1 and 1, -1 comes first.

    >>> confusion_matrix([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    [[0, 0], [1, 1]]
    """
    _same_length(outputs, y)
    correct, predicted = class_numbers(y), list(map(predicted_class, outputs))
    size = max([classes or 2, *(number + 1 for number in (*correct, *predicted))])
    matrix = [[0] * size for _ in range(size)]
    for row, column in zip(correct, predicted, strict=True):
        matrix[row][column] += 1
    return matrix


def predicted_class(output: Any) -> int:
    """The class that one output predicts, numbered from 0; see ``accuracy``.

    Raises:
        ValueError: the output is nan.
    """
    numbers = _numbers_of(output)
    if any(map(math.isnan, numbers)):
        raise ValueError(f"an output that is nan predicts no class: {to_floats(output)}")
    return numbers.index(max(numbers)) if _is_row(output) else int(numbers[0] > 0.0)


def class_numbers(y: Any) -> list[int]:
    """The class of each target, numbered from 0; of the classes -1 and 1, -1 is number 0.

    Raises:
        ValueError: a target is not a class.
    """
    signed = are_signed(y)
    return [(number + 1) // 2 if signed else number for number in map(_class_of, y)]


def are_signed(y: Any) -> bool:
    """Whether the classes are -1 and 1."""
    return any(not _is_row(target) and target == -1 for target in y)


def count_right(outputs: Any, y: Any) -> int:
    """How many outputs predict the right class."""
    return sum(map(is_right, outputs, right_answers(y)))


def right_answers(y: Any) -> list[int | list[bool]]:
    """For each target the class that is right or, for a multi-label target, a yes or no for each output."""
    rows = [_numbers_of(target) if _is_row(target) else [] for target in y]
    if not any(map(_is_yes_or_no, rows)):
        return [*class_numbers(y)]
    return [
        [t > _middle(row) for t in row] if _is_yes_or_no(row) else _class_of(target)
        for row, target in zip(rows, y, strict=True)
    ]


def is_right(output: Any, answer: int | list[bool]) -> bool:
    """Whether an output predicts the right class, or every label."""
    if isinstance(answer, list):
        return all(predicted_class(x) == label for x, label in zip(output, answer, strict=True))
    return predicted_class(output) == answer


def _class_of(target: Any) -> int:
    """The class of a target: the number itself, a probability rounded, or the position of the largest in a row."""
    if _is_row(target):
        return predicted_class(target)
    if isinstance(target, SupportsFloat) and (0.0 < float(target) < 1.0 or float(target).is_integer()):
        return round(float(target))
    raise ValueError(f"a target must be a class number, a probability, or a row of numbers, not {target!r}")


def _is_yes_or_no(row: Sequence[float]) -> bool:
    """Whether a row is a multi-label target, with a yes or no for each output, and not class probabilities."""
    return bool(row) and not (math.isclose(sum(row), 1.0) and min(row) >= 0.0)


def _middle(row: Sequence[float]) -> float:
    """What is halfway between -1 and 1, or between 0 and 1."""
    return 0.0 if min(row) < 0.0 else 0.5


def _is_row(x: Any) -> bool:
    return isinstance(x, list | tuple) or bool(getattr(x, "shape", ()))


def _numbers_of(x: Any) -> list[float]:
    """The numbers of a row; a single number as a row of one."""
    numbers = [to_floats(part) for part in x] if _is_row(x) else [to_floats(x)]
    if any(isinstance(number, list) for number in numbers):
        raise ValueError(f"a class is predicted by a number, or by a list of numbers, not by {numbers!r:.60}")
    return numbers


def _same_length(outputs: Any, y: Any) -> None:
    if len(outputs) != len(y) or not len(y):
        raise ValueError(f"{len(outputs)} output(s) for {len(y)} target(s)")


# ------------------------------------------------------------------------------------------------- many outputs at once


def _are_arrays(outputs: Any, y: Any) -> bool:
    """Whether outputs and class numbers are arrays that can be compared at once."""
    kinds = [getattr(getattr(x, "dtype", None), "kind", "") for x in (outputs, y)]
    return kinds[0] == "f" and kinds[1] in ("i", "u") and outputs.ndim <= 2 and y.ndim == 1


def _accuracy_of_arrays(outputs: Array, y: Any) -> float:
    """``accuracy`` for an array of outputs and an array of class numbers."""
    import numpy as np

    if (bad := np.isnan(outputs)).any():
        predicted_class(outputs[np.argwhere(bad)[0][0]].tolist())  # which raises the error
    predicted = outputs.argmax(axis=1) if outputs.ndim == 2 else outputs > 0.0
    return float(np.mean(predicted == ((y + 1) // 2 if (y == -1).any() else y)))


def scores(outputs: Sequence[Any]) -> Array:
    """The class scores, one column for each class; a single output s becomes the scores -s and s."""
    import numpy as np

    found = np.array(outputs, dtype=float)
    return np.stack([-found, found], axis=1) if found.ndim == 1 else found


def margin(scores: Array, number: int) -> Array:
    """The score of one class minus the largest other score; negative where the class is not predicted."""
    import numpy as np

    found: Array = scores[:, number] - np.delete(scores, number, axis=1).max(axis=1)
    return found
