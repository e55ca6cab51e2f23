"""Trainings that are stopped, interrupted and killed, and go on: they end as if never stopped, bit for bit."""

from __future__ import annotations

import json
import os
import random
import signal
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn import MLP, SGD, Adam, Checkpoint, RMSprop, data, fit, optim
from nn.train.history import History

MOONS = data.moons(60, seed=1)
FILE = "checkpoint.zip"


def train(folder: Path | None, *, engine: str = "program", lr: Any = 0.05, kind: Any = Adam, **options: Any) -> Any:
    """A training of 4 epochs of 8 steps, and all the numbers that it ends with."""
    model = MLP(2, [4, 2], activation="tanh", seed=options.pop("start", 1))
    optimizer = kind(model.parameters(), lr=lr)
    options = {"epochs": 4, "batch_size": 8, "progress": False, "seed": 0, "engine": engine, **options}
    X, y = options.pop("X", MOONS.X), options.pop("y", MOONS.y)
    every = options.pop("every", 30.0)
    checkpoint = None if folder is None else Checkpoint(folder, every)
    history = fit(model, X, y, "cross_entropy", optimizer, checkpoint=checkpoint, **options)
    return [p.data for p in model.parameters()], optimizer.state_dict(), history


class Interrupts:
    """A schedule that raises KeyboardInterrupt at some step, the first time that it comes there."""

    def __init__(self, step: int) -> None:
        self.step = step

    def __call__(self, step: int) -> float:
        if step == self.step:
            self.step = -1
            raise KeyboardInterrupt
        return 0.05 / (1 + 0.1 * step)


