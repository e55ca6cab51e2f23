"""Long chains: each operation needs the one before it, so that every instruction computes one number.

    python tests/benchmarks/chains.py

How long it takes to compile x * a + b, again and again, and a body on its orbit in 1,000 steps of a Runge-Kutta method,
with its gradient; and how that grows with the number of nodes.
"""

from __future__ import annotations

import math
import time

from clock import shown  # first: it sets the number of cores
from science import orbit

from autograd import Value, gradients
from autograd.program import Program

SIZES = (25_000, 50_000, 100_000, 200_000)


def chain(nodes: int) -> tuple[Value, Value]:
    """The start and the end of a chain of about so many nodes."""
    x = y = Value(0.5)
    a, b = Value(1.000001), Value(1e-6)
    for _ in range(nodes // 2):
        y = y * a + b
    return x, y


def compiled(outputs: Value | list[Value], inputs: list[Value]) -> tuple[Program, float]:
    """The program, and how long it took to make it; the best of three, since others use the machine too."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        program = Program(outputs, inputs)
        times.append(time.perf_counter() - start)
    return program, min(times)


def main() -> None:
    print(f"{'nodes':>10}{'instructions':>14}{'compiled in':>14}{'for each node':>16}")
    times = []
    for nodes in SIZES:
        x, y = chain(nodes)
        program, took = compiled(y, [x])
        times.append(took)
        print(
            f"{program.scalars:>10,}{len(program.plan.instructions):>14,}{shown(took):>14}"
            f"{shown(took / program.scalars):>16}"
        )
    power = math.log(times[-1] / times[0]) / math.log(SIZES[-1] / SIZES[0])
    print(f"compile time grows as nodes to the power of {power:.2f}\n")
    speed = Value(1.0, "speed")
    x, y = orbit(speed)
    program, took = compiled([x, y, *gradients(x, [speed])], [speed])
    print(
        f"an orbit of 1,000 steps with its gradient: {program.scalars:,} nodes, {len(program.plan.instructions):,} "
        f"instructions, compiled in {shown(took)}"
    )


if __name__ == "__main__":
    main()
