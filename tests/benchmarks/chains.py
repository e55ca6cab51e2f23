"""Long serial programs, of which every step waits for the one before: the time to compile them, and their growth.

    python tests/benchmarks/chains.py

A chain is  x = a * x + b  again and again; the orbit is the simulation of science.py.  Recording and differentiating
are not counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from clock import seconds, shown

import numpy as np  # isort: skip

from scaling import slope
from science import orbit

from autograd import Program, Value, gradients


def chain(nodes: int) -> tuple[Value, Value]:
    """The end of a chain of so many nodes, and its input."""
    x, a, b = Value(0.5, "x"), Value(0.999, "a"), Value(0.001, "b")
    end = x
    for _ in range(nodes // 2):
        end = a * end + b
    return end, x


def compiled(name: str, build: Callable[[], Program]) -> tuple[int, float]:
    """Print how long a program takes to compile and to be called at first; its nodes, and the seconds to compile."""
    start = time.perf_counter()
    program = build()
    took = time.perf_counter() - start
    first = seconds(lambda: program(*np.full((len(program.inputs), 8), 0.9)))
    steps = len(program.plan.instructions)
    print(f"{name:>16}{program.scalars:>10,}{steps:>14,}{shown(took):>14}{shown(first):>14}")
    return program.scalars, took


def chains(name: str, build: Callable[[Value, Value], Program]) -> None:
    """Longer and longer chains, and the exponent with which the time grows."""
    points = []
    for nodes in (25_000, 50_000, 100_000, 200_000):
        end, x = chain(nodes)
        points.append(compiled(name, lambda end=end, x=x: build(end, x)))  # type: ignore[misc]
    print(f"compile time grows as nodes to the power of {slope(points):.2f}")


def orbits() -> None:
    """The end of an orbit of 1,000 steps, how far from where a body was seen, and the derivative by its speed."""
    inputs = speed, seen_x, seen_y = Value(1.0, "speed"), Value(0.0), Value(0.0)
    x, y = orbit(speed)
    loss = (x - seen_x) ** 2 + (y - seen_y) ** 2
    outputs = [loss, *gradients(loss, [speed])]
    compiled("orbit", lambda: Program(outputs, inputs))


def main() -> None:
    print(f"{'':>16}{'nodes':>10}{'instructions':>14}{'compiled in':>14}{'first call':>14}")
    chains("chain", lambda end, x: Program(end, [x]))
    chains("with gradient", lambda end, x: Program.value_and_grad(end, [x]))
    orbits()


if __name__ == "__main__":
    main()
