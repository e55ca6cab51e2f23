"""Times taken side by side, on one core."""

from __future__ import annotations

import os
import time

# NumPy's matrix library and torch read this when they are loaded: import this module first.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
from collections.abc import Callable


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def side_by_side(*runs: Callable[[], object], turns: int = 50) -> list[float]:
    """The median time of each, in seconds, taken in turns."""
    for run in runs:
        run()
    times = [[seconds(run) for run in runs] for _ in range(turns)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def shown(time: float) -> str:
    """A time with its unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if time >= size:
            return f"{time / size:.3g} {unit}"
    return f"{time * 1e6:.3g} us"
