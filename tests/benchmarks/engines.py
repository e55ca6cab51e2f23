"""The value and the gradient of a batch: NumPy, JAX and PyTorch run the same program, beside JAX and PyTorch by hand.

    pip install "scalar-backprop[jax,torch]"
    python tests/benchmarks/engines.py              on one core
    python tests/benchmarks/engines.py --cores 2

A program and the same by hand take turns, library by library: beside a third one, whichever runs after it finds cold
caches.  A library that is not installed is left out.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from clock import shown, side_by_side


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=1, help="how many cores (1)")
    parser.add_argument("--most", type=int, default=100_000, help="the largest batch (100,000)")
    given = parser.parse_args()
    # They are read when the libraries are loaded.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(given.cores)
    flags = f"--xla_cpu_multi_thread_eigen={'true' if given.cores > 1 else 'false'}"
    os.environ["XLA_FLAGS"] = f"{flags} intra_op_parallelism_threads={given.cores}"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    import numpy as np

    from autograd import Program, Value
    from nn import MLP, cross_entropy

    by_hand = {"JAX": jax_by_hand, "PyTorch": torch_by_hand}
    for sizes, activation in (([2, 16, 16, 1], "tanh"), ([64, 128, 128, 10], "relu")):
        model = MLP(sizes[0], sizes[1:], activation, seed=1)
        x, t = [Value(0.1) for _ in range(sizes[0])], [Value(float(k == 0)) for k in range(sizes[-1])]
        outputs = model(x)
        loss = cross_entropy([outputs], [t]) if len(t) > 1 else (outputs - t[0]) ** 2
        parameters = model.parameters()
        step = Program.value_and_grad(loss, [*x, *t], parameters)
        vector = np.array([p.data for p in parameters])
        layers = [
            (
                np.array([[w.data for w in neuron.weights] for neuron in layer.neurons]),
                np.array([neuron.bias.data for neuron in layer.neurons]),
            )
            for layer in model.layers
        ]
        print(f"\nMLP({sizes[0]}, {sizes[1:]}), value and gradient, one batch")
        heads = ("batch", "NumPy", "JAX", "by hand", "ratio", "PyTorch", "by hand", "ratio")
        print("".join(f"{head:>{8 if head == 'ratio' else 10}}" for head in heads))
        batch = 1
        while batch <= given.most:
            rng = np.random.default_rng(0)
            targets = np.eye(len(t))[rng.integers(0, len(t), batch)].T if len(t) > 1 else rng.random((1, batch))
            both = np.concatenate([rng.random((sizes[0], batch)), targets])
            wanted = step(both, parameters=vector)
            turns = 101 if batch < 10_000 else 7
            row = f"{batch:>10,}"
            times = side_by_side(lambda both=both, step=step, vector=vector: step(both, parameters=vector), turns=turns)  # type: ignore[misc]
            row += f"{shown(times[0]):>10}"
            for name, ported in (("JAX", jax_program), ("PyTorch", torch_program)):
                try:
                    pair = ported(step, vector, both), by_hand[name](layers, activation, both, sizes[0])
                except ImportError:
                    row += f"{'':>28}"
                    continue
                value, gradient = pair[0]()  # type: ignore[misc]
                assert abs(float(value) - wanted[0]) < 1e-10
                assert np.allclose(np.asarray(gradient), wanted[1], rtol=1e-8, atol=1e-12)
                ours, hand = side_by_side(*pair, turns=turns)
                row += f"{shown(ours):>10}{shown(hand):>10}{ours / hand:>8.2f}"
            print(row)
            batch *= 10


# ----------------------------------------------------------------------------------------------------------------- JAX


def jax_program(step: Any, vector: Any, both: Any) -> Callable[[], object]:
    import jax

    jax.config.update("jax_enable_x64", True)
    compiled, p, x = jax.jit(step.to("jax")), jax.numpy.asarray(vector), jax.numpy.asarray(both)
    return lambda: jax.block_until_ready(compiled(p, x))


def jax_by_hand(layers: Any, activation: str, both: Any, nin: int) -> Callable[[], object]:
    """What someone would write who knows JAX."""
    import jax
    import jax.numpy as jnp

    f = {"tanh": jnp.tanh, "relu": jax.nn.relu}[activation]

    def loss(layers: Any, x: Any, t: Any) -> Any:
        for i, (w, b) in enumerate(layers):
            x = x @ w.T + b
            x = f(x) if i < len(layers) - 1 else x
        if t.shape[1] == 1:
            return jnp.mean((x - t) ** 2)
        return jnp.mean(jax.nn.logsumexp(x, axis=1) - (x * t).sum(axis=1))

    compiled = jax.jit(jax.value_and_grad(loss))
    weights = [(jnp.asarray(w), jnp.asarray(b)) for w, b in layers]
    x, t = jnp.asarray(both[:nin].T.copy()), jnp.asarray(both[nin:].T.copy())
    return lambda: jax.block_until_ready(compiled(weights, x, t))


# ------------------------------------------------------------------------------------------------------------- PyTorch


def torch_program(step: Any, vector: Any, both: Any) -> Callable[[], object]:
    import torch

    f, p, x = step.to("torch"), torch.asarray(vector), torch.asarray(both)
    return lambda: f(p, x)


def torch_by_hand(layers: Any, activation: str, both: Any, nin: int) -> Callable[[], object]:
    """What someone would write who knows PyTorch."""
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    f = {"tanh": torch.tanh, "relu": torch.relu}[activation]
    weights = [torch.asarray(part).requires_grad_() for layer in layers for part in layer]
    x, t = torch.asarray(both[:nin].T.copy()), torch.asarray(both[nin:].T.copy())

    def run() -> object:
        for part in weights:
            part.grad = None
        h = x
        for i in range(0, len(weights), 2):
            h = h @ weights[i].T + weights[i + 1]
            h = f(h) if i < len(weights) - 2 else h
        errors = (h - t) ** 2 if t.shape[1] == 1 else torch.logsumexp(h, dim=1) - (h * t).sum(dim=1)
        loss = errors.mean()
        loss.backward()
        return loss

    return run


if __name__ == "__main__":
    sys.exit(main())
