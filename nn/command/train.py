"""``python -m nn train``."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd import Value, draw
from autograd.output.files import write_file
from nn import data, losses, optim
from nn.classes import confusion_matrix, predicted_class
from nn.data import Dataset, Scaler, read_csv, train_test_split
from nn.layers import MLP
from nn.train.fit import fit
from nn.train.history import History

# Defaults of the command line; a harder data set has its own.
DEFAULTS: dict[str, Any] = {"layers": [16], "activation": "tanh", "epochs": 60, "lr": 0.02}


HARDER: dict[str, dict[str, Any]] = {"spiral": {"layers": [16, 16], "activation": "relu", "epochs": 150, "lr": 0.01}}


def run_train(options: argparse.Namespace) -> int:
    """Train, print the accuracy or the error, and write the results."""
    found = load(options.data, options.target, options.fill, options.without)
    for name, value in {**DEFAULTS, **HARDER.get(options.data, {})}.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    features = None
    if options.features:
        if options.features[0] == options.features[1]:
            raise ValueError(f"--features must be two different columns, not {options.features[0]!r} twice")
        for name in options.features:
            if name not in found.features:
                raise ValueError(f"there is no feature {name!r}; choose from {', '.join(found.features)}")
        features = (found.features.index(options.features[0]), found.features.index(options.features[1]))
    out = options.out or Path("runs") / found.name
    task = Task(found, options)
    out.mkdir(parents=True, exist_ok=True)
    print(f"{found!r}, {len(task.y_train)} for training and {len(task.y_test)} for testing")
    print(f"{task.model!r}, {task.model.num_parameters} parameters")
    optimizer = optim.BY_NAME[options.optimizer](task.model.parameters(), lr=options.lr)
    history = fit(
        task.model,
        task.X_train,
        task.y_train,
        loss=task.loss,
        optimizer=optimizer,
        epochs=options.epochs,
        batch_size=options.batch_size,
        validation=(task.X_test, task.y_test),
        progress=not options.quiet,
        seed=options.seed,
        checkpoint=options.checkpoint,
    )
    if history.stopped:
        print(f"stopped: {history.stopped}")
    task.report()
    print()
    for path in task.write(out, history, features):
        print(f"wrote {path}")
    return 130 if history.is_interrupted else 0


def load(name: str, target: str | None, fill: bool, without: Sequence[str]) -> Dataset:
    """A data set by its name, or from a CSV file.

    Raises:
        ValueError: there is no data set and no file of this name.
    """
    if name in data.BY_NAME:
        for option, given in (("--target", target), ("--fill", fill), ("--without", without)):
            if given:
                raise ValueError(f"{option} is for CSV files")
        return data.BY_NAME[name]()
    if not Path(name).exists():
        raise ValueError(f"there is no data set and no file {name!r}; choose from {', '.join(data.BY_NAME)}")
    return read_csv(name, target, fill, without)


class Task:
    """A data set, split and scaled, and the model to train on it."""

    def __init__(self, found: Dataset, options: argparse.Namespace) -> None:
        self.data = found
        X, y = found.X, found.y
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, options.test, options.seed, stratify=bool(found.classes)
        )
        self.scaler = Scaler.fit(X_train, options.fill, found.features)
        self.X_train, self.X_test = self.scaler(X_train), self.scaler(X_test)
        self.target_scaler = None if found.classes else Scaler.fit([[t] for t in y_train])
        self.y_train, self.y_test = self._targets(y_train), self._targets(y_test)
        self.loss = losses.cross_entropy if found.classes else losses.mse
        if len(found.classes) == 1:
            raise ValueError(f"all examples belong to one class, {found.classes[0]!r}: there is nothing to learn")
        nouts = [*options.layers, len(found.classes) or 1]
        self.model = MLP(len(found.features), nouts, options.activation, seed=options.seed)
        self.shape = {"nin": len(found.features), "nouts": nouts, "activation": options.activation}

    def _targets(self, y: list[Any]) -> list[Any]:
        return y if self.target_scaler is None else [row[0] for row in self.target_scaler([[t] for t in y])]

    def report(self) -> None:
        """Print the accuracy or the error on both sets, and for classes the confusion matrix of the test set."""
        outputs = {"train": self.model.predict(self.X_train), "test": self.model.predict(self.X_test)}
        targets = {"train": self.y_train, "test": self.y_test}
        for part, predicted in outputs.items():
            if self.data.classes:
                right = sum(predicted_class(output) == t for output, t in zip(predicted, targets[part], strict=True))
                print(f"{part:<5} accuracy {right / len(predicted):.1%} ({right} of {len(predicted)})")
            else:
                assert self.target_scaler is not None
                error = math.sqrt(losses.mse(predicted, targets[part])) * (self.target_scaler.stds[0] or 1.0)
                print(f"{part:<5} root mean squared error {error:.4g}")
        if self.data.classes:
            print_confusion(confusion_matrix(outputs["test"], self.y_test, len(self.data.classes)), self.data.classes)

    def write(self, out: Path, history: History, features: tuple[int, int] | None) -> list[Path]:
        """Write the model, its graph and the charts to a folder."""
        written = [self.model.save(out / "model.json", self.about())]
        loss = self.example_loss()
        written.append(draw(loss).save(out / "graph.svg"))
        try:
            written.append(draw(loss).save(out / "graph.png"))
        except ImportError as error:
            print(f"no graph.png: {error}")
        try:
            from nn.plots import plot_decision_boundary

            if len(history):
                written.append(write_file(out / "loss.png", history.plot().png()))
            if self.data.classes and len(self.data.features) > 1:
                chart = plot_decision_boundary(
                    self.model,
                    self.X_train + self.X_test,
                    self.y_train + self.y_test,
                    features,
                    [f"{name} (standardized)" for name in self.data.features],
                    self.data.classes,
                )
                written.append(write_file(out / "boundary.png", chart.png()))
        except ImportError as error:
            print(f"no charts: {error}")
        return written

    def example_loss(self) -> Value:
        """The loss of the first example after its backward pass, to be drawn."""
        x = [Value(number, name) for number, name in zip(self.X_train[0], self.data.features, strict=True)]
        loss: Value = self.loss(self.model(x), self.y_train[0])
        loss.label = "loss"
        self.model.zero_grad()
        loss.backward()
        return loss

    def about(self) -> dict[str, Any]:
        """The data that prediction needs besides the parameters."""
        return {
            "data": self.data.name,
            "features": self.data.features,
            "columns": [[column.name, column.categories] for column in self.data.columns],
            "fill": self.scaler.fill,
            "target": self.data.target,
            "classes": self.data.classes,
            "means": self.scaler.means,
            "stds": self.scaler.stds,
            "target_scale": [self.target_scaler.means[0], self.target_scaler.stds[0]] if self.target_scaler else None,
            "model": self.shape,
        }


def print_confusion(matrix: list[list[int]], classes: list[str]) -> None:
    """The confusion matrix as a table."""
    wide = max(len(name) for name in [*classes, "true \\ predicted"]) + 2
    print("\n" + "true \\ predicted".ljust(wide) + "".join(name.rjust(wide) for name in classes))
    for name, row in zip(classes, matrix, strict=True):
        print(name.ljust(wide) + "".join(str(count).rjust(wide) for count in row))
