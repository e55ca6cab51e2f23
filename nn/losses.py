"""Loss functions.

Each takes one example or a batch, and returns the mean over the batch.  Predictions and targets may be numbers or
Values; the result is a Value if one of them is.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any

from autograd import Value, abs, dot, exp, expm1, logsumexp, mean, minimum, relu, scope, softplus, square
from autograd.engine.checks import from_zero_to_one, number

Loss = Callable[[Any, Any], Any]
log_sum_exp = logsumexp  # the former name, kept for existing code


@scope("mse")
def mse(prediction: Any, target: Any) -> Any:
    """Mean squared error:  mean of  (prediction - target)^2.

    Arguments:
        prediction: a number, or a list of numbers, nested to any depth.
        target: numbers in the same structure.

    Raises:
        ValueError: prediction and target differ in length.

    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    return _mean(square(p - t) for p, t in _pairs(prediction, target))


@scope("mae")
def mae(prediction: Any, target: Any) -> Any:
    """Mean absolute error:  mean of  |prediction - target|.  Arguments and errors as for ``mse``.

    >>> mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    return _mean(abs(p - t) for p, t in _pairs(prediction, target))


@scope("huber")
def huber(prediction: Any, target: Any, delta: float = 1.0) -> Any:
    """Squared error near the target, absolute error far away.

    mean of  e^2 / 2  for  |e| <= delta,  else  delta (|e| - delta / 2)

    Source: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35, 1964.

    >>> huber([0.5, 3.0], [0.0, 0.0])
    1.3125
    """
    if not delta > 0.0:
        raise ValueError(f"delta must be a positive number, not {delta!r}")
    errors = (abs(p - t) for p, t in _pairs(prediction, target))
    return _mean(near * (error - 0.5 * near) for error in errors for near in [minimum(error, float(delta))])


@scope("hinge")
def hinge(score: Any, target: Any) -> Any:
    """Hinge loss:  mean of  max(0, 1 - target * score),  with targets -1 and 1.

    Source: Cortes, Vapnik, "Support-vector networks", Machine Learning 20, 1995.

    >>> hinge([2.0, -0.5], [1, -1])
    0.25
    """
    return _mean(relu(1.0 - t * s) for s, t in _pairs(score, target, lambda t: t in (-1.0, 1.0), "one of -1, 1"))


@scope("binary_cross_entropy")
def binary_cross_entropy(logit: Any, target: Any) -> Any:
    """Cross-entropy of two classes, given as a logit s, where the probability of class 1 is sigmoid(s).

    mean of  softplus(s) - target * s,  which is  -target log p - (1 - target) log(1 - p)  without overflow.

    Arguments:
        logit: a number or a list of numbers: the output of a model before any sigmoid.
        target: the same number of numbers from 0 to 1.

    >>> round(binary_cross_entropy([0.0, 1000.0], [1, 1]), 6)
    0.346574
    """
    pairs = _pairs(logit, target, lambda t: 0.0 <= t <= 1.0, "a number from 0 to 1")
    return _mean(softplus(s) - t * s for s, t in pairs)


@scope("cross_entropy")
def cross_entropy(logits: Any, target: Any, smoothing: float = 0.0) -> Any:
    """Cross-entropy of several classes, given as logits:  mean of  log(sum_j exp(s_j)) - s_target.

    Arguments:
        logits: a number for each class, or a batch of such lists: the outputs of a model before any softmax.
        target: the number of the correct class, from 0, or one for each example.  In a batch a target may also be a
            list with the probability of each class, and  s_target  is then  sum_j p_j s_j.
        smoothing: label smoothing: how much of the probability of the correct class is spread over all classes.

    Raises:
        ValueError: the numbers of targets and examples differ, a target is neither a class number nor probabilities,
            or ``smoothing`` is not a number in [0, 1).

    Source of label smoothing: Szegedy et al., "Rethinking the inception architecture for computer vision", CVPR 2016.

    >>> round(cross_entropy([0.0, 0.0], 1), 6), round(cross_entropy([0.0, 4.0], 1, smoothing=0.1), 6)
    (0.693147, 0.21815)
    """
    smoothing = from_zero_to_one("smoothing", smoothing)
    if not smoothing:
        return _mean(logsumexp(row) - chosen for row, chosen in _rows(logits, target))
    return _mean(
        logsumexp(row) - (1.0 - smoothing) * chosen - smoothing * mean(row) for row, chosen in _rows(logits, target)
    )


@scope("focal")
def focal(logits: Any, target: Any, gamma: float = 2.0) -> Any:
    """Focal loss: cross-entropy that counts less where the correct class is probable:  mean of  -(1 - p)^gamma log p.

    Arguments:
        logits, target: as for ``cross_entropy``; p is the probability of the correct class.
        gamma: at least 1; the larger, the less the easy examples count.

    Raises:
        ValueError: as for ``cross_entropy``, or gamma is below 1.

    Source: Lin, Goyal, Girshick, He, Dollar, "Focal loss for dense object detection", ICCV 2017.

    >>> round(focal([0.0, 0.0], 1), 6), round(focal([0.0, 4.0], 1), 6)
    (0.173287, 6e-06)
    """
    gamma = number("gamma", gamma, lambda x: x >= 1.0, "a number of at least 1")
    logs = [chosen - logsumexp(row) for row, chosen in _rows(logits, target)]
    return _mean(-((-expm1(log)) ** gamma) * log for log in logs)


@scope("triplet")
def triplet(embeddings: Any, target: Any = None, margin: float = 1.0) -> Any:
    """Triplet loss: an anchor should be nearer to a positive than to a negative.

    mean of  relu(|a - p|^2 - |a - n|^2 + m)

    Arguments:
        embeddings: three vectors for an example: of the anchor, the positive and the negative; or a batch of these.
        target: not used; so that it can be given to ``nn.fit``.
        margin: by how much nearer, in squared distance.

    Raises:
        ValueError: an example does not have three vectors of one length.

    Source: Schroff, Kalenichenko, Philbin, "FaceNet", CVPR 2015.

    >>> triplet([[0.0, 0.0], [1.0, 0.0], [0.0, 1.5]])
    0.0
    >>> triplet([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    1.0
    """
    batch = _nested(embeddings)
    if _depth(batch) == 2:
        batch = [batch]
    if _depth(batch) != 3:
        raise ValueError(
            f"an example needs three vectors, such as [anchor, positive, negative], not {embeddings!r:.60}"
        )
    for example in batch:
        sizes = {len(vector) for vector in example}
        if len(example) != 3 or len(sizes) != 1:
            raise ValueError(f"an example needs three vectors of one length, not {len(example)} of {sorted(sizes)}")

    def distance(x: Any, y: Any) -> Any:
        return sum(square(a - b) for a, b in zip(x, y, strict=True))

    return _mean(relu(distance(a, p) - distance(a, n) + margin) for a, p, n in batch)


@scope("nll")
def nll(log_probabilities: Any, target: Any) -> Any:
    """Negative log-likelihood:  mean of  -log p_target.  Arguments and errors as for ``cross_entropy``.

    >>> nll([-0.5, -2.0], 1)
    2.0
    """
    return _mean(-chosen for _, chosen in _rows(log_probabilities, target))


def l2(parameters: Iterable[Any]) -> Any:
    """The sum of the squares of the parameters: added to a loss, it penalizes large weights.

    >>> l2([3.0, 4.0])
    25.0
    """
    return sum((square(p) for p in parameters), 0.0)


def bound_to(loss: Any, model: Any) -> Loss:
    """A loss of outputs and targets, from one that may take the model as a third argument.

    >>> bound_to(huber, None) is huber  # its third argument has a default, and so is not a model
    True
    """
    try:
        parameters = list(inspect.signature(loss).parameters.values())
    except (TypeError, ValueError):  # a builtin, for example
        return loss  # type: ignore[no-any-return]
    needed = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(needed) < 3:
        return loss  # type: ignore[no-any-return]

    def bound(outputs: Any, targets: Any) -> Any:
        return loss(outputs, targets, model)

    bound.__name__ = getattr(loss, "__name__", "loss")
    return bound


def softmax(numbers: Sequence[Any]) -> list[Any]:
    """Probabilities:  exp(x_i) / sum_j exp(x_j).

    >>> softmax([0.0, 0.0])
    [0.5, 0.5]
    """
    numbers = [_listed(x) for x in numbers]  # differences of 16-bit floats have three digits
    total = logsumexp(numbers)
    return [exp(x - total) for x in numbers]


BY_NAME: dict[str, Loss] = {
    loss.__name__: loss for loss in (mse, mae, huber, hinge, binary_cross_entropy, cross_entropy, focal, nll)
}

# Losses whose targets are classes, so that training reports an accuracy.
CLASSIFICATION_LOSSES: tuple[Loss, ...] = (cross_entropy, focal, nll, binary_cross_entropy, hinge)

# Those whose target may be a class number.  The number selects an output, and a recording would always select that
# one; so training one-hot encodes such a target, and the loss must accept that encoding too.
CLASS_NUMBER_LOSSES: tuple[Loss, ...] = (cross_entropy, focal, nll)


def _mean(terms: Iterable[Any]) -> Any:
    """The mean of at least one term."""
    found = list(terms)
    return mean(found) if len(found) > 1 else found[0]


def _listed(x: Any) -> Any:
    """Arrays as lists; numbers, Values, lists and tuples as they are."""
    return x.tolist() if hasattr(x, "tolist") else x


def _nested(x: Any) -> Any:
    """Arrays and lists of any depth as lists."""
    x = _listed(x)
    return [_nested(part) for part in x] if isinstance(x, list | tuple) else x


def _depth(x: Any) -> int:
    """How deeply lists are nested, such as 2 for a list of lists of numbers; -9 where they differ, or one is empty."""
    if not isinstance(x, list):
        return 0
    depths = {_depth(part) for part in x}
    return 1 + depths.pop() if len(depths) == 1 else -9


def _pairs(
    prediction: Any, target: Any, fits: Callable[[Any], bool] = lambda t: True, wanted: str = ""
) -> list[tuple[Any, Any]]:
    """Each prediction with its target, from numbers or from lists of the same lengths.

    Arguments:
        prediction, target: as for ``mse``.
        fits: whether a target is allowed.
        wanted: what is allowed, in words.
    """
    prediction, target = _listed(prediction), _listed(target)
    if not isinstance(prediction, list | tuple) and not isinstance(target, list | tuple):
        if not isinstance(target, Value) and not fits(target):  # a Value's number may differ in a replay
            raise ValueError(f"a target must be {wanted}, not {target!r}")
        return [(prediction, target)]
    if not isinstance(target, list | tuple) or not isinstance(prediction, list | tuple):
        raise ValueError(
            f"predictions and targets must have the same shape, not {_shape(prediction)} and {_shape(target)}; for "
            "class numbers use cross_entropy"
        )
    if len(prediction) != len(target) or not len(prediction):
        raise ValueError(f"{len(prediction)} prediction(s) for {len(target)} target(s)")
    return [pair for p, t in zip(prediction, target, strict=True) for pair in _pairs(p, t, fits, wanted)]


def _check_probabilities(target: Sequence[Any]) -> None:
    """Raise an error if a target is a row of numbers, but not the probabilities of classes."""
    if any(isinstance(t, Value) for t in target):  # its number may differ in a replay
        return
    numbers = list(map(float, target))
    if min(numbers) < 0.0 or not math.isclose(math.fsum(numbers), 1.0, abs_tol=1e-6):
        raise ValueError(
            f"a target must be the number of a class, or probabilities of all classes, whose sum is 1, not {target!r}; "
            "for labels that are right or wrong each for itself use binary_cross_entropy"
        )


def _shape(x: Any) -> str:
    """The lengths of nested lists as text, such as "(20, 3)"."""
    lengths = []
    while isinstance(x, list | tuple):
        lengths.append(len(x))
        x = _listed(x[0]) if len(x) else None
    return f"({', '.join(map(str, lengths))})" if lengths else "a number"


def _rows(rows: Any, target: Any) -> list[tuple[Sequence[Any], Any]]:
    """Each example's list of numbers, paired with the number of its class, from one example or a batch."""
    rows, target = _listed(rows), _listed(target)
    if not isinstance(rows, list | tuple) or not rows:
        raise ValueError(f"expected a list with a number for each class, or a batch of such lists, not {rows!r}")
    if not isinstance(_listed(rows[0]), list | tuple):
        if isinstance(target, list | tuple):
            raise ValueError(
                f"{len(rows)} single number(s) for {len(target)} target(s): an example needs a number for each class; "
                "for one number and two classes use binary_cross_entropy"
            )
        rows, target = [rows], [target]
    if not isinstance(target, list | tuple) or len(rows) != len(target):
        count = len(target) if isinstance(target, list | tuple) else 1
        raise ValueError(f"{len(rows)} example(s) for {count} target(s)")
    found: list[tuple[Sequence[Any], Any]] = []
    for row, t in zip(map(_listed, rows), map(_listed, target), strict=True):
        row = [_listed(x) for x in row]
        if isinstance(t, float) and t.is_integer():
            t = int(t)
        if isinstance(t, list | tuple) and len(t) == len(row):
            _check_probabilities(t)
            found.append((row, dot(t, row)))
        elif (isinstance(t, Integral) or getattr(getattr(t, "dtype", None), "kind", "") == "b") and 0 <= t < len(row):
            found.append((row, row[int(t)]))
        else:
            raise ValueError(f"a target must be a class number from 0 to {len(row) - 1}, not {t!r}")
    return found
