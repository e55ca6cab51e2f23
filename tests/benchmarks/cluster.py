"""Training on a Dask cluster of this computer: what a step costs besides arithmetic, and how many workers pay.

    pip install "scalar-backprop[dask]"
    python tests/benchmarks/cluster.py --workers 1 2

For each model and size of a mini-batch: a step without a cluster; a step with each number of workers, each a process
with one core; and what a step takes if there is next to nothing to compute, with one example for each worker.  This,
the latency, does not become less with more workers.  The arithmetic does; so with w workers a step takes about
arithmetic / w + latency, and w = arithmetic / latency is where half of the time is lost.
"""

from __future__ import annotations

import argparse
import os
import pickle
import statistics
import sys
import time
from typing import Any

import clock  # noqa: F401  # one core for each process
from clock import shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, os.cpu_count() or 1], help="how many (1, all)")
    given = parser.parse_args()
    from distributed import Client, LocalCluster

    import nn

    print(f"{os.cpu_count()} cores")
    heads = ["batch", "alone", *(f"{w} worker(s)" for w in given.workers), "latency", "sent", "returned", "workers"]
    print(" " * 26 + "".join(f"{head:>12}" for head in heads))
    cases = [([2, 16, 16, 2], (32, 10_000, 100_000)), ([64, 128, 128, 10], (128, 1_000, 10_000, 50_000))]
    with LocalCluster(n_workers=max(given.workers), threads_per_worker=1, dashboard_address=None) as cluster:
        for sizes, batches in cases:
            for batch in batches:
                alone, _ = measured(sizes, batch, None)
                took, latency = [], 0.0
                for workers in given.workers:
                    cluster.scale(workers)
                    with Client(cluster) as client:
                        client.wait_for_workers(workers)
                        while len(client.nthreads()) != workers:
                            time.sleep(0.1)
                        took.append(measured(sizes, batch, nn.Cluster(client))[0])
                        latency, size = measured(sizes, workers, nn.Cluster(client))
                useful = max(alone / latency, 1.0)
                row = [f"{batch:,}", shown(alone), *map(shown, took), shown(latency)]
                row += [f"{4 * batch + given.workers[-1] * size:,}", f"{given.workers[-1] * size:,}", f"{useful:,.0f}"]
                name = f"MLP({sizes[0]}, {sizes[1:]})"
                print(f"{name:<26}" + "".join(f"{text:>12}" for text in row), flush=True)
    print("sent, returned: bytes for a step with the last number of workers; workers: with more, half the time is lost")


def measured(sizes: list[int], batch: int, cluster: Any) -> tuple[float, int]:
    """The median time of a step, and the bytes of the parameters."""
    import numpy as np

    import nn
    from nn.train.training import Training

    rng = np.random.default_rng(0)
    model = nn.MLP(sizes[0], sizes[1:], "tanh", seed=1)
    X, y = rng.normal(size=(batch, sizes[0])), rng.integers(0, sizes[-1], batch)
    run = Training(
        model, X, y, loss="cross_entropy", optimizer="sgd", batch_size=batch, seed=0, metrics=(), client=cluster
    )
    times = []
    for number in range(21):
        start = time.perf_counter()
        run.engine.step([rng.permutation(batch)], (0, number))
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:]), len(pickle.dumps(np.zeros(model.num_parameters)))


if __name__ == "__main__":
    sys.exit(main())
