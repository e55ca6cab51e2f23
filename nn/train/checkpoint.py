"""Checkpoints: the state of a training in a file, from which the same training goes on."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import time
import zipfile
from array import array
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograd import assign, flatten
from autograd.engine.checks import from_zero
from autograd.output.files import write_file
from nn.optim.optimizers import Optimizer, hyperparameters
from nn.rows import as_array
from nn.train.eager import Eager
from nn.train.history import History
from nn.train.training import Tally, Training

NAME = "checkpoint.zip"
FORMAT = "scalar-backprop checkpoint 1"
OTHER = {  # what is said of settings of which only a hash is stored
    "examples": "other examples",
    "validation": "other validation examples",
    "trained": "an optimizer with other parameters, or in another order",
}


class Checkpoint:
    """A folder in which a training saves its state, and from which the same call of ``fit`` goes on.

    The file ``checkpoint.zip`` holds the parameters, the state of the optimizer and of the random generator, the place
    in the epoch, and the history.  A training that goes on ends with the same numbers, to the last bit, as one that was
    never stopped.  The file is replaced as a whole, so that a training which is killed leaves the last complete one.

    Arguments:
        folder: the folder, which is made if it does not exist.
        every: the seconds between two saves.  The state is also saved at the end, and on Ctrl-C.
    """

    def __init__(self, folder: str | os.PathLike[str], every: float = 30.0) -> None:
        self.folder = Path(folder)
        self.every = from_zero("every, the seconds between two checkpoints,", every)
        self._saved = time.monotonic()
        self._settings: dict[str, Any] | None = None  # of the training, at its start

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / NAME

    def open(self, run: Training) -> None:
        """Let a training go on from the saved state, if there is one.

        Raises:
            ValueError: it is the state of another training, or is damaged.
            OSError: the folder cannot be made, or the file not be read.
        """
        self._settings = settings_of(run)
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob(f".{NAME}.*"):  # by a training that was killed while it saved
            left.unlink(missing_ok=True)
        if not self.path.exists():
            return
        settings, state = read_checkpoint(self.path)
        for name, wanted in self._settings.items():
            if settings.get(name) != wanted:
                what = f"{name} was {settings.get(name)!r}, and is {wanted!r}"
                if name in OTHER:
                    what = f"it has {OTHER[name]}"
                raise ValueError(
                    f"{self.path} belongs to another training: {what}; give another folder, or delete the file"
                )
        try:
            restore(run, state)
        except (KeyError, TypeError) as error:
            raise ValueError(f"{self.path} is damaged: {error}") from None
        except ValueError as error:
            raise ValueError(f"{self.path} is damaged, or belongs to another training: {error}") from None

    def after_step(self, run: Training) -> None:
        """Save, if it is time to."""
        if time.monotonic() - self._saved >= self.every:
            self.save(run)

    def save(self, run: Training) -> None:
        """Save the state of a training.

        Raises:
            OSError: the file cannot be written; the previous one stays.
            ValueError: the examples have changed since the start of the training.
        """
        if self._settings is None:
            self._settings = settings_of(run)
        if fingerprint(run.X, run.y, run.weights or ()) != self._settings["examples"]:
            raise ValueError("a callback has changed the examples, which a checkpoint does not hold")
        write_file(self.path, _packed(self._settings, state_of(run)))
        self._saved = time.monotonic()


def checkpoint_of(given: str | os.PathLike[str] | Checkpoint | None) -> Checkpoint | None:
    """A checkpoint in a folder."""
    return given if given is None or isinstance(given, Checkpoint) else Checkpoint(given)


def settings_of(run: Training) -> dict[str, Any]:
    """What must be the same for a training that goes on, as it is read from a file: without tuples."""
    found = {
        "model": repr(run.model),
        "parameters": len(run.values),
        "loss": getattr(run.loss, "__name__", type(run.loss).__name__),
        "optimizer": {"kind": type(run.optimizer).__name__, **_hyperparameters(run.optimizer)},
        "learning rate": _written(run.optimizer.lr),
        "trained": _positions(run),
        "batch_size": run.batch_size,
        "accumulate": run.accumulate,
        "patience": run.patience,
        "seed": run.seed,
        "engine": "eager" if type(run.engine) is Eager else "program, jax or torch",
        "dtype": run.dtype,
        "random numbers": "Python" if find_spec("numpy") is None else "NumPy",
        "metrics": list(run.metrics),
        "examples": fingerprint(run.X, run.y, run.weights or ()),
        "validation": fingerprint(*run.validation) if run.validation else "",
    }
    restored: dict[str, Any] = json.loads(json.dumps(found))
    return restored


def state_of(run: Training) -> dict[str, Any]:
    """All that is needed to go on: plain numbers, texts, and lists of them."""
    run.publish()
    return {
        "numbers": [x.data for x in run.values],
        "optimizer": run.optimizer.state_dict(),
        "hyperparameters": _hyperparameters(run.optimizer),
        "tally": list(run.tally),
        "probe": _probe(run),
        "shuffled": run.shuffled,
        "noise": run.noise_seed,
        "outputs": run.engine.outputs_so_far() if run.metrics and run.is_within_epoch else None,
        "history": vars(run.history),
        "best": run.best,
        "reported": run.reported,
    }


def restore(run: Training, state: Mapping[str, Any]) -> None:
    """Let a training go on from a state."""
    assign(run.values, state["numbers"])
    run.optimizer.load_state_dict(state["optimizer"])
    _set_hyperparameters(run.optimizer, state["hyperparameters"])
    run.collect()
    before, now = state["probe"], _probe(run)
    if before != now and not (before and now and math.isclose(before, now, rel_tol=1e-6)):
        raise ValueError(f"the loss of the first examples was {before} when it was saved, and is {now} now")
    run.tally = Tally(*state["tally"])
    run.history = History(**state["history"])
    if run.history.is_interrupted:
        run.history.stopped = ""
    run.best, run.reported = state["best"], state["reported"]
    if state["outputs"] is not None:
        run.engine.load_outputs(state["outputs"])
    run.noise_seed = state["noise"]
    epoch, generator = state["shuffled"]
    if generator is not None:
        run.rng.setstate((generator[0], tuple(generator[1]), generator[2]))
        for _ in range(epoch, run.epoch):
            run.rng.shuffle(list(range(len(run.X))))
    run.shuffled, run.ordered = (run.epoch, run.rng.getstate()), (0, [])


def _positions(run: Training) -> str:
    """A hash of which Values the optimizer has, in its order."""
    number = {x: i for i, x in enumerate(run.values)}
    return fingerprint([number[x] for x in run.optimizer.parameters])


def _written(lr: Any) -> str:
    """A learning rate as text; a schedule of one's own has no text that would be the same in the next process."""
    text = repr(lr)
    return SCHEDULE if callable(lr) and " at 0x" in text else text


