"""The command ``python -m nn``: train a model on a data set, and let a trained one predict."""

from __future__ import annotations

import argparse
import csv
import io
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd import Value, draw
from autograd.files import in_words, write_file
from nn import data, losses, optim
from nn.data import Dataset, Scaler, read_csv, read_table, train_test_split
from nn.layers import ACTIVATIONS, MLP
from nn.module import read_model
from nn.training import History, confusion_matrix, fit, predicted_class

EXAMPLES = """examples:
  python -m nn train iris
  python -m nn train moons --layers 8 --activation tanh --epochs 40
  python -m nn train spiral --optimizer adamw
  python -m nn train flowers.csv --target species --out runs/flowers
  python -m nn predict runs/iris/model.json flowers.csv
"""


# What is not said on the command line; more for the set that needs more.
DEFAULTS: dict[str, Any] = {"layers": [16], "activation": "tanh", "epochs": 60, "lr": 0.02}
HARDER: dict[str, dict[str, Any]] = {"spiral": {"layers": [16, 16], "activation": "relu", "epochs": 150, "lr": 0.01}}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the result is its exit code."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, ArithmeticError, OSError, ImportError) as error:
        print(f"error: {in_words(error)}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    top = argparse.ArgumentParser(
        prog="python -m nn",
        description="Train a multi-layer perceptron of scalar Values, and let it predict.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(required=True, metavar="train|predict")
    train = commands.add_parser(
        "train",
        help="train a model on a data set",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    train.set_defaults(run=run_train)
    train.add_argument("data", help=f"{', '.join(data.BY_NAME)}, or a CSV file with a header")
    train.add_argument("--target", help="the column of the CSV file to predict (the last)")
    train.add_argument("--layers", type=_count, nargs="*", metavar="N", help="hidden neurons by layer (16)")
    train.add_argument("--activation", choices=list(ACTIVATIONS), help="of the hidden layers (tanh)")
    train.add_argument("--epochs", type=_count, metavar="N", help="how often to go through all examples (60)")
    train.add_argument("--batch-size", type=_count, default=16, metavar="N", help="examples that share a step (16)")
    train.add_argument("--optimizer", choices=list(optim.BY_NAME), default="adam", help="(adam)")
    train.add_argument("--lr", type=_positive, metavar="RATE", help="the learning rate (0.02)")
    train.add_argument("--test", type=_share, default=0.2, metavar="SHARE", help="share of examples kept to test (0.2)")
    train.add_argument("--seed", type=int, default=0, metavar="N", help="another number, another random start (0)")
    train.add_argument(
        "--features", nargs=2, metavar="NAME", help="the two features to draw the decision boundary over"
    )
    train.add_argument("--out", type=Path, metavar="FOLDER", help="where the results go (runs/NAME)")
    train.add_argument("--quiet", action="store_true", help="no progress bar")
    predict = commands.add_parser("predict", help="let a trained model predict the rows of a CSV file")
    predict.set_defaults(run=run_predict)
    predict.add_argument("model", type=Path, help="the model.json that training wrote")
    predict.add_argument("file", type=Path, help="a CSV file with the columns that the model learned from")
    predict.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the predictions to a CSV file")
    return top


def _number(text: str, kind: type[int] | type[float], wanted: str, fits: Callable[[float], bool]) -> Any:
    """A number from the command line, or an error that says what is wanted."""
    try:
        number = kind(text)
    except ValueError:
        number = math.nan
    if not fits(number):
        raise argparse.ArgumentTypeError(f"expected {wanted}, not {text!r}")
    return number


def _count(text: str) -> int:
    return int(_number(text, int, "a whole number from 1", lambda x: x >= 1))


def _positive(text: str) -> float:
    return float(_number(text, float, "a number above 0", lambda x: 0.0 < x < math.inf))


def _share(text: str) -> float:
    return float(_number(text, float, "a number between 0 and 1", lambda x: 0.0 < x < 1.0))


# ---------------------------------------------------------------------------------------------------------------- train


def run_train(options: argparse.Namespace) -> int:
    """Train, tell how well it went, and write the results."""
    found = load(options.data, options.target)
    for name, value in {**DEFAULTS, **HARDER.get(options.data, {})}.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    features = None
    if options.features:
        if options.features[0] == options.features[1]:
            raise ValueError(f"--features are two different columns, not {options.features[0]!r} twice")
        for name in options.features:
            if name not in found.features:
                raise ValueError(f"there is no feature {name!r}; there are {', '.join(found.features)}")
        features = (found.features.index(options.features[0]), found.features.index(options.features[1]))
    out = options.out or Path("runs") / found.name
    task = Task(found, options)
    out.mkdir(parents=True, exist_ok=True)
    print(f"{found!r}, {len(task.y_train)} to train and {len(task.y_test)} to test")
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
    )
    if history.stopped:
        print(f"stopped: {history.stopped}")
    task.report()
    print()
    for path in task.write(out, history, features):
        print(f"wrote {path}")
    return 130 if history.stopped.startswith("interrupted") else 0


def load(name: str, target: str | None) -> Dataset:
    """A data set by its name, or from a CSV file.

    Raises:
        ValueError: there is neither.
    """
    if name in data.BY_NAME:
        if target is not None:
            raise ValueError("--target is for CSV files")
        return data.BY_NAME[name]()
    if not Path(name).exists():
        raise ValueError(f"there is no data set and no file {name!r}; there are {', '.join(data.BY_NAME)}")
    return read_csv(name, target)


class Task:
    """A data set made ready, and the model to learn it."""

    def __init__(self, found: Dataset, options: argparse.Namespace) -> None:
        self.data = found
        X, y = found.X, found.y
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, options.test, options.seed, stratify=bool(found.classes)
        )
        self.scaler = Scaler.fit(X_train)
        self.X_train, self.X_test = self.scaler(X_train), self.scaler(X_test)
        self.target_scaler = None if found.classes else Scaler.fit([[t] for t in y_train])
        self.y_train, self.y_test = self._targets(y_train), self._targets(y_test)
        self.loss = losses.cross_entropy if found.classes else losses.mse
        if len(found.classes) == 1:
            raise ValueError(f"all examples are of one class, {found.classes[0]!r}: there is nothing to learn")
        nouts = [*options.layers, len(found.classes) or 1]
        self.model = MLP(len(found.features), nouts, options.activation, seed=options.seed)
        self.shape = {"nin": len(found.features), "nouts": nouts, "activation": options.activation}

    def _targets(self, y: list[Any]) -> list[Any]:
        return y if self.target_scaler is None else [row[0] for row in self.target_scaler([[t] for t in y])]

    def report(self) -> None:
        """Print how well the model does."""
        outputs = {"train": self.model.predict(self.X_train), "test": self.model.predict(self.X_test)}
        targets = {"train": self.y_train, "test": self.y_test}
        for part, told in outputs.items():
            if self.data.classes:
                right = sum(predicted_class(output) == t for output, t in zip(told, targets[part], strict=True))
                print(f"{part:<5} accuracy {right / len(told):.1%} ({right} of {len(told)})")
            else:
                assert self.target_scaler is not None
                error = math.sqrt(losses.mse(told, targets[part])) * (self.target_scaler.stds[0] or 1.0)
                print(f"{part:<5} root mean squared error {error:.4g}")
        if self.data.classes:
            print_confusion(confusion_matrix(outputs["test"], self.y_test, len(self.data.classes)), self.data.classes)

    def write(self, out: Path, history: History, features: tuple[int, int] | None) -> list[Path]:
        """The model, its graph, and the charts, in a folder."""
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
        """What has to be known, beside the parameters, to predict."""
        return {
            "data": self.data.name,
            "features": self.data.features,
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


# -------------------------------------------------------------------------------------------------------------- predict


def run_predict(options: argparse.Namespace) -> int:
    """Print a CSV file of predictions."""
    saved = Saved.read(options.model)
    model, scaler, classes, target, scale = saved.model, saved.scaler, saved.classes, saved.target, saved.target_scale
    features = saved.features
    outputs = model.predict(scaler(read_features(options.file, features)))
    rows: list[list[Any]]
    if classes:
        rows = [[f"predicted {target}", *(f"p({name})" for name in classes)]]
        for output in outputs:
            rows.append([classes[predicted_class(output)], *(f"{p:.4f}" for p in losses.softmax(output))])
    else:
        rows = [[f"predicted {target}"], *([output * (scale[1] or 1.0) + scale[0]] for output in outputs)]
    if options.output:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        print(f"wrote {write_file(options.output, text.getvalue())}")
    else:
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
    return 0


@dataclass
class Saved:
    """A model that training has written, and what has to be known to use it."""

    model: MLP
    scaler: Scaler
    features: list[str]
    classes: list[str]
    target: str
    target_scale: list[float]

    @classmethod
    def read(cls, path: Path) -> Saved:
        """The model in a file.

        Raises:
            ValueError: the file was not written by training, or has been changed.
            OSError: it cannot be read.
        """
        content = read_model(path)
        about = content["about"]
        try:
            shape = about["model"]
            model = MLP(shape["nin"], shape["nouts"], shape["activation"], init="zeros")
            model.load_state_dict(content["parameters"])
            features, classes = _names(about["features"]), _names(about["classes"])
            means, stds = _numbers(about["means"]), _numbers(about["stds"])
            scale = _numbers([0.0, 1.0] if about["target_scale"] is None else about["target_scale"])
            if (
                not len(features) == len(means) == len(stds) == model.nin
                or (len(classes) or 1) != model.nout
                or len(scale) != 2
            ):
                raise ValueError("its parts do not fit together")
            return cls(model, Scaler(means, stds), features, classes, str(about["target"]), scale)
        except KeyError as error:
            raise ValueError(f"{path} was not written by 'python -m nn train': {error} is missing") from None
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            raise ValueError(f"{path} was not written by 'python -m nn train': {error}") from None


def _names(entries: Any) -> list[str]:
    """A list of names, from a file."""
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise ValueError(f"expected a list of names, not {entries!r}")
    return entries


def _numbers(entries: Any) -> list[float]:
    """A list of finite numbers, from a file."""
    if not isinstance(entries, list) or not all(isinstance(x, int | float) and math.isfinite(x) for x in entries):
        raise ValueError(f"expected a list of numbers, not {entries!r}")
    return [float(entry) for entry in entries]


def read_features(path: Path, features: list[str]) -> list[list[float]]:
    """The columns of a CSV file that a model learned from, in its order; other columns do not matter.

    Raises:
        ValueError: a column is missing, or an entry is no number.
    """
    header, lines = read_table(path)
    missing = [name for name in features if name not in header]
    if missing:
        raise ValueError(f"{path}: the model needs the column(s) {', '.join(missing)}")
    columns = [header.index(name) for name in features]
    return [[data.to_number(cells[i], path, line, header[i]) for i in columns] for line, cells in lines]


if __name__ == "__main__":
    sys.exit(main())
