"""Neural networks of scalar Values: neurons, layers, losses, optimizers, data and training."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nn import data, init, losses, optim
from nn.classes import accuracy, confusion_matrix
from nn.data import Dataset, Scaler, batches, read_csv, standardize, train_test_split
from nn.layers import (
    ACTIVATIONS,
    MLP,
    BatchNorm,
    Cell,
    Dropout,
    Embedding,
    GRUCell,
    Layer,
    LayerNorm,
    LSTMCell,
    Neuron,
    Parallel,
    Recurrent,
    Residual,
    RNNCell,
    Sequential,
)
from nn.losses import binary_cross_entropy, cross_entropy, focal, hinge, huber, l2, mae, mse, nll, softmax, triplet
from nn.modes import is_training, keep, training, uniform
from nn.module import Module
from nn.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop, clip_grad_norm, clip_grad_value
from nn.train import (
    Checkpoint,
    History,
    LayerReport,
    LayerRow,
    NonFiniteLossError,
    NoWorkersError,
    fit,
    layer_report,
)

if TYPE_CHECKING:
    from autograd import Chart as Chart
    from nn.export import export_onnx as export_onnx
    from nn.live import Watch as Watch
    from nn.live import watch as watch
    from nn.plots import plot_decision_boundary as plot_decision_boundary
    from nn.plots import plot_descent as plot_descent
    from nn.plots import plot_history as plot_history
    from nn.plots import plot_tangent as plot_tangent
    from nn.train.distributed import Cluster as Cluster

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "BatchNorm",
    "Cell",
    "Checkpoint",
    "Dataset",
    "Dropout",
    "Embedding",
    "GRUCell",
    "History",
    "LSTMCell",
    "Layer",
    "LayerNorm",
    "LayerReport",
    "LayerRow",
    "Module",
    "Neuron",
    "NoWorkersError",
    "NonFiniteLossError",
    "Optimizer",
    "Parallel",
    "RMSprop",
    "RNNCell",
    "Recurrent",
    "Residual",
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
    "focal",
    "hinge",
    "huber",
    "init",
    "is_training",
    "keep",
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
    "training",
    "triplet",
    "uniform",
]


# Loaded when first used: most of these need NumPy.
_NAMES = {
    "plots": "Chart plot_decision_boundary plot_descent plot_history plot_tangent",
    "live": "Watch watch",
    "train.distributed": "Cluster",
    "export": "export_onnx",
}
_ROOMS = {name: room for room, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    return getattr(import_module(f"nn.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS})
