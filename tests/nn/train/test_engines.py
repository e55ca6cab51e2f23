"""Replayed training and eager training give the same history."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from nn import History, NonFiniteLossError, data, fit, optim

MOONS = data.moons(40, seed=1)
SIGNS = [2 * t - 1 for t in MOONS.y]


def both(make: Any, X: Any, y: Any, loss: Any, **options: Any) -> tuple[History, History]:
    """The histories of the two engines from the same initial parameters."""
    options = {"epochs": 3, "batch_size": 16, "validation": (X, y), "progress": False, "seed": 0, **options}
    return fit(make(), X, y, loss, **options), fit(make(), X, y, loss, engine="eager", **options)


def same(a: History, b: History) -> bool:
    return a.columns().keys() == b.columns().keys() and all(
        series == pytest.approx(b.columns()[name], rel=1e-9, abs=1e-12) for name, series in a.columns().items()
    )


@pytest.mark.parametrize(
    ("loss", "outputs", "y"),
    [
        ("cross_entropy", 2, MOONS.y),
        ("cross_entropy", 3, [t + (i % 2) for i, t in enumerate(MOONS.y)]),
        ("binary_cross_entropy", 1, MOONS.y),
        ("hinge", 1, SIGNS),
        ("mse", 1, SIGNS),
        ("mae", 1, SIGNS),
        ("huber", 2, [[t, -t] for t in SIGNS]),
    ],
)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_every_loss(loss: str, outputs: int, y: Any, activation: str) -> None:
    assert same(*both(lambda: nn.MLP(2, [6, outputs], activation=activation, seed=1), MOONS.X, y, loss))


@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop"])
def test_optimizers_and_arrays(name: str) -> None:
    X, y = np.array(MOONS.X), np.array(MOONS.y)
    assert same(*both(lambda: nn.MLP(2, [4, 2], seed=1), X, y, "cross_entropy", optimizer=name))


def test_nll_of_log_probabilities() -> None:
    class Classifier(nn.Module):
        def __init__(self) -> None:
            self.body = nn.MLP(2, [4, 2], seed=1)

        def __call__(self, x: Any) -> Any:
            scores = self.body(x)
            total = nn.losses.log_sum_exp(scores)
            return [score - total for score in scores]

    assert same(*both(Classifier, MOONS.X, MOONS.y, "nll"))


def test_a_custom_loss_with_a_penalty() -> None:
    def loss(outputs: Any, targets: Any) -> Any:
        return nn.mse(outputs, targets) + 0.01 * nn.l2(current.parameters())

    histories = []
    for engine in ("program", "eager"):
        current = nn.MLP(2, [4, 1], seed=1)
        histories.append(fit(current, MOONS.X, SIGNS, loss, epochs=2, progress=False, seed=0, engine=engine))
    assert same(*histories)


def test_parameters_that_the_optimizer_does_not_have() -> None:
    for engine in ("program", "eager"):
        model = nn.MLP(2, [3, 1], seed=1)
        first, last = model.layers[0].parameters(), model.layers[1].parameters()
        before = [p.data for p in first]
        fit(model, MOONS.X, SIGNS, optimizer=nn.SGD(last, lr=0.1), epochs=1, progress=False, engine=engine)
        assert [p.data for p in first] == before


def test_a_model_that_branches_is_rejected_with_advice() -> None:
    class Branching(nn.MLP):
        def __call__(self, x: Any) -> Any:
            y = super().__call__(x)
            return y if y > 0.0 else 0.1 * y

    model = Branching(2, [3, 1], seed=1)
    with pytest.raises(TypeError, match=r"cannot replay a branch.*engine='eager'"):
        fit(model, MOONS.X, SIGNS, epochs=1, progress=False)
    fit(model, MOONS.X, SIGNS, epochs=1, progress=False, engine="eager")
    assert len(model.predict(MOONS.X)) == 40


def test_a_random_model_is_rejected() -> None:
    class Noisy(nn.MLP):
        def __call__(self, x: Any) -> Any:
            return super().__call__(x) + random.random()

    with pytest.raises(ValueError, match="two calls recorded different graphs"):
        fit(Noisy(2, [3, 1], seed=1), MOONS.X, SIGNS, epochs=1, progress=False)


def test_wrong_classes_are_rejected_before_training() -> None:
    with pytest.raises(ValueError, match="class number from 0 to 1, not 2"):
        fit(nn.MLP(2, [3, 2], seed=1), MOONS.X, [2] * 40, "cross_entropy", epochs=1, progress=False)


def test_examples_of_different_lengths() -> None:
    class Total(nn.Module):
        def __init__(self) -> None:
            self.w = Value(1.0)

        def __call__(self, x: Any) -> Any:
            return self.w * sum(x)

    with pytest.raises(ValueError, match="example 1 needs a list of 1 entries here, not list"):
        fit(Total(), [[1.0], [1.0, 2.0]], [1.0, 2.0], epochs=1, progress=False)
    fit(Total(), [[1.0], [1.0, 2.0]], [1.0, 2.0], epochs=1, progress=False, engine="eager")


def test_a_non_finite_loss_gives_the_message_of_eager_code() -> None:
    messages = []
    for engine in ("program", "eager"):
        model = nn.MLP(1, [1], seed=1)
        with pytest.raises(NonFiniteLossError) as caught:
            fit(model, [[1.0], [1e200]], [1.0, 1.0], "mse", nn.SGD(model.parameters(), lr=1.0), engine=engine,
                epochs=3, batch_size=1, progress=False, seed=0)  # fmt: skip
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_an_unknown_engine() -> None:
    with pytest.raises(ValueError, match="engine must be 'program', 'eager', 'jax' or 'torch', not 'fast'"):
        fit(nn.MLP(2, [1]), MOONS.X, SIGNS, engine="fast")


def test_predictions_match_those_of_single_examples() -> None:
    for outputs in (1, 3):
        model = nn.MLP(2, [5, outputs], seed=1)
        alone = [model(x) for x in MOONS.X]
        numbers = [y.data if outputs == 1 else [part.data for part in y] for y in alone]
        assert np.array(model.predict(MOONS.X)) == pytest.approx(np.array(numbers), rel=1e-12)
        for engine, count in itertools.product(("program", "eager"), (40, 16, 1)):
            found = model.predict(np.array(MOONS.X[:count]), engine)
            assert isinstance(found, np.ndarray)
            assert found.tolist() == model.predict(MOONS.X[:count], engine)
    with pytest.raises(ValueError, match="takes 2 input"):
        model.predict([[1.0]] * 40)


# ------------------------------------------------------------------------------------------------------ branches


class Bent(nn.Module):
    """A different slope on each side of zero, chosen by a test that leaves no trace in the graph."""

    def __init__(self, asks: Any) -> None:
        self.w = Value(1.0, "w")
        self.asks = asks

    def __call__(self, x: Any) -> Any:
        h = self.w * x[0]
        return h * 2.0 if self.asks(h) else h * -3.0


RARE = [[1.0 + i / 50.0] for i in range(50)] + [[-1.0]] + [[2.0 - i / 50.0] for i in range(50)]
ASKS = [lambda h: h.data > 0.0, lambda h: h.item() > 0.0, lambda h: h > 0.0, lambda h: max(h, 0.0) is h]


@pytest.mark.parametrize("asks", ASKS)
def test_predictions_of_a_model_that_branches(asks: Any) -> None:
    """One example in a hundred, in the middle, takes the other branch."""
    model = Bent(asks)
    expected = [x[0] * 2.0 if x[0] > 0.0 else x[0] * -3.0 for x in RARE]
    assert model.predict(RARE) == pytest.approx(expected)
    assert model.predict(RARE, engine="eager") == pytest.approx(expected)
    with pytest.raises(ValueError, match="engine must be 'program' or 'eager', not 'fast'"):
        model.predict(RARE, engine="fast")


@pytest.mark.parametrize("asks", ASKS)
def test_training_of_a_model_that_branches(asks: Any) -> None:
    y = [1.0] * len(RARE)
    with pytest.raises(TypeError, match=r"cannot replay .*engine='eager', which replays nothing"):
        fit(Bent(asks), RARE, y, epochs=1, progress=False)
    model = Bent(asks)
    history = fit(model, RARE, y, optimizer=nn.SGD([model.w], lr=0.0), epochs=1, progress=False, engine="eager",
                  validation=(RARE, y))  # fmt: skip
    expected = sum((p - 1.0) ** 2 for p in model.predict(RARE, "eager")) / len(RARE)
    assert [*history.loss, *history.validation_loss] == pytest.approx([expected, expected])


def test_a_branch_on_other_state_is_detected_when_it_changes() -> None:
    """The branch depends on a counter of calls, so the recording is right at first and wrong later."""

    class Turning(nn.MLP):
        calls = 0

        def __call__(self, x: Any) -> Any:
            self.calls += 1
            y = super().__call__(x)
            return y * 2.0 if self.calls < 60 else y * -3.0

    with pytest.raises(ValueError, match=r"epoch \d+: for \(.*\) .* gives .*, but its recording gives .*number in mul"):
        fit(Turning(2, [1], seed=1), MOONS.X, SIGNS, epochs=40, progress=False)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([([1.0, 2.0], [3.0]), ([1.0], [2.0, 3.0])], [1.0, 2.0], "example 1 needs a list of 2 entries"),
        ([[1.0, 2.0], [1.0, 2.0], [1.0]], [1.0, 2.0, 3.0], "example 2 needs a list of 2 entries"),
        ([[1.0, 2.0]] * 3, [1.0, [1.0], 2.0], "target 1 needs a single number"),
    ],
)
def test_examples_structured_differently_from_the_first(X: Any, y: Any, message: str) -> None:
    class Sum(nn.Module):
        def __init__(self) -> None:
            self.w = Value(1.0)

        def __call__(self, x: Any) -> Any:
            numbers = autograd.flatten(x)[0]
            return self.w * numbers[0] - sum(numbers[1:], 0.0)

    with pytest.raises(ValueError, match=message):
        fit(Sum(), X, y, epochs=1, progress=False)
    model, many = Sum(), X * 10
    assert model.predict(many) == model.predict(many, engine="eager")


# ------------------------------------------------------- ten epochs with every optimizer, loss and schedule: the same

SCHEDULES: dict[str, Any] = {
    "constant": optim.constant_lr(0.05),
    "step": optim.step_lr(0.1, every=7),
    "exponential": optim.exponential_lr(0.1, 0.97),
    "cosine": optim.cosine_lr(0.1, 25, final=0.01),
    "one cycle": optim.one_cycle_lr(0.1, 30),
    "warm-up": optim.warmup_lr(optim.cosine_lr(0.1, 20), 5),
    "of one's own": lambda step: 0.1 / (1.0 + 0.2 * step),
}
TARGETS: dict[str, tuple[int, Any]] = {
    "mse": (1, SIGNS),
    "mae": (1, SIGNS),
    "huber": (1, SIGNS),
    "hinge": (1, SIGNS),
    "binary_cross_entropy": (1, MOONS.y),
    "cross_entropy": (2, MOONS.y),
    "focal": (2, MOONS.y),
    "nll": (2, MOONS.y),
}


def ends(loss: str, make: Any) -> list[Any]:
    """The parameters and the state of the optimizer after ten epochs of both engines."""
    found = []
    for engine in ("program", "eager"):
        outputs, y = TARGETS[loss]
        model = nn.MLP(2, [4, outputs], activation="tanh", seed=2)
        optimizer = make(model.parameters())
        fit(model, MOONS.X, y, loss, optimizer, 10, batch_size=15, progress=False, seed=1, engine=engine)
        state = [x for column in optimizer.state.values() for x in column]
        found.append([*(p.data for p in model.parameters()), *state])
    return found


def test_every_loss_has_targets() -> None:
    assert TARGETS.keys() == nn.losses.BY_NAME.keys()


@pytest.mark.parametrize("name", optim.BY_NAME)
@pytest.mark.parametrize("loss", TARGETS)
def test_every_optimizer_with_every_loss(name: str, loss: str) -> None:
    ours, eager = ends(loss, lambda p: optim.BY_NAME[name](p, lr=0.02))
    assert ours == pytest.approx(eager, rel=1e-7, abs=1e-10)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01, "clip_norm": 0.5}),
        (optim.Adam, {"weight_decay": 0.01, "clip_value": 0.1}),
        (optim.AdamW, {"weight_decay": 0.1}),
    ],
)
def test_every_schedule_with_decay_and_clipping(schedule: str, kind: Any, options: Any) -> None:
    ours, eager = ends("cross_entropy", lambda p: kind(p, lr=SCHEDULES[schedule], **options))
    assert ours == pytest.approx(eager, rel=1e-7, abs=1e-10)
