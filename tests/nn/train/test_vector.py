"""In training the parameters are in a vector; whoever looks at the Values sees the numbers of eager training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value, where
from autograd import step as positive
from nn import MLP, SGD, Adam, NonFiniteLossError, Optimizer, data, fit, losses, optim, watch

MOONS = data.moons(40, seed=1)
Look = Callable[[], None]


def seen(optimizer: Optimizer) -> list[float]:
    """All that can be seen of parameters and their optimizer."""
    parameters = optimizer.parameters
    state = [x for column in optimizer.state.values() for x in column]
    return [*(p.data for p in parameters), *(p.grad for p in parameters), *state, float(optimizer.steps)]


def by_callback(model: MLP, optimizer: Any, engine: str, look: Look) -> None:
    fit(
        model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 3, callbacks=lambda history: look(), **QUIET, engine=engine
    )


def by_metric(model: MLP, optimizer: Any, engine: str, look: Look) -> None:
    def metric(outputs: Any, targets: Any) -> float:
        look()
        return 0.0

    held = (MOONS.X[:8], MOONS.y[:8])
    options: Any = {**QUIET, "engine": engine, "metrics": metric}
    fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 3, validation=held, **options)


def by_schedule(model: MLP, optimizer: Any, engine: str, look: Look) -> None:
    def schedule(step: int) -> float:
        look()
        return 0.1 / (step + 1)

    optimizer.lr = schedule
    fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 3, **QUIET, engine=engine)


def by_warm_up(model: MLP, optimizer: Any, engine: str, look: Look) -> None:
    def schedule(step: int) -> float:
        look()
        return 0.1

    optimizer.lr = optim.warmup_lr(schedule, 2)
    fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 2, **QUIET, engine=engine)


def by_watch(model: MLP, optimizer: Any, engine: str, look: Look) -> None:
    watched = watch(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, batch_size=16, seed=0, engine=engine)
    watched.step()
    look()
    watched.run(2)
    look()
    watched.rate = 0.5
    watched.step()
    look()
    watched.restart()
    look()
    watched.run()
    look()


def by_error(model: MLP, optimizer: Any, engine: str, look: Look) -> None:
    optimizer.lr = optim.exponential_lr(0.1, 1e60)
    with pytest.raises(NonFiniteLossError):
        fit(model, MOONS.X, [1e3 * t for t in MOONS.y], "mse", optimizer, 5, **QUIET, engine=engine)
    look()


def by_ctrl_c(model: MLP, optimizer: Any, engine: str, look: Look) -> None:
    def schedule(step: int) -> float:
        if step == 4:  # in the middle of the second epoch
            raise KeyboardInterrupt
        return 0.1

    optimizer.lr = optim.warmup_lr(schedule, 1)
    history = fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 3, **QUIET, engine=engine)
    assert history.stopped == "interrupted in epoch 2"
    look()


def by_the_end(model: MLP, optimizer: Any, engine: str, look: Look) -> None:
    fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 3, **QUIET, engine=engine)
    look()


def by_patience(model: MLP, optimizer: Any, engine: str, look: Look) -> None:
    optimizer.lr = 2.0
    held = (MOONS.X[:8], [1 - t for t in MOONS.y[:8]])  # so that it gets worse
    history = fit(
        model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 9, validation=held, patience=2, **QUIET, engine=engine
    )
    assert history.stopped.startswith("early")
    look()


QUIET: Any = {"batch_size": 16, "progress": False, "seed": 0}
DOORS = [
    by_callback,
    by_metric,
    by_schedule,
    by_warm_up,
    by_watch,
    by_error,
    by_ctrl_c,
    by_the_end,
    by_patience,
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", [SGD, Adam])
def test_whoever_looks_sees_the_numbers_of_eager_training(door: Any, kind: Any) -> None:
    logs = []
    for engine in ("program", "eager"):
        log: list[list[float]] = []
        model = MLP(2, [4, 1 if door is by_error else 2], activation="tanh", seed=1)
        optimizer = kind(model.parameters(), lr=0.1)
        door(model, optimizer, engine, lambda o=optimizer, log=log: log.append(seen(o)))
        logs.append(log)
    assert logs[0]
    assert len(logs[0]) == len(logs[1])
    for ours, eager in zip(*logs, strict=True):
        assert ours == pytest.approx(eager, rel=1e-9, abs=1e-12)


def test_a_callback_may_change_anything() -> None:
    assert pruned_weight("program") == pytest.approx(pruned_weight("eager"), rel=1e-9)


def pruned_weight(engine: str) -> list[float]:
    """The number of a weight after each of five epochs, between which callbacks change the weight and the optimizer."""
    model = MLP(2, [4, 2], activation="tanh", seed=1)
    optimizer = Adam(model.parameters(), lr=0.1)
    pruned = model.layers[0].neurons[0]
    ends = []

    def change(history: Any) -> None:
        ends.append(pruned.weights[0].data)
        if len(history) == 1:
            optimizer.lr = 0.0
            pruned.weights[0].data = 5.0
        if len(history) == 3:
            optimizer.lr, optimizer.weight_decay, optimizer.betas = 0.1, 0.5, (0.5, 0.5)
        if len(history) == 4:
            optimizer.load_state_dict(Adam(model.parameters()).state_dict())
            assert optimizer.steps == 0

    fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 5, callbacks=change, **QUIET, engine=engine)
    assert ends[1] == ends[2] == 5.0
    assert ends[3] != 5.0
    assert optimizer.steps == 3
    return ends


def test_a_value_that_only_the_loss_reads() -> None:
    strength = Value(0.0)
    ends = []
    for engine in ("program", "eager"):
        strength.data = 0.0
        model = MLP(2, [4, 2], activation="tanh", seed=1)

        def loss(outputs: Any, targets: Any, model: Any = model) -> Any:
            return losses.cross_entropy(outputs, targets) + strength * losses.l2(model.parameters())

        def change(history: Any) -> None:
            strength.data = 0.1 * len(history)

        fit(model, MOONS.X, MOONS.y, loss, "sgd", 4, callbacks=change, **QUIET, engine=engine)
        ends.append([p.data for p in model.parameters()])
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)


class Branching(Optimizer):
    """It branches, so that its rule cannot be replayed."""

    def rule(self, p: Any, g: Any, lr: Any, t: Any, before: Any) -> Any:
        return (p if g * before < 0.0 else p - lr * g), g


class Replayable(Optimizer):
    """The same."""

    def rule(self, p: Any, g: Any, lr: Any, t: Any, before: Any) -> Any:
        return where(positive(-(g * before)), p, p - lr * g), g


class OwnStep(SGD):
    def step(self) -> None:
        for p in self.parameters:
            p.grad = 1.0 if p.grad > 0.0 else -1.0
        super().step()


@pytest.mark.parametrize("kind", [Branching, Replayable, OwnStep])
def test_rules_of_ones_own(kind: Any) -> None:
    ends = []
    for engine in ("program", "eager"):
        model = MLP(2, [4, 2], activation="tanh", seed=1)
        fit(model, MOONS.X, MOONS.y, "cross_entropy", kind(model.parameters(), lr=0.1), 3, **QUIET, engine=engine)
        ends.append([p.data for p in model.parameters()])
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)


def test_a_part_of_the_parameters() -> None:
    ends = []
    for engine in ("program", "eager"):
        model = MLP(2, [4, 2], activation="tanh", seed=1)
        frozen = [p.data for p in model.layers[0].parameters()]
        further = Value(1.0)  # which the model does not have
        optimizer = Adam([*model.layers[1].parameters(), further], lr=0.1)
        fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 3, **QUIET, engine=engine)
        assert [p.data for p in model.layers[0].parameters()] == frozen
        assert (further.data, further.grad) == (1.0, 0.0)
        ends.append([p.data for p in model.parameters()])
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_a_schedule_may_change_parameters(kind: Any) -> None:
    ends = []
    for engine in ("program", "eager"):
        model = MLP(2, [4, 2], activation="tanh", seed=1)
        optimizer = kind(model.parameters(), lr=0.1)

        def schedule(step: int, weights: Any = model.layers[0].neurons[0].weights) -> float:
            weights[0].data = 0.5 * step
            weights[1].grad = 0.25
            return 0.1

        optimizer.lr = schedule
        fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, 2, **QUIET, engine=engine)
        ends.append(seen(optimizer))
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)
