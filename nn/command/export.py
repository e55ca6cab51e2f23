"""``python -m nn export``."""

from __future__ import annotations

import argparse
from typing import Any

from nn import losses
from nn.command.predict import Saved
from nn.export import export_onnx
from nn.module import Module


def run_export(options: argparse.Namespace) -> int:
    """Write a trained model as an ONNX file that takes the columns as they are, and print what goes in and out."""
    saved = Saved.read(options.model)
    features = [name for column in saved.columns for name in column.features]
    output = "probabilities" if saved.classes else "prediction"
    path = export_onnx(Whole(saved), options.output, [0.0] * len(features), options.dtype, ("features", output))
    print(f"wrote {path}")
    print(f"  features, (N, {len(features)}): {', '.join(features)}")
    if saved.classes:
        print(f"  probabilities, (N, {len(saved.classes)}): {', '.join(saved.classes)}")
    else:
        print(f"  prediction, (N,): {saved.target}")
    if saved.scaler.fill:
        means = ", ".join(f"{name} {mean:g}" for name, mean in zip(features, saved.scaler.means, strict=True))
        print(f"  fill missing numbers first, with the means: {means}")
    return 0


class Whole(Module):
    """A trained model with what is done before it and after it: from numbers of a table to predictions.

    Arguments:
        saved: the model, the scales of the features and of the target, and the classes.
    """

    def __init__(self, saved: Saved) -> None:
        self.model = saved.model
        self._saved = saved

    def __call__(self, features: list[Any]) -> Any:
        scaler = self._saved.scaler
        scaled = [(x - mean) / (std or 1.0) for x, mean, std in zip(features, scaler.means, scaler.stds, strict=True)]
        outputs = self.model(scaled)
        if self._saved.classes:
            return losses.softmax(outputs)
        mean, std = self._saved.target_scale
        return outputs * (std or 1.0) + mean

    def __repr__(self) -> str:
        return repr(self.model)
