"""Cost as work grows: nodes against compile time, samples against time for each; a table, and a plot beside it.

    python tests/benchmarks/scaling.py [scaling.png]

The plot is written where a path is given.
"""

from __future__ import annotations

import math
import sys
import time

from clock import shown, side_by_side

import numpy as np  # isort: skip

from autograd import Chart, Program, Value, gradients, topological_order
from nn import MLP

Points = list[tuple[float, float]]


def compile_times() -> Points:
    """Nodes of the joint graph and the seconds to compile it, gradient included, for wider and wider networks."""
    points = []
    print(f"{'nodes':>12}{'instructions':>14}{'compiled in':>14}{'for each node':>16}")
    for width in (10, 36, 125, 405):
        model = MLP(2, [width, width, 1], activation="tanh", seed=1)
        inputs = [Value(0.1), Value(0.2), Value(0.3)]
        loss = (model(inputs[:2]) - inputs[2]) ** 2
        nodes = len(topological_order(loss, *gradients(loss, model.parameters())))
        start = time.perf_counter()
        program = Program.value_and_grad(loss, inputs, model.parameters())
        took = time.perf_counter() - start
        points.append((nodes, took))
        steps = len(program.plan.instructions)
        print(f"{nodes:>12,}{steps:>14}{shown(took):>14}{shown(took / nodes):>16}")
    return points


def sample_times() -> Points:
    """Samples in a batch and the seconds for each of them."""
    model = MLP(2, [16, 16, 1], activation="tanh", seed=1)
    inputs = [Value(0.1), Value(0.2), Value(0.3)]
    step = Program.value_and_grad((model(inputs[:2]) - inputs[2]) ** 2, inputs, model.parameters())
    points = []
    print(f"{'samples':>12}{'time':>14}{'for each':>14}{'memory':>14}")
    for samples in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000):
        columns = np.random.default_rng(0).normal(size=(3, samples))
        (took,) = side_by_side(lambda columns=columns: step(*columns), turns=max(3, min(100, 100_000 // samples)))
        points.append((samples, took / samples))
        memory = step.memory(samples)
        print(f"{samples:>12,}{shown(took):>14}{shown(took / samples):>14}{memory / 1e6:>11.2f} MB")
    return points


def plot(nodes: Points, samples: Points, path: str) -> None:
    chart = Chart(900.0, 360.0, title="how the time grows")
    for points, across, up in (
        (nodes, "nodes of the graph", "seconds to compile"),
        (samples, "samples in a batch", "seconds for each sample"),
    ):
        chart.panel(x=across, y=up, x_log=True, y_log=True).line(*zip(*points, strict=True), mark="circle")
    print(f"wrote {chart.save(path)}")


def slope(points: Points) -> float:
    """The exponent p of a fit  y = c x^p."""
    x, y = (np.array([math.log(value) for value in column]) for column in zip(*points, strict=True))
    return float(np.polyfit(x, y, 1)[0])


def main() -> None:
    nodes = compile_times()
    print(f"compile time grows as nodes to the power of {slope(nodes):.2f}\n")
    samples = sample_times()
    if len(sys.argv) > 1:
        plot(nodes, samples, sys.argv[1])


if __name__ == "__main__":
    main()
