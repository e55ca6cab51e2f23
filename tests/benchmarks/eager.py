"""How long an operation takes, all told: forward, backward and freeing, with the garbage collector on.

    python tests/benchmarks/eager.py

Two chains of 100,000 operations, x * a + b again and again, are built, differentiated and freed: one with plain numbers
for a and b, one with Values.  Beside this library runs a Value written as micrograd's is: operands in a set, a closure
on each node, recursion over the graph, every number a node.  The two take turns in one process, so that the machine's
moods strike both; the ratio is the median over the turns.
"""

from __future__ import annotations

import gc
import math
import statistics
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from autograd import Value

OPERATIONS = 100_000
TURNS = 7


class MicrogradStyle:
    """A Value as in micrograd: https://github.com/karpathy/micrograd, MIT licence."""

    def __init__(self, data: float, _children: tuple[Any, ...] = (), _op: str = "") -> None:
        self.data = data
        self.grad = 0.0
        self._backward: Callable[[], None] = lambda: None
        self._prev = set(_children)
        self._op = _op

    def __add__(self, other: Any) -> MicrogradStyle:
        other = other if isinstance(other, MicrogradStyle) else MicrogradStyle(other)
        out = MicrogradStyle(self.data + other.data, (self, other), "+")

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: Any) -> MicrogradStyle:
        other = other if isinstance(other, MicrogradStyle) else MicrogradStyle(other)
        out = MicrogradStyle(self.data * other.data, (self, other), "*")

        def _backward() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def backward(self) -> None:
        topo: list[MicrogradStyle] = []
        visited: set[MicrogradStyle] = set()

        def build(v: MicrogradStyle) -> None:
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build(child)
                topo.append(v)

        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()


def once(kind: Any, constants: bool) -> list[float]:
    """Nanoseconds an operation for forward, backward and freeing, and the gradient, to be compared."""
    a, b = (1.000001, 1e-6) if constants else (kind(1.000001), kind(1e-6))
    gc.collect()
    start = time.perf_counter()
    x = first = kind(1.0)
    for _ in range(OPERATIONS // 2):
        x = x * a + b
    forward = time.perf_counter()
    x.backward()
    backward = time.perf_counter()
    gradient = first.grad
    del x, first, a, b
    gc.collect()
    freed = time.perf_counter()
    marks = [start, forward, backward, freed]
    return [*((after - before) / OPERATIONS * 1e9 for before, after in pairwise(marks)), gradient]


def main() -> None:
    print(f"Python {sys.version.split()[0]}, {OPERATIONS:,} multiplications and additions, ns per operation\n")
    print(f"{'operands':<10}{'engine':<18}{'forward':>9}{'backward':>10}{'freeing':>9}{'all':>8}{'ratio':>8}")
    for constants in (True, False):
        turns = [[once(kind, constants) for kind in (Value, MicrogradStyle)] for _ in range(TURNS)]
        for ours, theirs in turns:
            assert math.isclose(ours[3], theirs[3], rel_tol=1e-9)
        ratio = statistics.median(sum(theirs[:3]) / sum(ours[:3]) for ours, theirs in turns)
        for i, name in enumerate(("scalar-backprop", "micrograd style")):
            parts = [statistics.median(turn[i][part] for turn in turns) for part in range(3)]
            row = f"{'numbers' if constants else 'Values':<10}{name:<18}"
            row += f"{parts[0]:>9.0f}{parts[1]:>10.0f}{parts[2]:>9.0f}{sum(parts):>8.0f}"
            print(row + (f"{ratio:>7.1f}x" if i == 0 else ""))


if __name__ == "__main__":
    sys.setrecursionlimit(10 * OPERATIONS)  # the micrograd style recurses over the graph
    threading.stack_size(1 << 29)
    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
