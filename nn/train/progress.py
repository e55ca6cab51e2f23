"""The progress bar of a training."""

from __future__ import annotations

import math
import sys
from typing import Any


class _Lines:
    """Where tqdm is not installed: some lines of text in the place of a progress bar; none where none is wanted."""

    def __init__(self, epochs: int, shown: bool) -> None:
        self.stride = math.ceil(epochs / 10)
        self.shown = shown
        self.text = ""
        self.epoch = 0

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *error: object) -> None: ...

    def update(self) -> None: ...

    def set_description(self, text: str, refresh: bool) -> None:
        self.text = text
        self.epoch += 1

    def set_postfix_str(self, text: str, refresh: bool) -> None:
        if self.shown and self.epoch % self.stride == 0:
            print(f"{self.text}: {text}", file=sys.stderr)


def bar(epochs: int, steps: int, progress: bool) -> Any:
    """A progress bar in a terminal or a notebook."""
    if progress:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return _Lines(epochs, shown=True)
        # In a log file each refresh is a new line of text: there, one every ten seconds is enough.
        live = sys.stderr.isatty() or "ipykernel" in sys.modules
        return tqdm(total=epochs * steps, unit="batch", dynamic_ncols=True, mininterval=0.1 if live else 10.0)
    return _Lines(epochs, shown=False)
