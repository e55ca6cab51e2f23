"""Training: mini-batches, losses, optimizer steps, and the training history.

In: a model, examples and targets.  Out: a trained model and a history.  Read fit.py first, then training.py, which
makes one step at a time.  engines.py computes gradients in two ways, history.py keeps the history, diagnosis.py reports
on the layers of a model, and progress.py shows the progress bar.
"""

from nn.train.diagnosis import LayerReport, LayerRow, layer_report
from nn.train.fit import fit
from nn.train.history import History, NonFiniteLossError

__all__ = [
    "History",
    "LayerReport",
    "LayerRow",
    "NonFiniteLossError",
    "fit",
    "layer_report",
]
