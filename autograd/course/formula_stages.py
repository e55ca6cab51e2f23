"""What the stages check that turn formulas into code: softmax, cross-entropy, momentum, Adam."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.course.answers import (
    attribute,
    class_given,
    functions_given,
    listed,
    named,
    nothing,
    number,
    numbers_of,
    outputs,
    refuse,
)
from autograd.course.engine_stages import backward_pass
from autograd.course.mistakes import mistake
from autograd.course.recipes import Recipe
from autograd.course.report import Finding, NotYet, rows_of
from autograd.course.sandbox import asking
from autograd.course.wrong_passes import close
from autograd.engine.reductions import logsumexp
from autograd.engine.value import Value

# ---------------------------------------------------------------------------------------- 11: softmax and cross-entropy


def softmax_and_cross_entropy(kind: Any, softmax: Any, cross_entropy: Any) -> Finding:
    """Stage 11."""
    class_given(kind, "check.stage11(MyValue, softmax, cross_entropy)")
    functions_given([softmax, cross_entropy], "check.stage11(MyValue, softmax, cross_entropy)")
    backward_pass(kind, [Recipe((x,), (("log", (0,)),)) for x in (4.0, 0.5)])
    for logits in ([1.0, 2.0, 0.5], [0.0, 0.0], [-3.0, 4.0, 1.0, -1.0], [1000.0, 1001.0, 999.0], [1000.0, 0.0]):
        text = ", ".join(f"{z:g}" for z in logits)
        with asking(f"softmax([{text}])"):
            try:
                answer = softmax([kind(z) for z in logits])
            except OverflowError:
                refuse(f"softmax([{text}]) raised an OverflowError.", "overflow")
        mine = numbers_of(outputs(answer, len(logits), f"softmax([{text}])"), "softmax")
        right = _softmax(logits)
        if not all(map(close, right, mine)):
            rows = rows_of([f"p[{i}]" for i in range(len(right))], right, mine)
            raise NotYet(Finding(f"softmax([{text}])", rows, _wrong_softmax(logits, mine)))
        for target in (0, len(logits) - 1):
            values = [kind(z) for z in logits]
            with asking(f"cross_entropy([{text}], {target})"):
                try:
                    loss = cross_entropy(values, target)
                except ValueError:
                    refuse(f"cross_entropy([{text}], {target}) took the logarithm of 0.", "logarithm of zero")
            if not isinstance(loss, kind):
                refuse(f"cross_entropy should return a {kind.__name__}, not {named(loss)}.", nothing(loss))
            twins = [Value(z) for z in logits]
            twin = logsumexp(twins) - twins[target]
            twin.backward()
            expected = twin.data
            given = number(loss.data, "the data of the loss")
            if not (close(expected, given) or abs(expected - given) < 1e-6):
                rows = rows_of(["loss"], [expected], [given])
                fits = _wrong_entropy(logits, target, given)
                raise NotYet(Finding(f"cross_entropy([{text}], {target})", rows, fits))
            with asking(f"cross_entropy([{text}], {target}).backward()"):
                loss.backward()
            gradient = [z.grad for z in twins]
            mine = [number(attribute(z, "grad"), "the gradient") for z in values]
            if not all(abs(a - b) < 1e-6 for a, b in zip(gradient, mine, strict=True)):
                rows = rows_of([f"logits[{i}].grad" for i in range(len(mine))], gradient, mine)
                said = f"cross_entropy([{text}], {target}).backward(): p - 1 for the target, and p for the others"
                raise NotYet(Finding(said, rows))
    return Finding("Probabilities, loss and gradients are right, also for logits of 1,000.", alive=_entropy_graph())


def _softmax(logits: Sequence[float]) -> list[float]:
    powers = [math.exp(z - max(logits)) for z in logits]
    return [x / sum(powers) for x in powers]


def _cross_entropy(logits: Sequence[float], target: int) -> float:
    return float(logsumexp(logits)) - logits[target]


def _entropy_graph() -> Value:
    logits = [Value(x, f"z{i}") for i, x in enumerate((1.0, 2.0, 0.5))]
    loss: Value = logsumexp(logits) - logits[0]
    return loss


def _wrong_softmax(logits: Sequence[float], mine: Sequence[float]) -> Any:
    if max(logits) > 700.0:
        return mistake("overflow")
    powers = [math.exp(z) for z in logits]
    shifted = [math.exp(z - max(logits)) for z in logits]
    wrong = [
        ("not normalized", powers),
        ("not normalized", shifted),
        ("exp is missing", [z / sum(logits) for z in logits] if sum(logits) else []),
        ("divided by the largest", [x / max(powers) for x in powers]),
    ]
    return next((mistake(name) for name, x in wrong if len(x) == len(mine) and all(map(close, x, mine))), None)


def _wrong_entropy(logits: Sequence[float], target: int, mine: float) -> Any:
    p = _softmax(logits)
    wrong = [
        ("sign of the logarithm", math.log(p[target])),
        ("logarithm is missing", -p[target]),
        ("logarithm is missing", 1.0 - p[target]),
        ("all classes", -sum(map(math.log, p))),
        ("all classes", -sum(map(math.log, p)) / len(p)),
        ("wrong class", _cross_entropy(logits, len(p) - 1 - target)),
        ("entropy", -sum(x * math.log(x) for x in p if x > 0.0)),
    ]
    return next((mistake(name) for name, x in wrong if close(x, mine)), None)


# ------------------------------------------------------------------------------------------------------- 16: optimizers

GRADIENTS = (0.5, -2.0, 1.5, 0.1, 3.0, -0.7)
State = tuple[float, ...]  # w, and what the method remembers


def optimizers(momentum: Any, adam: Any) -> Finding:
    """Stage 16."""
    functions_given([momentum, adam], "check.stage16(momentum, adam)")
    lr, beta = 0.1, 0.9
    mine = _descent("momentum", lambda s, g, t: momentum(*s, g, lr, beta), 2)
    right = _descent("momentum", lambda s, g, t: _momentum(s, g, lr, beta), 2)
    _compare("momentum", right, mine, _wrong_momentum(lr, beta))
    beta1, beta2, eps = 0.9, 0.999, 0.01  # large, so that it matters where it stands
    mine = _descent("adam", lambda s, g, t: adam(*s, g, t, lr, beta1, beta2, eps), 3)
    right = _descent("adam", lambda s, g, t: _adam(s, g, t, lr, beta1, beta2, eps), 3)
    _compare("adam", right, mine, _wrong_adam(lr, beta1, beta2, eps))
    return Finding("Both methods are right for six steps, as in the formulas.")


Update = Callable[[State, float, int], Any]


def _descent(name: str, update: Update, size: int) -> list[State]:
    state: State = (1.0,) + (0.0,) * (size - 1)
    found = []
    for t, g in enumerate(GRADIENTS, 1):
        with asking(f"{name}, step {t} with the gradient {g:g}"):
            try:
                answer = update(state, g, t)
            except ValueError:
                refuse(f"{name} took the root of a negative number, with the gradient {g:g}.", "not squared")
        state = tuple(number(x, f"what {name} returns") for x in listed(answer, f"what {name} returns", size))
        found.append(state)
    return found


def _compare(name: str, right: Sequence[State], mine: Sequence[State], wrong: Sequence[tuple[str, Update]]) -> None:
    if all(close(a, b) for x, y in zip(right, mine, strict=True) for a, b in zip(x, y, strict=True)):
        return
    first = next(i for i, (x, y) in enumerate(zip(right, mine, strict=True)) if not all(map(close, x, y)))
    names = ["w", "v"] if len(right[0]) == 2 else ["w", "m", "v"]
    rows = rows_of([f"{x} after step {first + 1}" for x in names], right[first], mine[first])
    fits = next((mistake(text) for text, update in wrong if _explains(update, mine)), None)
    raise NotYet(Finding(f"{name} with the gradients {', '.join(map(str, GRADIENTS[: first + 1]))}", rows, fits))


def _explains(update: Update, mine: Sequence[State]) -> bool:
    state: State = (1.0,) + (0.0,) * (len(mine[0]) - 1)
    for t, (g, given) in enumerate(zip(GRADIENTS, mine, strict=True), 1):
        try:
            state = update(state, g, t)
        except (ArithmeticError, ValueError):
            return False
        if not close(state[0], given[0]):
            return False
    return True


def _momentum(s: State, g: float, lr: float, beta: float) -> State:
    w, v = s
    v = beta * v + g
    return w - lr * v, v


def _adam(
    s: State, g: float, t: int, lr: float, beta1: float, beta2: float, eps: float, *, corrected: bool = True
) -> State:
    w, m, v = s
    m, v = beta1 * m + (1.0 - beta1) * g, beta2 * v + (1.0 - beta2) * g * g
    a, b = (m / (1.0 - beta1**t), v / (1.0 - beta2**t)) if corrected else (m, v)
    return w - lr * a / (math.sqrt(b) + eps), m, v


def _wrong_momentum(lr: float, beta: float) -> list[tuple[str, Update]]:
    def averaged(s: State, g: float, t: int) -> State:
        v = beta * s[1] + (1.0 - beta) * g
        return s[0] - lr * v, v

    def stale(s: State, g: float, t: int) -> State:
        return s[0] - lr * s[1], beta * s[1] + g

    def uphill(s: State, g: float, t: int) -> State:
        v = beta * s[1] + g
        return s[0] + lr * v, v

    return [
        ("averaged", averaged),
        ("old velocity", stale),
        ("uphill", uphill),
        ("not remembered", lambda s, g, t: (s[0] - lr * g, g)),
    ]


def _wrong_adam(lr: float, beta1: float, beta2: float, eps: float) -> list[tuple[str, Update]]:
    def moments(s: State, g: float, t: int) -> tuple[float, float]:
        return beta1 * s[1] + (1.0 - beta1) * g, beta2 * s[2] + (1.0 - beta2) * g * g

    def stepped(size: Callable[[float, float, int], float]) -> Update:
        def update(s: State, g: float, t: int) -> State:
            m, v = moments(s, g, t)
            return s[0] - lr * size(m, v, t), m, v

        return update

    def kept(s: State, g: float, t: int) -> State:
        m, v = moments(s, g, t)
        m, v = m / (1.0 - beta1**t), v / (1.0 - beta2**t)
        return s[0] - lr * m / (math.sqrt(v) + eps), m, v

    def unsquared(s: State, g: float, t: int) -> State:
        m, v = beta1 * s[1] + (1.0 - beta1) * g, beta2 * s[2] + (1.0 - beta2) * g
        return s[0] - lr * m / (1.0 - beta1**t) / (math.sqrt(v / (1.0 - beta2**t)) + eps), m, v

    return [
        ("no bias correction", stepped(lambda m, v, t: m / (math.sqrt(v) + eps))),
        ("no root", stepped(lambda m, v, t: m / (1.0 - beta1**t) / (v / (1.0 - beta2**t) + eps))),
        ("corrected moments are kept", kept),
        ("eps inside the root", stepped(lambda m, v, t: m / (1.0 - beta1**t) / math.sqrt(v / (1.0 - beta2**t) + eps))),
        ("not squared", unsquared),
        ("uphill", stepped(lambda m, v, t: -m / (1.0 - beta1**t) / (math.sqrt(v / (1.0 - beta2**t)) + eps))),
    ]