OPTIONS: list[dict[str, Any]] = [
    {},
    {"kind": SGD, "seed": 5},
    {"kind": RMSprop, "validation": (MOONS.X[:9], MOONS.y[:9]), "patience": 2},
    {"sample_weight": [0.5 + i % 3 for i in range(60)], "metrics": ["accuracy", "cross_entropy"]},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("engine", ["program", "eager"])
@pytest.mark.parametrize("step", [0, 1, 7, 8, 13, 31])
def test_a_training_that_is_interrupted_goes_on(
    tmp_path: Path, options: dict[str, Any], engine: str, step: int
) -> None:
    never_stopped = train(None, engine=engine, lr=Interrupts(-1), **options)
    schedule = Interrupts(step)
    first = train(tmp_path, engine=engine, lr=schedule, **options)
    assert first[2].stopped == f"interrupted in epoch {step // 8 + 1}"
    assert first[1]["steps"] == step
    assert train(tmp_path, engine=engine, lr=schedule, **options) == never_stopped
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_more_epochs_and_the_same_again(tmp_path: Path, engine: str) -> None:
    at_once = train(None, engine=engine, epochs=5)
    short = train(tmp_path, engine=engine, epochs=2)
    assert len(short[2]) == 2
    assert train(tmp_path, engine=engine, epochs=5) == at_once
    calls: list[int] = []
    assert train(tmp_path, engine=engine, epochs=5, callbacks=lambda h: calls.append(len(h))) == at_once
    assert calls == []


def test_what_a_callback_changed_is_kept(tmp_path: Path) -> None:
    def run(folder: Path | None, schedule: Any, epochs: int) -> Any:
        model = MLP(2, [4, 2], activation="tanh", seed=1)
        optimizer = Adam(model.parameters(), lr=0.1)

        def callback(history: History) -> None:
            if len(history) == 1:
                optimizer.lr, optimizer.betas = 0.02, (0.5, 0.9)
            schedule(len(history))

        options: Any = {"batch_size": 8, "progress": False, "seed": 0, "callbacks": callback, "checkpoint": folder}
        fit(model, MOONS.X, MOONS.y, "cross_entropy", optimizer, epochs, **options)
        return [p.data for p in model.parameters()], optimizer.betas, optimizer.lr

    never_stopped = run(None, Interrupts(-1), 4)
    for epoch in (1, 2, 3):
        schedule = Interrupts(epoch)
        run(tmp_path / str(epoch), schedule, 4)
        assert run(tmp_path / str(epoch), schedule, 4) == never_stopped


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Ctrl-C in a __del__
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer that sends a signal")
@pytest.mark.parametrize("engine", ["program", "eager"])
def test_ctrl_c_at_any_moment(tmp_path: Path, engine: str) -> None:
    epochs = 60 if engine == "program" else 6
    held = (MOONS.X[:9], MOONS.y[:9])
    options: Any = {"engine": engine, "epochs": epochs, "validation": held, "patience": 50, "metrics": "accuracy"}
    train(None, **options)
    start = time.monotonic()
    never_stopped = train(None, **options)
    longest = time.monotonic() - start
    rng = random.Random(engine)
    armed = False

    def interrupt(*_: object) -> None:
        nonlocal armed
        if armed:  # otherwise the training has just ended, and Ctrl-C would end the test
            armed = False
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    stops = number = 0
    try:
        while stops < 6:
            number += 1
            while True:
                try:
                    armed = True
                    signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.05, 0.9) * longest)
                    ended = train(tmp_path / str(number), **options)
                    armed = False
                except KeyboardInterrupt:  # before the training began, or while it was saved
                    stops += 1
                    continue
                if not ended[2].stopped:
                    break
                stops += 1
            assert ended == never_stopped
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_kill_at_fifty_random_moments(tmp_path: Path) -> None:
    """Nothing is lost that was saved, and no half file is left for whoever goes on."""
    options: Any = {"epochs": 40, "every": 0.0, "validation": (MOONS.X[:9], MOONS.y[:9])}
    never_stopped = train(None, **options)
    rng = random.Random(0)
    kills, steps = 0, 0
    folder = tmp_path / "0"
    while kills < 50:
        child = os.fork()
        if child == 0:
            try:
                train(folder, **options)
            finally:
                os._exit(0)
        time.sleep(rng.uniform(0.01, 0.15))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        kills += os.WIFSIGNALED(status)
        if (folder / FILE).exists():
            with zipfile.ZipFile(folder / FILE) as file:
                assert file.testzip() is None
                reached = json.loads(file.read("about.json"))["state"]["tally"][0]
            assert reached >= steps
            steps = reached
            if steps == 40 * 8:
                assert train(folder, **options) == never_stopped
                folder, steps = tmp_path / str(kills), 0
    if steps:
        assert train(folder, **options) == never_stopped
        assert [path.name for path in folder.iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 4}, "batch_size was 8, and is 4"),
        ({"seed": 1}, "seed was 0, and is 1"),
        ({"engine": "eager"}, "engine was 'program, jax or torch', and is 'eager'"),
        ({"kind": SGD}, "optimizer was .*Adam.*, and is .*SGD"),
        ({"lr": 0.1}, r"optimizer was .*'lr': 0\.05.*, and is .*'lr': 0\.1"),
        ({"X": [[x + 1.0 for x in row] for row in MOONS.X]}, "it has other examples"),
        ({"y": [1 - t for t in MOONS.y]}, "it has other examples"),
        ({"sample_weight": [0.5] * 60}, "it has other examples"),
        ({"validation": (MOONS.X[:9], MOONS.y[:9])}, "it has other validation examples"),
        ({"metrics": "cross_entropy"}, "metrics was"),
    ],
)
def test_the_checkpoint_of_another_training(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    train(tmp_path, epochs=1)
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(ValueError, match=f"belongs to another training: {message}"):
        train(tmp_path, **{"epochs": 1, **change})
    assert (tmp_path / FILE).read_bytes() == before


def test_lists_and_arrays_are_the_same_examples(tmp_path: Path) -> None:
    at_once = train(None)
    train(tmp_path, epochs=1)
    assert train(tmp_path, X=np.array(MOONS.X), y=np.array(MOONS.y)) == at_once


def test_damaged_files_and_files_left_behind(tmp_path: Path) -> None:
    train(tmp_path, epochs=1)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / f".{FILE}.0123abcd").write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("mine")
    train(tmp_path, epochs=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, "notes.txt"]
    for bad in (b"", whole[:-30], whole.replace(b'"tally"', b'"tallx"'), b"PK" + whole[2:200]):
        (tmp_path / FILE).write_bytes(bad)
        with pytest.raises(ValueError, match="is damaged"):
            train(tmp_path, epochs=2)
        assert (tmp_path / FILE).read_bytes() == bad


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        train(tmp_path / "file" / "folder", epochs=1)
    with pytest.raises(ValueError, match="every, the seconds between two checkpoints, must be a non-negative number"):
        Checkpoint(tmp_path, -1.0)


