"""fit: train a model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from autograd.engine.checks import integer
from nn.data.dataset import Examples
from nn.losses import Loss
from nn.module import Module
from nn.optim.optimizers import Optimizer
from nn.train.checkpoint import Checkpoint, checkpoint_of
from nn.train.history import History, NoWorkersError
from nn.train.metrics import Metrics
from nn.train.progress import Progress
from nn.train.training import Training


def fit(
    model: Module,
    X: Examples,
    y: Examples,
    loss: str | Loss = "mse",
    optimizer: str | Optimizer = "adam",
    epochs: int = 100,
    batch_size: int = 32,
    validation: tuple[Examples, Examples] | None = None,
    patience: int | None = None,
    callbacks: Callable[[History], Any] | Iterable[Callable[[History], Any]] = (),
    progress: bool = True,
    seed: int | None = None,
    engine: str = "program",
    metrics: Metrics = None,
    sample_weight: Examples | None = None,
    checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
    accumulate: int = 1,
    device: Any = None,
    dtype: str = "float64",
    client: Any = None,
) -> History:
    """Train a model: for each mini-batch a forward pass, a backward pass, and an optimizer step.

    Arguments:
        model: a Module that takes one example.
        X, y: the examples and their targets, of equal length: lists, arrays, or data frames of pandas or polars.
            Arrays and data frames of Dask are computed first, and must fit into memory.
        loss: a name in ``nn.losses.BY_NAME``, or a function of a list of outputs and a list of targets: the mean or the
            sum over them, plus any term of the parameters that is added once.  It may take the model as a third
            argument: ``lambda outputs, targets, model: mse(outputs, targets) + 0.01 * l2(model.parameters())``.
        optimizer: an Optimizer over the model's parameters, or a name in ``nn.optim.BY_NAME``, with its learning
            rate in ``nn.optim.RATES``.
        epochs: the number of passes over all examples.
        batch_size: the number of examples in a mini-batch.
        validation: examples and targets to evaluate the model on after each epoch; it is not trained on them.
        patience: stop when the validation loss has not decreased for this many epochs, and restore the best parameters.
        callbacks: functions called with the history after each epoch; one that returns True ends the training.  They
            may change parameters, the optimizer, and the numbers in X and y, but not how many examples there are.
        progress: show a progress bar.
        seed: an integer for a reproducible order of examples.
        engine: "program" records the loss of one example and replays it as matrix code over whole batches, about
            100 times faster; "eager" builds a graph for each example, as you would write it yourself.  Both give
            the same numbers.  Without NumPy training is eager.  "jax" and "torch" do what "program" does on that
            library, which compiles a whole step as one function.  There an operation that is not defined gives nan,
            and is an error only if the loss or a gradient is nan for it.
        metrics: what else to measure: functions of the outputs for all examples and their targets, such as
            ``nn.accuracy``, or the names of losses, alone, in a list, or in a dictionary by name.  None for the
            accuracy, if the loss is one for classes.  Both arguments are arrays where they are numbers, or lists of one
            length, and NumPy is installed.
        sample_weight: a weight for each example: the loss is then  sum(weight * loss) / sum(weight).
        checkpoint: a folder, or a ``Checkpoint``: save the state there every 30 seconds, at the end and on Ctrl-C.  The
            same call goes on from it, also with more epochs, and ends with the same numbers as if never stopped.  The
            callbacks of the last epoch before a stop may be called again.
        accumulate: gradient accumulation: the number of mini-batches whose gradients are averaged for each step.
        device: for engine="jax" and "torch": where to compute, such as "cpu", "gpu" (JAX), "cuda:1" (PyTorch); None for
            the library's default.
        dtype: for engine="jax" and "torch": "float64", or "float32", which is faster on most GPUs.

    Returns:
        The history.  Ctrl-C ends the training; the history so far is returned.

    Raises:
        ValueError, TypeError: an argument is invalid; the checkpoint belongs to another training, or is damaged; or the
            model or the loss cannot be replayed, for example because it branches on a Value, which ``engine="eager"``
            allows.
        NonFiniteLossError: the loss is nan or infinite, or not defined.  The message names the epoch, the batch
            and the first node that went wrong; the error's ``history`` holds the completed epochs.
        NoWorkersError: the cluster of the client has had no worker for too long; the checkpoint has all steps.
        OSError: the checkpoint cannot be read or written.
    """
    integer("epochs", epochs)
    callbacks = [callbacks] if callable(callbacks) else list(callbacks)
    run = Training(
        model,
        X,
        y,
        loss=loss,
        optimizer=optimizer,
        batch_size=batch_size,
        validation=validation,
        patience=patience,
        seed=seed,
        engine=engine,
        metrics=metrics,
        sample_weight=sample_weight,
        accumulate=accumulate,
        device=device,
        dtype=dtype,
        client=client,
    )
    saved = checkpoint_of(checkpoint)
    if saved:
        saved.open(run)
    advance_to(epochs, run, callbacks, progress, saved)
    run.confirm()
    run.restore_best()
    return run.history


def advance_to(
    epochs: int,
    run: Training,
    callbacks: Iterable[Callable[[History], Any]] = (),
    progress: bool = False,
    saved: Checkpoint | None = None,
) -> None:
    """Go on until so many epochs are made, or a callback or Ctrl-C ends the training.  Arguments as for ``fit``."""
    with Progress(epochs, run.steps_per_epoch, progress, run.steps) as shown:
        try:
            while True:
                run.finish_epoch()  # for the case that Ctrl-C has interrupted it before
                if len(run.history) > run.reported:
                    shown.end_of_epoch(run.reported + 1, run.summary())
                    run.report(callbacks)
                if run.history.stopped or len(run.history) >= epochs:
                    break
                run.advance()
                shown.step()
                if saved:
                    saved.after_step(run)
        except NoWorkersError:
            if saved:
                saved.save(run)
            raise
        except KeyboardInterrupt:
            count = len(run.history)
            where = f"in epoch {count + 1}" if count < epochs else f"after epoch {count}"
            run.history.stopped = f"interrupted {where}"
        finally:
            run.publish()
        if saved:
            saved.save(run)
