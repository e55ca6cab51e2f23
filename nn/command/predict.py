"""``python -m nn predict``."""

from __future__ import annotations

import argparse
import csv
import io
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd.output.files import write_file
from nn import losses
from nn.classes import predicted_class
from nn.data import Column, Scaler, encoded, read_table
from nn.layers import MLP
from nn.module import read_model


def run_predict(options: argparse.Namespace) -> int:
    """Print the predictions as CSV, or write them to a file."""
    saved = Saved.read(options.model)
    outputs = saved.model.predict(saved.scaler(read_features(options.file, saved.columns, saved.scaler.fill)))
    rows: list[list[Any]] = [[f"predicted {saved.target}", *(f"p({name})" for name in saved.classes)]]
    for output in outputs:
        if saved.classes:
            rows.append([saved.classes[predicted_class(output)], *(f"{p:.4f}" for p in losses.softmax(output))])
        else:
            mean, std = saved.target_scale
            rows.append([output * (std or 1.0) + mean])
    text = io.StringIO() if options.output else sys.stdout
    csv.writer(text, lineterminator="\n").writerows(rows)
    if isinstance(text, io.StringIO):
        print(f"wrote {write_file(options.output, text.getvalue())}")
    return 0


@dataclass
class Saved:
    """A saved model, with the data needed to predict with it."""

    model: MLP
    scaler: Scaler
    columns: list[Column]
    classes: list[str]
    target: str
    target_scale: list[float]

    @classmethod
    def read(cls, path: Path) -> Saved:
        """Read a saved model.

        Raises:
            ValueError: the file was not written by training, or has been changed.
            OSError: it cannot be read.
        """
        if not path.exists():
            raise FileNotFoundError(f"there is no model {path}; 'python -m nn train' saves one as runs/NAME/model.json")
        content = read_model(path)
        about = content["about"]
        try:
            shape = about["model"]
            model = MLP(shape["nin"], shape["nouts"], shape["activation"], init="zeros")
            model.load_state_dict(content["parameters"])
            features, classes = _names(about["features"]), _names(about["classes"])
            listed = about.get("columns", [[name, []] for name in features])
            columns = [Column(str(name), _names(categories)) for name, categories in listed]
            if [feature for column in columns for feature in column.features] != features:
                raise ValueError("the columns do not match the features")
            means, stds = _numbers(about["means"]), _numbers(about["stds"])
            scale = _numbers([0.0, 1.0] if about["target_scale"] is None else about["target_scale"])
            sizes = len(features), len(means), len(stds), len(classes) or 1, len(scale)
            if sizes != (model.nin, model.nin, model.nin, model.nout, 2):
                raise ValueError("the numbers of features, means, outputs and classes do not match")
            scaler = Scaler(means, stds, bool(about.get("fill")))
            return cls(model, scaler, columns, classes, str(about["target"]), scale)
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


def read_features(path: Path, columns: list[Column], fill: bool) -> list[list[float]]:
    """The features that a model was trained on, from the columns of a CSV file; other columns are ignored.

    Raises:
        ValueError: a column is missing, or an entry is not a number, or a category that is unknown.
    """
    header, lines = read_table(path)
    missing = [column.name for column in columns if column.name not in header]
    if missing:
        raise ValueError(f"{path}: the model needs the column(s) {', '.join(missing)}")
    return encoded(lines, [header.index(column.name) for column in columns], columns, path, fill)
