"""Predicted classes, accuracy, and the confusion matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, SupportsFloat

from nn.module import to_floats

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]


def accuracy(outputs: Any, y: Any) -> float:
    """The fraction of examples whose class is predicted correctly.

    Arguments:
        outputs: for each example either a score for each class, where the largest is the prediction; or one number,
            which predicts class 1 if it is positive, and otherwise class 0 (-1 if the targets are -1 and 1).
        y: the correct classes.  Rows of probabilities mean the most probable class.  If some row is not one, all rows
            are multi-label targets, which say separately for each output whether it must be positive.

    Raises:
        ValueError: outputs and y differ in length or are empty, an output is nan, or a target is not one of the
            classes.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    _same_length(outputs, y)
    if _are_arrays(outputs, y):
        return _accuracy_of_arrays(outputs, y)
    return count_right(outputs, y) / len(y)


def confusion_matrix(outputs: Any, y: Any, classes: int | None = None) -> list[list[int]]:
    """The number of examples of each class (row) predicted as each class (column).

    Arguments and errors as for ``accuracy``, but multi-label targets are refused.  If the classes are -1 and 1, -1
    comes first.

    >>> confusion_matrix([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    [[0, 0], [1, 1]]
    """
    _same_length(outputs, y)
    if any(isinstance(answer, list) for answer in right_answers(y)):
        raise ValueError("a confusion matrix needs one class for each example, not several labels")
    correct, predicted = class_numbers(y), list(map(predicted_class, outputs))
    _check_range(outputs, correct)
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
    numbers = list(map(_class_of, y))
    if not are_signed(y):
        if min(numbers, default=0) < 0:
            raise ValueError(f"a class is a number from 0, or -1 or 1, not {min(numbers)}")
        return numbers
    if not {*numbers} <= {-1, 1}:
        raise ValueError(f"if one class is -1, the other must be 1; these are {sorted({*numbers})}")
    return [(number + 1) // 2 for number in numbers]


def are_signed(y: Any) -> bool:
    """Whether the classes are -1 and 1."""
    return any(not _is_row(target) and _numbers_of(target)[0] == -1.0 for target in y)


def count_right(outputs: Any, y: Any) -> int:
    """How many outputs predict the right class."""
    answers = right_answers(y)
    _check_range(outputs, [answer for answer in answers if isinstance(answer, int)])
    return sum(map(is_right, outputs, answers))


def right_answers(y: Any) -> list[int | list[bool]]:
    """For each target the class that is right or, for a multi-label target, a yes or no for each output."""
    rows = [_numbers_of(target) if _is_row(target) else [] for target in y]
    if all(map(_may_be_probabilities, rows)):
        return [*class_numbers(y)]
    if not all(rows):
        raise ValueError("the targets must all be class numbers, or all be rows of numbers")
    middle = 0.0 if min(map(min, rows)) < 0.0 else 0.5  # halfway between -1 and 1, or between 0 and 1
    return [[t > middle for t in row] for row in rows]


def is_right(output: Any, answer: int | list[bool]) -> bool:
    """Whether an output predicts the right class, or every label."""
    if isinstance(answer, list):
        return all(predicted_class(x) == label for x, label in zip(_numbers_of(output), answer, strict=True))
    return predicted_class(output) == answer


def _class_of(target: Any) -> int:
    """The class of a target: the number itself, a probability rounded, or the position of the largest in a row."""
    if _is_row(target):
        return predicted_class(target)
    if isinstance(target, SupportsFloat) or _is_list(target):
        number = float(_numbers_of(target)[0])
        if 0.0 < number < 1.0 or number.is_integer():
            return round(number)
    raise ValueError(f"a target must be a class number, a probability, or a row of numbers, not {target!r}")


def _may_be_probabilities(row: Sequence[float]) -> bool:
    """Whether a row is empty, or holds the probabilities of classes, rather than a yes or no for each output."""
    return not row or (math.isclose(sum(row), 1.0, abs_tol=1e-6) and min(row) >= 0.0)


def _check_range(outputs: Any, classes: Sequence[int]) -> None:
    """Raise an error if there are more classes than the outputs can predict."""
    count = max(_length(output) if _is_row(output) else 2 for output in outputs)
    if classes and max(classes) >= count:
        raise ValueError(f"a target is class {max(classes)}, but the outputs are for {count} classes, from 0")


def _is_row(x: Any) -> bool:
    """Whether x is a list of several numbers; a list of one is taken as this number."""
    return _length(x) != 1


def _is_list(x: Any) -> bool:
    return isinstance(x, list | tuple) or getattr(x, "shape", ()) != ()


def _length(x: Any) -> int:
    return len(x) if _is_list(x) else 1


def _numbers_of(x: Any) -> list[float]:
    """The numbers of a row; a single number as a row of one."""
    numbers = [to_floats(part) for part in x] if _is_list(x) else [to_floats(x)]
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
    is_single = outputs.ndim == 1 or outputs.shape[1] == 1
    least, most = int(y.min()), int(y.max())
    if least < 0 or most >= (2 if is_single else outputs.shape[1]):
        _check_range(outputs[:1], class_numbers(np.unique(y)))  # which raises the error, if they are not -1 and 1
    predicted = outputs.ravel() > 0.0 if is_single else outputs.argmax(axis=1)
    return float(np.mean(predicted == ((y + 1) // 2 if least < 0 else y)))


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
