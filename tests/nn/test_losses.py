"""Losses, compared with PyTorch 2.13.0 (torch.nn.functional, float64) and with their definitions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import Value, check_grads
from nn import losses

LOGITS = [[1.0, -2.0, 0.5], [0.3, 0.2, 3.0]]
A, B = [1.5, -0.2, 30.0], [1.0, 0.0, 0.25]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (losses.cross_entropy(LOGITS, [0, 1]), 1.712528431635244),
        (losses.nll(LOGITS, [0, 1]), -0.6),
        (losses.binary_cross_entropy(A, B), 7.766517382454812),
        (losses.cross_entropy(LOGITS, [0, 1], smoothing=0.1), 1.722528431635244),
        (losses.cross_entropy(LOGITS, [[0.2, 0.5, 0.3], [0.0, 1.0, 0.0]], smoothing=0.1), 2.4650284316352438),
        # -((1 - p) ** gamma * p.log()).mean(), where p is the softmax at the target
        (losses.focal(LOGITS, [0, 1]), 1.3466495375436496),
        (losses.focal(LOGITS, [0, 1], gamma=3.5), 1.2126624426504373),
        (losses.huber(A, B), 9.798333333333334),
        (losses.huber(A, B, delta=2.5), 23.798333333333332),
        (losses.mse(A, B), 295.1175),
        (losses.mae(A, B), 10.15),
    ],
)
def test_values_match_pytorch(found: float, expected: float) -> None:
    assert found == pytest.approx(expected, rel=1e-14)


def test_hinge_and_l2() -> None:
    assert losses.hinge([2.0, 0.5, -1.0], [1, 1, -1]) == pytest.approx(0.5 / 3)
    assert losses.l2([Value(3.0), Value(4.0)]).data == 25.0
    assert losses.l2([]) == 0.0


def test_one_example_and_a_batch() -> None:
    assert losses.mse(3.0, 1.0) == 4.0
    assert losses.mse([[1.0, 2.0], [3.0, 4.0]], [[0.0, 2.0], [3.0, 2.0]]) == 1.25
    assert losses.cross_entropy(LOGITS[0], 0) == losses.cross_entropy(LOGITS[:1], [0])
    assert losses.mse(np.array(A), np.array(B)) == losses.mse(A, B)
    assert losses.cross_entropy(np.array(LOGITS), np.array([0, 1])) == losses.cross_entropy(LOGITS, [0, 1])
    assert losses.cross_entropy(LOGITS, list(np.array([0, 1]))) == losses.cross_entropy(LOGITS, [0, 1])


def test_large_scores_do_not_overflow() -> None:
    assert losses.cross_entropy([1000.0, 0.0], 0) == 0.0
    assert losses.cross_entropy([1000.0, 0.0], 1) == 1000.0
    assert losses.cross_entropy([-1000.0, -1000.0], 1) == pytest.approx(math.log(2.0))
    assert losses.binary_cross_entropy(1000.0, 0.0) == 1000.0
    assert losses.binary_cross_entropy(-1000.0, 0.0) == 0.0
    assert losses.softmax([1000.0, 0.0]) == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize(
    "loss",
    [
        lambda v: losses.mse(v, [0.1, 0.7, -2.0]),
        lambda v: losses.mae(v, [0.1, 0.7, -2.0]),
        lambda v: losses.huber(v, [0.1, 0.7, -2.0]),
        lambda v: losses.hinge(v, [1, -1, 1]),
        lambda v: losses.binary_cross_entropy(v, [0.0, 1.0, 0.3]),
        lambda v: losses.cross_entropy(v, 2),
        lambda v: losses.cross_entropy(v, 2, smoothing=0.2),
        lambda v: losses.focal(v, 2),
        lambda v: losses.triplet([v, [0.1, 0.2, 1.0], [1.0, -1.0, 2.0]]),
        lambda v: losses.nll(v, 2),
        lambda v: losses.l2(v),
        lambda v: losses.softmax(v),
    ],
)
def test_gradients(loss: Any) -> None:
    assert check_grads(loss, [0.3, -1.2, 2.0], order=2, tolerance=1e-4).worst < 1e-4


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.int8])
def test_softmax_of_small_types(kind: Any) -> None:
    assert losses.softmax(np.array([100, 100], kind)) == losses.softmax([100.0, 100.0])
    assert losses.softmax(np.array([100, 100], kind)) == pytest.approx([0.5, 0.5], rel=1e-13)


def test_gradient_of_cross_entropy_is_softmax_minus_one_hot() -> None:
    scores = [Value(s) for s in LOGITS[0]]
    losses.cross_entropy(scores, 1).backward()
    expected = losses.softmax(LOGITS[0])
    expected[1] -= 1.0
    assert [s.grad for s in scores] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda: losses.mse([1.0], [1.0, 2.0]), r"1 prediction\(s\) for 2 target\(s\)"),
        (lambda: losses.mse([], []), r"0 prediction\(s\) for 0"),
        (lambda: losses.mse(1.0, [1.0]), r"must have the same shape, not a number and \(1\)"),
        (
            lambda: losses.mse([[1.0, 2.0]], [1]),
            r"must have the same shape, not \(2\) and a number; for class numbers use",
        ),
        (lambda: losses.cross_entropy([1.0, 2.0], [0, 1]), "an example needs a number for each class"),
        (lambda: losses.mse([[1.0, 2.0]], [[1.0]]), r"2 prediction\(s\) for 1"),
        (lambda: losses.hinge([1.0], [0]), "a target must be one of -1, 1, not 0"),
        (lambda: losses.binary_cross_entropy([1.0], [2]), "from 0 to 1, not 2"),
        (lambda: losses.binary_cross_entropy([1.0], [math.nan]), "from 0 to 1, not nan"),
        (lambda: losses.cross_entropy([1.0, 2.0], 2), "a class number from 0 to 1, not 2"),
        (
            lambda: losses.cross_entropy([1.0, 2.0], 1, smoothing=1.0),
            "smoothing must be a number in",
        ),
        (lambda: losses.focal([1.0, 2.0], 1, gamma=0.5), "gamma must be a number of at least 1, not 0.5"),
        (lambda: losses.focal([1.0, 2.0], 2), "a class number from 0 to 1, not 2"),
        (lambda: losses.triplet([[1.0], [2.0]]), r"three vectors of one length, not 2 of \[1\]"),
        (lambda: losses.triplet([1.0, 2.0, 3.0]), r"an example needs three vectors, such as \[anchor, positive, neg"),
        (lambda: losses.triplet([]), r"an example needs three vectors, such as .*, not \[\]"),
        (lambda: losses.triplet([[1.0], [2.0], [1.0, 2.0]]), r"three vectors of one length, not 3 of \[1, 2\]"),
        (lambda: losses.cross_entropy([1.0, 2.0], -1), "a class number from 0 to 1, not -1"),
        (lambda: losses.cross_entropy([1.0, 2.0], 0.5), "not 0.5"),
        (lambda: losses.cross_entropy(LOGITS, [0]), r"2 example\(s\) for 1 target\(s\)"),
        (lambda: losses.cross_entropy(LOGITS, [[0.5, 0.5, 0.5], 0]), "probabilities of all classes, whose sum is 1"),
        (lambda: losses.nll(LOGITS, [[0.5, 0.7, -0.2], 0]), "probabilities of all classes, whose sum is 1"),
        (lambda: losses.cross_entropy(LOGITS, 0), r"2 example\(s\) for 1 target\(s\)"),
        (lambda: losses.cross_entropy(3.0, 0), "a list with a number for each class"),
        (lambda: losses.huber(1.0, 1.0, delta=0.0), "delta must be a positive number"),
    ],
)
def test_mistakes(compute: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compute()