def test_how_often_it_is_saved(tmp_path: Path) -> None:
    times = []

    def look(history: History) -> None:
        times.append((tmp_path / FILE).stat().st_mtime_ns if (tmp_path / FILE).exists() else 0)

    train(tmp_path, callbacks=look, every=0.0)
    assert len(set(times)) == 4
    (tmp_path / FILE).unlink()
    times.clear()
    train(tmp_path, callbacks=look, every=30.0)
    assert times == [0] * 4
    assert (tmp_path / FILE).exists()


def test_a_schedule_of_the_library_goes_on_where_it_was(tmp_path: Path) -> None:
    schedule = optim.cosine_lr(0.1, 32)
    at_once = train(None, lr=schedule)
    train(tmp_path, lr=schedule, epochs=2)
    assert train(tmp_path, lr=schedule) == at_once


def test_another_optimizer_schedule_or_layer(tmp_path: Path) -> None:
    def model() -> nn.Module:
        return nn.Sequential(nn.Layer(2, 3, "tanh", seed=1), nn.BatchNorm(3), nn.Layer(3, 1, "linear", seed=2))

    def run(change: Any = lambda p: p, network: Any = model, lr: Any = None, name: str = "a") -> None:
        made = network()
        optimizer = Adam(change(made.parameters()), lr=lr or optim.cosine_lr(0.1, 100))
        X, y = MOONS.X[:8], [float(t) for t in MOONS.y[:8]]
        fit(made, X, y, "mse", optimizer, 1, checkpoint=tmp_path / name, progress=False, seed=0)

    def slower() -> nn.Module:
        found = model()
        found.layers[1] = nn.BatchNorm(3, momentum=0.2)  # type: ignore[attr-defined]
        return found

    run()
    run()
    for change in ({"change": lambda p: p[::-1]}, {"change": lambda p: p[:5]}):
        with pytest.raises(ValueError, match="an optimizer with other parameters, or in another order"):
            run(**change)
    with pytest.raises(ValueError, match=r"learning rate was 'cosine_lr\(0.1, 100, 0.0\)', and is 'cosine_lr\(0.1, 99"):
        run(lr=optim.cosine_lr(0.1, 99))
    with pytest.raises(ValueError, match=r"BatchNorm\(3, momentum=0.2\)"):
        run(network=slower)
    run(lr=lambda step: 0.1, name="b")
    run(lr=lambda step: 0.1, name="b")  # another function, which may be the same


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_ctrl_c_in_the_last_callback(engine: str) -> None:
    def interrupt(history: History) -> None:
        if len(history) == 4:
            raise KeyboardInterrupt

    history = train(None, engine=engine, callbacks=interrupt)[2]
    assert (len(history), history.stopped, history.is_interrupted) == (4, "interrupted after epoch 4", True)


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_examples_that_a_callback_has_changed_are_not_saved(tmp_path: Path, engine: str) -> None:
    X = np.array(MOONS.X)

    def change(history: History) -> None:
        X[0] += 1.0

    with pytest.raises(ValueError, match="a callback has changed the examples, which a checkpoint does not hold"):
        train(tmp_path, engine=engine, X=X, callbacks=change)