SCHEDULE = "a schedule"


def _hyperparameters(optimizer: Optimizer) -> dict[str, Any]:
    """The attributes of an optimizer that a callback may change.

    Raises:
        TypeError: one of them is not a number or a text, nor a list of these.
    """
    given = {**hyperparameters(optimizer), "lr": SCHEDULE if callable(optimizer.lr) else optimizer.lr}
    found = {}
    for name, x in given.items():
        x = x.item() if hasattr(x, "item") else x  # a number of NumPy
        parts = x if isinstance(x, tuple | list) else [x]
        if not all(isinstance(part, float | int | str | None) for part in parts):
            raise TypeError(
                f"a checkpoint cannot hold the attribute {name} = {x!r:.60} of {type(optimizer).__name__}: use a "
                "number, or return it from the rule as state"
            )
        found[name] = x
    return found


def _set_hyperparameters(optimizer: Optimizer, given: Mapping[str, Any]) -> None:
    for name, x in given.items():
        if x != SCHEDULE or name != "lr":
            setattr(optimizer, name, tuple(x) if isinstance(getattr(optimizer, name, None), tuple) else x)
        elif not callable(optimizer.lr):
            raise ValueError("a callback has set a schedule as the learning rate, which a checkpoint cannot hold")


def _probe(run: Training) -> float | None:
    """The loss of the first examples, by which another loss or another model is noticed; None if it is not defined."""
    some = range(min(16, len(run.X)))
    try:
        found = run.engine.evaluate([run.X[i] for i in some], [run.y[i] for i in some])[0]
    except (ArithmeticError, ValueError):
        return None
    return found if math.isfinite(found) else None


def fingerprint(*parts: Any) -> str:
    """A hash of the numbers in examples, targets or weights."""
    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        for numbers in _chunks(part):
            found.update(numbers)
    return found.hexdigest()


def _chunks(examples: Any) -> Iterable[bytes]:
    """The numbers of examples as bytes; the same for lists and arrays of the same numbers."""
    try:
        found = as_array(examples)
    except ImportError:  # NumPy is missing
        found = None
    if found is not None:
        step = max(1, 1_000_000 // max(1, math.prod(found.shape[1:])))
        for start in range(0, len(found), step):
            yield found[start : start + step].astype("<f8").tobytes()
    else:
        for i in range(len(examples)):
            yield array("d", map(float, flatten(examples[i])[0])).tobytes()


# ------------------------------------------------------------------------------------------------------------- the file


def _packed(settings: Mapping[str, Any], state: Mapping[str, Any]) -> bytes:
    """A zip file: long lists of numbers as bytes, which are exact, and the rest as JSON."""
    content = io.BytesIO()
    columns = {f"state/{name}": array("d", column) for name, column in state["optimizer"]["state"].items()}
    columns["numbers"] = array("d", state["numbers"])
    rest = {**state, "numbers": None, "optimizer": {**state["optimizer"], "state": None}}
    if isinstance(state["outputs"], array):
        columns["outputs"], rest["outputs"] = state["outputs"], None
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("about.json", json.dumps({"format": FORMAT, "settings": settings, "state": rest}))
        for name, column in columns.items():
            file.writestr(f"{name}.f64", column.tobytes())
    return content.getvalue()


def read_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings and the state in a file.

    Raises:
        ValueError: it is not a checkpoint, or is damaged.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as file:
            about = json.loads(file.read("about.json"))
            if about["format"] != FORMAT:
                raise ValueError(f"its format is {about['format']!r}, not {FORMAT!r}")
            names = [name.removesuffix(".f64") for name in file.namelist() if name.endswith(".f64")]
            columns = {name: array("d", file.read(f"{name}.f64")) for name in names}
        state = about["state"]
        state["numbers"] = columns.pop("numbers").tolist()
        state["outputs"] = columns.pop("outputs", state["outputs"])
        state["optimizer"]["state"] = {name.removeprefix("state/"): x.tolist() for name, x in columns.items()}
        return about["settings"], state
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not a checkpoint, or is damaged: {error}") from None
