"""Training progress, shown on standard error."""

from __future__ import annotations

import math
import sys
from typing import Any


class Progress:
    """A progress bar if tqdm is installed, in a terminal or a notebook; otherwise a line for every tenth of the epochs.

    Arguments:
        epochs, batches: the number of epochs, and of steps in each.
        shown: whether to show anything.
        done: the number of steps made before.
    """

    def __init__(self, epochs: int, batches: int, shown: bool, done: int = 0) -> None:
        self._epochs = epochs
        self._bar = _bar(epochs * batches, done) if shown else None
        self._lines = shown and self._bar is None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self) -> None:
        """Count one step."""
        if self._bar is not None:
            self._bar.update()

    def end_of_epoch(self, epoch: int, summary: str) -> None:
        """Show the number and the summary of an epoch."""
        text = f"epoch {epoch}/{self._epochs}"
        if self._bar is not None:
            self._bar.set_description(text, refresh=False)
            self._bar.set_postfix_str(summary, refresh=False)
        elif self._lines and epoch % math.ceil(self._epochs / 10) == 0:
            print(f"{text}: {summary}", file=sys.stderr)


def _bar(steps: int, done: int) -> Any:
    """A tqdm bar; None if tqdm is not installed."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    # In a log file each refresh is a new line: there, refresh only every ten seconds.
    live = sys.stderr.isatty() or "ipykernel" in sys.modules
    return tqdm(total=steps, initial=done, unit="batch", dynamic_ncols=True, mininterval=0.1 if live else 10.0)
