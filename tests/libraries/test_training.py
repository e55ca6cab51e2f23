"""fit on JAX and on PyTorch: a whole step is one function there, and the numbers are those of the other engines."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_trainings import Branches, Made
from verdicts import same

import nn
from autograd import maximum
from nn.train import compiled

LIBRARIES = ["jax", "torch"]
MOONS = nn.data.moons(n=40, seed=1)


def trained(engine: str, **options: Any) -> tuple[list[float], nn.History]:
    """The parameters of a network after a short training, and the history."""
    model = nn.MLP(2, [4, 2], "tanh", seed=1)
    options = {"epochs": 3, "seed": 1, "progress": False, **options}
    if callable(optimizer := options.get("optimizer", "adam")):
        options["optimizer"] = optimizer(model.parameters())
    history = nn.fit(model, MOONS.X, MOONS.y, "cross_entropy", engine=engine, **options)
    return [p.data for p in model.parameters()], history


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("seed", range(20))
def test_random_trainings(seed: int, library: str) -> None:
    """Any layers, losses, optimizers, weights, callbacks and metrics."""
    made = Made(random.Random(seed))
    try:
        wanted = made.run("program")
    except (TypeError, ValueError, nn.NonFiniteLossError) as error:
        with pytest.raises(type(error)):
            made.run(library)
        return
    if made.optimizer[0] is Branches:
        with pytest.raises(TypeError, match="the rule of Branches cannot be recorded"):
            made.run(library)
        return
    for i, (a, b) in enumerate(zip(made.run(library), wanted, strict=True)):
        assert same(a, b, 1e-6), (i, a, b, made)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"optimizer": "sgd", "accumulate": 3, "batch_size": 4},
        {"optimizer": lambda p: nn.SGD(p, lr=lambda step: 0.1 * 0.9**step, momentum=0.9, clip_norm=0.1)},
        {"optimizer": lambda p: nn.AdamW(p, lr=nn.optim.cosine_lr(0.1, 6))},
        {"sample_weight": np.linspace(0.1, 1.0, 40)},
        {"validation": ([[0.0, 0.5], [1.0, 0.2]], [0, 1]), "patience": 1},
    ],
    ids=["plain", "accumulated", "any schedule, clipped", "schedule", "weights", "validation"],
)
def test_it_is_the_same_training(library: str, options: dict[str, Any]) -> None:
    found, history = trained(library, **options)
    wanted, expected = trained("program", **options)
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    assert history.columns().keys() == expected.columns().keys()
    for name, series in expected.columns().items():
        assert history.columns()[name] == pytest.approx(series, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("library", LIBRARIES)
def test_running_means_with_any_schedule(library: str) -> None:
    """A schedule of the user divides the step in two functions; what BatchNorm keeps is in the first."""

    def run(engine: str) -> list[float]:
        model = nn.Sequential(nn.Layer(2, 3, "tanh", seed=1), nn.BatchNorm(3), nn.Layer(3, 2, "linear", seed=2))
        optimizer = nn.SGD(model.parameters(), lr=lambda step: 0.1 / (1 + step))
        nn.fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, epochs=2, seed=1, progress=False, engine=engine)
        return list(model.state_dict().values())

    assert run(library) == pytest.approx(run("program"), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("change", ["momentum", "weight_decay", "frozen"])
def test_a_schedule_that_changes_something(library: str, change: str) -> None:
    """What it changes counts in the same step."""

    def run(engine: str) -> list[float]:
        model = nn.MLP(2, [4, 2], "tanh", seed=1)
        parameters = model.parameters()

        def schedule(step: int) -> float:
            if change == "frozen":
                parameters[-1].data = 0.5 * step
            else:
                setattr(optimizer, change, 0.1 * (step % 3))
            return 0.05

        optimizer = nn.SGD(parameters[:7], lr=schedule, momentum=0.5)
        history = nn.fit(
            model,
            MOONS.X,
            MOONS.y,
            "cross_entropy",
            optimizer,
            epochs=2,
            batch_size=7,
            seed=1,
            progress=False,
            engine=engine,
        )
        return [*history.loss, *(p.data for p in parameters)]

    assert run(library) == pytest.approx(run("program"), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("library", LIBRARIES)
def test_validation_that_is_not_defined(library: str) -> None:
    """An error as from the other engines, and not a nan in the history."""
    model = nn.Sequential(nn.Embedding(4, 2, seed=0), nn.MLP(2, [1], seed=0))
    with pytest.raises(IndexError, match="a symbol is an integer from 0 to 3, not 7"):
        nn.fit(
            model, [0, 1, 2, 3], [0.0, 1.0, 2.0, 3.0], engine=library, validation=([0, 7], [1.0, 1.0]), progress=False
        )
    X, y = [[1.0], [2.0]], [1.0, 2.0]
    for engine in ("program", library):
        history = nn.fit(
            nn.MLP(1, [1], seed=1),
            X,
            y,
            optimizer="sgd",
            engine=engine,
            dtype="float64" if engine == "program" else "float32",
            validation=(X, [1e25, 0.0]),
            epochs=1,
            progress=False,
        )
        assert history.validation_loss == pytest.approx([5e49], rel=1e-3)


@pytest.mark.parametrize("library", LIBRARIES)
def test_parameters_in_any_order(library: str) -> None:
    def run(engine: str) -> list[float]:
        model = nn.MLP(2, [2], seed=0)
        nn.fit(
            model,
            MOONS.X,
            MOONS.y,
            "cross_entropy",
            nn.SGD(model.parameters()[::-1], lr=0.1),
            engine=engine,
            epochs=1,
            seed=1,
            progress=False,
        )
        return [p.data for p in model.parameters()]

    assert run(library) == pytest.approx(run("program"), rel=1e-9)


@pytest.mark.parametrize("library", LIBRARIES)
def test_32_bits(library: str) -> None:
    found, history = trained(library, dtype="float32", validation=([[0.0, 0.5]], [0]))
    wanted, expected = trained("program", validation=([[0.0, 0.5]], [0]))
    assert found == pytest.approx(wanted, rel=1e-3, abs=1e-4)
    assert found == [float(np.float32(x)) for x in found] != wanted
    assert history.validation_loss == pytest.approx(expected.validation_loss, rel=1e-3)


def test_a_checkpoint_goes_on_with_another_library(tmp_path: Path) -> None:
    trained("program", epochs=1, checkpoint=tmp_path)
    found, _ = trained("jax", epochs=3, checkpoint=tmp_path)
    assert found == pytest.approx(trained("program", epochs=3)[0], rel=1e-9)
    with pytest.raises(ValueError, match="dtype"):
        trained("jax", epochs=4, checkpoint=tmp_path, dtype="float32")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of PyTorch, in PyTorch
def test_pytorch_compiles_a_long_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two steps run as they are; then the steps are compiled, if there is a compiler."""
    monkeypatch.setattr(compiled, "COMPILE_AFTER", 1e-9)
    assert trained("torch")[0] == pytest.approx(trained("program")[0], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_number_that_is_not_finite_is_named(library: str) -> None:
    model, X = nn.MLP(1, [1], "linear", seed=1), [[1.0], [2.0]]
    with pytest.raises(nn.NonFiniteLossError, match=r"epoch \d, batch 1: .* gave inf"):
        nn.fit(model, X, [1.0, 1e200], "mse", "sgd", epochs=9, progress=False, engine=library)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_values_are_up_to_date_in_a_callback(library: str) -> None:
    seen: list[list[float]] = []
    model = nn.MLP(1, [1], seed=1)

    def callback(history: nn.History) -> None:
        seen.append([p.data for p in model.parameters()])
        model.parameters()[0].data = 1.0

    nn.fit(model, [[0.5], [1.0]], [1.0, 2.0], epochs=2, callbacks=callback, progress=False, engine=library)
    assert seen[0] != seen[1]
    assert abs(seen[1][0] - 1.0) < 0.1


def test_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="engine must be 'program', 'eager', 'jax' or 'torch', not 'numpy'"):
        trained("numpy")
    with pytest.raises(ValueError, match=r"JAX has no device 'gpu:7' here; it has cpu:0"):
        trained("jax", device="gpu:7")
    with pytest.raises(ValueError, match="PyTorch cannot compute with float64 on the device 'nowhere': "):
        trained("torch", device="nowhere")
    with pytest.raises(ValueError, match="PyTorch cannot compute with float64 on the device 'meta'"):
        trained("torch", device="meta")
    with pytest.raises(ValueError, match=r"device must be a name such as 'gpu:1', or a jax\.Device, not int 3"):
        trained("jax", device=3)
    with pytest.raises(ValueError, match="dtype must be 'float64' or 'float32', not str 'half'"):
        trained("torch", dtype="half")
    with pytest.raises(ValueError, match="engine='program' computes with float64 on the processor"):
        trained("program", device="cuda")
    with pytest.raises(TypeError, match=r"the rule of Branches cannot be recorded, so jax cannot compile it"):
        trained("jax", optimizer=lambda p: Branches(p, lr=0.1))
    monkeypatch.setitem(sys.modules, "jax.numpy", None)
    with pytest.raises(ImportError, match=r"engine='jax' needs more: pip install 'scalar-backprop\[jax\]'"):
        trained("jax")


def test_a_rule_of_ones_own_is_compiled() -> None:
    class Signs(nn.optim.optimizers.Optimizer):
        def rule(self, p: Any, g: Any, lr: Any, t: Any, last: Any) -> Any:
            return p - lr * maximum(g * last, 0.0), g

    wanted = trained("program", optimizer=lambda p: Signs(p, lr=0.1))[0]
    for library in LIBRARIES:
        assert trained(library, optimizer=lambda p: Signs(p, lr=0.1))[0] == pytest.approx(wanted, rel=1e-9)
