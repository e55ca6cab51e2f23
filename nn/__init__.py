"""Neural networks of scalar Values: neurons, layers, losses, optimisers, data and training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nn import data, init, losses, optim
from nn.data import Dataset, Scaler, batches, read_csv, standardize, train_test_split
from nn.diagnosis import LayerReport, LayerRow, layer_report
from nn.layers import ACTIVATIONS, MLP, Layer, Neuron, Sequential
from nn.losses import binary_cross_entropy, cross_entropy, hinge, huber, l2, mae, mse, nll, softmax
from nn.module import Module
from nn.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop, clip_grad_norm, clip_grad_value
from nn.training import History, NonFiniteLossError, accuracy, confusion_matrix, fit

if TYPE_CHECKING:
    from nn.plots import plot_decision_boundary as plot_decision_boundary
    from nn.plots import plot_history as plot_history
    from nn.watching import Watch as Watch
    from nn.watching import watch as watch

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Dataset",
    "History",
    "Layer",
    "LayerReport",
    "LayerRow",
    "Module",
    "Neuron",
    "NonFiniteLossError",
    "Optimizer",
    "RMSprop",
    "Scaler",
    "Sequential",
    "accuracy",
    "batches",
    "binary_cross_entropy",
    "clip_grad_norm",
    "clip_grad_value",
    "confusion_matrix",
    "cross_entropy",
    "data",
    "fit",
    "hinge",
    "huber",
    "init",
    "l2",
    "layer_report",
    "losses",
    "mae",
    "mse",
    "nll",
    "optim",
    "read_csv",
    "softmax",
    "standardize",
    "train_test_split",
]


_LATER = ("Watch", "plot_decision_boundary", "plot_history", "watch")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


def __getattr__(name: str) -> Any:
    """The charts, and with them matplotlib, are loaded when they are asked for; so is what needs NumPy."""
    if name in ("plot_decision_boundary", "plot_history"):
        from nn import plots

        return getattr(plots, name)
    if name in ("Watch", "watch"):
        from nn import watching

        return getattr(watching, name)
    raise AttributeError(f"module 'nn' has no attribute {name!r}")
