"""What a replay could silently do differently from eager training: it is the same, or it is refused."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from types import MethodType
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, maximum, relu, square, step
from nn import (
    MLP,
    SGD,
    Adam,
    BatchNorm,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Optimizer,
    Sequential,
    fit,
    is_training,
    optim,
)

rng = np.random.default_rng(0)
X = rng.normal(size=(12, 2)).tolist()
Y = [x[0] - 2.0 * x[1] for x in X]
CLASSES = [int(x[0] > 0.0) for x in X]


def train(
    engine: str, make: Any = None, loss: Any = "mse", y: Any = Y, model: Any = None, **options: Any
) -> list[float]:
    """The parameters and the history of a training."""
    model = model() if model else MLP(2, [3, 1], "tanh", seed=1)
    optimizer = (make or (lambda p: SGD(p, lr=0.05, momentum=0.5)))(model.parameters())
    options = {"X": X, "epochs": 5, "batch_size": 5, "seed": 3, "progress": False, **options}
    history = fit(model, y=y, loss=loss, optimizer=optimizer, engine=engine, **options)
    return [*(p.data for p in model.parameters()), *(x for series in history.columns().values() for x in series)]


class Counts(Optimizer):
    calls = 0

    def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
        self.calls += 1
        return p - lr * g / (1.0 + 0.01 * self.calls)


class ReadsRate(Optimizer):
    def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
        return p - self.rate * g


class ReadsState(Optimizer):
    def rule(self, p: Any, g: Any, lr: Any, t: Any, sum_: Any) -> Any:
        return p - lr * g * (1.0 + abs(self.state["sum_"][0])), sum_ + g


class ListOfNumbers(Optimizer):
    scale: Any

    def __init__(self, parameters: Any, lr: float) -> None:
        super().__init__(parameters, lr)
        self.scale = [1.0]

    def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
        return p - lr * self.scale[0] * g


class KeepsGradients(SGD):
    def zero_grad(self) -> None:
        for p in self.parameters:
            p.grad *= 0.5


class OwnRate(SGD):
    @property
    def rate(self) -> float:
        return 0.05 / (1.0 + sum(abs(p.data) for p in self.parameters))


def patched(parameters: Any) -> Optimizer:
    optimizer = SGD(parameters, lr=0.05)

    def step(self: Any) -> None:
        SGD.step(self)
        for p in self.parameters:
            p.data = max(-0.3, min(0.3, p.data))

    optimizer.step = MethodType(step, optimizer)  # type: ignore[method-assign]
    return optimizer


@pytest.mark.parametrize(
    "make",
    [
        lambda p: Counts(p, lr=0.02),
        lambda p: ReadsRate(p, lr=optim.exponential_lr(0.05, 0.8)),
        lambda p: ReadsState(p, lr=0.02),
        lambda p: ListOfNumbers(p, lr=0.02),
        lambda p: KeepsGradients(p, lr=0.02),
        lambda p: OwnRate(p, lr=0.02),
        patched,
    ],
)
def test_optimizers_with_habits_of_their_own(make: Any) -> None:
    def change(history: Any) -> None:
        if hasattr(optimizers[-1], "scale"):
            optimizers[-1].scale[0] *= 0.5

    optimizers: list[Any] = []

    def made(parameters: Any) -> Any:
        optimizers.append(make(parameters))
        return optimizers[-1]

    ours, eager = (train(engine, made, callbacks=change) for engine in ("program", "eager"))
    assert ours == pytest.approx(eager, rel=1e-9)


def mean(numbers: Any) -> Any:
    return sum(numbers[1:], numbers[0]) / len(numbers)


def penalty_that_sleeps_at_first(outputs: Any, targets: Any) -> Any:
    return nn.mse(outputs, targets) + relu(mean(outputs) - 0.2)


def weighted_by_comparison(outputs: Any, targets: Any) -> Any:
    weights = [5.0 if t == 1 else 1.0 for t in targets]
    return mean([w * nn.binary_cross_entropy(o, t) for w, o, t in zip(weights, outputs, targets, strict=True)])


def test_a_loss_that_is_a_mean_only_at_first() -> None:
    ours, eager = (train(engine, loss=penalty_that_sleeps_at_first) for engine in ("program", "eager"))
    assert ours == pytest.approx(eager, rel=1e-9)


def test_a_loss_that_compares_targets_is_refused() -> None:
    with pytest.raises(ValueError, match="does it compare a target by ==, or look it up"):
        train("program", loss=weighted_by_comparison, y=CLASSES)
    train("eager", loss=weighted_by_comparison, y=CLASSES)


def with_batch_norm() -> nn.Module:
    return Sequential(Layer(2, 3, "linear", seed=1), BatchNorm(3), Layer(3, 1, "linear", seed=2))


def with_layer_norm() -> nn.Module:
    return Sequential(LayerNorm(2), Layer(2, 1, "linear", seed=2))


class Auxiliary(nn.Module):
    """It has another output in training."""

    def __init__(self) -> None:
        self.body = MLP(2, [3, 1], "tanh", seed=1)

    def __call__(self, x: Any) -> Any:
        y = self.body(x)
        return [y, 2.0 * y] if is_training() else [y]


def first_output(outputs: Any, targets: Any) -> Any:
    return mean([(o[0] - t) ** 2 for o, t in zip(outputs, targets, strict=True)])


def test_validation_with_a_penalty_and_batch_norm() -> None:
    def loss(outputs: Any, targets: Any, model: Any) -> Any:
        return nn.mse(outputs, targets) + 0.1 * nn.l2(model.parameters())

    ours, eager = (train(e, loss=loss, model=with_batch_norm, validation=(X, Y)) for e in ("program", "eager"))
    assert ours == pytest.approx(eager, rel=1e-7)


def test_other_outputs_in_training() -> None:
    ours, eager = (train(e, loss=first_output, model=Auxiliary, validation=(X, Y)) for e in ("program", "eager"))
    assert ours == pytest.approx(eager, rel=1e-9)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
@pytest.mark.parametrize("model", [with_batch_norm, with_layer_norm])
def test_arrays_of_other_types(dtype: Any, model: Any) -> None:
    numbers = np.array([[i % 7, (3 * i) % 5] for i in range(12)])
    wanted = train("eager", X=numbers.astype(float), model=model)
    for engine in ("program", "eager"):
        assert train(engine, X=numbers.astype(dtype), model=model) == pytest.approx(wanted, rel=1e-7)


def test_a_symbol_is_an_integer_in_a_replay_too() -> None:
    embedding = Embedding(5, 2, seed=1)
    with pytest.raises(TypeError, match=r"a symbol is an integer from 0 to 4, not float 3\.2"):
        embedding.predict([3.2] * 20)


def test_reordered_parameters_are_refused() -> None:
    model = MLP(2, [3, 1], "tanh", seed=1)
    optimizer = SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="the list of the optimizer's parameters has changed"):
        fit(model, X, Y, "mse", optimizer, 2, callbacks=lambda h: optimizer.parameters.reverse(), progress=False)


# ----------------------------------------------------------------------------------------------------- checkpoints


def resumed(tmp_path: Path, change: Any, make: Any, engine: str, loss: Any = "mse") -> tuple[list[float], list[float]]:
    """A training of 6 epochs, and one that was stopped after 3; a callback changes the optimizer after the second."""
    ends = []
    for name, runs in (("whole", [6]), ("parts", [3, 6])):
        for epochs in runs:
            optimizers: list[Any] = []

            def made(parameters: Any, optimizers: list[Any] = optimizers) -> Any:
                optimizers.append(make(parameters))
                return optimizers[0]

            def callback(history: Any, optimizers: list[Any] = optimizers) -> None:
                if len(history) == 2:
                    change(optimizers[0])

            found = train(engine, made, loss, epochs=epochs, callbacks=callback, checkpoint=tmp_path / name)
        ends.append(found)
    return ends[0], ends[1]


def without_clipping(optimizer: Any) -> None:
    optimizer.clip_norm = None


def list_of_betas(optimizer: Any) -> None:
    optimizer.betas = [0.5, 0.6]


@pytest.mark.parametrize("engine", ["program", "eager"])
@pytest.mark.parametrize(
    ("change", "make"),
    [
        (without_clipping, lambda p: SGD(p, lr=0.05, clip_norm=0.1)),
        (list_of_betas, lambda p: Adam(p, lr=0.05)),
    ],
)
def test_what_a_callback_changed_is_there_after_a_stop(tmp_path: Path, change: Any, make: Any, engine: str) -> None:
    whole, parts = resumed(tmp_path, change, make, engine)
    assert parts == whole


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_a_value_in_the_loss_is_there_after_a_stop(tmp_path: Path, engine: str) -> None:
    strength = Value(0.0)

    def loss(outputs: Any, targets: Any, model: Any) -> Any:
        return nn.mse(outputs, targets) + strength * nn.l2(model.parameters())

    def change(optimizer: Any) -> None:
        strength.data = 0.3

    def fresh(parameters: Any) -> Any:
        strength.data = 0.0
        return SGD(parameters, lr=0.05)

    whole, parts = resumed(tmp_path, change, fresh, engine, loss)
    assert parts == whole


def test_what_a_checkpoint_cannot_hold_is_refused(tmp_path: Path) -> None:
    def to_schedule(optimizer: Any) -> None:
        optimizer.lr = lambda step: 0.01

    with pytest.raises(ValueError, match="a callback has set a schedule as the learning rate"):
        resumed(tmp_path, to_schedule, lambda p: SGD(p, lr=0.05), "program")

    class Remembers(SGD):
        def __init__(self, parameters: Any) -> None:
            super().__init__(parameters, lr=0.05)
            self.memory = {"best": 0.0}

    with pytest.raises(TypeError, match="a checkpoint cannot hold the attribute memory"):
        train("program", Remembers, checkpoint=tmp_path / "memory")


def test_another_loss_of_the_same_name_is_noticed(tmp_path: Path) -> None:
    train("program", loss=lambda o, t: nn.mse(o, t), epochs=1, checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"the loss of the first examples was .* when it was saved, and is"):
        train("program", loss=lambda o, t: nn.mae(o, t), epochs=2, checkpoint=tmp_path)


# ------------------------------------------------------------------------------------- callbacks, metrics and modes


def with_dropouts() -> nn.Module:
    return Sequential(Dropout(0.3), Layer(2, 3, "tanh", seed=1), Dropout(0.5), Layer(3, 1, "linear", seed=2))


def largest(outputs: Any, targets: Any) -> Any:
    """A loss that is neither a mean nor a sum."""
    return maximum([(o - t) ** 2 for o, t in zip(outputs, targets, strict=True)])


def test_several_dropouts_draw_the_same_numbers_in_a_batch() -> None:
    ours, eager = (train(e, loss=largest, model=with_dropouts) for e in ("program", "eager"))
    assert ours == pytest.approx(eager, rel=1e-9)


def integers(given: Any) -> Any:
    return np.array(given).round().astype(np.int32)


@pytest.mark.parametrize("of", [deepcopy, np.array, integers])
def test_a_callback_may_change_examples_and_targets(of: Any) -> None:
    """As data augmentation does; also in an array of another type, of which training has a copy."""
    found = []
    for engine, kind in (("program", of), ("eager", of), ("eager", lambda given: np.array(of(given), float))):
        inputs, y, held = kind(X), kind(CLASSES), kind(X[:3])

        def change(history: Any, inputs: Any = inputs, y: Any = y, held: Any = held) -> None:
            inputs[len(history)][0] += 1
            y[len(history)] = 1 - y[len(history)]
            held[0][1] -= 1

        options: Any = {"X": inputs, "validation": (held, deepcopy(y[:3])), "callbacks": change, "metrics": "accuracy"}
        found.append(train(engine, loss="cross_entropy", y=y, model=lambda: MLP(2, [2], seed=1), **options))
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    assert found[1] == pytest.approx(found[2], rel=1e-9)


def test_a_callback_may_change_targets_of_weighted_examples() -> None:
    """Those of weight 0 are left out, but the others are still the ones that were given."""
    found = []
    for engine in ("program", "eager"):
        y = [*Y]

        def change(history: Any, y: Any = y) -> None:
            y[:] = [t + 1.0 for t in y]

        found.append(train(engine, y=y, callbacks=change, sample_weight=[0.0, 2.0] + [1.0] * 10, metrics="mae"))
    assert found[0] == pytest.approx(found[1], rel=1e-9)


def test_a_batch_of_another_size_that_cannot_be_recorded_is_refused() -> None:
    def loss(outputs: Any, targets: Any) -> Any:
        if len(outputs) == 4 and outputs[0] > 0.0:
            return nn.mse(outputs, targets)
        return largest(outputs, targets)

    with pytest.raises(TypeError, match=r"Use engine='eager'"):
        train("program", loss=loss, batch_size=4)
    train("eager", loss=loss, batch_size=4)


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_an_error_of_any_kind_in_a_loss(engine: str) -> None:
    def loss(outputs: Any, targets: Any) -> Any:
        return b"\xff".decode()

    with pytest.raises(ValueError, match="'utf-8' codec can't decode byte 0xff"):
        train(engine, loss=loss)


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_a_callback_must_not_add_examples(engine: str) -> None:
    inputs = list(X)
    with pytest.raises(ValueError, match="a callback has changed the number of examples from 12 to 13"):
        train(engine, X=inputs, callbacks=lambda history: inputs.append([0.0, 0.0]))


class Scaled(MLP):
    factor = 1.0

    def __call__(self, x: Any) -> Any:
        return self.factor * super().__call__(x)


def test_an_attribute_that_a_callback_changes_back_and_forth_is_noticed() -> None:
    model = Scaled(2, [3, 1], "tanh", seed=1)

    def change(history: Any) -> None:
        model.factor = 2.0 if len(history) in (2, 6) else 1.0

    with pytest.raises(ValueError, match=r"epoch 3: .*Use engine='eager'"):
        train("program", model=lambda: model, callbacks=change, epochs=8)


def test_metrics_are_given_arrays_by_both_engines() -> None:
    def of_sums(outputs: Any, targets: Any) -> float:
        return float(abs(sum(outputs + targets)))

    ours, eager = (train(e, metrics=of_sums, validation=(X, Y)) for e in ("program", "eager"))
    assert ours == pytest.approx(eager, rel=1e-9)


class Count(nn.Module):
    """It keeps a number from example to example, not from batch to batch."""

    buffers = ("seen",)

    def __init__(self) -> None:
        self.body, self.seen = MLP(2, [1], seed=1), Value(0.0)

    def __call__(self, x: Any) -> Any:
        if is_training():
            nn.keep(self.seen, self.seen + 1.0)
        return self.body(x)


def test_what_is_kept_from_one_example_to_the_next_is_refused() -> None:
    with pytest.raises(ValueError, match=r"keeps a number from one example to the next.*needs_batch = True"):
        train("program", model=Count)
    with pytest.raises(ValueError, match="keeps a number from one example to the next"):
        train("eager", model=Count)
    model = Count()
    train("eager", model=lambda: model, batch_size=1)
    assert model.seen.data == 5 * len(X)


class Growing(nn.Module):
    """Its outputs read what it keeps."""

    needs_batch, buffers = True, ("scale",)

    def __init__(self, keeps: str = "scale") -> None:
        self.w, self.scale, self.keeps = Value(0.5), Value(1.0), keeps

    def __call__(self, x: Any) -> Any:
        return self.w * x[0] * self.scale

    def batch(self, X: Any) -> Any:
        if is_training():
            kept = getattr(self, self.keeps)
            nn.keep(kept, kept + 1.0)
        return [self(x) for x in X]


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_the_backward_pass_reads_what_was_there_before(engine: str) -> None:
    model = Growing()
    options: Any = {"optimizer": SGD([model.w], lr=0.1), "epochs": 1, "engine": engine, "progress": False}
    fit(model, [[1.0]], [0.0], **options)  # dL/dw = 2 (w x s) x s = 1
    assert (model.w.data, model.scale.data) == (pytest.approx(0.4), 2.0)
    with pytest.raises(ValueError, match="keep is for buffers"):
        fit(Growing("w"), [[1.0]], [0.0], epochs=1, engine=engine, progress=False)


def test_gradients_of_parameters_that_are_not_trained_stay() -> None:
    for engine in ("program", "eager"):
        model = MLP(2, [3, 1], "tanh", seed=1)
        first, *others = model.parameters()
        fit(model, X, Y, optimizer=SGD(others, lr=0.1), epochs=2, engine=engine, progress=False)
        assert first.grad == 0.0


# ------------------------------------------------------------------------------------------------ losses of a batch


def masked(outputs: Any, targets: Any) -> Any:
    """-1 means that a target is not known."""
    known = [step(t + 0.5) for t in targets]
    errors = [k * square(o - t) for k, o, t in zip(known, outputs, targets, strict=True)]
    return sum(errors) / maximum(sum(known), 1.0)


def weighted(outputs: Any, targets: Any) -> Any:
    """A class that is rare counts more."""
    weights = [1.0 + 19.0 * step(t - 8.5) for t in targets]
    errors = [w * square(o - 0.1 * t) for w, o, t in zip(weights, outputs, targets, strict=True)]
    return sum(errors) / sum(weights)


def doubled_for_three(outputs: Any, targets: Any) -> Any:
    return (2.0 if len(outputs) == 3 else 1.0) * nn.mse(outputs, targets)


@pytest.mark.parametrize("loss", [masked, weighted, doubled_for_three])
def test_a_loss_that_is_a_mean_for_most_batches(loss: Any) -> None:
    inputs = rng.normal(size=(203, 2)).tolist()
    targets = [{60: -1.0, 61: -1.0, 130: -1.0, 90: 9.0, 150: 9.0}.get(i, float(i % 7)) for i in range(203)]
    options: Any = {"X": inputs, "y": targets, "batch_size": 20, "epochs": 2, "loss": loss}
    ours, eager = (train(engine, **options) for engine in ("program", "eager"))
    assert ours == pytest.approx(eager, rel=1e-9)


# ---------------------------------------------------------------------------------- rules that read something else


def rules_that_read() -> list[Any]:
    scale = [1.0]

    class ReadsClosure(Optimizer):
        def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
            return p - lr * scale[0] * g

    class ReadsClass(Optimizer):
        factor = 1.0

        def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
            return p - lr * self.factor * g

    class Clips(SGD):
        def _clipped(self, *arguments: Any) -> Any:
            return [0.1 * g for g in super()._clipped(*arguments)]

    def halve() -> None:
        scale[0] *= 0.5
        ReadsClass.factor *= 0.5

    return [(ReadsClosure, halve), (ReadsClass, halve), (Clips, lambda: None)]


@pytest.mark.parametrize("number", range(3))
def test_rules_that_read_what_a_callback_changes(number: int) -> None:
    found = []
    for engine in ("program", "eager"):
        kind, change = rules_that_read()[number]
        found.append(train(engine, lambda p, kind=kind: kind(p, lr=0.05), callbacks=lambda h, change=change: change()))
    assert found[0] == pytest.approx(found[1], rel=1e-9)


def test_a_rule_that_changes_by_itself_is_noticed() -> None:
    calls = [0]

    class Slower(Optimizer):
        def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
            return p - lr / (1 + calls[0] // 10) * g

    def metric(outputs: Any, targets: Any) -> float:
        calls[0] += 10
        return 0.0

    with pytest.raises(ValueError, match="the rule of Slower has changed since it was recorded"):
        train("program", lambda p: Slower(p, lr=0.05), metrics=metric)


def test_rows_that_are_no_probabilities_are_refused() -> None:
    for engine in ("program", "eager"):
        with pytest.raises(ValueError, match="probabilities of all classes, whose sum is 1"):
            train(engine, loss="cross_entropy", y=[[1.0, 1.0]] * 12, model=lambda: MLP(2, [2], seed=1))


def test_a_sum_over_a_single_example_is_a_sum() -> None:
    def loss(outputs: Any, targets: Any) -> Any:
        return sum((o - t) ** 2 for o, t in zip(outputs, targets, strict=True))

    ours, eager = (train(e, loss=loss, X=X[:1], y=Y[:1], validation=(X, Y)) for e in ("program", "eager"))
    assert ours == pytest.approx(eager, rel=1e-9)


def test_validation_has_two_parts() -> None:
    with pytest.raises(ValueError, match="validation must be examples and targets"):
        train("program", validation=(X, Y, [1.0] * 12))
