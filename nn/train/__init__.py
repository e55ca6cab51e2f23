"""Training: mini-batches, losses, optimizer steps, and the training history.

In: a model, examples and targets.  Out: a trained model and a history.  Read fit.py first, then training.py, which
makes one step at a time: by a graph for each example (eager.py), or by replays (recorded.py; batchwise.py for whole
batches), with the parameters in one vector (vector.py), computed by NumPy (steps.py), by JAX or PyTorch (compiled.py),
or by the workers of a Dask cluster (distributed.py).  separable.py finds out whether the loss of a batch is a mean
or a sum; metrics.py says what is measured, history.py keeps it, progress.py shows the progress bar; checkpoint.py saves
the state; diagnosis.py reports on the layers of a model.
"""

from nn.train.checkpoint import Checkpoint
from nn.train.diagnosis import LayerReport, LayerRow, layer_report
from nn.train.fit import fit
from nn.train.history import History, NonFiniteLossError, NoWorkersError

__all__ = [
    "Checkpoint",
    "History",
    "LayerReport",
    "LayerRow",
    "NoWorkersError",
    "NonFiniteLossError",
    "fit",
    "layer_report",
]
