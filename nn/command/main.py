"""The command line of ``python -m nn``: its arguments, its exit codes and its error messages."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from autograd.output.files import in_words
from nn import data, optim
from nn.command.export import run_export
from nn.command.predict import run_predict
from nn.command.train import run_train
from nn.layers import ACTIVATIONS

EXAMPLES = """examples:
  python -m nn train iris
  python -m nn train moons --layers 8 --activation tanh --epochs 40
  python -m nn train spiral --optimizer adamw
  python -m nn train flowers.csv --target species --out runs/flowers
  python -m nn train large.csv --fill --epochs 500 --checkpoint runs/large
  python -m nn predict runs/iris/model.json flowers.csv
  python -m nn export runs/iris/model.json iris.onnx
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, ArithmeticError, OSError, ImportError, NotImplementedError) as error:
        print(f"error: {in_words(error)}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    top = argparse.ArgumentParser(
        prog="python -m nn",
        description="Train a multi-layer perceptron of scalar Values, and predict with it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(required=True, metavar="train|predict|export")
    train = commands.add_parser(
        "train",
        help="train a model on a data set",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    train.set_defaults(run=run_train)
    train.add_argument("data", help=f"{', '.join(data.BY_NAME)}, or a CSV file with a header")
    train.add_argument("--target", help="the column of the CSV file to predict (the last)")
    train.add_argument("--layers", type=_count, nargs="*", metavar="N", help="neurons in each hidden layer (16)")
    train.add_argument("--activation", choices=list(ACTIVATIONS), help="activation of the hidden layers (tanh)")
    train.add_argument("--epochs", type=_count, metavar="N", help="passes over all examples (60)")
    train.add_argument("--batch-size", type=_count, default=16, metavar="N", help="examples in a mini-batch (16)")
    train.add_argument("--optimizer", choices=list(optim.BY_NAME), default="adam", help="the optimizer (adam)")
    train.add_argument("--lr", type=_positive, metavar="RATE", help="the learning rate (0.02)")
    train.add_argument("--test", type=_share, default=0.2, metavar="FRACTION", help="size of the test set (0.2)")
    train.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all random choices (0)")
    train.add_argument("--features", nargs=2, metavar="NAME", help="the two features on the axes of boundary.png")
    train.add_argument("--out", type=Path, metavar="FOLDER", help="folder for the results (runs/NAME)")
    train.add_argument("--without", nargs="+", default=[], metavar="NAME", help="columns of the CSV file to leave out")
    train.add_argument("--fill", action="store_true", help="fill missing numbers of a CSV file with the mean")
    train.add_argument("--checkpoint", type=Path, metavar="FOLDER", help="save the state, and go on from it")
    train.add_argument("--quiet", action="store_true", help="no progress bar")
    predict = commands.add_parser("predict", help="predict the rows of a CSV file with a trained model")
    predict.set_defaults(run=run_predict)
    predict.add_argument("model", type=Path, help="the model.json that training wrote")
    predict.add_argument("file", type=Path, help="a CSV file with the columns that the model was trained on")
    predict.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the predictions to a CSV file")
    export = commands.add_parser("export", help="write a trained model as an ONNX file, for runtimes without Python")
    export.set_defaults(run=run_export)
    export.add_argument("model", type=Path, help="the model.json that training wrote")
    export.add_argument("output", type=Path, help="the ONNX file")
    export.add_argument("--dtype", choices=["float32", "float64"], default="float32", help="its numbers (float32)")
    return top


def _number(text: str, kind: type[int] | type[float], wanted: str, fits: Callable[[float], bool]) -> Any:
    """A number from the command line, or an error that says what is expected."""
    try:
        number = kind(text)
    except ValueError:
        number = math.nan
    if not fits(number):
        raise argparse.ArgumentTypeError(f"expected {wanted}, not {text!r}")
    return number


_count = partial(_number, kind=int, wanted="a positive integer", fits=lambda x: x >= 1)
_positive = partial(_number, kind=float, wanted="a positive number", fits=lambda x: 0.0 < x < math.inf)
_share = partial(_number, kind=float, wanted="a number between 0 and 1", fits=lambda x: 0.0 < x < 1.0)
