"""Metrics: what is measured in training besides the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nn.classes import accuracy
from nn.losses import BY_NAME, CLASSIFICATION_LOSSES, Loss

Metric = Callable[[Any, Any], Any]  # of the outputs for all examples, and of their targets
Metrics = Metric | str | Iterable[Metric | str] | Mapping[str, Metric] | None
METRICS: dict[str, Metric] = {"accuracy": accuracy, **BY_NAME}  # which look at nothing but their arguments
RESERVED = ("loss", "stopped", "metrics")


def metrics_of(given: Metrics, loss: Loss) -> dict[str, Metric]:
    """The metrics by name; None means the accuracy if the targets are classes, and else nothing.

    Raises:
        TypeError: a metric is not a function.
        ValueError: a metric is unknown, two have the same name, or a name is reserved or not a string.

    >>> from nn.losses import mae, mse
    >>> list(metrics_of([mae, accuracy], mse)), list(metrics_of({"error": mae}, mse))
    (['mae', 'accuracy'], ['error'])
    """
    if given is None:
        return {"accuracy": accuracy} if loss in CLASSIFICATION_LOSSES else {}
    if isinstance(given, Mapping):
        pairs = list(given.items())
    else:
        listed = [given] if callable(given) or isinstance(given, str) else list(given)
        if wrong := [x for x in listed if isinstance(x, str) and x not in METRICS]:
            raise ValueError(f"there is no metric {wrong[0]!r}; choose from {', '.join(METRICS)}, or give a function")
        listed = [METRICS[x] if isinstance(x, str) else x for x in listed]
        pairs = [(getattr(metric, "__name__", type(metric).__name__), metric) for metric in listed]
    for name, metric in pairs:
        if not callable(metric):
            raise TypeError(f"a metric must be a function of the outputs and the targets, not {metric!r}")
        if not isinstance(name, str) or name in RESERVED or name.startswith("validation_"):
            raise ValueError(f"a metric needs another name than {name!r}: give it in a dictionary, by its name")
    if len(dict(pairs)) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"two metrics have the same name, in {names}: give them in a dictionary, by their names")
    return dict(pairs)
