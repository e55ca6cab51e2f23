"""Training: mini-batches, losses, steps, and the record of how it went.

In come a model, examples and targets; out comes a history, and the model has learned.  Read fit.py first, then
training.py, one step after the other.  engines.py has two ways to a gradient, history.py the record, diagnosis.py
what the layers of a model do, progress.py the progress bar.
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
